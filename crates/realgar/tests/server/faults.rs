//! The way to the server breaks at every request of a flush, a load, a savepoint and a commit; and every future is
//! dropped at every await. The session says the right kind and goes on after `rollback`, the pool gives out no broken
//! connection, and the tables hold all or nothing.

use std::{future::Future, pin::pin, task::Poll, time::Duration};

use realgar::{Error, prelude::*};

use crate::{
    proxy::{Fault, Proxy},
    world::{Post, Tag, User, World},
};

/// Two users with posts: the second one will be changed, the first one deleted.
async fn world() -> Option<(World, Proxy, Db)> {
    let world = World::new(models![User, Tag]).await?;
    fill(&world.db).await.unwrap();
    let proxy = Proxy::new(&world.url).await;
    let db = Db::builder(models![User, Tag]).pool_size(3).connect(&world.by_way_of(proxy.address)).await.unwrap();
    Some((world, proxy, db))
}

async fn fill(db: &Db) -> realgar::Result<()> {
    db.drop_all().await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { name: "goes", posts: [new!(Post { title: "goes, too" })] }));
    s.add(new!(User { name: "stays", posts: [new!(Post { title: "stays, too" })] }));
    s.commit().await
}

/// A query with its relationships, a savepoint, and a flush with statements of every sort, all in one transaction.
async fn work(s: &mut Session) -> realgar::Result<()> {
    let users = User::select().options(User::posts.selectin()).order_by(User::id).all(s).await?;
    let tag = s
        .savepoint(async |s| {
            let tag = s.add(new!(Tag { name: "new" }));
            s.flush().await?;
            Ok(tag)
        })
        .await?;
    let new = s.add(new!(User { name: "new", posts: [new!(Post { title: "new, too" })] }));
    let post = s.loaded(new, User::posts)?[0];
    s.append(post, Post::tags, tag)?;
    s[users[1]].name = "changed".into();
    s.delete(users[0])?;
    s.flush().await
}

async fn held(db: &Db) -> Vec<String> {
    select(User::name).order_by(User::name).all(&mut db.session()).await.expect("the tables can be read")
}

const BEFORE: [&str; 2] = ["goes", "stays"];
const AFTER: [&str; 2] = ["changed", "new"];

/// What must be true whatever happened: the session can be used again, and so can every connection of the pool.
async fn goes_on(s: &mut Session, db: &Db) {
    tokio::time::timeout(Duration::from_secs(20), s.rollback()).await.expect("it does not hang").expect("no error");
    assert_eq!(User::select().count(s).await.expect("the session goes on"), 2);
    s.rollback().await.expect("no error");
    let mut sessions: Vec<Session> = (0..3).map(|_| db.session()).collect();
    for s in &mut sessions {
        assert_eq!(User::select().count(s).await.expect("no connection of the pool is broken"), 2);
    }
}

fn lost(error: &Error) -> bool {
    matches!(error.kind(), Kind::Operational | Kind::PendingRollback)
}

#[tokio::test]
async fn a_connection_that_breaks_anywhere_breaks_nothing_else() {
    let Some((world, proxy, db)) = world().await else { return };
    for fault in [Fault::Before, Fault::After, Fault::Middle] {
        for number in 1.. {
            fill(&world.db).await.unwrap();
            let db =
                Db::builder(models![User, Tag]).pool_size(3).connect(&world.by_way_of(proxy.address)).await.unwrap();
            let mut s = db.session();
            proxy.arm(number, fault);
            let worked = work(&mut s).await;
            let committed = match &worked {
                Ok(()) => Some(s.commit().await),
                Err(_) => None,
            };
            if proxy.disarm() {
                assert!(matches!(committed, Some(Ok(()))), "nothing was broken");
                assert!(number > 15, "there are more requests than that");
                break;
            }
            let case = format!("{fault:?} at request {number}");
            let held = held(&world.db).await;
            match committed {
                None => {
                    let error = worked.unwrap_err();
                    assert!(lost(&error), "{case}: {error}");
                    assert_eq!(held, BEFORE, "{case}");
                }
                Some(Ok(())) => {
                    assert_eq!((number, &*held), (1, &AFTER.map(str::to_owned)[..]), "BEGIN alone is sent anew")
                }
                Some(Err(error)) => {
                    assert_eq!(error.kind(), Kind::UnknownOutcome, "{case}: {error}");
                    let want = if fault == Fault::Before { BEFORE } else { AFTER };
                    assert_eq!(held, want, "{case}");
                }
            }
            goes_on(&mut s, &db).await;
        }
    }
    drop(db);
}

