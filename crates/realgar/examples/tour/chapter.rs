//! Document 2, a chapter: posts with an author or none, tags, a profile; then loading and joins.

pub mod joins;
pub mod profile;

use profile::Profile;
use realgar::prelude::*;

use crate::{
    Done,
    python::{list, or_none},
};

#[derive(Model)]
#[model(table = "chapter_user")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
    #[relationship(back_populates = user)]
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
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
    #[relationship(secondary = PostTags, back_populates = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "chapter_tag")]
pub struct Tag {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 50)]
    name: String,
    #[relationship(secondary = PostTags, back_populates = tags)]
    posts: Many<Post>,
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
    tags(db).await?;
    profile::run(db, &name).await?;
    joins::run(db, &name).await
}

async fn posts(db: &Db, name: &str) -> Done {
    let mut s = db.session();
    let hello = s.add(new!(Post { title: "Hello", content: "text", author: new!(User { username: name }) }));
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
        println!("{}: {}", error.kind().reference(), error.what());
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

async fn tags(db: &Db) -> Done {
    let mut s = db.session();
    let python = s.add(new!(Tag { name: "python" }));
    for post in Post::select().order_by(Post::id).all(&mut s).await? {
        s.append(post, Post::tags, python)?;
    }
    let hello = Post::select().filter_by(Post::title, "Hello").one(&mut s).await?;
    s.append(hello, Post::tags, new!(Tag { name: "flask" }))?;
    s.commit().await?;

    let tags = Tag::select().filter(Tag::posts.contains(hello)).order_by(Tag::name).all(&mut s).await?;
    let posts = s.load(python, Tag::posts).await?;
    let ids: Vec<i64> = posts.iter().map(|&post| s[post].id).collect();
    println!("post.tags: {} tag.posts: {ids:?}", list(tags.iter().map(|&tag| &s[tag].name)));
    Ok(())
}
