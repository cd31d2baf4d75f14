//! MySQL and MariaDB: round trips, types, errors, TLS, what is left of a transaction.

mod errors;
mod round_trips;
mod tls;
mod trips;
mod types;

use std::sync::atomic::{AtomicU32, Ordering};

use realgar::{ModelDesc, prelude::*, sql};

use crate::world::World;

/// The MySQL or MariaDB of the tests.
fn server() -> Option<String> {
    std::env::var("REALGAR_TEST_URL").ok().filter(|url| url.starts_with("mysql"))
}

/// An empty database with tables for these models; `None` where there is no MySQL.
async fn world(models: impl AsRef<[&'static ModelDesc]>) -> Option<World> {
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    let server = server()?;
    let name = format!("m{}_{}", std::process::id(), NUMBERS.fetch_add(1, Ordering::Relaxed));
    let none: [&'static ModelDesc; 0] = [];
    let db = Db::builder(none).pool_size(1).connect(&server).await.expect("the server answers");
    let mut s = db.session();
    sql(format!("CREATE DATABASE {name}")).execute(&mut s).await.expect("the database can be made");
    s.commit().await.expect("the database is there");
    let url = format!("{}/{name}?sslmode=disable", server.rsplit_once('/').expect("the URL names a database").0);
    let db = Db::connect(&url, models).await.expect("the models are right");
    db.create_all().await.expect("the tables can be made");
    Some(World { url, db })
}
