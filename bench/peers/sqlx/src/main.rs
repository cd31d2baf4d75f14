//! The benchmark's workloads with sqlx: texts of SQL, rows read by `FromRow`. A connection has a type of its own for each
//! database, so the workloads are compiled for each.

mod postgres;
mod sqlite;

use common::Args;
use tokio::runtime::Builder;

const PEER: &str = "sqlx";

#[derive(sqlx::FromRow)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub active: bool,
}

#[derive(sqlx::FromRow)]
pub struct Post {
    pub id: i64,
    pub title: String,
    pub body: String,
    pub user_id: i64,
}

fn main() {
    let args = Args::parse();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    if args.target.starts_with("postgres") { postgres::run(&args, &runtime) } else { sqlite::run(&args, &runtime) }
}
