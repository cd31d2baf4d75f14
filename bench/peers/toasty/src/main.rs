//! The benchmark's workloads with Toasty, models and calls as in its guide. Keys are `u64`: with `i64` ones every query along a
//! relationship but `user.posts()` panics in version 0.11.

mod model;
mod reads;
mod writes;

use common::*;
use toasty::Db;
use tokio::runtime::Builder;

use crate::model::{Post, PostTag, Tag, User};

const PEER: &str = "toasty";

fn main() {
    let args = Args::parse();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut db = runtime.block_on(open(&args.target)).unwrap();
    reads::run(&args, &runtime, &mut db);
    writes::run(&args, &runtime, &mut db);
}

async fn open(target: &str) -> toasty::Result<Db> {
    let server = target.starts_with("postgres");
    let url = if server { target.to_owned() } else { format!("sqlite:{target}") };
    let models = toasty::models!(User, Post, Tag, PostTag);
    let mut db = Db::builder().models(models).max_pool_size(1).connect(&url).await?;
    if !server {
        each(SQLITE_PRAGMAS, &mut db).await?;
    }
    Ok(db)
}

/// Runs statements one by one, since it takes no list of them.
async fn each(statements: &'static str, db: &mut Db) -> toasty::Result<()> {
    for statement in statements.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        if statement.starts_with("PRAGMA wal") {
            toasty::sql::query(statement).exec(db).await?;
        } else {
            toasty::sql::statement(statement).exec(db).await?;
        }
    }
    Ok(())
}
