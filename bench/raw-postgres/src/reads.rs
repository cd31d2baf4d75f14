//! W1, W2, W3, W5, W7, W8. Answers are read as they come; a list of rows would be held in memory twice.

use std::{collections::HashMap, pin::pin};

use common::{rows::*, *};
use futures_util::TryStreamExt;
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Error, Row, Statement,
    types::{BorrowToSql, ToSql},
};

use crate::{PEER, post, user};

pub fn run(args: &Args, runtime: &Runtime, client: &Client) {
    let prepared = |sql: &str| runtime.block_on(client.prepare(sql)).unwrap();
    let one = prepared("SELECT id, name, email, active FROM users WHERE id = $1");
    bench(args, PEER, "w1", W1_LOOKUPS, "lookup", |_| runtime.block_on(lookups(client, &one)).unwrap());
    let some = prepared("SELECT id, title, body, user_id FROM posts WHERE id > $1 AND id <= $2");
    for (name, rows, queries) in W2 {
        bench(args, PEER, name, rows * queries, "row", |_| {
            runtime.block_on(loads(client, &some, rows, queries)).unwrap()
        });
    }
    let parents = prepared("SELECT id, name, email, active FROM users WHERE id <= $1");
    let of_one = prepared("SELECT id, title, body, user_id FROM posts WHERE user_id = $1");
    bench(args, PEER, "w3_lazy", W3_PARENTS, "parent", |_| {
        runtime.block_on(one_query_each(client, &parents, &of_one)).unwrap()
    });
    let of_many = prepared("SELECT id, title, body, user_id FROM posts WHERE user_id = ANY($1)");
    bench(args, PEER, "w3_selectin", W3_PARENTS, "parent", |_| {
        runtime.block_on(two_queries(client, &parents, &of_many)).unwrap()
    });
    let both = prepared(
        "SELECT u.id, u.name, u.email, u.active, p.id, p.title, p.body, p.user_id \
         FROM users u LEFT JOIN posts p ON p.user_id = u.id WHERE u.id <= $1 ORDER BY u.id",
    );
    bench(args, PEER, "w3_joined", W3_PARENTS, "parent", |_| runtime.block_on(joined(client, &both)).unwrap());
    let tags = prepared(
        "SELECT pt.post_id, t.id, t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = ANY($1)",
    );
    bench(args, PEER, "w5", W5_POSTS, "post", |_| runtime.block_on(many_to_many(client, &some, &tags)).unwrap());
    let pairs = prepared(
        "SELECT p.id, p.title, p.body, p.user_id, u.id, u.name, u.email, u.active \
         FROM posts p JOIN users u ON u.id = p.user_id \
         WHERE u.active = $1 AND u.id >= $2 AND u.id < $3 ORDER BY p.title LIMIT 50",
    );
    bench(args, PEER, "w7", W7_QUERIES, "query", |_| runtime.block_on(ordered_join(client, &pairs)).unwrap());
    memory(args, PEER, || {
        let posts = runtime.block_on(all(client, &some, [0, POSTS], post)).unwrap();
        let mut sum = Sum::default();
        sum.posts(&posts);
        (sum.0, posts.len())
    });
}

async fn all<T, P: BorrowToSql, const N: usize>(
    client: &Client,
    statement: &Statement,
    parameters: [P; N],
    read: impl Fn(&Row) -> T,
) -> Result<Vec<T>, Error> {
    let mut rows = pin!(client.query_raw(statement, parameters).await?);
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(read(&row));
    }
    Ok(all)
}

async fn lookups(client: &Client, one: &Statement) -> Result<u64, Error> {
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        let user = user(&client.query_one(one, &[&w1_id(lookup)]).await?);
        sum.user(user.id, &user.name, &user.email, user.active);
    }
    Ok(sum.0)
}

async fn loads(client: &Client, some: &Statement, rows: i64, queries: i64) -> Result<u64, Error> {
    let mut sum = Sum::default();
    for query in 0..queries {
        sum.posts(&all(client, some, [query * rows, (query + 1) * rows], post).await?);
    }
    Ok(sum.0)
}

async fn one_query_each(client: &Client, parents: &Statement, of_one: &Statement) -> Result<u64, Error> {
    let mut sum = Sum::default();
    for user in all(client, parents, [W3_PARENTS], user).await? {
        let posts = all(client, of_one, [user.id], post).await?;
        sum.groups(&[(user, posts)]);
    }
    Ok(sum.0)
}

async fn two_queries(client: &Client, parents: &Statement, of_many: &Statement) -> Result<u64, Error> {
    let users = all(client, parents, [W3_PARENTS], user).await?;
    let keys: Vec<i64> = users.iter().map(|user| user.id).collect();
    let posts = all(client, of_many, [keys], post).await?;
    let mut sum = Sum::default();
    sum.groups(&grouped(users, posts));
    Ok(sum.0)
}

async fn joined(client: &Client, both: &Statement) -> Result<u64, Error> {
    let mut groups: Vec<(User, Vec<Post>)> = Vec::new();
    let mut rows = pin!(client.query_raw(both, [W3_PARENTS]).await?);
    while let Some(row) = rows.try_next().await? {
        let id: i64 = row.get(0);
        if groups.last().is_none_or(|(user, _)| user.id != id) {
            groups.push((user(&row), Vec::new()));
        }
        if let Some(id) = row.get::<_, Option<i64>>(4) {
            let post = Post { id, title: row.get(5), body: row.get(6), user_id: row.get(7) };
            groups.last_mut().unwrap().1.push(post);
        }
    }
    let mut sum = Sum::default();
    sum.groups(&groups);
    Ok(sum.0)
}

async fn many_to_many(client: &Client, some: &Statement, tags: &Statement) -> Result<u64, Error> {
    let posts = all(client, some, [0, W5_POSTS], post).await?;
    let keys: Vec<i64> = posts.iter().map(|post| post.id).collect();
    let places: HashMap<i64, usize> = posts.iter().enumerate().map(|(place, post)| (post.id, place)).collect();
    let mut groups: Vec<Vec<Tag>> = posts.iter().map(|_| Vec::new()).collect();
    let tag = |row: &Row| (row.get::<_, i64>(0), Tag { id: row.get(1), name: row.get(2) });
    for (post, tag) in all(client, tags, [keys], tag).await? {
        groups[places[&post]].push(tag);
    }
    let mut sum = Sum::default();
    sum.posts(&posts);
    groups.iter().flatten().for_each(|tag| sum.tag(tag.id, &tag.name));
    Ok(sum.0)
}

async fn ordered_join(client: &Client, pairs: &Statement) -> Result<u64, Error> {
    let pair =
        |row: &Row| (post(row), User { id: row.get(4), name: row.get(5), email: row.get(6), active: row.get(7) });
    let mut sum = Sum::default();
    for query in 0..W7_QUERIES {
        let first = w7_first(query);
        let parameters: [&(dyn ToSql + Sync); 3] = [&true, &first, &(first + W7_SPAN)];
        for (post, user) in all(client, pairs, parameters, pair).await? {
            sum.post(post.id, &post.title, &post.body, post.user_id);
            sum.user(user.id, &user.name, &user.email, user.active);
        }
    }
    Ok(sum.0)
}
