//! Document 2, a chapter. Its examples, in its order:
//!
//! - 2.1 one-to-many: a user's posts, `backref='author'`
//! - 2.2 many-to-many: posts and tags, `backref='posts'` (`tags.rs`)
//! - 2.3 one-to-one: a user's profile, `uselist=False` (`profile.rs`)
//! - 2.4 eager and lazy loading, `joinedload` (`joins.rs`)
//! - 2.5 queries that join (`joins.rs`)

pub mod joins;
pub mod profile;
mod tags;

use profile::Profile;
use realgar::prelude::*;

use crate::{
    Done,
    python::{list, or_none, raised},
};

#[derive(Model)]
#[model(table = "chapter_user")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: String,
    #[relationship(backref = author)]
    posts: Many<Post>,
    #[relationship(backref = user)]
    profile: One<Option<Profile>>,
}

#[derive(Model)]
#[model(table = "chapter_post")]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 200)]
    title: String,
    content: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(secondary = PostTags, backref = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "chapter_tag")]
pub struct Tag {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 50)]
    name: String,
}

/// An association table needs no primary key.
#[derive(Table)]
#[table("chapter_post_tags")]
pub struct PostTags {
    #[column(foreign_key = Post::id)]
    post_id: i64,
    #[column(foreign_key = Tag::id)]
    tag_id: i64,
}

pub async fn run(db: &Db, name: &str) -> Done {
    let name = name.to_lowercase();
    posts(db, &name).await?;
    tags::run(db).await?;
    profile::run(db, &name).await?;
    joins::run(db, &name).await
}

async fn posts(db: &Db, name: &str) -> Done {
    println!("\n2.1 One-to-many: a user's posts");
    let mut s = db.session();
    let hello = s.add(new!(Post { title: "Hello", content: "text" }).with(Post::author, new!(User { username: name })));
    let loose = s.add(new!(Post { title: "Loose" }));
    s.commit().await?;

    if let Some(user) = s.load(hello, Post::author).await? {
        let posts = s.load(user, User::posts).await?;
        let titles = list(posts.iter().map(|&post| &s[post].title));
        println!("user.posts: {titles} post.author: {}", s[user].username);

        println!("author before: {}", author(&mut s, loose).await?);
        s.append(user, User::posts, loose)?;
        s.commit().await?;
        println!("author after: {}", author(&mut s, loose).await?);
    }

    // A name is taken once. After the rollback, the session goes on with what it held before.
    s.add(new!(User { username: name }));
    if let Err(error) = s.commit().await {
        println!("{}", raised(&error));
        s.rollback().await?;
    }
    let names = select(User::username).all(&mut s).await?;
    println!("after rollback: {}", list(names));
    Ok(())
}

async fn author(s: &mut Session, post: Handle<Post>) -> realgar::Result<String> {
    let author = s.load(post, Post::author).await?;
    Ok(or_none(author.map(|user| &s[user].username)))
}
