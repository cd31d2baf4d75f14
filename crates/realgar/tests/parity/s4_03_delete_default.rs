//! A user is deleted and no cascade is said: posts stay without one, where their key takes NULL.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::tuple};

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
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
}

mod required {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users2")]
    pub(super) struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = author)]
        pub(super) posts: Many<Post>,
    }

    #[derive(Model)]
    #[model(table = "posts2")]
    pub(super) struct Post {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: i64,
        #[relationship(back_populates = posts)]
        author: One<User>,
    }
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { username: "johndoe", posts: [new!(Post { title: "One" }), new!(Post { title: "Two" })] }));
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let user = User::select().one(&mut s).await?;
    run.step("delete user, nullable FK: children loaded, FK set to NULL, then parent deleted", async {
        s.delete(user)?;
        s.commit().await
    })
    .await?;
    run.check("kinds", run.kinds());
    let left = Post::select().order_by(Post::id).all(&mut s).await?;
    let left: Vec<String> = left.iter().map(|&post| tuple(&[&s[post].title, &s[post].user_id])).collect();
    run.out(format!("orphans left: [{}]", left.join(", ")));
    s.close().await?;
    not_null(run).await
}

async fn not_null(run: &Run<'_>) -> Result<()> {
    use required::{Post, User};

    let db = run.connect_aside(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { posts: [new!(Post {})] }));
    s.commit().await?;
    run.error("delete user, NOT NULL FK (the seed's own schema)", async {
        let user = User::select().one(&mut s).await?;
        s.delete(user)?;
        s.commit().await
    })
    .await;
    s.rollback().await?;
    let (users, posts) = (User::select().count(&mut s).await?, Post::select().count(&mut s).await?);
    run.out(format!("after rollback: {users} user, {posts} post"));
    s.close().await
}