#[tokio::test]
async fn a_server_that_falls_silent_holds_up_nobody_else() {
    let Some((world, proxy, _)) = world().await else { return };
    for number in [1, 2, 5, 9, 14] {
        fill(&world.db).await.unwrap();
        let db = Db::builder(models![User, Tag]).pool_size(3).connect(&world.by_way_of(proxy.address)).await.unwrap();
        let mut s = db.session();
        proxy.arm(number, Fault::Stall);
        let patient = tokio::time::timeout(Duration::from_millis(300), async {
            work(&mut s).await?;
            s.commit().await
        });
        assert!(patient.await.is_err(), "it waits for request {number}");
        goes_on(&mut s, &db).await;
        // What the server still holds for the silent connection would lock the tables.
        drop((s, db));
    }
}

/// Runs a future up to its pending of this number, and drops it there; `None` then.
async fn dropped_at<T>(pending: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = pending;
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => {
            left -= 1;
            if left == 0 { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

#[tokio::test]
async fn a_future_that_is_dropped_anywhere_leaves_all_or_nothing() {
    let Some((world, _, _)) = world().await else { return };
    for pending in 1.. {
        fill(&world.db).await.unwrap();
        let db = Db::builder(models![User, Tag]).pool_size(3).connect(&world.url).await.unwrap();
        let mut s = db.session();
        let done = dropped_at(pending, async {
            work(&mut s).await?;
            s.commit().await
        })
        .await;
        if let Some(done) = done {
            done.unwrap();
            assert_eq!(held(&world.db).await, AFTER);
            assert!(pending > 15, "there are more awaits than that");
            break;
        }
        goes_on(&mut s, &db).await;
        let held = held(&world.db).await;
        assert!(held == BEFORE || held == AFTER, "pending {pending}: {held:?}");
    }
}

/// A connection that the server closed while it lay in the pool is not handed out.
#[tokio::test]
async fn connections_that_were_closed_in_the_pool_are_replaced() -> realgar::Result<()> {
    let Some((world, _, _)) = world().await else { return Ok(()) };
    let db = Db::builder(models![User, Tag]).pool_size(3).connect(&world.url).await?;
    let mut sessions: Vec<Session> = (0..3).map(|_| db.session()).collect();
    let mut pids = Vec::new();
    for s in &mut sessions {
        pids.extend(sql("SELECT pg_backend_pid()::bigint").scalar::<i64>(s).await?);
        s.rollback().await?;
    }
    for pid in pids {
        sql("SELECT pg_terminate_backend(?::int)").bind(pid).all::<bool>(&mut world.db.session()).await?;
    }
    for s in &mut sessions {
        assert_eq!(User::select().count(s).await?, 2);
    }
    Ok(())
}

/// Idle and lifetime limits close a connection when it would be used next.
#[tokio::test]
async fn connections_have_their_time() -> realgar::Result<()> {
    let Some((world, _, _)) = world().await else { return Ok(()) };
    for setting in ["idle_timeout=50", "max_lifetime=50"] {
        let db = Db::builder(models![User, Tag]).pool_size(1).connect(&format!("{}&{setting}", world.url)).await?;
        let mut s = db.session();
        let mut pids = Vec::new();
        for _ in 0..2 {
            for _ in 0..2 {
                pids.extend(sql("SELECT pg_backend_pid()::bigint").scalar::<i64>(&mut s).await?);
                s.rollback().await?;
            }
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
        assert!(pids[0] == pids[1] && pids[1] != pids[2] && pids[2] == pids[3], "{setting}: {pids:?}");
    }
    Ok(())
}

/// An error of a statement of many rows names the one that is at fault.
#[tokio::test]
async fn the_row_at_fault_is_named_among_many() -> realgar::Result<()> {
    let Some((world, _, _)) = world().await else { return Ok(()) };
    let mut s = world.db.session();
    s.add_all((0..50).map(|number| new!(User { name: format!("user {number}") })));
    let twin = s.add(new!(User { name: "stays" }));
    s.add_all((50..99).map(|number| new!(User { name: format!("user {number}") })));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    assert!(error.entity().is_some_and(|entity| entity.contains(&format!("faults.rs:{}", line!() - 4))), "{error}");
    s.rollback().await?;
    s[twin].name = "other".into();
    s.add_all((0..9).map(|number| new!(Post { title: "x", user_id: if number == 4 { 999 } else { 2 } })));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::ForeignKeyViolation);
    assert!(error.entity().is_some(), "{error}");
    Ok(())
}
