//! What Realgar costs beside the bare driver: 50,000 rows in a file database, same pragmas, one transaction each.
//!
//! `cargo run --release --example speed -- [ROWS]` prints, for loading into a session against the driver's typed
//! `query_map`, and for adding and committing against a prepared insert loop: nanoseconds a row, and the ratio. Both
//! sides run in turn, so that noise hits them alike; medians are printed.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use realgar::{prelude::*, rusqlite};

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    body: String,
    user_id: i64,
}

/// The same row as the bare driver's user would write it.
struct Raw {
    id: i64,
    title: String,
    body: String,
    user_id: i64,
}

const ROUNDS: usize = 9;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let rows: i64 = match std::env::args().nth(1) {
        Some(rows) => rows.parse().map_err(|_| format!("`{rows}` is not a number of rows"))?,
        None => 50_000,
    };
    let folder = std::env::temp_dir().join(format!("realgar-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = measure(&folder, rows).await;
    std::fs::remove_dir_all(&folder)?;
    result
}

async fn measure(folder: &Path, rows: i64) -> Outcome<()> {
    let (mut add, mut insert) = (Vec::new(), Vec::new());
    let (mut load, mut query) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (ours, theirs) = (folder.join(format!("ours{round}.db")), folder.join(format!("raw{round}.db")));
        let db = Db::connect(&format!("sqlite:{}", ours.display()), models![Post]).await?;
        db.create_all().await?;
        let raw = open_raw(&theirs)?;
        add.push(add_ours(&db, rows).await?);
        insert.push(insert_raw(&raw, rows)?);
        load.push(load_ours(&db, rows).await?);
        query.push(query_raw(&raw, rows)?);
    }
    println!("{rows} rows, medians of {ROUNDS} rounds, nanoseconds a row");
    print_line("load", &mut load, &mut query, rows);
    print_line("insert", &mut add, &mut insert, rows);
    Ok(())
}

fn print_line(name: &str, ours: &mut [Duration], raw: &mut [Duration], rows: i64) {
    let median = |times: &mut [Duration]| {
        times.sort();
        times[times.len() / 2].as_nanos() as f64 / rows as f64
    };
    let (ours, raw) = (median(ours), median(raw));
    println!("{name:<8} realgar {ours:>7.0}  raw {raw:>7.0}  ratio {:.2}", ours / raw);
}

fn body() -> String {
    "x".repeat(200)
}

async fn add_ours(db: &Db, rows: i64) -> Outcome<Duration> {
    let objects: Vec<Post> =
        (0..rows).map(|row| new!(Post { title: format!("title {row}"), body: body(), user_id: row % 1_000 })).collect();
    let start = Instant::now();
    let mut s = db.session();
    let handles = s.add_all(objects);
    s.commit().await?;
    let time = start.elapsed();
    assert_eq!(s[handles[handles.len() - 1]].id, rows);
    Ok(time)
}

async fn load_ours(db: &Db, rows: i64) -> Outcome<Duration> {
    let mut s = db.session();
    s.get::<Post>(1).await?; // begins the transaction
    let start = Instant::now();
    let posts = Post::select().all(&mut s).await?;
    let time = start.elapsed();
    let sum: i64 = posts.iter().map(|&post| s[post].id + s[post].user_id).sum();
    assert_eq!((posts.len() as i64, sum > 0), (rows, true));
    Ok(time)
}

fn open_raw(path: &Path) -> Outcome<rusqlite::Connection> {
    let raw = rusqlite::Connection::open(path)?;
    raw.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    raw.pragma_update(None, "synchronous", "normal")?;
    raw.pragma_update(None, "foreign_keys", true)?;
    raw.execute_batch(
        "CREATE TABLE posts (id INTEGER NOT NULL, title VARCHAR NOT NULL, body VARCHAR NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (id))",
    )?;
    Ok(raw)
}

fn insert_raw(raw: &rusqlite::Connection, rows: i64) -> Outcome<Duration> {
    let objects: Vec<Raw> =
        (0..rows).map(|row| Raw { id: 0, title: format!("title {row}"), body: body(), user_id: row % 1_000 }).collect();
    let start = Instant::now();
    raw.execute_batch("BEGIN")?;
    let mut ids = Vec::with_capacity(objects.len());
    {
        let mut statement = raw.prepare("INSERT INTO posts (title, body, user_id) VALUES (?, ?, ?)")?;
        for object in &objects {
            statement.execute((&object.title, &object.body, object.user_id))?;
            ids.push(raw.last_insert_rowid());
        }
    }
    raw.execute_batch("COMMIT")?;
    let time = start.elapsed();
    assert_eq!(ids.last(), Some(&rows));
    Ok(time)
}

fn query_raw(raw: &rusqlite::Connection, rows: i64) -> Outcome<Duration> {
    raw.execute_batch("BEGIN")?;
    raw.query_row("SELECT id FROM posts WHERE id = 1", [], |_| Ok(()))?;
    let start = Instant::now();
    let mut statement = raw.prepare("SELECT id, title, body, user_id FROM posts")?;
    let objects = statement
        .query_map([], |row| Ok(Raw { id: row.get(0)?, title: row.get(1)?, body: row.get(2)?, user_id: row.get(3)? }))?
        .collect::<rusqlite::Result<Vec<Raw>>>()?;
    let time = start.elapsed();
    let sum: i64 = objects.iter().map(|object| object.id + object.user_id).sum();
    let length: usize = objects.iter().map(|object| object.title.len() + object.body.len()).sum();
    assert_eq!((objects.len() as i64, sum > 0, length > 0), (rows, true, true));
    drop(statement);
    raw.execute_batch("ROLLBACK")?;
    Ok(time)
}
