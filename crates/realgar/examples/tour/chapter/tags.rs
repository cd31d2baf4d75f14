//! The chapter's many-to-many: tags of a post, posts of a tag, and what a table without a primary key allows.

use realgar::prelude::*;

use super::{Post, Tag};
use crate::{
    Done,
    python::{list, raised},
};

pub async fn run(db: &Db) -> Done {
    println!("\n2.2 Many-to-many: posts and tags");
    let mut s = db.session();
    let [python, flask] = ["python", "flask"].map(|name| s.add(new!(Tag { name })));
    for post in Post::select().order_by(Post::id).all(&mut s).await? {
        s.append(post, Post::tags, python)?;
    }
    let hello = Post::select().filter_by(Post::title, "Hello").one(&mut s).await?;
    s.append(hello, Post::tags, flask)?;
    s.commit().await?;

    let tags = names(&mut s, hello).await?;
    let posts = s.load(python, Tag::posts).await?;
    let ids: Vec<i64> = posts.iter().map(|&post| s[post].id).collect();
    println!("post.tags: {tags} tag.posts: {ids:?}");

    // A pair that stands there twice is one tag; taking it away would meet two rows.
    let twice = sql("INSERT INTO chapter_post_tags (post_id, tag_id) VALUES (?, ?)");
    twice.bind(s.key(hello)?).bind(s.key(python)?).execute(&mut s).await?;
    s.commit().await?;
    println!("post.tags with a duplicate row: {}", names(&mut s, hello).await?);
    s.remove(hello, Post::tags, python)?;
    if let Err(error) = s.commit().await {
        println!("{}", raised(&error));
        s.rollback().await?;
    }

    sql("DELETE FROM chapter_post_tags").execute(&mut s).await?;
    s.commit().await?;
    s.replace(hello, Post::tags, [flask]).await?;
    s.commit().await?;
    println!("final: {}", names(&mut s, hello).await?);
    Ok(())
}

async fn names(s: &mut Session, post: Handle<Post>) -> realgar::Result<String> {
    let tags = Post::tags.of(post).order_by(Tag::name).all(s).await?;
    Ok(list(tags.iter().map(|&tag| &s[tag].name)))
}
