//! W1, W2, W3, W5, W7, W8.

use std::collections::HashMap;

use common::{rows::*, *};
use rusqlite::{Connection, params, params_from_iter};

use crate::{PEER, post, user};

const USER: &str = "SELECT id, name, email, active FROM users WHERE id = ?1";
const SOME_POSTS: &str = "SELECT id, title, body, user_id FROM posts WHERE id > ?1 AND id <= ?2";

pub fn run(args: &Args, connection: &mut Connection) {
    bench(args, PEER, "w1_autocommit", W1_LOOKUPS, "lookup", |_| lookups(connection));
    bench(args, PEER, "w1", W1_LOOKUPS, "lookup", |_| within(connection, lookups));
    bench(args, PEER, "w1_borrowed", W1_LOOKUPS, "lookup", |_| within(connection, lookups_borrowed));
    for (name, rows, queries) in W2 {
        let load = |connection: &Connection| loads(connection, rows, queries);
        bench(args, PEER, &format!("{name}_autocommit"), rows * queries, "row", |_| load(connection));
        bench(args, PEER, name, rows * queries, "row", |_| within(connection, load));
        let load = |connection: &Connection| loads_borrowed(connection, rows, queries);
        bench(args, PEER, &format!("{name}_borrowed"), rows * queries, "row", |_| within(connection, load));
    }
    bench(args, PEER, "w3_lazy", W3_PARENTS, "parent", |_| one_query_each(connection));
    bench(args, PEER, "w3_selectin", W3_PARENTS, "parent", |_| two_queries(connection));
    bench(args, PEER, "w3_joined", W3_PARENTS, "parent", |_| joined(connection));
    bench(args, PEER, "w5", W5_POSTS, "post", |_| many_to_many(connection));
    bench(args, PEER, "w7", W7_QUERIES, "query", |_| ordered_join(connection));
    memory(args, PEER, || {
        let posts = some_posts(connection, 0, POSTS);
        (sum_posts(&posts), posts.len())
    });
}

/// `read` in one read transaction: no lock of the file is taken and given back for each statement.
fn within(connection: &mut Connection, read: impl Fn(&Connection) -> u64) -> u64 {
    let all = connection.transaction().unwrap();
    let sum = read(&all);
    all.commit().unwrap();
    sum
}

fn lookups(connection: &Connection) -> u64 {
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        let mut statement = connection.prepare_cached(USER).unwrap();
        let user = statement.query_row([w1_id(lookup)], user).unwrap();
        sum.user(user.id, &user.name, &user.email, user.active);
    }
    sum.0
}

fn lookups_borrowed(connection: &Connection) -> u64 {
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        let mut statement = connection.prepare_cached(USER).unwrap();
        let mut rows = statement.query([w1_id(lookup)]).unwrap();
        let row = rows.next().unwrap().unwrap();
        let text = |column| row.get_ref(column).unwrap().as_str().unwrap();
        sum.user(row.get(0).unwrap(), text(1), text(2), row.get(3).unwrap());
    }
    sum.0
}

fn some_posts(connection: &Connection, after: i64, until: i64) -> Vec<Post> {
    let mut statement = connection.prepare_cached(SOME_POSTS).unwrap();
    statement.query_map([after, until], post).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
}

fn sum_posts(posts: &[Post]) -> u64 {
    let mut sum = Sum::default();
    sum.posts(posts);
    sum.0
}

fn loads(connection: &Connection, rows: i64, queries: i64) -> u64 {
    let mut sum = Sum::default();
    for query in 0..queries {
        sum.add(sum_posts(&some_posts(connection, query * rows, (query + 1) * rows)));
    }
    sum.0
}

fn loads_borrowed(connection: &Connection, rows: i64, queries: i64) -> u64 {
    let mut sum = Sum::default();
    for query in 0..queries {
        let mut statement = connection.prepare_cached(SOME_POSTS).unwrap();
        let mut rows = statement.query([query * rows, (query + 1) * rows]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let text = |column| row.get_ref(column).unwrap().as_str().unwrap();
            sum.post(row.get(0).unwrap(), text(1), text(2), row.get(3).unwrap());
        }
    }
    sum.0
}

fn parents(connection: &Connection) -> Vec<User> {
    let mut statement = connection.prepare_cached("SELECT id, name, email, active FROM users WHERE id <= ?1").unwrap();
    statement.query_map([W3_PARENTS], user).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
}

