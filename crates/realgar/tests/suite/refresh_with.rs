//! `refresh_with`: some columns and relationships of an object, taken anew.

use realgar::prelude::*;

use crate::{
    blog::{Post, User, open, users},
    database::database,
};

#[tokio::test]
async fn only_what_is_named_is_taken_anew() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 1).await?;
    let mut s = db.session();
    let user = User::select().options(User::posts.selectin()).one(&mut s).await?;
    sql("UPDATE users SET name = 'new', age = 9").execute(&mut s).await?;
    sql("DELETE FROM post_tags").execute(&mut s).await?;
    sql("DELETE FROM posts WHERE title LIKE '%b'").execute(&mut s).await?;
    let recorder = db.recorder();
    s.refresh_with(user, User::name).await?;
    assert_eq!((s[user].name.as_str(), s[user].age), ("new", 0));
    assert_eq!(s.loaded(user, User::posts)?.len(), 2);
    assert_eq!(recorder.count(), 1);
    s.refresh_with(user, User::posts).await?;
    assert_eq!((s.loaded(user, User::posts)?.len(), recorder.count()), (1, 2));
    s.refresh_with(user, (User::age, User::posts, User::profile)).await?;
    assert_eq!((s[user].age, recorder.count()), (9, 5));
    assert!(!s.is_modified(user)?);
    Ok(())
}

#[tokio::test]
async fn changes_of_what_is_named_are_forgotten_and_others_flushed() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let all = User::select().order_by(User::id).all(&mut s).await?;
    (s[all[0]].name, s[all[0]].age) = ("lost".into(), 5);
    s.refresh_with(all[0], User::name).await?;
    assert_eq!((s[all[0]].name.as_str(), s[all[0]].age), ("user 0000", 5));
    s.commit().await?;
    assert_eq!(
        select((User::name, User::age)).order_by(User::id).first(&mut s).await?,
        Some(("user 0000".to_owned(), 5))
    );

    // To one, both ways.
    let post = Post::select().order_by(Post::id).first(&mut s).await?.expect("a post");
    s.set(post, Post::author, all[1])?;
    s.no_autoflush(async |s| s.refresh_with(post, Post::author).await).await?;
    assert_eq!(s.loaded(post, Post::author)?, all[0]);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_taken_anew() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    let mut s = db.session();
    let new = s.add(new!(User { name: "new" }));
    assert_eq!(s.refresh_with(new, User::name).await.unwrap_err().kind(), Kind::InvalidRequest);
    s.flush().await?;
    sql("DELETE FROM users").execute(&mut s).await?;
    assert_eq!(s.refresh_with(new, User::name).await.unwrap_err().kind(), Kind::InvalidRequest);
    Ok(())
}
