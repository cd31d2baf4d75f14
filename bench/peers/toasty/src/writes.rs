//! W4, row by row and many rows a statement; W6.

use common::{Args, NewUser, POSTGRES_CLEAN, SQLITE_CLEAN, W4_ROWS, W6_ROWS, bench, w4_users, w6_name};
use toasty::{Db, Executor, Result};
use tokio::runtime::Runtime;

use crate::{
    PEER, each,
    model::{Post, User},
};

pub fn run(args: &Args, runtime: &Runtime, db: &mut Db) {
    let clean = if args.target.starts_with("postgres") { POSTGRES_CLEAN } else { SQLITE_CLEAN };
    for (name, at_once) in [("w4", 1), ("w4_100", 100), ("w4_1000", 1000)] {
        bench(args, PEER, name, W4_ROWS, "row", |timer| {
            runtime.block_on(each(clean, db)).unwrap();
            let users = w4_users();
            timer.start();
            let sum = runtime.block_on(async {
                let mut all = db.transaction().await?;
                let sum = match at_once {
                    1 => insert_rows(&mut all, users).await?,
                    _ => insert_lists(&mut all, users, at_once).await?,
                };
                all.commit().await.map(|()| sum)
            });
            timer.stop();
            sum.unwrap()
        });
    }
    let mut turn = 0;
    bench(args, PEER, "w6", W6_ROWS, "row", |timer| {
        turn += 1;
        let some = User::filter(User::fields().id().le(W6_ROWS as u64));
        let users = runtime.block_on(some.exec(db)).unwrap();
        let names: Vec<String> = users.iter().map(|user| w6_name(turn, user.id as i64)).collect();
        timer.start();
        runtime.block_on(update(db, users, names)).unwrap();
        timer.stop();
        0
    });
}

async fn insert_rows(all: &mut dyn Executor, users: Vec<NewUser>) -> Result<u64> {
    let mut sum = 0;
    for NewUser { name, email, active, posts } in users {
        let user_id = toasty::create!(User { name, email, active }).exec(all).await?.id;
        for (title, body) in posts {
            sum += toasty::create!(Post { title, body, user_id }).exec(all).await?.id;
        }
    }
    Ok(sum)
}

async fn insert_lists(all: &mut dyn Executor, users: Vec<NewUser>, at_once: usize) -> Result<u64> {
    let mut new_posts = Vec::new();
    let mut users = users.into_iter().peekable();
    while users.peek().is_some() {
        let mut list = User::create_many();
        let mut posts_of = Vec::new();
        for NewUser { name, email, active, posts } in users.by_ref().take(at_once) {
            list = list.item(toasty::create!(User { name, email, active }));
            posts_of.push(posts);
        }
        for (user, posts) in list.exec(all).await?.into_iter().zip(posts_of) {
            new_posts.extend(posts.into_iter().map(|(title, body)| (title, body, user.id)));
        }
    }
    let mut sum = 0;
    let mut new_posts = new_posts.into_iter().peekable();
    while new_posts.peek().is_some() {
        let mut list = Post::create_many();
        for (title, body, user_id) in new_posts.by_ref().take(at_once) {
            list = list.item(toasty::create!(Post { title, body, user_id }));
        }
        sum += list.exec(all).await?.iter().map(|post| post.id).sum::<u64>();
    }
    Ok(sum)
}

async fn update(db: &mut Db, users: Vec<User>, names: Vec<String>) -> Result<()> {
    let mut all = db.transaction().await?;
    for (mut user, name) in users.into_iter().zip(names) {
        toasty::update!(user { name }).exec(&mut all).await?;
    }
    all.commit().await
}
