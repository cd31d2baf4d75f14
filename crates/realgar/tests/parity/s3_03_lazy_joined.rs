//! `lazy = "joined"` on both sides of a relationship: at once, with a join, also by `get`.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    username: Option<String>,
    #[relationship(backref(author, lazy = "joined"), lazy = "joined")]
    posts: Many<Post>,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

fn titles(s: &Session, user: Handle<User>) -> Result<String> {
    Ok(list(&s.view(user).many(User::posts)?.map(|post| post.title.clone()).collect::<Vec<_>>()))
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let posts = ["First Post", "Second Post"].map(|title| new!(Post { title }));
    s.add(new!(User { username: "alice", posts }));
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let user = run.step("User.query.all()", User::select().all(&mut s)).await?[0];
    run.out(run.step("user.posts", async { titles(&s, user) }).await?);
    s.close().await?;

    let mut s = db.session();
    let step = "Post.query.first(): joined many-to-one chains to the joined collection of the author";
    let post = run.step(step, Post::select().first(&mut s)).await?.expect("there are two");
    let author = run.step("post.author", async { s.loaded(post, Post::author) }).await?.expect("it has an author");
    run.out(s[author].username.alone());
    s.close().await?;

    let mut s = db.session();
    let lazily = User::select().options(User::posts.select());
    run.step("option lazyload overrides the mapper default", lazily.first(&mut s)).await?;
    run.check("no join", run.texts()[0].contains("JOIN"));
    s.close().await?;

    let mut s = db.session();
    let user = run.step("session.get honours joined loading", s.get_one::<User>(1)).await?;
    run.out(titles(&s, user)?);
    s.close().await
}
