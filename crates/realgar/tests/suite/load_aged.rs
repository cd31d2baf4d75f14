//! What a commit ages is loaded again: what is read then, in which statements, and what stays where nothing expires.

use crate::database::database;
use realgar::prelude::*;

use crate::blog::*;

#[tokio::test]
async fn after_a_commit_values_and_relationships_are_the_databases() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("")).await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let all = User::select().options(User::posts.selectin()).order_by(User::id).all(&mut s).await?;
    let (first, post) = (all[0], s.loaded(all[0], User::posts)?[0]);
    file.raw().execute_batch("UPDATE users SET name = 'new'; UPDATE posts SET user_id = 2").unwrap_err(); // unique
    let raw = file.raw();
    raw.execute_batch("UPDATE users SET name = 'new' WHERE id = 1; UPDATE posts SET user_id = 2").unwrap();
    // The same transaction still sees what it saw.
    User::select().all(&mut s).await?;
    assert_eq!(s[first].name, "user 0000");
    s.commit().await?;
    assert_eq!(s[first].name, "user 0000", "reading never queries");
    assert_eq!(s.loaded(first, User::posts).unwrap_err().kind(), Kind::NotLoaded);
    assert_eq!(s.load(post, Post::author).await?, all[1], "the post's key is read anew");
    assert_eq!(s.load(first, User::posts).await?, []);
    assert_eq!(s.load(all[1], User::posts).await?.len(), 4);
    assert_eq!(s.get::<User>(1).await?, Some(first));
    assert_eq!(s[first].name, "new");
    Ok(())
}

#[tokio::test]
async fn a_query_refreshes_all_it_meets_after_a_commit_and_none_before() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("")).await?;
    users(&db, 3).await?;
    let mut s = db.session();
    let all = User::select().order_by(User::id).all(&mut s).await?;
    s.commit().await?;
    file.raw().execute_batch("UPDATE users SET age = 10 * id").unwrap();
    let recorder = db.recorder();
    assert_eq!(User::select().order_by(User::id).all(&mut s).await?, all);
    assert_eq!(all.iter().map(|&user| s[user].age).collect::<Vec<_>>(), [10, 20, 30]);
    assert_eq!(s.get::<User>(2).await?, Some(all[1]));
    assert_eq!(recorder.count(), 1);
    Ok(())
}

#[tokio::test]
async fn without_expiry_everything_stays_readable_after_a_commit() -> realgar::Result<()> {
    let db = Db::builder(models![User]).expire_on_commit(false).connect(&database().await).await?;
    db.create_all().await?;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "Hello" })] }));
    s.commit().await?;
    let recorder = db.recorder();
    assert_eq!(s.loaded(ada, User::posts)?.len(), 1);
    assert_eq!(s.get::<User>(1).await?, Some(ada));
    assert_eq!(recorder.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_loaded_object_whose_row_is_gone_is_nobody() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("foreign_keys=off")).await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let profiles = Profile::select().options(Profile::user.selectin()).all(&mut s).await?;
    s.commit().await?;
    file.raw().execute_batch("PRAGMA foreign_keys = off; DELETE FROM users").unwrap();
    for option in [Profile::user.selectin(), Profile::user.joined(), Profile::user.select()] {
        Profile::select().options(option).all(&mut s).await?;
        let error = s.load(profiles[0], Profile::user).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NoResultFound);
        s.commit().await?;
    }
    assert_eq!(select(count(PostTags::tag_id)).one(&mut s).await?, 4);
    Ok(())
}
