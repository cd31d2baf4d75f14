//! The server is killed under sixteen sessions that write, and comes back: no write that was acknowledged is lost, and
//! the pool recovers by itself. Alone in its program, since everybody else would notice, too.
//!
//! `REALGAR_TEST_URL` names the server, `REALGAR_TEST_KILL` a program that kills it and starts it again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use realgar::prelude::*;

#[derive(Debug, Model)]
#[model(table = "acknowledged")]
struct Entry {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    name: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_the_server_was_killed() {
    let (Ok(url), Ok(kill)) = (std::env::var("REALGAR_TEST_URL"), std::env::var("REALGAR_TEST_KILL")) else { return };
    let url = format!("{url}?pool_size=16&pool_timeout=30000");
    // PostgreSQL is set to forget what is not on disk, as far as tests are concerned; here it must not.
    let url = if url.starts_with("postgres:") { url + "&options=-csynchronous_commit%3Don" } else { url };
    let db = Db::connect(&url, models![Entry]).await.unwrap();
    db.create_all().await.unwrap();
    let (stop, errors) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let back = Arc::new(AtomicBool::new(false));
    let mut tasks = Vec::new();
    for task in 0..16 {
        let (db, stop, errors, back) = (db.clone(), stop.clone(), errors.clone(), back.clone());
        tasks.push(tokio::spawn(async move {
            let (mut acknowledged, mut unknown) = (Vec::new(), Vec::new());
            let mut recovered = false;
            let mut s = db.session();
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let is_back = back.load(Ordering::Relaxed);
                let name = format!("{task}.{number}");
                s.add(new!(Entry { name: name.clone() }));
                match s.commit().await {
                    Ok(()) => {
                        acknowledged.push(name);
                        recovered |= is_back;
                    }
                    Err(error) => {
                        errors.fetch_add(1, Ordering::Relaxed);
                        match error.kind() {
                            Kind::UnknownOutcome => unknown.push(name),
                            Kind::Operational | Kind::Timeout => {}
                            _ => panic!("{error}"),
                        }
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
                // Nothing of one turn must reach the next.
                s.close().await.expect("closing never fails");
            }
            assert!(recovered, "session {task} wrote again once the server was back");
            (acknowledged, unknown)
        }));
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    let killed = tokio::task::spawn_blocking(move || std::process::Command::new(kill).status());
    assert!(killed.await.expect("no panic").expect("it can be run").success());
    back.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(600)).await;
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut unknown) = (Vec::new(), Vec::new());
    for task in tasks {
        let (mine, perhaps) = task.await.expect("no panic");
        acknowledged.extend(mine);
        unknown.extend(perhaps);
    }
    assert!(errors.load(Ordering::Relaxed) >= 16, "everybody noticed");
    let status = db.pool_status();
    assert!(status.size <= 16 && status.in_use == 0 && status.waiting == 0, "{status:?}");
    let there: std::collections::HashSet<String> =
        select(Entry::name).all(&mut db.session()).await.unwrap().into_iter().collect();
    let lost: Vec<&String> = acknowledged.iter().filter(|name| !there.contains(*name)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let explained = acknowledged.len() + unknown.iter().filter(|name| there.contains(*name)).count();
    assert_eq!(there.len(), explained, "nothing is there that was reported as not written");
    db.drop_all().await.unwrap();
}
