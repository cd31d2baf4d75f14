//! The chapter's second half: eager and lazy loading, and queries that join.

use realgar::prelude::*;

use crate::{
    Done,
    python::{list, truth},
};

#[derive(Model)]
#[model(table = "joins_user")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: String,
    #[column(default = true)]
    is_active: bool,
    #[relationship(backref = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "joins_post")]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

pub async fn run(db: &Db, name: &str) -> Done {
    loops(db).await?;

    println!("\n2.5 Joining queries");
    let mut s = db.session();
    s.add_all([
        new!(User { username: name, posts: [new!(Post { title: "a1" }), new!(Post { title: "a2" })] }),
        new!(User { username: unless("bob", name), is_active: false, posts: [new!(Post { title: "b1" })] }),
        new!(User { username: unless("cyd", name) }),
    ]);
    s.commit().await?;
    joins(db).await
}

/// Usernames are unique: whoever has the visitor's name gets another one.
fn unless(name: &str, visitor: &str) -> String {
    if name == visitor { format!("{name}2") } else { name.to_owned() }
}

/// The same loop, lazily and eagerly: the same lines, another number of statements. What a test session writes is gone
/// when it is dropped.
async fn loops(db: &Db) -> Done {
    println!("\n2.4 Eager and lazy loading");
    let mut s = db.test_session();
    for user in 0..4 {
        let posts: Vec<Post> = (0..user).map(|post| new!(Post { title: format!("p{user}{post}") })).collect();
        s.add(new!(User { username: format!("u{user}"), posts }));
    }
    s.commit().await?;
    for (loading, posts) in [("Lazy", User::posts.select()), ("Eager", User::posts.joined())] {
        s.expunge_all();
        let recorder = db.recorder();
        for user in User::select().options(posts).order_by(User::id).all(&mut s).await? {
            let posts = s.load(user, User::posts).await?;
            println!("{} {}", s[user].username, list(posts.iter().map(|&post| &s[post].title)));
        }
        println!("{loading} loading, statements: {}", recorder.count());
    }
    Ok(())
}

async fn joins(db: &Db) -> Done {
    let mut s = db.session();
    let active = select(User::is_active).order_by(User::id).all(&mut s).await?;
    println!("python-side default: [{}]", active.into_iter().map(truth).collect::<Vec<_>>().join(", "));

    let posts = Post::select().join(User::TABLE).filter(User::is_active).order_by(Post::id).all(&mut s).await?;
    println!("active posts: {}", list(posts.iter().map(|&post| &s[post].title)));

    let users = User::select().join(Post::TABLE).distinct().order_by(User::username).all(&mut s).await?;
    println!("users with posts: {}", list(users.iter().map(|&user| &s[user].username)));

    let rows = User::select().join(Post::TABLE).all(&mut s).await?;
    println!("select().join(): {}", rows.len());

    let users = User::select().join(User::posts).distinct().order_by(User::username).all(&mut s).await?;
    println!("join(User.posts): {}", list(users.iter().map(|&user| &s[user].username)));

    let users = User::select().outer_join(User::posts).filter(Post::id.is_null()).all(&mut s).await?;
    println!("users without posts: {}", list(users.iter().map(|&user| &s[user].username)));
    Ok(())
}
