//! The benchmark's workloads with Diesel on SQLite.

#[path = "sqlite/reads.rs"]
mod reads;
#[path = "sqlite/writes.rs"]
mod writes;

use common::*;
use diesel::{connection::SimpleConnection, prelude::*};

const PEER: &str = "diesel";

fn main() {
    let args = Args::parse();
    let mut connection = SqliteConnection::establish(&args.target).unwrap();
    connection.batch_execute(SQLITE_PRAGMAS).unwrap();
    reads::run(&args, &mut connection);
    writes::run(&args, &mut connection);
}
