//! The complete example: alice, with First Post and Second Post.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::list};

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: String,
    #[relationship(backref = author)]
    posts: Many<Post>,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    run.step("create_all", db.create_all()).await?;
    let mut s = db.session();
    let user = s.add(new!(User { username: "alice" }));
    run.step("commit user", s.commit()).await?;
    run.check("writes", run.writes());
    let step = "construct posts with author=persistent user (backref append to an unloaded collection)";
    let titles = ["First Post", "Second Post"];
    let posts = run.step(step, async { Ok(titles.map(|title| new!(Post { title }).with(Post::author, user))) }).await?;
    s.add_all(posts);
    run.step("commit posts", s.commit()).await?;
    run.check("writes", run.writes());
    let posts = run.step("user.posts", s.load(user, User::posts)).await?;
    run.out(list(&posts.iter().map(|&post| s[post].title.clone()).collect::<Vec<_>>()));
    s.close().await
}
