//! Rows 78 to 86: failures, rollback, savepoints, and what the verbs refuse.

use realgar::prelude::*;

use super::selects;
use crate::models::{
    blog::{Post, Tag, User},
    open, sent,
    shop::{Article, Line, Order},
};

#[tokio::test]
async fn r078_after_a_failed_flush_a_rollback_is_due() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await?;
    s.add(new!(User { name: "Ada" }));
    let recorder = db.recorder();
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::UniqueViolation);
    assert_eq!(sent(&recorder).last().map(String::as_str), Some("ROLLBACK"));
    for error in [
        s.flush().await.unwrap_err(),
        s.commit().await.unwrap_err(),
        User::select().all(&mut s).await.unwrap_err(),
        s.load(ada, User::posts).await.unwrap_err(),
        s.refresh(ada).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::PendingRollback);
    }
    assert_eq!(recorder.events(), []);
    s.rollback().await?;
    assert_eq!(User::select().count(&mut s).await?, 1);
    Ok(())
}

#[tokio::test]
async fn r079_rollback_brings_back_states_and_collections() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    s.commit().await?;
    let post = s.load(ada, User::posts).await?[0];
    let (flushed, tag) = (s.add(new!(User { name: "flushed" })), s.add(new!(Tag { name: "rust" })));
    s[ada].name = "Eve".to_owned();
    s.delete(post)?;
    s.flush().await?;
    let pending = s.append(ada, User::posts, new!(Post { title: "pending" }))?;
    s.rollback().await?;
    assert_eq!([s.state(flushed)?, s.state(pending)?, s.state(tag)?], [State::Transient; 3]);
    assert_eq!((s.state(post)?, s[ada].name.as_str(), s[flushed].id), (State::Persistent, "Ada", 0));
    let recorder = db.recorder();
    assert_eq!(s.loaded(ada, User::posts).unwrap_err().kind(), Kind::NotLoaded);
    assert_eq!((s.load(ada, User::posts).await?, selects(&recorder)), (vec![post], 2), "the user, the posts");
    s.commit().await?;
    assert_eq!(sent(&recorder), ["COMMIT"]);
    Ok(())
}

#[tokio::test]
async fn r080_a_savepoint_takes_back_what_happened_inside() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, bob) = (s.add(new!(User { name: "Ada" })), s.add(new!(User { name: "Bob" })));
    s.commit().await?;
    s.load(bob, User::posts).await?;
    s[ada].city = Some("before".to_owned());
    let recorder = db.recorder();
    let result: realgar::Result<()> = s
        .savepoint(async |s| {
            assert_eq!(sent(&recorder), ["UPDATE users(city) x1", "Savepoint"], "it flushes first");
            s[ada].city = Some("inside".to_owned());
            s.add(new!(User { name: "Ada" }));
            s.flush().await
        })
        .await;
    assert_eq!(result.unwrap_err().kind(), Kind::UniqueViolation);
    assert_eq!(s[ada].city.as_deref(), Some("before"));
    assert!(s.loaded(bob, User::posts).is_ok(), "nothing inside touched it");
    s.savepoint(async |s| Ok(s.add(new!(User { name: "Cyd" })))).await?;
    s.commit().await?;
    let rows = select((User::name, User::city)).order_by(User::id).all(&mut s).await?;
    let want = [("Ada", Some("before")), ("Bob", None), ("Cyd", None)];
    assert_eq!(rows, want.map(|(name, city)| (name.to_owned(), city.map(str::to_owned))));
    Ok(())
}

#[tokio::test]
async fn r081_an_object_of_another_session_is_refused() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let (mut s, mut other) = (db.session(), db.session());
    let stranger = other.add(new!(User { name: "stranger" }));
    let post = s.add(new!(Post { title: "a" }));
    assert_eq!(s.set(post, Post::author, stranger).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.add_again(stranger).unwrap_err().kind(), Kind::DetachedInstance);
    // Through a cascade: told by the flush, with the place of the `add`.
    let line = line!() + 1;
    s.add(new!(Post { title: "b", author: stranger }));
    let error = s.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.place().map(|place| place.line())), (Kind::DetachedInstance, Some(line)));
    Ok(())
}

#[tokio::test]
async fn r082_delete_wants_a_row_and_add_again_takes_it_back() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    assert_eq!(s.delete(ada).unwrap_err().kind(), Kind::InvalidRequest, "pending");
    s.rollback().await?;
    assert_eq!(s.delete(ada).unwrap_err().kind(), Kind::InvalidRequest, "transient");
    s.add_again(ada)?;
    s.commit().await?;
    s.delete(ada)?;
    s.add_again(ada)?;
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!((recorder.events(), s.state(ada)?), (vec![], State::Persistent));
    Ok(())
}

#[tokio::test]
async fn r083_get_asks_the_identity_map_first() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.flush().await?;
    let recorder = db.recorder();
    assert_eq!((s.get::<User>(1).await?, selects(&recorder)), (Some(ada), 0));
    s.commit().await?;
    assert_eq!((s.get::<User>(1).await?, selects(&recorder)), (Some(ada), 1), "expired");
    assert_eq!((s.get::<User>(1).await?, selects(&recorder)), (Some(ada), 0));
    assert_eq!((s.get::<User>(9).await?, selects(&recorder)), (None, 1));
    assert_eq!(s.get_one::<User>(9).await.unwrap_err().kind(), Kind::NoResultFound);
    // A key of another shape does not compile: `s.get::<User>((1, 2))`.
    Ok(())
}

#[tokio::test]
async fn r084_a_composite_key_is_a_tuple() -> realgar::Result<()> {
    let db = open(models![Line]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.0 }));
    s.add(new!(Order { id: 7, customer: "Ada", lines: [new!(Line { article: pen, quantity: 3 })] }));
    s.commit().await?;
    let line = s.get_one::<Line>((7, "pen")).await?;
    assert_eq!((s[line].quantity, s.key(line)?), (3, (7, "pen".to_owned())));
    assert_eq!(s.get::<Line>((8, "pen")).await?, None);
    Ok(())
}

#[tokio::test]
async fn r085_expire_and_refresh_forget_changes() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, bob) = (s.add(new!(User { name: "Ada" })), s.add(new!(User { name: "Bob" })));
    s.flush().await?;
    s[ada].city = Some("Rome".to_owned());
    s.expire(ada)?;
    assert!(!s.is_modified(ada)?);
    s[ada].city = Some("Bonn".to_owned()); // an expired attribute is set without a load
    let recorder = db.recorder();
    s.flush().await?;
    assert_eq!(sent(&recorder), ["UPDATE users(city) x1"]);
    s[ada].name = "lost".to_owned();
    s[bob].name = "Bert".to_owned();
    s.refresh(ada).await?;
    assert_eq!(sent(&recorder), ["UPDATE users(name) x1", "SELECT"], "the others are flushed");
    assert_eq!((s[ada].name.as_str(), s[ada].city.as_deref(), s[bob].name.as_str()), ("Ada", Some("Bonn"), "Bert"));
    Ok(())
}

#[tokio::test]
async fn r086_a_row_that_is_gone_when_it_is_read() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await?;
    sql("DELETE FROM users").execute(&mut s).await?;
    assert_eq!(s.load(ada, User::posts).await.unwrap_err().kind(), Kind::ObjectDeleted);
    assert_eq!(s.refresh(ada).await.unwrap_err().kind(), Kind::InvalidRequest);
    assert_eq!(s.get::<User>(1).await?, None);
    assert_eq!(s[ada].name, "Ada", "as last known");
    Ok(())
}
