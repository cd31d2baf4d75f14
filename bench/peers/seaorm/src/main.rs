//! The benchmark's workloads with SeaORM, entities and loaders as in its quick start.

mod entity;
mod reads;
mod writes;

use common::*;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use tokio::runtime::Builder;

const PEER: &str = "seaorm";

fn main() {
    let args = Args::parse();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let db = runtime.block_on(open(&args.target)).unwrap();
    reads::run(&args, &runtime, &db);
    writes::run(&args, &runtime, &db);
}

async fn open(target: &str) -> Result<DatabaseConnection, DbErr> {
    let server = target.starts_with("postgres");
    let url = if server { target.to_owned() } else { format!("sqlite:{target}") };
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    if !server {
        db.execute_unprepared(SQLITE_PRAGMAS).await?;
    }
    Ok(db)
}
