//! `populate_existing`: what is known takes the database's values, with all that the query loads.

use realgar::prelude::*;

use crate::{
    blog::{Category, Post, User, open, users},
    database::database,
};

async fn rename(s: &mut Session) -> realgar::Result<()> {
    sql("UPDATE users SET name = 'new ' || name").execute(s).await?;
    sql("UPDATE posts SET title = 'new ' || title").execute(s).await?;
    sql("DELETE FROM post_tags").execute(s).await?;
    sql("DELETE FROM posts WHERE title LIKE '%b'").execute(s).await?;
    Ok(())
}

#[tokio::test]
async fn known_objects_take_the_rows_values() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let all = User::select().options(User::posts.selectin()).order_by(User::id).all(&mut s).await?;
    rename(&mut s).await?;

    User::select().options(User::posts.selectin()).all(&mut s).await?;
    assert_eq!(s[all[0]].name, "user 0000", "a loaded attribute is not overwritten");
    assert_eq!(s.loaded(all[0], User::posts)?.len(), 2);

    let recorder = db.recorder();
    User::select().options(User::posts.selectin()).populate_existing().all(&mut s).await?;
    assert_eq!(recorder.count(), 2);
    assert_eq!(s[all[0]].name, "new user 0000");
    let posts = s.loaded(all[0], User::posts)?;
    assert_eq!(posts.len(), 1);
    assert_eq!(s[posts[0]].title, "new post 0000a", "what is loaded with them, too");
    Ok(())
}

#[tokio::test]
async fn what_the_query_does_not_load_is_forgotten() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 1).await?;
    let mut s = db.session();
    let user = User::select().options(User::posts.selectin()).one(&mut s).await?;
    rename(&mut s).await?;
    User::select().populate_existing().one(&mut s).await?;
    assert_eq!(s.loaded(user, User::posts).unwrap_err().kind(), Kind::NotLoaded);
    assert_eq!(s.load(user, User::posts).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn joined_and_lazy_objects() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let posts = Post::select().options(Post::author.joined()).order_by(Post::id).all(&mut s).await?;
    let author = s.loaded(posts[0], Post::author)?;
    rename(&mut s).await?;
    let recorder = db.recorder();
    let post = Post::select().options(Post::author.joined()).populate_existing().first(&mut s).await?.expect("a post");
    assert_eq!(recorder.count(), 1);
    assert_eq!((s[post].title.as_str(), s[author].name.as_str()), ("new post 0000a", "new user 0000"));
    assert_eq!(s[posts[2]].title, "post 0001a", "only what is met");
    // A relationship that is loaded afterwards, when it is asked for, overwrites nothing.
    let other = User::select().filter(User::name.like("%0001")).populate_existing().one(&mut s).await?;
    let theirs = s.load(other, User::posts).await?;
    assert_eq!(s[theirs[0]].title, "post 0001a");
    Ok(())
}

/// A row that comes in twice, as itself and at the end of a relationship, is taken over once.
#[tokio::test]
async fn a_way_back_to_the_same_rows() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    let mut s = db.session();
    let root = s.add(new!(Category { name: "root", children: [new!(Category { name: "leaf" })] }));
    s.flush().await?;
    for _ in 0..2 {
        let query = Category::select().filter(Category::parent_id.eq(None)).populate_existing();
        let found = query.options(Category::children.selectin().then(Category::parent.selectin())).one(&mut s).await?;
        assert_eq!(found, root);
        let children = s.loaded(root, Category::children)?;
        assert_eq!(children.len(), 1);
        assert_eq!(s.loaded(children[0], Category::parent)?, Some(root));
    }
    Ok(())
}

#[tokio::test]
async fn unflushed_changes_are_lost_only_without_autoflush() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 1).await?;
    let mut s = db.session();
    let user = User::select().one(&mut s).await?;
    s[user].name = "flushed".into();
    User::select().populate_existing().one(&mut s).await?;
    assert_eq!(s[user].name, "flushed");
    s[user].name = "lost".into();
    s.no_autoflush(async |s| User::select().populate_existing().one(s).await).await?;
    assert_eq!(s[user].name, "flushed");
    assert!(!s.is_modified(user)?);
    s.rollback().await?;
    assert_eq!(s[user].name, "user 0000", "a rollback restores what was there before the flush");
    Ok(())
}
