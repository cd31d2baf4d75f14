//! Joins to another table and along a relationship, inner and outer, with and without DISTINCT.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::list};

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: Option<String>,
    #[column(default = Some(true))]
    is_active: Option<bool>,
    #[relationship(backref = author)]
    posts: Many<Post>,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 200)]
    title: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

fn names(s: &Session, users: &[Handle<User>]) -> String {
    let mut names: Vec<_> = users.iter().map(|&user| s[user].username.clone()).collect();
    names.sort();
    list(&names)
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add_all([
        new!(User { username: "ada", posts: [new!(Post { title: "a1" }), new!(Post { title: "a2" })] }),
        new!(User { username: "bob", is_active: false, posts: [new!(Post { title: "b1" })] }),
        new!(User { username: "cyd" }),
    ]);
    s.commit().await?;
    let active = select(User::is_active).order_by(User::id).all(&mut s).await?;
    run.out(format!("python-side default: {}", list(&active)));
    s.close().await?;

    let mut s = db.session();
    let posts = Post::select().join(User::TABLE).filter(User::is_active.eq(true));
    let posts = run.step("posts by active users", posts.all(&mut s)).await?;
    let titles: Vec<_> = posts.iter().map(|&post| s[post].title.clone()).collect();
    run.out(format!("active posts: {}", list(&titles)));
    run.check("active posts", titles);
    let users = User::select().join(Post::TABLE).distinct();
    let users = run.step("users who have posted, distinct", users.all(&mut s)).await?;
    run.out(format!("users with posts: {}", names(&s, &users)));
    run.check("SELECT DISTINCT", run.texts()[0].starts_with("SELECT DISTINCT"));

    let joined = || User::select().join(Post::TABLE);
    run.step("join without distinct: legacy Query returns each entity once", async {
        // A row of the answer is a joined row; `distinct` is the way to have each entity once.
        let users = joined().distinct().all(&mut s).await?.len();
        run.out(format!("no distinct, .all(): {users} .count(): {}", joined().count(&mut s).await?));
        Ok(())
    })
    .await?;
    let users = run.step("2.x select(): rows are not de-duplicated", joined().all(&mut s)).await?;
    run.out(format!("select().join(): {}", users.len()));
    run.step("join along the relationship, outer join", async {
        let users = User::select().join(User::posts).distinct().all(&mut s).await?;
        run.out(format!("join(User.posts): {}", names(&s, &users)));
        let users = User::select().outer_join(User::posts).filter(Post::id.is_null()).all(&mut s).await?;
        run.out(format!("users without posts: {}", names(&s, &users)));
        Ok(())
    })
    .await?;
    s.close().await
}
