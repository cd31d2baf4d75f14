//! Whole transactions: `transaction` with its attempts, isolation levels, read-only, errors in the middle.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use realgar::{Isolation, prelude::*, sql};

use crate::{
    database::{lacks, shared},
    models::{blog::User, names},
};

#[derive(Debug, Model)]
#[model(table = "accounts")]
struct Account {
    #[column(primary_key)]
    id: i64,
    balance: i64,
}

async fn accounts() -> realgar::Result<(Db, impl Sized)> {
    let (url, kept) = shared().await;
    let db = Db::connect(&url, models![Account]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add_all([new!(Account { balance: 100 }), new!(Account { balance: 0 })]);
    s.commit().await?;
    Ok((db, kept))
}

#[tokio::test]
async fn what_the_work_answers_is_committed_or_rolled_back() -> realgar::Result<()> {
    let (db, _kept) = accounts().await?;
    let recorder = db.recorder();
    let left = db.transaction(async |s| {
        let from = s.get_one::<Account>(1).await?;
        s[from].balance -= 30;
        Ok(s[from].balance)
    });
    assert_eq!(left.await?, 70);
    assert!(matches!(recorder.events().last(), Some(realgar::Event::Commit)));
    let refused = db.transaction(async |s| {
        let from = s.get_one::<Account>(1).await?;
        s[from].balance = 0;
        s.flush().await?;
        Err::<(), _>(realgar::Error::new(Kind::InvalidRequest, "changed my mind"))
    });
    assert_eq!(refused.await.unwrap_err().what(), "changed my mind");
    assert!(matches!(recorder.events().last(), Some(realgar::Event::Rollback)));
    assert_eq!(Account::select().filter_by(Account::id, 1).fetch_one(&db).await?.balance, 70);
    Ok(())
}

/// Sixteen at once take from one account and give to another: nothing is lost, whoever came second was tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_second_is_tried_again() -> realgar::Result<()> {
    let (db, _kept) = accounts().await?;
    let attempts = std::sync::Arc::new(AtomicU32::new(0));
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let (db, attempts) = (db.clone(), attempts.clone());
        tasks.push(tokio::spawn(async move {
            loop {
                let moved = db.transaction(async |s| {
                    attempts.fetch_add(1, Ordering::Relaxed);
                    s.isolation(Isolation::Serializable)?;
                    let from = s.get_one::<Account>(1).await?;
                    let to = s.get_one::<Account>(2).await?;
                    tokio::task::yield_now().await;
                    s[from].balance -= 1;
                    s[to].balance += 1;
                    Ok(())
                });
                match moved.await {
                    Err(error) if error.kind() == Kind::SerializationFailure => {}
                    other => return other,
                }
            }
        }));
    }
    for task in tasks {
        task.await.expect("no panic")?;
    }
    let balances: Vec<i64> = select(Account::balance).order_by(Account::id).all(&mut db.session()).await?;
    assert_eq!(balances, [84, 16]);
    assert!(attempts.load(Ordering::Relaxed) > 16, "somebody was second");
    Ok(())
}

