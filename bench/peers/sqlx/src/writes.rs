//! W4, row by row and many rows a statement; W6.

use common::*;
use sqlx::{Connection, QueryBuilder, Result};
use tokio::runtime::Runtime;

use super::{CLEAN, Database, Open, PEER};

pub fn run(args: &Args, runtime: &Runtime, connection: &mut Open) {
    for (name, at_once) in [("w4", 1), ("w4_100", 100), ("w4_1000", 1000)] {
        bench(args, PEER, name, W4_ROWS, "row", |timer| {
            runtime.block_on(sqlx::raw_sql(CLEAN).execute(&mut *connection)).unwrap();
            let users = w4_users();
            timer.start();
            let sum = runtime.block_on(async {
                let mut all = connection.begin().await?;
                let sum = match at_once {
                    1 => insert_rows(&mut all, &users).await?,
                    _ => insert_lists(&mut all, &users, at_once).await?,
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
        let query = sqlx::query_scalar("SELECT id FROM users WHERE id <= $1");
        let users: Vec<i64> = runtime.block_on(query.bind(W6_ROWS).fetch_all(&mut *connection)).unwrap();
        let names: Vec<String> = users.iter().map(|&user| w6_name(turn, user)).collect();
        timer.start();
        runtime.block_on(update(connection, &users, &names)).unwrap();
        timer.stop();
        0
    });
}

async fn insert_rows(connection: &mut Open, users: &[NewUser]) -> Result<u64> {
    let mut sum = 0;
    for user in users {
        let query = sqlx::query_scalar("INSERT INTO users (name, email, active) VALUES ($1, $2, $3) RETURNING id");
        let query = query.bind(&user.name).bind(&user.email).bind(user.active);
        let id: i64 = query.fetch_one(&mut *connection).await?;
        for (title, body) in &user.posts {
            let query = sqlx::query_scalar("INSERT INTO posts (title, body, user_id) VALUES ($1, $2, $3) RETURNING id");
            let id: i64 = query.bind(title).bind(body).bind(id).fetch_one(&mut *connection).await?;
            sum += id as u64;
        }
    }
    Ok(sum)
}

async fn insert_lists(connection: &mut Open, users: &[NewUser], at_once: usize) -> Result<u64> {
    let mut posts: Vec<(&str, &str, i64)> = Vec::new();
    for some in users.chunks(at_once) {
        let mut query = QueryBuilder::<Database>::new("INSERT INTO users (name, email, active) ");
        query.push_values(some, |mut row, user| {
            row.push_bind(&user.name).push_bind(&user.email).push_bind(user.active);
        });
        let ids: Vec<i64> = query.push(" RETURNING id").build_query_scalar().fetch_all(&mut *connection).await?;
        for (user, id) in some.iter().zip(ids) {
            posts.extend(user.posts.iter().map(|(title, body)| (title.as_str(), body.as_str(), id)));
        }
    }
    let mut sum = 0;
    for some in posts.chunks(at_once) {
        let mut query = QueryBuilder::<Database>::new("INSERT INTO posts (title, body, user_id) ");
        query.push_values(some, |mut row, &(title, body, user)| {
            row.push_bind(title).push_bind(body).push_bind(user);
        });
        let ids: Vec<i64> = query.push(" RETURNING id").build_query_scalar().fetch_all(&mut *connection).await?;
        sum += ids.iter().sum::<i64>() as u64;
    }
    Ok(sum)
}

async fn update(connection: &mut Open, users: &[i64], names: &[String]) -> Result<()> {
    let mut all = connection.begin().await?;
    for (user, name) in users.iter().zip(names) {
        let query = sqlx::query("UPDATE users SET name = $1 WHERE id = $2");
        query.bind(name).bind(user).execute(&mut *all).await?;
    }
    all.commit().await
}
