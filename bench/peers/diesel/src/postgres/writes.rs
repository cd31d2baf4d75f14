//! W4, row by row and many rows a statement; W6.

use bench_diesel::{NewUser, User, new_posts, posts, users};
use common::{Args, POSTGRES_CLEAN, W4_ROWS, W6_ROWS, bench, w4_users, w6_name};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use tokio::runtime::Runtime;

use crate::PEER;

pub fn run(args: &Args, runtime: &Runtime, connection: &mut AsyncPgConnection) {
    for (name, at_once) in [("w4", 1), ("w4_100", 100), ("w4_1000", 1000), ("w4_10000", 10_000)] {
        bench(args, PEER, name, W4_ROWS, "row", |timer| {
            runtime.block_on(connection.batch_execute(POSTGRES_CLEAN)).unwrap();
            let users = w4_users();
            timer.start();
            let sum = runtime.block_on(connection.transaction(async |connection| match at_once {
                1 => insert_rows(connection, &users).await,
                _ => insert_lists(connection, &users, at_once).await,
            }));
            timer.stop();
            sum.unwrap()
        });
    }
    let mut turn = 0;
    bench(args, PEER, "w6", W6_ROWS, "row", |timer| {
        turn += 1;
        let some = users::table.filter(users::id.le(W6_ROWS)).select(User::as_select());
        let users: Vec<User> = runtime.block_on(some.load(connection)).unwrap();
        let names: Vec<String> = users.iter().map(|user| w6_name(turn, user.id)).collect();
        timer.start();
        let done = connection.transaction(async |connection| update(connection, &users, &names).await);
        runtime.block_on(done).unwrap();
        timer.stop();
        0
    });
}

async fn insert_rows(connection: &mut AsyncPgConnection, users: &[common::NewUser]) -> QueryResult<u64> {
    let mut ids = Vec::new();
    for user in users {
        let new = diesel::insert_into(users::table).values(NewUser::from(user));
        ids.push(new.returning(users::id).get_result(connection).await?);
    }
    let mut sum = 0;
    for post in new_posts(users, &ids) {
        let new = diesel::insert_into(posts::table).values(post);
        sum += new.returning(posts::id).get_result::<i64>(connection).await? as u64;
    }
    Ok(sum)
}

async fn insert_lists(
    connection: &mut AsyncPgConnection,
    users: &[common::NewUser],
    at_once: usize,
) -> QueryResult<u64> {
    let mut ids: Vec<i64> = Vec::new();
    for some in users.chunks(at_once) {
        let some: Vec<NewUser> = some.iter().map(NewUser::from).collect();
        let new = diesel::insert_into(users::table).values(&some);
        ids.extend(new.returning(users::id).get_results::<i64>(connection).await?);
    }
    let mut sum = 0;
    for some in new_posts(users, &ids).chunks(at_once) {
        let new = diesel::insert_into(posts::table).values(some);
        sum += new.returning(posts::id).get_results::<i64>(connection).await?.iter().sum::<i64>() as u64;
    }
    Ok(sum)
}

async fn update(connection: &mut AsyncPgConnection, users: &[User], names: &[String]) -> QueryResult<()> {
    for (user, name) in users.iter().zip(names) {
        diesel::update(user).set(users::name.eq(name)).execute(connection).await?;
    }
    Ok(())
}