#[tokio::test]
async fn attempts_are_bounded_and_only_for_who_was_overtaken() -> realgar::Result<()> {
    let (url, _kept) = shared().await;
    let db = Db::builder(models![Account]).transaction_attempts(3).connect(&url).await?;
    for (kind, want) in [(Kind::SerializationFailure, 3), (Kind::UnknownOutcome, 1), (Kind::Operational, 1)] {
        let runs = AtomicU32::new(0);
        let failed = db.transaction(async |_| {
            runs.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(realgar::Error::new(kind, "no"))
        });
        assert_eq!(failed.await.unwrap_err().kind(), kind);
        assert_eq!(runs.into_inner(), want, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_only_reads_writes_nothing() -> realgar::Result<()> {
    let (db, _kept) = accounts().await?;
    let mut s = db.session();
    s.read_only()?;
    s.isolation(Isolation::Serializable)?;
    match lacks("deferrable transactions") {
        true => assert_eq!(s.deferrable().unwrap_err().kind(), Kind::Unsupported),
        false => s.deferrable()?,
    }
    let account = s.get_one::<Account>(1).await?;
    assert_eq!(s.read_only().unwrap_err().kind(), Kind::InvalidRequest, "it has begun");
    s[account].balance = 0;
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::Operational);
    s.rollback().await?;
    s[account].balance = 1;
    s.commit().await?; // it was for that one transaction
    assert_eq!(Account::select().filter_by(Account::id, 1).fetch_one(&db).await?.balance, 1);
    Ok(())
}

#[tokio::test]
async fn a_repeatable_read_sees_one_moment() -> realgar::Result<()> {
    let (db, _kept) = accounts().await?;
    let (mut reader, mut writer) = (db.session(), db.session());
    reader.isolation(Isolation::RepeatableRead)?;
    let balance = || select(Account::balance).filter(Account::id.eq(1));
    assert_eq!(balance().one(&mut reader).await?, 100);
    let account = writer.get_one::<Account>(1).await?;
    writer[account].balance = 5;
    writer.commit().await?;
    assert_eq!(balance().one(&mut reader).await?, 100);
    let overtaken = reader.get_one::<Account>(1).await?;
    reader[overtaken].balance += 1;
    if lacks("a repeatable read that cannot be overtaken") {
        return Ok(());
    }
    assert_eq!(reader.commit().await.unwrap_err().kind(), Kind::SerializationFailure);
    reader.rollback().await?;
    assert_eq!(balance().one(&mut reader).await?, 5);
    Ok(())
}

/// A server that refuses everything after an error would answer a COMMIT with a rollback, and call it done.
#[tokio::test]
async fn after_an_error_nothing_is_committed_as_if_it_were_there() -> realgar::Result<()> {
    if !lacks("a transaction that survives a failed statement") {
        return Ok(());
    }
    let (db, _kept) = accounts().await?;
    let mut s = db.session();
    let account = s.get_one::<Account>(1).await?;
    s[account].balance = 1;
    s.flush().await?;
    assert_eq!(sql("DELETE FROM nowhere").execute(&mut s).await.unwrap_err().kind(), Kind::Operational);
    assert_eq!(Account::select().all(&mut s).await.unwrap_err().kind(), Kind::PendingRollback);
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), Kind::PendingRollback);
    assert!(error.to_string().contains("nowhere") && error.to_string().contains("savepoint"), "{error}");
    s.rollback().await?;
    assert_eq!(s[account].balance, 100);
    assert_eq!(Account::select().filter_by(Account::id, 1).fetch_one(&db).await?.balance, 100);
    Ok(())
}

#[tokio::test]
async fn a_savepoint_saves_the_transaction_from_an_error() -> realgar::Result<()> {
    let (db, _kept) = accounts().await?;
    let mut s = db.session();
    s.add(new!(Account { balance: 1 }));
    let failed = s.savepoint(async |s| sql("DELETE FROM nowhere").execute(s).await);
    assert_eq!(failed.await.unwrap_err().kind(), Kind::Operational);
    s.add(new!(Account { balance: 2 }));
    // An error that the work swallows is not lost on a server that refuses everything after it.
    let swallowed = s.savepoint(async |s| {
        s.add(new!(Account { balance: 3 }));
        s.flush().await?;
        let _ = sql("DELETE FROM nowhere").execute(s).await;
        Ok(())
    });
    let kept = swallowed.await.is_ok();
    assert_eq!(kept, !lacks("a transaction that survives a failed statement"));
    s.commit().await?;
    assert_eq!(Account::select().count(&mut s).await?, if kept { 5 } else { 4 });
    Ok(())
}

#[tokio::test]
async fn a_future_that_is_dropped_leaves_the_session_usable() -> realgar::Result<()> {
    if crate::database::server().is_none_or(|url| !url.starts_with("postgres")) {
        return Ok(()); // an embedded database runs a statement to its end
    }
    let (url, _kept) = shared().await;
    let db = Db::builder(models![User]).pool_size(2).connect(&url).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    s.flush().await?;
    let slow = sql("SELECT 1 FROM pg_sleep(30)");
    let dropped = tokio::time::timeout(Duration::from_millis(50), slow.all::<i64>(&mut s)).await;
    assert!(dropped.is_err());
    let start = std::time::Instant::now();
    s.rollback().await?;
    assert!(names(&mut s).await.is_empty());
    s.rollback().await?;
    // The statement was cancelled: its locks are gone long before it would have ended.
    let running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(30)%' \
                   AND pid <> pg_backend_pid() AND query NOT LIKE '%pg_stat_activity%'";
    while sql(running).scalar::<i64>(&mut s).await? != Some(0) {
        s.rollback().await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(start.elapsed() < Duration::from_secs(10));
    Ok(())
}
