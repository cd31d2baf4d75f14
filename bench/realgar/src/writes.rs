//! W4, W6.

use common::*;
use realgar::prelude::*;

use crate::{PEER, Post, User, World};

pub fn run(args: &Args, world: &World) {
    let World { db, runtime, clean } = world;
    bench(args, PEER, "w4", W4_ROWS, "row", |timer| {
        clean(world);
        runtime.block_on(insert(db, timer)).unwrap()
    });
    let mut turn = 0;
    bench(args, PEER, "w6", W6_ROWS, "row", |timer| {
        turn += 1;
        runtime.block_on(update(db, turn, timer)).unwrap()
    });
}

/// 10,000 users with 5 posts each, from plain values to rows and objects that know their keys.
async fn insert(db: &Db, timer: &mut Timer) -> realgar::Result<u64> {
    let users = w4_users();
    timer.start();
    let mut s = db.session();
    let mut sum = 0;
    let handles = s.add_all(users.into_iter().map(|NewUser { name, email, active, posts }| {
        let posts: Vec<_> = posts.into_iter().map(|(title, body)| new!(Post { title, body })).collect();
        new!(User { name, email, active, posts })
    }));
    s.flush().await?;
    for user in handles {
        for post in s.loaded(user, User::posts)? {
            sum += s[post].id as u64;
        }
    }
    s.commit().await?;
    timer.stop();
    Ok(sum)
}

async fn update(db: &Db, turn: u64, timer: &mut Timer) -> realgar::Result<u64> {
    let mut s = db.session();
    let users = User::select().filter(User::id.le(W6_ROWS)).all(&mut s).await?;
    let names: Vec<(Handle<User>, String)> = users.iter().map(|&user| (user, w6_name(turn, s[user].id))).collect();
    timer.start();
    for (user, name) in names {
        s[user].name = name;
    }
    s.commit().await?;
    timer.stop();
    Ok(0)
}
