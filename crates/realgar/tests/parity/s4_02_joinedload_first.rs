//! `joined` with `first`: one statement, its LIMIT inside a subquery, and all posts of the one user.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::Spelled};

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    content: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let posts = ["One", "Two", "Three"].map(|title| new!(Post { title }));
    s.add(new!(User { username: "johndoe", posts }));
    s.add(new!(User { username: "other", posts: [new!(Post { title: "X" })] }));
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let user = User::select().options(User::posts.joined()).filter_by(User::username, "johndoe");
    let user = run.step("query", user.first(&mut s)).await?.expect("the user is there");
    let sql = run.texts().concat();
    run.step("loop", async {
        for post in s.view(user).many(User::posts)? {
            run.out(post.title.alone());
        }
        Ok(())
    })
    .await?;
    let limited_inside = sql.contains("FROM (SELECT") && sql.find("LIMIT") < sql.find("LEFT OUTER JOIN");
    run.check("parent limited in a subquery, joined outside", limited_inside);
    run.check("all three posts in spite of LIMIT 1", run.printed());
    s.close().await
}
