//! Connections and locks are waited for, with an end; a future that is dropped meanwhile leaves nothing behind.

use std::time::{Duration, Instant};

use realgar::prelude::*;

use crate::blog::{File, Post, User, memory, open, users};

fn is_send_and_sync<T: Send + Sync>(value: T) -> T {
    value
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn waiting_for_the_connection_in_memory_names_who_holds_it() -> realgar::Result<()> {
    let db = Db::connect("sqlite::memory:?pool_timeout=50", models![User]).await?;
    db.create_all().await?;
    let mut holder = db.session();
    let line = line!() - 1;
    User::select().all(&mut holder).await?;
    let started = Instant::now();
    let error = User::select().all(&mut db.session()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(started.elapsed() >= Duration::from_millis(50));
    let place = error.place().expect("the holder's place");
    assert!(place.file().ends_with("waiting.rs") && place.line() == line, "{error}");
    holder.commit().await?;
    User::select().all(&mut db.session()).await?;
    Ok(())
}

#[tokio::test]
async fn dropping_a_session_frees_its_connection() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    s.flush().await?;
    drop(s);
    assert_eq!(User::select().count(&mut db.session()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_locked_database_is_awaited() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("busy_timeout=5000")).await?;
    let (mut first, mut second) = (db.session(), db.session());
    first.add(new!(User { name: "Ada" }));
    first.flush().await?;
    second.add(new!(User { name: "Bob" }));
    // One thread: were the waiting not asynchronous, the first could never commit.
    let (waiting, done) = tokio::join!(second.commit(), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        first.commit().await
    });
    waiting.and(done)?;
    assert_eq!(User::select().count(&mut second).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_lock_that_stays_is_a_timeout_and_the_session_goes_on() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("busy_timeout=20")).await?;
    let (mut first, mut second) = (db.session(), db.session());
    first.add(new!(User { name: "Ada" }));
    first.flush().await?;
    let bob = second.add(new!(User { name: "Bob" }));
    let error = second.commit().await.unwrap_err();
    assert!(error.kind() == Kind::Timeout && error.to_string().contains("busy_timeout"), "{error}");
    first.commit().await?;
    second.rollback().await?;
    second.add_again(bob)?;
    second.commit().await?;
    assert_eq!(User::select().count(&mut first).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_snapshot_that_was_overtaken_is_a_serialization_failure() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("")).await?;
    users(&db, 1).await?;
    let (mut first, mut second) = (db.session(), db.session());
    let user = User::select().one(&mut first).await?;
    let other = User::select().one(&mut second).await?;
    first[user].age += 1;
    first.commit().await?;
    second[other].age += 1;
    let error = second.commit().await.unwrap_err();
    assert_eq!(error.kind(), Kind::SerializationFailure);
    second.rollback().await?;
    assert_eq!(second[other].age, 0);
    User::select().one(&mut second).await?;
    assert_eq!(second[other].age, 1, "the next query brings what the other wrote");
    second[other].age += 1;
    second.commit().await
}

#[tokio::test]
async fn begin_immediate_waits_at_the_beginning_instead() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("begin=immediate&busy_timeout=5000")).await?;
    users(&db, 1).await?;
    let add_one = async || {
        let mut s = db.session();
        let user = User::select().one(&mut s).await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
        s[user].age += 1;
        s.commit().await
    };
    let (a, b, c) = tokio::join!(add_one(), add_one(), add_one());
    a.and(b).and(c)?;
    assert_eq!(select(User::age).one(&mut db.session()).await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_future_dropped_while_it_waits_leaves_the_session_usable() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("busy_timeout=60000")).await?;
    let (mut first, mut second) = (db.session(), db.session());
    first.add(new!(User { name: "Ada" }));
    first.flush().await?;
    let bob = second.add(new!(User { name: "Bob" }));
    assert!(tokio::time::timeout(Duration::from_millis(20), second.commit()).await.is_err());
    let error = second.flush().await.unwrap_err();
    assert!(error.kind() == Kind::PendingRollback && error.what().contains("dropped"), "{error}");
    second.rollback().await?;
    assert_eq!((second.state(bob)?, second[bob].name.as_str()), (State::Transient, "Bob"));
    first.commit().await?;
    second.add_again(bob)?;
    second.commit().await?;
    let mut names = select(User::name).all(&mut first).await?;
    names.sort();
    assert_eq!(names, ["Ada", "Bob"]);
    Ok(())
}

#[tokio::test]
async fn a_future_dropped_while_it_waits_to_begin_holds_nothing() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("begin=immediate&busy_timeout=60000&pool_size=1&pool_timeout=50")).await?;
    let writer = file.raw();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut second = db.session();
    let waiting = tokio::time::timeout(Duration::from_millis(20), User::select().all(&mut second));
    assert!(waiting.await.is_err());
    writer.execute_batch("COMMIT").unwrap();
    let mut third = db.session();
    let line = line!() - 1;
    assert_eq!(User::select().count(&mut third).await?, 0, "the connection is free");
    let error = User::select().count(&mut second).await.unwrap_err();
    assert_eq!(error.place().expect("the holder's place").line(), line, "{error}");
    third.close().await?;
    assert_eq!(User::select().count(&mut second).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_and_their_futures_may_move_between_threads() -> realgar::Result<()> {
    let file = File::new();
    let db = is_send_and_sync(open(&file.url("begin=immediate")).await?);
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(is_send(async move {
                let mut s = is_send_and_sync(db.session());
                let user = s.add(new!(User { name: number.to_string(), posts: [new!(Post { title: "x" })] }));
                s.commit().await?;
                let posts = s.load(user, User::posts).await?;
                let found = User::select().options(User::posts.joined()).filter_by(User::id, s.key(user)?);
                assert_eq!(found.one(&mut s).await?, user);
                let (view, there) = (s.view(user), db.clone());
                tokio::task::yield_now().await;
                let name = view.name.clone();
                drop(there);
                Ok::<_, realgar::Error>((name, posts.len()))
            }))
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.expect("no panic")?, (number.to_string(), 1));
    }
    assert_eq!(User::select().count(&mut db.session()).await?, 8);
    Ok(())
}
