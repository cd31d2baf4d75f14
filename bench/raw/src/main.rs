//! The limit: the bare driver, statements prepared once, structs filled by hand. SQLite in a file.
//! `<file> seed` and `<file> empty` make the files that every program works on a copy of.

mod reads;
mod writes;

use common::{rows::*, *};
use rusqlite::{Connection, Row, params};

const PEER: &str = "raw";

fn user(row: &Row) -> rusqlite::Result<User> {
    Ok(User { id: row.get(0)?, name: row.get(1)?, email: row.get(2)?, active: row.get(3)? })
}

fn post(row: &Row) -> rusqlite::Result<Post> {
    Ok(Post { id: row.get(0)?, title: row.get(1)?, body: row.get(2)?, user_id: row.get(3)? })
}

fn main() {
    let args = Args::parse();
    if args.says("seed") || args.says("empty") {
        return seed(&args.target, args.says("seed"));
    }
    let mut connection = Connection::open(&args.target).unwrap();
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(SQLITE_PRAGMAS).unwrap();
    reads::run(&args, &mut connection);
    writes::run(&args, &mut connection);
}

fn seed(path: &str, full: bool) {
    let _ = std::fs::remove_file(path);
    let mut connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL").unwrap();
    connection.execute_batch(SQLITE_SCHEMA).unwrap();
    if full {
        fill(&mut connection).unwrap();
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;").unwrap();
}

fn fill(connection: &mut Connection) -> rusqlite::Result<()> {
    let all = connection.transaction()?;
    for user in 1..=USERS {
        let row = params![user, user_name(user), user_email(user), user % 2 == 0];
        all.prepare_cached("INSERT INTO users VALUES (?, ?, ?, ?)")?.execute(row)?;
    }
    for post in 1..=POSTS {
        let row = params![post, post_title(post), post_body(post), (post - 1) / 10 + 1];
        all.prepare_cached("INSERT INTO posts VALUES (?, ?, ?, ?)")?.execute(row)?;
    }
    for tag in 1..=TAGS {
        all.execute("INSERT INTO tags VALUES (?, ?)", params![tag, format!("tag{tag}")])?;
    }
    for post in 1..=TAGGED {
        for place in 0..5 {
            all.prepare_cached("INSERT INTO post_tags VALUES (?, ?)")?.execute(params![post, tag_of(post, place)])?;
        }
    }
    all.commit()
}
