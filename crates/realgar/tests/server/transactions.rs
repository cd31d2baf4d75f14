//! Transactions that meet: deadlocks, serialization failures while writing and while committing, what is tried again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use realgar::{Isolation, prelude::*};
use tokio::sync::Barrier;

use crate::world::{Tag, World};

/// Two rows, called `a` and `b`.
async fn world() -> Option<World> {
    let world = World::new(models![Tag]).await?;
    let mut s = world.db.session();
    s.add_all([new!(Tag { name: "a" }), new!(Tag { name: "b" })]);
    s.commit().await.expect("the table is empty");
    Some(world)
}

async fn names(db: &Db) -> Vec<String> {
    select(Tag::name).order_by(Tag::id).all(&mut db.session()).await.expect("they can be read")
}

/// Changes the row of this name first and the other one later, so that two that begin at different ends meet.
async fn cross(s: &mut Session, from: i64, to: i64, met: &Barrier, first: bool) -> realgar::Result<()> {
    let (one, other) = (s.get_one::<Tag>(from).await?, s.get_one::<Tag>(to).await?);
    s[one].name.push('!');
    s.flush().await?;
    if first {
        met.wait().await;
    }
    s[other].name.push('?');
    s.flush().await
}

/// Whose transaction the server threw away hears it as such, and cannot commit what is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lost_a_deadlock_has_nothing_left_to_commit() -> realgar::Result<()> {
    let Some(world) = world().await else { return Ok(()) };
    let met = Arc::new(Barrier::new(2));
    let task = |from, to| {
        let (db, met) = (world.db.clone(), met.clone());
        tokio::spawn(async move {
            let mut s = db.session();
            let result = cross(&mut s, from, to, &met, true).await;
            let Err(error) = result else { return s.commit().await.map(|()| true) };
            assert_eq!(error.kind(), Kind::SerializationFailure, "{error}");
            let swallowed = s.commit().await.unwrap_err();
            assert_eq!(swallowed.kind(), Kind::PendingRollback, "{swallowed}");
            assert_eq!(Tag::select().count(&mut s).await.unwrap_err().kind(), Kind::PendingRollback);
            s.rollback().await?;
            assert_eq!(Tag::select().count(&mut s).await?, 2);
            Ok(false)
        })
    };
    let (one, other) = (task(1, 2), task(2, 1));
    let (one, other) = (one.await.expect("no panic")?, other.await.expect("no panic")?);
    assert!(one != other, "one of them lost");
    assert_eq!(names(&world.db).await, if one { ["a!", "b?"] } else { ["a?", "b!"] });
    Ok(())
}

/// `transaction` runs the one that lost again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_tried_again() -> realgar::Result<()> {
    let Some(world) = world().await else { return Ok(()) };
    let (met, attempts) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let task = |from, to| {
        let (db, met, attempts) = (world.db.clone(), met.clone(), attempts.clone());
        tokio::spawn(async move {
            let mine = AtomicU32::new(0);
            db.transaction(async |s| {
                attempts.fetch_add(1, Ordering::SeqCst);
                let first = mine.fetch_add(1, Ordering::SeqCst) == 0;
                cross(s, from, to, &met, first).await
            })
            .await
        })
    };
    let (one, other) = (task(1, 2), task(2, 1));
    one.await.expect("no panic")?;
    other.await.expect("no panic")?;
    assert_eq!(attempts.load(Ordering::SeqCst), 3, "one of them ran twice");
    let mut names = names(&world.db).await;
    names.iter_mut().for_each(|name| *name = name.chars().filter(|letter| letter.is_ascii_punctuation()).collect());
    assert!(names.iter().all(|marks| marks.len() == 2), "both were carried out, whole: {names:?}");
    Ok(())
}

/// Two that each read what the other one writes: serializable ones do not both commit, and it may be COMMIT that says so.
#[tokio::test]
async fn a_failure_to_serialize_at_commit_is_known_for_what_it_is() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![Tag]).await else { return Ok(()) };
    let mut s = world.db.session();
    s.add_all([new!(Tag { name: "a" }), new!(Tag { name: "b" })]);
    s.commit().await?;
    for (level, both) in [(Isolation::RepeatableRead, true), (Isolation::Serializable, false)] {
        let (mut one, mut other) = (world.db.session(), world.db.session());
        for (s, mine) in [(&mut one, 1), (&mut other, 2)] {
            s.isolation(level)?;
            let tags = Tag::select().order_by(Tag::id).all(s).await?;
            assert_eq!(tags.len(), 2);
            s[tags[mine - 1]].name.push('!');
            s.flush().await?;
        }
        one.commit().await?;
        match other.commit().await {
            Ok(()) => assert!(both, "{level:?}"),
            Err(error) => {
                assert_eq!((error.kind(), both), (Kind::SerializationFailure, false), "{error}");
                assert_eq!(other.commit().await.unwrap_err().kind(), Kind::PendingRollback);
                other.rollback().await?;
                assert_eq!(Tag::select().count(&mut other).await?, 2);
            }
        }
    }
    // And it is tried again.
    let attempts = AtomicU32::new(0);
    world
        .db
        .transaction(async |s| {
            s.isolation(Isolation::Serializable)?;
            let tags = Tag::select().order_by(Tag::id).all(s).await?;
            s[tags[0]].name = "once".into();
            s.flush().await?;
            if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                let mut other = world.db.session();
                other.isolation(Isolation::Serializable)?;
                let tags = Tag::select().order_by(Tag::id).all(&mut other).await?;
                other[tags[1]].name = "meanwhile".into();
                other.commit().await?;
            }
            Ok(())
        })
        .await?;
    assert_eq!((attempts.into_inner(), names(&world.db).await), (2, vec!["once".to_owned(), "meanwhile".to_owned()]));
    Ok(())
}

/// What a transaction sees of others, by its level.
#[tokio::test]
async fn levels_see_what_they_say() -> realgar::Result<()> {
    let Some(world) = world().await else { return Ok(()) };
    for (level, sees) in
        [(Isolation::ReadCommitted, true), (Isolation::RepeatableRead, false), (Isolation::Serializable, false)]
    {
        let mut reader = world.db.session();
        reader.isolation(level)?;
        let before = Tag::select().count(&mut reader).await?;
        let mut writer = world.db.session();
        writer.add(new!(Tag { name: "new" }));
        // Where reading locks, the writer waits for the reader.
        if tokio::time::timeout(Duration::from_millis(500), writer.commit()).await.is_ok() {
            assert_eq!(Tag::select().count(&mut reader).await? > before, sees, "{level:?}");
        }
        reader.rollback().await?;
        reader.isolation(level)?; // it was for that one transaction
    }
    Ok(())
}

/// A COMMIT that the server refuses is that error, and nothing is there.
#[tokio::test]
async fn a_constraint_that_is_looked_at_by_commit_is_its_error() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![Tag]).await else { return Ok(()) };
    let mut s = world.db.session();
    sql("ALTER TABLE tags ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED").execute(&mut s).await?;
    s.commit().await?;
    s.add_all([new!(Tag { name: "twice" }), new!(Tag { name: "twice" })]);
    s.flush().await?;
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::UniqueViolation);
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::PendingRollback);
    s.rollback().await?;
    assert_eq!(Tag::select().count(&mut s).await?, 0);
    Ok(())
}
