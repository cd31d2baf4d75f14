//! Document 0, a lesson. It tells of its code by what that prints; its examples, in its order:
//!
//! - 0.1 one-to-many: a user's posts, with `back_populates`
//! - 0.2 many-to-many: posts and tags, with an association table
//! - 0.3 lazy and eager loading, the N+1 problem (`loading.rs`)
//! - 0.4 the same one-to-many in the style of Flask-SQLAlchemy (`flask.rs`)
//! - 0.5 exercise: an author's books (`exercises.rs`)
//! - 0.6 a relationship without a foreign key (`mistakes.rs`)
//! - 0.7 a typo in `back_populates` (`mistakes.rs`)
//! - 0.8 reading on when the session is closed (`detached.rs`)
//! - 0.9 exercise: students and courses (`exercises.rs`)

mod detached;
pub mod exercises;
pub mod flask;
pub mod loading;
pub mod mistakes;

use realgar::prelude::*;

use crate::{
    Done,
    python::{list, repr},
};

#[derive(Model)]
#[model(table = "users")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
    #[relationship(secondary = PostTag, back_populates = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(secondary = PostTag, back_populates = tags)]
    posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tag")]
pub struct PostTag {
    #[column(primary_key, foreign_key = Post::id)]
    post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    tag_id: i64,
}

pub async fn run(db: &Db, name: &str) -> Done {
    one_to_many(db, name).await?;
    many_to_many(db).await?;
    loading::run(db, name).await?;
    flask::run(db, name).await?;
    exercises::author_and_books(db).await?;
    mistakes::run(db).await?;
    detached::run(db).await?;
    exercises::students_and_courses(db).await
}

/// The same relationship, read from each end.
async fn one_to_many(db: &Db, name: &str) -> Done {
    println!("\n0.1 One-to-many: a user's posts");
    let mut s = db.session();
    s.add(new!(User { name, posts: [new!(Post { title: "Hello" }), new!(Post { title: "World" })] }));
    s.commit().await?;

    let mut s = db.session();
    let user = User::select().filter_by(User::name, name).one(&mut s).await?;
    let posts = s.load(user, User::posts).await?;
    println!("{}'s posts: {}", s[user].name, list(posts.iter().map(|&post| &s[post].title)));

    let hello = Post::select().filter_by(Post::title, "Hello").one(&mut s).await?;
    if let Some(author) = s.load(hello, Post::author).await? {
        println!("Author of {}: {}", repr(&s[hello].title), s[author].name);
    }
    Ok(())
}

/// Many on each side, through the table `post_tag`.
async fn many_to_many(db: &Db) -> Done {
    println!("\n0.2 Many-to-many: posts and tags");
    let mut s = db.session();
    let python = s.add(new!(Tag { name: "python" }));
    s.add(new!(Post { title: "Flask + SQLAlchemy", tags: many![python, new!(Tag { name: "flask" })] }));
    s.add(new!(Post { title: "Pure Python", tags: [python] }));
    s.commit().await?;

    let mut s = db.session();
    let post = Post::select().filter_by(Post::title, "Flask + SQLAlchemy").one(&mut s).await?;
    let tags = s.load(post, Post::tags).await?;
    println!("Tags on the post: {}", list(tags.iter().map(|&tag| &s[tag].name)));

    let python = Tag::select().filter_by(Tag::name, "python").one(&mut s).await?;
    let posts = s.load(python, Tag::posts).await?;
    println!("Posts tagged {}: {}", s[python].name, list(posts.iter().map(|&post| &s[post].title)));
    Ok(())
}
