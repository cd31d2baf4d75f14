//! What is special about PostgreSQL: the connection, and lists of keys.

#[path = "reads.rs"]
mod reads;
#[path = "writes.rs"]
mod writes;

use common::Args;
use sqlx::{Connection, PgConnection, Result};
use tokio::runtime::Runtime;

use crate::{PEER, Post};

type Database = sqlx::Postgres;
type Open = PgConnection;
const CLEAN: &str = common::POSTGRES_CLEAN;

pub fn run(args: &Args, runtime: &Runtime) {
    let mut connection = runtime.block_on(Open::connect(&args.target)).unwrap();
    reads::run(args, runtime, &mut connection);
    writes::run(args, runtime, &mut connection);
}

async fn posts_of(connection: &mut Open, keys: &[i64]) -> Result<Vec<Post>> {
    let query = sqlx::query_as("SELECT id, title, body, user_id FROM posts WHERE user_id = ANY($1)");
    query.bind(keys).fetch_all(connection).await
}

async fn tags_of(connection: &mut Open, keys: &[i64]) -> Result<Vec<(i64, i64, String)>> {
    let text =
        "SELECT pt.post_id, t.id, t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = ANY($1)";
    sqlx::query_as(text).bind(keys).fetch_all(connection).await
}
