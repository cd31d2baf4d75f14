//! `filter_by(…).first()`, then a lazy loop.

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
    s.add(new!(User { username: "johndoe", posts: [new!(Post { title: "One" }), new!(Post { title: "Two" })] }));
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let user = User::select().filter_by(User::username, "johndoe");
    let user = run.step("query user", user.first(&mut s)).await?.expect("the user is there");
    let posts = run
        .step("loop over user.posts", async {
            let posts = s.load(user, User::posts).await?;
            posts.iter().for_each(|&post| run.out(s[post].title.alone()));
            Ok(posts)
        })
        .await?;
    let again = run.step("second access is cached", s.load(user, User::posts)).await?;
    assert_eq!(again, posts, "the same objects, in the same order");
    s.close().await
}
