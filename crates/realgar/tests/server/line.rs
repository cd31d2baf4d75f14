//! The line to PostgreSQL: nobody moves it but who waits for an answer, and that must do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use realgar::prelude::*;

use crate::world::{Tag, User, World};

/// Whoever reads a long answer lets others have their turn, and comes to its end.
#[tokio::test]
async fn a_long_answer_leaves_others_their_turn() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![User, Tag]).await else { return Ok(()) };
    let turns = Arc::new(AtomicUsize::new(0));
    let others = tokio::spawn({
        let turns = turns.clone();
        async move {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        }
    });
    let mut s = world.db.session();
    let before = turns.load(Ordering::Relaxed);
    let texts = sql("SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    let all =
        tokio::time::timeout(Duration::from_secs(60), texts.all::<String>(&mut s)).await.expect("it has an end")?;
    others.abort();
    assert_eq!(all.len(), 20_000);
    assert!(turns.load(Ordering::Relaxed) - before > 5);
    Ok(())
}

/// A connection that is not needed any more is closed at once, though nobody waits for anything.
#[tokio::test]
async fn a_connection_that_is_dropped_is_gone_from_the_server() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![User, Tag]).await else { return Ok(()) };
    let db = Db::connect(&world.url, models![User, Tag]).await?;
    let mine: i64 = sql("SELECT pg_backend_pid()::bigint").one(&mut db.session()).await?;
    drop(db);
    let mut s = world.db.session();
    for _ in 0..100 {
        let there = sql("SELECT count(*) FROM pg_stat_activity WHERE pid = ?").bind(mine).one::<i64>(&mut s).await?;
        if there == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the server still has the connection");
}
