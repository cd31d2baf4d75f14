//! What is special about SQLite: the connection, and lists of keys.

#[path = "reads.rs"]
mod reads;
#[path = "writes.rs"]
mod writes;

use common::{Args, SQLITE_PRAGMAS};
use sqlx::{Connection, QueryBuilder, Result, SqliteConnection};
use tokio::runtime::Runtime;

use crate::{PEER, Post};

type Database = sqlx::Sqlite;
type Open = SqliteConnection;
const CLEAN: &str = common::SQLITE_CLEAN;

pub fn run(args: &Args, runtime: &Runtime) {
    let mut connection = runtime.block_on(Open::connect(&format!("sqlite:{}", args.target))).unwrap();
    runtime.block_on(sqlx::raw_sql(SQLITE_PRAGMAS).execute(&mut connection)).unwrap();
    reads::run(args, runtime, &mut connection);
    writes::run(args, runtime, &mut connection);
}

fn with_keys(text: &str, keys: &[i64]) -> QueryBuilder<Database> {
    let mut query = QueryBuilder::new(format!("{text} IN ("));
    let mut list = query.separated(",");
    for &key in keys {
        list.push_bind(key);
    }
    query.push(")");
    query
}

async fn posts_of(connection: &mut Open, keys: &[i64]) -> Result<Vec<Post>> {
    let mut query = with_keys("SELECT id, title, body, user_id FROM posts WHERE user_id", keys);
    query.build_query_as().fetch_all(connection).await
}

async fn tags_of(connection: &mut Open, keys: &[i64]) -> Result<Vec<(i64, i64, String)>> {
    let text = "SELECT pt.post_id, t.id, t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id";
    with_keys(text, keys).build_query_as().fetch_all(connection).await
}
