//! The way to the server breaks at every message of a load, a savepoint, a flush and a commit, and every future is dropped
//! at every await. The session says the right kind and goes on after `rollback`, the pool gives out no broken connection,
//! and the tables hold all or nothing.

use std::{future::Future, pin::pin, sync::Arc, task::Poll, time::Duration};

use realgar::prelude::*;
use tokio::task::JoinSet;

use crate::{
    proxy::{Fault, Proxy},
    world::{Post, Tag, User, World},
};

const BEFORE: [&str; 2] = ["goes", "stays"];
const AFTER: [&str; 2] = ["changed", "new"];

/// How many places are broken at once, each in a world of its own: most of the time is spent waiting.
const LANES: usize = 6;

/// A world, and a way there that can break.
struct Lane {
    world: World,
    proxy: Proxy,
}

impl Lane {
    async fn new() -> Option<Lane> {
        let world = World::new(models![User, Tag]).await?;
        let proxy = Proxy::new(&world.url, world.brand).await;
        Some(Lane { world, proxy })
    }

    /// Two users with a post each, the second of whom will be changed and the first one deleted; and a pool that nobody
    /// has used.
    async fn db(&self) -> Db {
        let mut s = self.world.db.session();
        for table in ["post_tags", "posts", "users", "tags"] {
            sql(format!("DELETE FROM {table}")).execute(&mut s).await.expect("nobody holds locks for long");
        }
        s.add(new!(User { name: "goes", posts: [new!(Post { title: "goes, too" })] }));
        s.add(new!(User { name: "stays", posts: [new!(Post { title: "stays, too" })] }));
        s.commit().await.expect("the tables are empty");
        self.open().await
    }

    async fn open(&self) -> Db {
        let url = self.world.by_way_of(self.proxy.address);
        Db::builder(models![User, Tag]).pool_size(3).connect(&url).await.expect("nothing is broken yet")
    }

    /// What the tables hold: all of what `work` does, or nothing of it.
    async fn held(&self, case: &str) -> Vec<String> {
        let mut s = self.world.db.session();
        let names: Vec<String> = select(User::name).order_by(User::name).all(&mut s).await.expect("they can be read");
        let posts: Vec<String> = select(Post::title).order_by(Post::title).all(&mut s).await.expect("they can be read");
        let tags = Tag::select().count(&mut s).await.expect("they can be read");
        let expected = match names == AFTER {
            true => (vec!["new, too", "stays, too"], 1),
            false => (vec!["goes, too", "stays, too"], 0),
        };
        assert_eq!((posts.iter().map(String::as_str).collect(), tags), expected, "{case}: {names:?}");
        assert!(names == AFTER || names == BEFORE, "{case}: {names:?}");
        names
    }
}

/// A load with a relationship, a savepoint that is kept and one that is taken back, and a flush with statements of every
/// sort, all in one transaction.
async fn work(s: &mut Session) -> realgar::Result<()> {
    let users = User::select().options(User::posts.selectin()).order_by(User::id).all(s).await?;
    let tag = s
        .savepoint(async |s| {
            let tag = s.add(new!(Tag { name: "new" }));
            s.flush().await?;
            Ok(tag)
        })
        .await?;
    let taken_back = s.savepoint(async |s| {
        s.add(new!(User { name: "never" }));
        User::select().filter_by(User::name, "nobody").one(s).await
    });
    let error = taken_back.await.unwrap_err();
    if error.kind() != Kind::NoResultFound {
        return Err(error);
    }
    let new = s.add(new!(User { name: "new", posts: [new!(Post { title: "new, too" })] }));
    let post = s.loaded(new, User::posts)?[0];
    s.append(post, Post::tags, tag)?;
    s[users[1]].name = "changed".into();
    s.delete(users[0])?;
    s.flush().await
}

/// What must be true whatever happened: the session can be used again, and so can every connection of the pool.
async fn goes_on(s: &mut Session, db: &Db, case: &str) {
    let back = tokio::time::timeout(Duration::from_secs(20), s.rollback()).await;
    back.unwrap_or_else(|_| panic!("{case}: the rollback hangs")).unwrap_or_else(|error| panic!("{case}: {error}"));
    complete(s, case).await;
    s.rollback().await.expect("nothing is wrong any more");
    let mut sessions: Vec<Session> = (0..3).map(|_| db.session()).collect();
    for s in &mut sessions {
        complete(s, case).await;
    }
    assert!(db.pool_status().size <= 3, "{case}");
}

