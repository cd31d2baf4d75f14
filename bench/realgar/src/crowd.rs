//! Many sessions at once.

use std::time::{Duration, Instant};

use common::*;
use realgar::prelude::*;
use tokio::runtime::Builder;

use crate::{PEER, Post, Tag, User};

pub fn run(url: &str) {
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let db = Db::builder(models![User, Post, Tag]).pool_size(CROWD_CONNECTIONS);
    let db = runtime.block_on(db.connect(url)).unwrap();
    crowd(PEER, || runtime.block_on(sessions(&db)));
}

async fn sessions(db: &Db) -> Vec<Duration> {
    let session = |session| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            for unit in 0..CROWD_UNITS {
                let start = Instant::now();
                work(&db, crowd_user(session, unit)).await.unwrap();
                times.push(start.elapsed());
            }
            times
        })
    };
    let sessions: Vec<_> = (0..CROWD_SESSIONS).map(session).collect();
    let mut times = Vec::new();
    for session in sessions {
        times.extend(session.await.unwrap());
    }
    times
}

async fn work(db: &Db, id: i64) -> realgar::Result<()> {
    let mut s = db.session();
    let user = s.get_one::<User>(id).await?;
    assert_eq!(s.load(user, User::posts).await?.len(), 10);
    s[user].name.push_str(" again");
    s.commit().await
}
