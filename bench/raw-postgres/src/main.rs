//! The limit on PostgreSQL: the bare driver, statements prepared once, structs filled by hand.
//! `<server> seed` makes the databases, `<server> fresh-seed` and `<server> fresh-empty` a copy of one to work on.

mod crowd;
mod reads;
mod seed;
mod writes;

use common::{rows::*, *};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, Row};

const PEER: &str = "raw";

fn user(row: &Row) -> User {
    User { id: row.get(0), name: row.get(1), email: row.get(2), active: row.get(3) }
}

fn post(row: &Row) -> Post {
    Post { id: row.get(0), title: row.get(1), body: row.get(2), user_id: row.get(3) }
}

fn main() {
    let args = Args::parse();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    if args.says("seed") {
        return runtime.block_on(seed::make(&args.target)).unwrap();
    }
    for kind in ["seed", "empty"] {
        if args.says(&format!("fresh-{kind}")) {
            return runtime.block_on(seed::copy(&args.target, kind)).unwrap();
        }
    }
    if args.says("crowd") {
        return crowd::run(&args.target);
    }
    let mut client = connect(&runtime, &args.target);
    reads::run(&args, &runtime, &client);
    writes::run(&args, &runtime, &mut client);
}

fn connect(runtime: &Runtime, url: &str) -> Client {
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    })
}