/// All users come with their posts, whatever was half loaded before.
async fn complete(s: &mut Session, case: &str) {
    let users = User::select().options(User::posts.selectin()).all(s).await;
    let users = users.unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(users.len(), 2, "{case}");
    for user in users {
        let posts = s.loaded(user, User::posts).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(posts.len(), 1, "{case}: {:?}", s[user]);
    }
}

/// Breaks every message of a run in this way, each in a run of its own. Answers what became of the commits whose outcome
/// was not known: how many were carried out, and how many not.
async fn at_every_message(fault: Fault) -> Option<(usize, usize)> {
    let lane = Lane::new().await?;
    let db = lane.db().await;
    lane.proxy.messages();
    let mut s = db.session();
    work(&mut s).await.unwrap();
    s.commit().await.unwrap();
    let messages = lane.proxy.messages();
    assert!(messages > 80, "there are more than {messages}");
    let mut lanes = JoinSet::new();
    for first in 1..=LANES {
        lanes.spawn(async move {
            let lane = Lane::new().await.expect("there was one before");
            let mut unknown = (0, 0);
            for number in (first..=messages).step_by(LANES) {
                let (carried_out, not) = at_one(&lane, number, fault).await;
                unknown = (unknown.0 + carried_out, unknown.1 + not);
            }
            unknown
        });
    }
    let all = lanes.join_all().await;
    Some(all.into_iter().fold((0, 0), |sum, (carried_out, not)| (sum.0 + carried_out, sum.1 + not)))
}

async fn at_one(lane: &Lane, number: usize, fault: Fault) -> (usize, usize) {
    let case = format!("{fault:?} at message {number}");
    let db = lane.db().await;
    let mut s = db.session();
    lane.proxy.arm(number, fault);
    let patience = if fault == Fault::Stall { 250 } else { 10_000 };
    let done = tokio::time::timeout(Duration::from_millis(patience), async {
        work(&mut s).await.map_err(|error| (error, false))?;
        s.commit().await.map_err(|error| (error, true))
    });
    let done = done.await;
    assert!(!lane.proxy.disarm(), "{case}: it was broken");
    let mut unknown = false;
    match done {
        // Who was dropped while waiting must not commit half of it.
        Err(_) => {
            assert_eq!(fault, Fault::Stall, "{case}");
            match s.commit().await {
                Ok(()) => assert_eq!(lane.held(&case).await, BEFORE, "{case}"),
                Err(error) => assert_eq!(error.kind(), Kind::PendingRollback, "{case}: {error}"),
            }
        }
        // Nothing was done yet, so another connection was taken.
        Ok(Ok(())) => assert!(number <= 6 && lane.held(&case).await == AFTER, "{case}"),
        Ok(Err((error, true))) => {
            assert_eq!(error.kind(), Kind::UnknownOutcome, "{case}: {error}");
            unknown = true;
        }
        Ok(Err((error, false))) => {
            // Who takes a savepoint back gets his own error, and then hears what became of the connection.
            let expected = matches!(error.kind(), Kind::Operational | Kind::PendingRollback);
            assert!(expected && error.to_string().contains("connection"), "{case}: {error}");
            assert_eq!(lane.held(&case).await, BEFORE, "{case}");
        }
    }
    goes_on(&mut s, &db, &case).await;
    let held = lane.held(&case).await;
    if unknown { (usize::from(held == AFTER), usize::from(held == BEFORE)) } else { (0, 0) }
}

#[tokio::test]
async fn a_connection_that_is_cut_anywhere_breaks_nothing_else() {
    let Some(unknown) = at_every_message(Fault::Cut).await else { return };
    assert!(
        unknown.0 > 0 && unknown.1 > 0,
        "a commit is cut before it arrives, and before its answer does: {unknown:?}"
    );
}

#[tokio::test]
async fn a_message_that_is_truncated_anywhere_breaks_nothing_else() {
    let Some(unknown) = at_every_message(Fault::Truncate).await else { return };
    assert!(unknown.0 > 0 && unknown.1 > 0, "{unknown:?}");
}

#[tokio::test]
async fn a_server_that_falls_silent_anywhere_holds_up_nobody_else() {
    at_every_message(Fault::Stall).await;
}

