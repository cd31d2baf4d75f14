//! Which database the suite runs on: SQLite in memory, or the server that `REALGAR_TEST_URL` names.
//!
//! On a server every test has a schema of its own. What only one database can do is asked for by name: a test that
//! [`lacks`] it ends there, and is noted as skipped.

use std::{
    io::Write,
    sync::atomic::{AtomicU32, Ordering},
};

use realgar::{ModelDesc, prelude::*, sql};

/// The variable that names a server.
const SERVER: &str = "REALGAR_TEST_URL";
/// The variable that names a file to which skipped tests are added, a line each.
const SKIPPED: &str = "REALGAR_TEST_SKIPPED";

/// What the databases of the suite can do, by name.
const ABILITIES: &[(&str, &[&str])] = &[
    ("a transaction that survives a failed statement", &["sqlite", "mysql"]),
    ("keys that follow the largest", &["sqlite", "mysql"]),
    ("an UPDATE that answers rows", &["sqlite", "postgres"]),
    ("rows that stay are not counted", &["sqlite", "postgres"]),
    ("an upsert of some of the rows", &["sqlite", "postgres"]),
    ("unique texts of any length", &["sqlite", "postgres"]),
    ("locks of some tables", &["postgres"]),
    ("deferrable transactions", &["sqlite", "postgres"]),
    ("keys that are looked at last", &["sqlite", "postgres"]),
    ("years of any length", &["sqlite", "postgres"]),
    ("infinite numbers", &["sqlite", "postgres"]),
    ("a repeatable read that cannot be overtaken", &["sqlite", "postgres"]),
    ("decimals that keep their zeros", &["sqlite", "postgres"]),
    ("LIKE without regard to case", &["sqlite"]),
    ("five hundred keys a statement", &["sqlite"]),
    ("nanoseconds", &["sqlite"]),
    ("statements as SQLite spells them", &["sqlite"]),
    ("NULL where a number is divided by zero", &["sqlite", "mysql"]),
    ("rows inserted one by one", &["sqlite"]),
    ("no place for a NaN", &["sqlite", "mysql"]),
];

/// The server's URL, where there is one.
pub(crate) fn server() -> Option<String> {
    std::env::var(SERVER).ok().filter(|url| !url.is_empty())
}

/// The name of the database: `sqlite`, `postgres`, `mysql`.
pub(crate) fn name() -> String {
    server().map_or("sqlite".to_owned(), |url| url.split(':').next().unwrap_or_default().to_owned())
}

/// The URL of an empty database of one's own.
pub(crate) async fn database() -> String {
    let Some(server) = server() else { return "sqlite::memory:".to_owned() };
    let server = if server.contains('?') { server } else { format!("{server}?") };
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    let schema = format!("t{}_{}", std::process::id(), NUMBERS.fetch_add(1, Ordering::Relaxed));
    let (make, url) = match name().as_str() {
        // What is a schema elsewhere is a database there.
        "mysql" => (format!("CREATE DATABASE {schema}"), server.replacen("/test?", &format!("/{schema}?"), 1)),
        _ => (format!("CREATE SCHEMA {schema}"), format!("{server}&options=-csearch_path%3D{schema}")),
    };
    let none: [&'static ModelDesc; 0] = [];
    let db = Db::builder(none).pool_size(1).connect(&server).await.expect("the server answers");
    let mut s = db.session();
    sql(make).execute(&mut s).await.expect("the schema can be made");
    s.commit().await.expect("the schema is there");
    url
}

/// The text with what stands for a NUL in it where the database stores none.
pub(crate) fn storable(text: &str) -> String {
    let nul = if name() == "postgres" { "\u{1}" } else { "\0" };
    text.replace('\0', nul)
}

/// Whether the database lacks this ability; the test is then noted as skipped.
#[track_caller]
pub(crate) fn lacks(ability: &str) -> bool {
    let (_, having) = ABILITIES.iter().find(|(name, _)| *name == ability).expect("the ability is on the list");
    let lacks = !having.contains(&name().as_str());
    if lacks {
        let line = format!("{}: {ability}\n", std::panic::Location::caller());
        print!("skipped {line}");
        if let Ok(path) = std::env::var(SKIPPED) {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the list can be written");
        }
    }
    lacks
}

/// The URL of an empty database that several sessions use at once, and what keeps it.
pub(crate) async fn shared() -> (String, Option<crate::models::File>) {
    match server() {
        Some(_) => (database().await, None),
        None => {
            let file = crate::models::File::new();
            (file.url(), Some(file))
        }
    }
}
