//! The tables, the rows, and which of them a workload asks for.

pub const USERS: i64 = 20_000;
pub const POSTS: i64 = 200_000;
pub const TAGS: i64 = 100;
/// So many posts have five tags each.
pub const TAGGED: i64 = 10_000;
pub const W1_LOOKUPS: i64 = 10_000;
/// Rows a query, and how often: every query asks for rows that no query before it asked for.
pub const W2: [(&str, i64, i64); 3] = [("w2_50000", 50_000, 1), ("w2_100", 100, 200), ("w2_1", 1, 5_000)];
pub const W3_PARENTS: i64 = 1_000;
pub const W4_USERS: i64 = 10_000;
pub const W4_POSTS_EACH: i64 = 5;
pub const W4_ROWS: i64 = W4_USERS * (1 + W4_POSTS_EACH);
pub const W5_POSTS: i64 = 1_000;
pub const W6_ROWS: i64 = 10_000;
pub const W7_QUERIES: i64 = 2_000;
pub const W7_SPAN: i64 = 20;

pub const SQLITE_SCHEMA: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, active BOOLEAN NOT NULL);
    CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES users(id));
    CREATE INDEX posts_user_id ON posts(user_id);
    CREATE TABLE tags (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);
    CREATE TABLE post_tags (post_id INTEGER NOT NULL REFERENCES posts(id), tag_id INTEGER NOT NULL REFERENCES tags(id), PRIMARY KEY (post_id, tag_id));";

/// What every connection says first, whoever opened it.
pub const SQLITE_PRAGMAS: &str = "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

/// Empties what W4 filled; not part of the time.
pub const SQLITE_CLEAN: &str = "DELETE FROM posts; DELETE FROM users; PRAGMA wal_checkpoint(TRUNCATE);";

pub fn w1_id(lookup: i64) -> i64 {
    (lookup * 7919) % USERS + 1
}

pub fn w7_first(query: i64) -> i64 {
    (query * 37) % 19_000 + 1
}

pub fn user_name(user: i64) -> String {
    format!("User {user}")
}

pub fn user_email(user: i64) -> String {
    format!("user{user}@example.com")
}

pub fn post_title(post: i64) -> String {
    format!("Post number {post}")
}

pub fn post_body(post: i64) -> String {
    let mut body = format!("Body of post {post}: ");
    while body.len() < 200 {
        body.push_str("lorem ipsum dolor sit amet ");
    }
    body.truncate(200);
    body
}

pub fn tag_of(post: i64, place: i64) -> i64 {
    (post * 7 + place * 13) % TAGS + 1
}

/// What W4 inserts, as plain values: made before the time runs.
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub active: bool,
    pub posts: Vec<(String, String)>,
}

pub fn w4_users() -> Vec<NewUser> {
    let posts = |user: i64| (0..W4_POSTS_EACH).map(move |post| (user - 1) * W4_POSTS_EACH + post + 1);
    (1..=W4_USERS)
        .map(|user| NewUser {
            name: user_name(user),
            email: user_email(user),
            active: user % 2 == 0,
            posts: posts(user).map(|post| (post_title(post), post_body(post))).collect(),
        })
        .collect()
}

/// What W6 writes in its `turn`; never what is there already.
pub fn w6_name(turn: u64, user: i64) -> String {
    format!("Name {} {user}", turn % 10)
}