/// A connection that cannot be opened is an error of whoever needed it, in time, and of nobody else.
#[tokio::test]
async fn a_connection_that_breaks_while_it_is_opened_is_no_connection() {
    let Some(lane) = Lane::new().await else { return };
    let db = lane.db().await;
    lane.proxy.messages();
    drop(lane.open().await);
    let messages = lane.proxy.messages();
    let mut holder = db.session();
    complete(&mut holder, "the only connection").await;
    for fault in [Fault::Cut, Fault::Truncate, Fault::Stall] {
        // Only what comes before the client is done: later it has its connection.
        for number in 1..messages {
            let case = format!("{fault:?} at message {number}");
            let url = format!("{}&connect_timeout=1", lane.world.by_way_of(lane.proxy.address));
            lane.proxy.arm(number, fault);
            let opened = tokio::time::timeout(Duration::from_secs(5), Db::connect(&url, models![User, Tag]));
            let opened = opened.await.unwrap_or_else(|_| panic!("{case}: it hangs"));
            if !lane.proxy.disarm()
                && let Err(error) = opened
            {
                assert_eq!(error.kind(), Kind::Operational, "{case}: {error}");
            }
        }
    }
    // Those that were opened after all say goodbye.
    tokio::time::sleep(Duration::from_millis(50)).await;
    lane.proxy.arm(1, Fault::Cut);
    let mut s = db.session();
    assert_eq!(User::select().all(&mut s).await.unwrap_err().kind(), Kind::Operational);
    complete(&mut holder, "somebody else").await;
    holder.rollback().await.expect("nothing is wrong with it");
    goes_on(&mut s, &db, "after that").await;
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

/// What is done with a session after a future was dropped.
#[derive(Debug, Clone, Copy)]
enum Then {
    RollBack,
    Commit,
    Leave,
}

/// Drops the future of a load, a savepoint, a flush or a commit at each of its awaits.
#[tokio::test]
async fn a_future_that_is_dropped_anywhere_leaves_all_or_nothing() {
    let Some(lane) = Lane::new().await else { return };
    for then in [Then::RollBack, Then::Commit, Then::Leave] {
        for pending in 1.. {
            let case = format!("dropped at pending {pending}, then {then:?}");
            let db = lane.db().await;
            let mut s = db.session();
            let mut committing = false;
            let done = dropped_at(pending, async {
                work(&mut s).await?;
                committing = true;
                s.commit().await
            });
            if let Some(done) = done.await {
                done.unwrap();
                assert_eq!(lane.held(&case).await, AFTER);
                assert!(pending > 25, "there are more awaits than {pending}");
                break;
            }
            match then {
                Then::RollBack => {}
                // The transaction had not begun; else only a rollback may follow.
                Then::Commit => match s.commit().await {
                    Ok(()) => assert!(pending <= 2, "{case}: half of it was committed"),
                    Err(error) => assert_eq!(error.kind(), Kind::PendingRollback, "{case}: {error}"),
                },
                Then::Leave => s = db.session(),
            }
            goes_on(&mut s, &db, &case).await;
            let held = lane.held(&case).await;
            assert!(committing || held == BEFORE, "{case}: {held:?}");
        }
    }
}

/// A load that is dropped takes nothing of the transaction with it unnoticed, and what it half loaded is loaded anew.
#[tokio::test]
async fn a_load_that_is_dropped_makes_a_rollback_due() {
    let Some(lane) = Lane::new().await else { return };
    for pending in 1.. {
        let case = format!("dropped at pending {pending}");
        let db = lane.db().await;
        let mut s = db.session();
        let users = User::select().order_by(User::id).all(&mut s).await.unwrap();
        s[users[0]].name = "changed".into();
        s.flush().await.unwrap();
        let load = async |s: &mut Session| {
            s.preload(&users, User::posts.then(Post::tags)).await?;
            s.refresh(users[1]).await?;
            s.get::<User>(-1).await.map(|_| ())
        };
        match dropped_at(pending, load(&mut s)).await {
            Some(done) => {
                done.unwrap();
                s.commit().await.unwrap();
                assert!(pending > 4, "there are more awaits than {pending}");
                break;
            }
            None => {
                let error = s.commit().await.unwrap_err();
                assert_eq!(error.kind(), Kind::PendingRollback, "{case}: {error}");
                assert_eq!(load(&mut s).await.unwrap_err().kind(), Kind::PendingRollback, "{case}");
                goes_on(&mut s, &db, &case).await;
                assert_eq!((lane.held(&case).await, &*s[users[0]].name), (BEFORE.map(str::to_owned).into(), "goes"));
            }
        }
    }
}

/// A rollback or close that is dropped is still one: nothing of what was to be taken back can be committed.
#[tokio::test]
async fn a_rollback_that_is_dropped_is_still_due() {
    let Some(lane) = Lane::new().await else { return };
    for close in [false, true] {
        for pending in 1.. {
            let case = format!("dropped at pending {pending}, close: {close}");
            let db = lane.db().await;
            let mut s = db.session();
            s.add(new!(User { name: "new" }));
            s.flush().await.unwrap();
            let ended = async { if close { s.close().await } else { s.rollback().await } };
            if dropped_at(pending, ended).await.is_some() {
                assert!(pending > 1);
                break;
            }
            assert_eq!(s.commit().await.unwrap_err().kind(), Kind::PendingRollback, "{case}");
            goes_on(&mut s, &db, &case).await;
            assert_eq!(lane.held(&case).await, BEFORE);
        }
    }
}

/// What many sessions do at once while connections break one after another: all or nothing for each.
#[tokio::test]
async fn breaking_connections_under_many_sessions_lose_nothing() {
    let Some(lane) = Lane::new().await else { return };
    let db = lane.db().await;
    let lane = Arc::new(lane);
    let mut sessions = JoinSet::new();
    for session in 0..8 {
        let (db, lane) = (db.clone(), lane.clone());
        sessions.spawn(async move {
            let (mut written, mut unknown) = (Vec::new(), Vec::new());
            let mut s = db.session();
            for round in 0..15 {
                if session == 0 {
                    lane.proxy.arm(7 * round + 3, [Fault::Cut, Fault::Truncate][round % 2]);
                }
                let name = format!("{session}.{round}");
                s.add(new!(User { name: &*name, posts: [new!(Post { title: &*name })] }));
                match s.commit().await {
                    Ok(()) => written.push(name),
                    Err(error) if error.kind() == Kind::UnknownOutcome => unknown.push(name),
                    Err(error) => assert_eq!(error.kind(), Kind::Operational, "{error}"),
                }
                s.close().await.expect("it can always be closed");
            }
            (written, unknown)
        });
    }
    let (mut written, mut unknown) = (Vec::new(), Vec::new());
    for (mine, perhaps) in sessions.join_all().await {
        written.extend(mine);
        unknown.extend(perhaps);
    }
    assert!(written.len() < 8 * 15, "something broke");
    let found = User::select().options(User::posts.selectin()).all(&mut lane.world.db.session()).await.unwrap();
    let mut s = lane.world.db.session();
    let names: Vec<String> = select(User::name).join(User::posts).all(&mut s).await.unwrap();
    assert_eq!(found.len(), names.len(), "nobody is there without the post");
    assert!(written.iter().all(|name| names.contains(name)), "acknowledged and lost");
    let known = |name: &&String| written.contains(name) || unknown.contains(name) || BEFORE.contains(&name.as_str());
    assert_eq!(names.iter().filter(known).count(), names.len(), "nothing is there that was reported as not written");
}

/// A connection that the server closed while it lay in the pool is not handed out.
#[tokio::test]
async fn connections_that_were_closed_in_the_pool_are_replaced() -> realgar::Result<()> {
    let Some(lane) = Lane::new().await else { return Ok(()) };
    let (db, world) = (lane.db().await, &lane.world);
    let mut sessions: Vec<Session> = (0..3).map(|_| db.session()).collect();
    let mut pids = Vec::new();
    for s in &mut sessions {
        pids.extend(sql(world.brand.who).scalar::<i64>(s).await?);
    }
    for s in &mut sessions {
        s.rollback().await?;
    }
    pids.dedup(); // one after the other, the sessions may have had the same one
    for pid in pids {
        let mut s = world.db.session();
        sql((world.brand.kill)(pid)).all::<bool>(&mut s).await?;
    }
    for s in &mut sessions {
        assert_eq!(User::select().count(s).await?, 2);
    }
    Ok(())
}

/// Idle and lifetime limits close a connection when it would be used next.
#[tokio::test]
async fn connections_have_their_time() -> realgar::Result<()> {
    let Some(lane) = Lane::new().await else { return Ok(()) };
    let world = &lane.world;
    for setting in ["idle_timeout=50", "max_lifetime=50"] {
        let db = Db::builder(models![User, Tag]).pool_size(1).connect(&format!("{}&{setting}", world.url)).await?;
        let mut s = db.session();
        let mut pids = Vec::new();
        for _ in 0..2 {
            for _ in 0..2 {
                pids.extend(sql(world.brand.who).scalar::<i64>(&mut s).await?);
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
    let Some(lane) = Lane::new().await else { return Ok(()) };
    let mut s = lane.db().await.session();
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