fn sum_groups(groups: &[(User, Vec<Post>)]) -> u64 {
    let mut sum = Sum::default();
    sum.groups(groups);
    sum.0
}

fn one_query_each(connection: &Connection) -> u64 {
    let of_one = "SELECT id, title, body, user_id FROM posts WHERE user_id = ?1";
    let groups: Vec<_> = parents(connection)
        .into_iter()
        .map(|user| {
            let mut statement = connection.prepare_cached(of_one).unwrap();
            let posts = statement.query_map([user.id], post).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
            (user, posts)
        })
        .collect();
    sum_groups(&groups)
}

/// As many question marks as there are keys.
fn marks(keys: usize) -> String {
    let mut marks = "?,".repeat(keys);
    marks.pop();
    marks
}

fn two_queries(connection: &Connection) -> u64 {
    let users = parents(connection);
    let sql = format!("SELECT id, title, body, user_id FROM posts WHERE user_id IN ({})", marks(users.len()));
    let mut statement = connection.prepare_cached(&sql).unwrap();
    let keys = params_from_iter(users.iter().map(|user| user.id));
    let posts = statement.query_map(keys, post).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    sum_groups(&grouped(users, posts))
}

fn joined(connection: &Connection) -> u64 {
    let sql = "SELECT u.id, u.name, u.email, u.active, p.id, p.title, p.body, p.user_id \
               FROM users u LEFT JOIN posts p ON p.user_id = u.id WHERE u.id <= ?1 ORDER BY u.id";
    let mut statement = connection.prepare_cached(sql).unwrap();
    let mut rows = statement.query([W3_PARENTS]).unwrap();
    let mut groups: Vec<(User, Vec<Post>)> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let id: i64 = row.get(0).unwrap();
        if groups.last().is_none_or(|(user, _)| user.id != id) {
            groups.push((user(row).unwrap(), Vec::new()));
        }
        if let Some(id) = row.get::<_, Option<i64>>(4).unwrap() {
            let (title, body) = (row.get(5).unwrap(), row.get(6).unwrap());
            let post = Post { id, title, body, user_id: row.get(7).unwrap() };
            groups.last_mut().unwrap().1.push(post);
        }
    }
    sum_groups(&groups)
}

fn many_to_many(connection: &Connection) -> u64 {
    let posts = some_posts(connection, 0, W5_POSTS);
    let sql = format!(
        "SELECT pt.post_id, t.id, t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id IN ({})",
        marks(posts.len())
    );
    let places: HashMap<i64, usize> = posts.iter().enumerate().map(|(place, post)| (post.id, place)).collect();
    let mut statement = connection.prepare_cached(&sql).unwrap();
    let mut rows = statement.query(params_from_iter(posts.iter().map(|post| post.id))).unwrap();
    let mut groups: Vec<(&Post, Vec<Tag>)> = posts.iter().map(|post| (post, Vec::new())).collect();
    while let Some(row) = rows.next().unwrap() {
        let post: i64 = row.get(0).unwrap();
        groups[places[&post]].1.push(Tag { id: row.get(1).unwrap(), name: row.get(2).unwrap() });
    }
    let mut sum = Sum::default();
    for (post, tags) in &groups {
        sum.post(post.id, &post.title, &post.body, post.user_id);
        tags.iter().for_each(|tag| sum.tag(tag.id, &tag.name));
    }
    sum.0
}

fn ordered_join(connection: &Connection) -> u64 {
    let sql = "SELECT p.id, p.title, p.body, p.user_id, u.id, u.name, u.email, u.active \
               FROM posts p JOIN users u ON u.id = p.user_id \
               WHERE u.active = ?1 AND u.id >= ?2 AND u.id < ?3 ORDER BY p.title LIMIT 50";
    let mut sum = Sum::default();
    for query in 0..W7_QUERIES {
        let first = w7_first(query);
        let mut statement = connection.prepare_cached(sql).unwrap();
        let rows = statement.query_map(params![true, first, first + W7_SPAN], |row| {
            Ok((post(row)?, User { id: row.get(4)?, name: row.get(5)?, email: row.get(6)?, active: row.get(7)? }))
        });
        let pairs: Vec<(Post, User)> = rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap();
        for (post, user) in &pairs {
            sum.post(post.id, &post.title, &post.body, post.user_id);
            sum.user(user.id, &user.name, &user.email, user.active);
        }
    }
    sum.0
}
