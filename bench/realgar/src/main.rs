//! `<file> <workload,…>`: on SQLite.

use common::{Args, SQLITE_CLEAN};
use realgar::rusqlite::Connection;

fn main() {
    let args = Args::parse();
    let file = args.target.clone();
    let clean = move |_: &_| Connection::open(&file).unwrap().execute_batch(SQLITE_CLEAN).unwrap();
    bench_realgar::run(&args, &format!("sqlite:{}", args.target), clean);
}
