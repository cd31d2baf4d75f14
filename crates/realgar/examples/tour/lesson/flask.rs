//! The lesson's one-to-many in the style of Flask-SQLAlchemy: the tables take their names from the models.

use realgar::prelude::*;

use crate::{
    Done,
    python::{list, repr},
};

/// Its table is `user`.
#[derive(Model)]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

/// Its table is `post`.
#[derive(Model)]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
}

pub async fn run(db: &Db, name: &str) -> Done {
    println!("\n0.4 The same in Flask's style");
    let mut s = db.session();
    let user = s.add(new!(User { name, posts: [new!(Post { title: "Hello" }), new!(Post { title: "World" })] }));
    s.commit().await?;

    let posts = s.load(user, User::posts).await?;
    println!("{}'s posts: {}", s[user].name, list(posts.iter().map(|&post| &s[post].title)));
    if let Some(post) = Post::select().filter_by(Post::title, "Hello").first(&mut s).await?
        && let Some(author) = s.load(post, Post::author).await?
    {
        println!("Author of {}: {}", repr(&s[post].title), s[author].name);
    }
    Ok(())
}
