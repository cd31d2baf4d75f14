//! W1, W2, W3, W5, W7, W8.

use std::collections::HashMap;

use common::*;
use sqlx::{Connection, Result};
use tokio::runtime::Runtime;

use super::{Open, PEER, posts_of, tags_of};
use crate::{Post, User};

pub fn run(args: &Args, runtime: &Runtime, connection: &mut Open) {
    bench(args, PEER, "w1", W1_LOOKUPS, "lookup", |_| runtime.block_on(lookups(connection)).unwrap());
    bench(args, PEER, "w1_transaction", W1_LOOKUPS, "lookup", |_| {
        let all = async { lookups(&mut *connection.begin().await?).await };
        runtime.block_on(all).unwrap()
    });
    for (name, rows, queries) in W2 {
        bench(args, PEER, name, rows * queries, "row", |_| runtime.block_on(loads(connection, rows, queries)).unwrap());
        bench(args, PEER, &format!("{name}_transaction"), rows * queries, "row", |_| {
            let all = async { loads(&mut *connection.begin().await?, rows, queries).await };
            runtime.block_on(all).unwrap()
        });
    }
    bench(args, PEER, "w3_lazy", W3_PARENTS, "parent", |_| runtime.block_on(one_query_each(connection)).unwrap());
    bench(args, PEER, "w3_selectin", W3_PARENTS, "parent", |_| runtime.block_on(two_queries(connection)).unwrap());
    bench(args, PEER, "w3_joined", W3_PARENTS, "parent", |_| runtime.block_on(joined(connection)).unwrap());
    bench(args, PEER, "w5", W5_POSTS, "post", |_| runtime.block_on(many_to_many(connection)).unwrap());
    bench(args, PEER, "w7", W7_QUERIES, "query", |_| runtime.block_on(ordered_join(connection)).unwrap());
    memory(args, PEER, || {
        let posts = runtime.block_on(some_posts(connection, 0, POSTS)).unwrap();
        let mut sum = Sum::default();
        sum_posts(&mut sum, &posts);
        (sum.0, posts.len())
    });
}

fn sum_posts(sum: &mut Sum, posts: &[Post]) {
    posts.iter().for_each(|post| sum.post(post.id, &post.title, &post.body, post.user_id));
}

fn sum_groups(groups: &[(User, Vec<Post>)]) -> u64 {
    let mut sum = Sum::default();
    for (user, posts) in groups {
        sum.user(user.id, &user.name, &user.email, user.active);
        sum_posts(&mut sum, posts);
    }
    sum.0
}

async fn lookups(connection: &mut Open) -> Result<u64> {
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        let query = sqlx::query_as("SELECT id, name, email, active FROM users WHERE id = $1");
        let user: User = query.bind(w1_id(lookup)).fetch_one(&mut *connection).await?;
        sum.user(user.id, &user.name, &user.email, user.active);
    }
    Ok(sum.0)
}

async fn some_posts(connection: &mut Open, after: i64, until: i64) -> Result<Vec<Post>> {
    let query = sqlx::query_as("SELECT id, title, body, user_id FROM posts WHERE id > $1 AND id <= $2");
    query.bind(after).bind(until).fetch_all(connection).await
}

async fn loads(connection: &mut Open, rows: i64, queries: i64) -> Result<u64> {
    let mut sum = Sum::default();
    for query in 0..queries {
        sum_posts(&mut sum, &some_posts(connection, query * rows, (query + 1) * rows).await?);
    }
    Ok(sum.0)
}

async fn parents(connection: &mut Open) -> Result<Vec<User>> {
    let query = sqlx::query_as("SELECT id, name, email, active FROM users WHERE id <= $1");
    query.bind(W3_PARENTS).fetch_all(connection).await
}

async fn one_query_each(connection: &mut Open) -> Result<u64> {
    let mut groups = Vec::new();
    for user in parents(connection).await? {
        let query = sqlx::query_as("SELECT id, title, body, user_id FROM posts WHERE user_id = $1");
        let posts = query.bind(user.id).fetch_all(&mut *connection).await?;
        groups.push((user, posts));
    }
    Ok(sum_groups(&groups))
}

async fn two_queries(connection: &mut Open) -> Result<u64> {
    let users = parents(connection).await?;
    let keys: Vec<i64> = users.iter().map(|user| user.id).collect();
    let posts = posts_of(connection, &keys).await?;
    let places: HashMap<i64, usize> = keys.iter().enumerate().map(|(place, &key)| (key, place)).collect();
    let mut groups: Vec<(User, Vec<Post>)> = users.into_iter().map(|user| (user, Vec::new())).collect();
    for post in posts {
        groups[places[&post.user_id]].1.push(post);
    }
    Ok(sum_groups(&groups))
}

type UserAndPost = (i64, String, String, bool, Option<i64>, Option<String>, Option<String>, Option<i64>);

async fn joined(connection: &mut Open) -> Result<u64> {
    let query = sqlx::query_as(
        "SELECT u.id, u.name, u.email, u.active, p.id, p.title, p.body, p.user_id \
         FROM users u LEFT JOIN posts p ON p.user_id = u.id WHERE u.id <= $1 ORDER BY u.id",
    );
    let rows: Vec<UserAndPost> = query.bind(W3_PARENTS).fetch_all(connection).await?;
    let mut groups: Vec<(User, Vec<Post>)> = Vec::new();
    for (id, name, email, active, post, title, body, user_id) in rows {
        if groups.last().is_none_or(|(last, _)| last.id != id) {
            groups.push((User { id, name, email, active }, Vec::new()));
        }
        if let (Some(id), Some(title), Some(body), Some(user_id)) = (post, title, body, user_id) {
            groups.last_mut().unwrap().1.push(Post { id, title, body, user_id });
        }
    }
    Ok(sum_groups(&groups))
}

async fn many_to_many(connection: &mut Open) -> Result<u64> {
    let posts = some_posts(connection, 0, W5_POSTS).await?;
    let keys: Vec<i64> = posts.iter().map(|post| post.id).collect();
    let places: HashMap<i64, usize> = keys.iter().enumerate().map(|(place, &key)| (key, place)).collect();
    let mut groups: Vec<Vec<(i64, String)>> = posts.iter().map(|_| Vec::new()).collect();
    for (post, id, name) in tags_of(connection, &keys).await? {
        groups[places[&post]].push((id, name));
    }
    let mut sum = Sum::default();
    sum_posts(&mut sum, &posts);
    groups.iter().flatten().for_each(|(id, name)| sum.tag(*id, name));
    Ok(sum.0)
}

async fn ordered_join(connection: &mut Open) -> Result<u64> {
    let mut sum = Sum::default();
    for query in 0..W7_QUERIES {
        let first = w7_first(query);
        let query = sqlx::query_as(
            "SELECT p.id, p.title, p.body, p.user_id, u.id, u.name, u.email, u.active \
             FROM posts p JOIN users u ON u.id = p.user_id \
             WHERE u.active = $1 AND u.id >= $2 AND u.id < $3 ORDER BY p.title LIMIT 50",
        );
        let pairs: Vec<(i64, String, String, i64, i64, String, String, bool)> =
            query.bind(true).bind(first).bind(first + W7_SPAN).fetch_all(&mut *connection).await?;
        for (id, title, body, user_id, user, name, email, active) in pairs {
            sum.post(id, &title, &body, user_id);
            sum.user(user, &name, &email, active);
        }
    }
    Ok(sum.0)
}
