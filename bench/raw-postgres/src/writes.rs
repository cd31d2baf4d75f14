//! W4 and W6: arrays of 10,000 rows a statement, the fastest form; and row by row.

use common::*;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Error, Statement};

use crate::PEER;

const AT_ONCE: usize = 10_000;

pub fn run(args: &Args, runtime: &Runtime, client: &mut Client) {
    if args.wants("w4") {
        insert(args, runtime, client);
    }
    if args.wants("w6") {
        update(args, runtime, client);
    }
}

fn insert(args: &Args, runtime: &Runtime, client: &mut Client) {
    let users = w4_users();
    let mut timed = |name: &str, prepare: [&str; 2], insert: Insert| {
        let [one, other] = prepare.map(|sql| runtime.block_on(client.prepare(sql)).unwrap());
        bench(args, PEER, name, W4_ROWS, "row", |timer| {
            runtime.block_on(client.batch_execute(POSTGRES_CLEAN)).unwrap();
            timer.start();
            let sum = match insert {
                Insert::Arrays => runtime.block_on(insert_arrays(client, &one, &other, &users)),
                Insert::Rows => runtime.block_on(insert_rows(client, &one, &other, &users)),
            };
            timer.stop();
            sum.unwrap()
        });
    };
    let arrays = [
        "INSERT INTO users (name, email, active) SELECT * FROM UNNEST($1::text[], $2::text[], $3::bool[]) RETURNING id",
        "INSERT INTO posts (title, body, user_id) SELECT * FROM UNNEST($1::text[], $2::text[], $3::bigint[]) RETURNING id",
    ];
    timed("w4", arrays, Insert::Arrays);
    let rows = [
        "INSERT INTO users (name, email, active) VALUES ($1, $2, $3) RETURNING id",
        "INSERT INTO posts (title, body, user_id) VALUES ($1, $2, $3) RETURNING id",
    ];
    timed("w4_row", rows, Insert::Rows);
}

enum Insert {
    Arrays,
    Rows,
}

async fn insert_arrays(
    client: &mut Client,
    insert_users: &Statement,
    insert_posts: &Statement,
    users: &[NewUser],
) -> Result<u64, Error> {
    let all = client.transaction().await?;
    let mut posts: Vec<(&str, &str, i64)> = Vec::new();
    for some in users.chunks(AT_ONCE) {
        let names: Vec<&str> = some.iter().map(|user| user.name.as_str()).collect();
        let emails: Vec<&str> = some.iter().map(|user| user.email.as_str()).collect();
        let active: Vec<bool> = some.iter().map(|user| user.active).collect();
        let ids = all.query(insert_users, &[&names, &emails, &active]).await?;
        for (user, id) in some.iter().zip(&ids) {
            let of_user = user.posts.iter().map(|(title, body)| (title.as_str(), body.as_str(), id.get(0)));
            posts.extend(of_user);
        }
    }
    let mut sum = 0;
    for some in posts.chunks(AT_ONCE) {
        let titles: Vec<&str> = some.iter().map(|post| post.0).collect();
        let bodies: Vec<&str> = some.iter().map(|post| post.1).collect();
        let users: Vec<i64> = some.iter().map(|post| post.2).collect();
        let ids = all.query(insert_posts, &[&titles, &bodies, &users]).await?;
        sum += ids.iter().map(|row| row.get::<_, i64>(0) as u64).sum::<u64>();
    }
    all.commit().await?;
    Ok(sum)
}

async fn insert_rows(
    client: &mut Client,
    insert_user: &Statement,
    insert_post: &Statement,
    users: &[NewUser],
) -> Result<u64, Error> {
    let all = client.transaction().await?;
    let mut sum = 0;
    for user in users {
        let id: i64 = all.query_one(insert_user, &[&user.name, &user.email, &user.active]).await?.get(0);
        for (title, body) in &user.posts {
            sum += all.query_one(insert_post, &[title, body, &id]).await?.get::<_, i64>(0) as u64;
        }
    }
    all.commit().await?;
    Ok(sum)
}

fn update(args: &Args, runtime: &Runtime, client: &mut Client) {
    let by_arrays =
        "UPDATE users SET name = v.name FROM UNNEST($1::text[], $2::bigint[]) AS v(name, id) WHERE users.id = v.id";
    let by_row = "UPDATE users SET name = $1 WHERE id = $2";
    let mut turn = 0;
    for (name, sql) in [("w6", by_arrays), ("w6_row", by_row)] {
        let statement = runtime.block_on(client.prepare(sql)).unwrap();
        bench(args, PEER, name, W6_ROWS, "row", |timer| {
            turn += 1;
            let ids: Vec<i64> = (1..=W6_ROWS).collect();
            let names: Vec<String> = ids.iter().map(|&id| w6_name(turn, id)).collect();
            timer.start();
            match name {
                "w6" => runtime.block_on(update_arrays(client, &statement, &names, &ids)),
                _ => runtime.block_on(update_rows(client, &statement, &names, &ids)),
            }
            .unwrap();
            timer.stop();
            0
        });
    }
}

async fn update_arrays(client: &mut Client, update: &Statement, names: &[String], ids: &[i64]) -> Result<(), Error> {
    let all = client.transaction().await?;
    for (names, ids) in names.chunks(AT_ONCE).zip(ids.chunks(AT_ONCE)) {
        all.execute(update, &[&names, &ids]).await?;
    }
    all.commit().await
}

async fn update_rows(client: &mut Client, update: &Statement, names: &[String], ids: &[i64]) -> Result<(), Error> {
    let all = client.transaction().await?;
    for (name, id) in names.iter().zip(ids) {
        all.execute(update, &[name, id]).await?;
    }
    all.commit().await
}
