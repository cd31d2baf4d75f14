//! Files that cannot be opened, read or written; and a table that is older than its model.

use std::time::{Duration, Instant};

use realgar::{ModelDesc, prelude::*};

use crate::{
    models::{File, User},
    told::{MARKER, told},
};

async fn refused(url: &str) -> realgar::Error {
    Db::connect(url, models![User]).await.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn files_that_cannot_be_opened() -> realgar::Result<()> {
    let file = File::new();
    let folder = file.folder();
    for (name, url) in [
        ("a_directory", format!("sqlite:///{folder}")),
        ("a_directory_read_only", format!("sqlite:///{folder}?mode=ro")),
        ("a_missing_folder", format!("sqlite:///{folder}/no/such/app.db")),
        ("a_missing_file", file.url("mode=rw")),
        ("a_missing_file_read_only", file.url("mode=ro")),
    ] {
        told(&format!("files/{name}"), Kind::Operational, &refused(&url).await);
    }
    std::fs::write(format!("{folder}/app.db"), MARKER.repeat(1000)).expect("the file can be written");
    told("files/not_a_database", Kind::Operational, &refused(&file.url("")).await);
    told("files/not_a_database_read_only", Kind::Operational, &refused(&file.url("mode=ro")).await);
    assert_eq!(std::fs::read_to_string(format!("{folder}/app.db")).unwrap(), MARKER.repeat(1000), "it is as it was");
    Ok(())
}

#[tokio::test]
async fn a_read_only_database_is_read_and_not_written() -> realgar::Result<()> {
    let file = File::new();
    file.open("", models![User]).await?;
    let db = Db::connect(&file.url("mode=ro"), models![User]).await?;
    db.create_all().await?; // nothing is missing, so nothing is written
    let mut s = db.session();
    s.add(new!(User { name: MARKER }));
    told("files/read_only", Kind::Operational, &s.commit().await.unwrap_err());
    s.rollback().await?;
    assert_eq!(User::select().count(&mut s).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_file_without_permission_to_write() -> realgar::Result<()> {
    let file = File::new();
    file.open("", models![User]).await?;
    let path = format!("{}/app.db", file.folder());
    let mut permissions = std::fs::metadata(&path).expect("it is there").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).expect("it is ours");
    if std::fs::OpenOptions::new().append(true).open(&path).is_ok() {
        return Ok(()); // whoever runs the tests may write everything
    }
    told("files/without_permission", Kind::Operational, &refused(&file.url("")).await);
    Ok(())
}

/// Longer than anybody waits: the lock outlasts the patience, then it is gone and the session goes on.
#[tokio::test]
async fn locked_for_longer_than_the_patience() -> realgar::Result<()> {
    let file = File::new();
    let mut s = file.open("busy_timeout=50", models![User]).await?.session();
    let other = file.raw();
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    let user = s.add(new!(User { name: MARKER }));
    told("files/locked", Kind::Timeout, &s.commit().await.unwrap_err());
    other.execute_batch("COMMIT").expect("it is open");
    s.rollback().await?;
    s.add_again(user)?;
    s.commit().await
}

/// Ten seconds, in earnest: who is patient enough gets through, without holding up the thread.
#[tokio::test]
async fn locked_for_ten_seconds() -> realgar::Result<()> {
    let file = File::new();
    let mut s = file.open("busy_timeout=60000", models![User]).await?.session();
    let other = file.raw();
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    s.add(new!(User { name: MARKER }));
    let started = Instant::now();
    let (done, ()) = tokio::join!(s.commit(), async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        other.execute_batch("COMMIT").expect("it is open");
    });
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    done
}

#[tokio::test]
async fn a_full_disk_loses_the_transaction_and_nothing_else() -> realgar::Result<()> {
    let file = File::new();
    let db = Db::builder(models![User]).pool_size(1).connect(&file.url("")).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { name: "first" }));
    s.commit().await?;
    sql("PRAGMA max_page_count = 10").all::<i64>(&mut s).await?;
    s.commit().await?;
    let large = s.add(new!(User { name: "second", city: MARKER.repeat(10_000) }));
    told("files/disk_full", Kind::Operational, &s.commit().await.unwrap_err());
    s.rollback().await?;
    assert_eq!(select(User::name).all(&mut s).await?, ["first"]);
    // Room again: the same object is written.
    sql("PRAGMA max_page_count = 10000").all::<i64>(&mut s).await?;
    s.add_again(large)?;
    s.commit().await?;
    assert_eq!(User::select().count(&mut s).await?, 2);
    Ok(())
}

async fn older(table: &str, models: impl AsRef<[&'static ModelDesc]>) -> realgar::Result<Session> {
    let file = File::new();
    file.execute(table);
    Ok(file.open("", models).await?.session())
}

#[tokio::test]
async fn a_table_that_is_older_than_its_model() -> realgar::Result<()> {
    const OLD: &str =
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER NOT NULL, born TEXT)";
    let mut s = older(OLD, models![User]).await?;
    told("files/older_table_is_read", Kind::Operational, &User::select().all(&mut s).await.unwrap_err());
    s.add(new!(User { name: MARKER }));
    told("files/older_table_is_written", Kind::Operational, &s.flush().await.unwrap_err());
    // A column that the model has lost, and that must be given.
    const MORE: &str =
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT, age INTEGER, born TEXT NOT NULL)";
    let mut s = older(MORE, models![User]).await?;
    s.add(new!(User { name: MARKER }));
    told("files/table_with_a_column_more", Kind::NotNullViolation, &s.flush().await.unwrap_err());
    // A column that takes no NULL there, and may be none here.
    const STRICT: &str =
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, age INTEGER)";
    let mut s = older(STRICT, models![User]).await?;
    s.add(new!(User { name: MARKER }));
    told("files/table_that_is_stricter", Kind::NotNullViolation, &s.flush().await.unwrap_err());
    Ok(())
}
