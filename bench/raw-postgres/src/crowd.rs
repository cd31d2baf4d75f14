//! Many sessions at once, with a pool.

use std::time::{Duration, Instant};

use common::*;
use deadpool_postgres::{Manager, Pool, PoolError};
use tokio::runtime::Builder;
use tokio_postgres::NoTls;

use crate::{PEER, post, user};

pub fn run(url: &str) {
    let manager = Manager::new(url.parse().unwrap(), NoTls);
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let pool = Pool::builder(manager).max_size(CROWD_CONNECTIONS).build().unwrap();
    crowd(PEER, || runtime.block_on(sessions(pool)));
}

async fn sessions(pool: Pool) -> Vec<Duration> {
    let session = |session| {
        let pool = pool.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            for unit in 0..CROWD_UNITS {
                let start = Instant::now();
                work(&pool, crowd_user(session, unit)).await.unwrap();
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

async fn work(pool: &Pool, id: i64) -> Result<(), PoolError> {
    let mut client = pool.get().await?;
    let all = client.transaction().await?;
    let one = all.prepare_cached("SELECT id, name, email, active FROM users WHERE id = $1").await?;
    let user = user(&all.query_one(&one, &[&id]).await?);
    let of_one = all.prepare_cached("SELECT id, title, body, user_id FROM posts WHERE user_id = $1").await?;
    let posts: Vec<_> = all.query(&of_one, &[&user.id]).await?.iter().map(post).collect();
    assert_eq!(posts.len(), 10);
    let update = all.prepare_cached("UPDATE users SET name = $1 WHERE id = $2").await?;
    all.execute(&update, &[&format!("{} again", user.name), &user.id]).await?;
    all.commit().await?;
    Ok(())
}
