//! The benchmark's workloads with diesel-async on PostgreSQL.

#[path = "../postgres/reads.rs"]
mod reads;
#[path = "../postgres/writes.rs"]
mod writes;

use common::*;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use tokio::runtime::Builder;

const PEER: &str = "diesel-async";

fn main() {
    let args = Args::parse();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut connection = runtime.block_on(AsyncPgConnection::establish(&args.target)).unwrap();
    reads::run(&args, &runtime, &mut connection);
    writes::run(&args, &runtime, &mut connection);
}
