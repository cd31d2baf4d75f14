//! What the database makes, checks and computes; what a Rust function fills at an UPDATE; how long a text may be.

use crate::database::database;
use std::sync::atomic::{AtomicI64, Ordering};

use realgar::prelude::*;

static CLOCK: AtomicI64 = AtomicI64::new(1);

fn tick() -> i64 {
    CLOCK.fetch_add(1, Ordering::Relaxed)
}

#[derive(Model)]
#[model(table = "items", check("low <= high"))]
struct Item {
    #[column(primary_key)]
    id: i64,
    #[column(length = 5)]
    name: String,
    #[column(server_default = "'open'")]
    status: Auto<String>,
    #[column(server_default = "1 + 41")]
    answer: Option<i32>,
    #[column(server_default = "CURRENT_TIMESTAMP")]
    created: Auto<chrono::DateTime<chrono::Utc>>,
    #[column(computed = "low + high")]
    both: Auto<i64>,
    #[column(default = 0, check = "low >= 0")]
    low: i64,
    #[column(default = 10)]
    high: i64,
    #[column(default = tick, onupdate = tick)]
    version: i64,
    #[column(onupdate = "again")]
    note: Option<String>,
    #[column(length = 3)]
    short: Option<String>,
}

/// A key that makes no list of keys.
#[derive(Model)]
#[model(table = "blobs")]
struct Blob {
    #[column(primary_key)]
    key: Vec<u8>,
    #[column(primary_key)]
    day: chrono::NaiveDate,
    #[column(server_default = "'x'")]
    mark: Auto<String>,
}

async fn db() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![Item, Blob]).await?;
    db.create_all().await?;
    Ok(db)
}

#[tokio::test]
async fn what_the_database_makes_is_left_out_and_read_back() -> realgar::Result<()> {
    let db = db().await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let items = s.add_all((0..1_001).map(|number| new!(Item { name: "x", low: number, high: 2_000 })));
    let own = s.add(new!(Item { name: "y", status: "shut", answer: 7 }));
    assert!(s[items[0]].status.is_unset() && s[items[0]].created.get().is_none());
    s.flush().await?;
    // An INSERT and three SELECTs for the first 1,001; another of each for the one that differs.
    let selects = if crate::database::lacks("five hundred keys a statement") { 1 } else { 3 };
    assert_eq!(recorder.count(), 1 + selects + 1 + 1);
    for (&item, low) in items.iter().zip(0..) {
        assert_eq!((s[item].status.as_str(), s[item].answer, *s[item].both), ("open", Some(42), 2_000 + low));
        assert!(s[item].created.get().is_some());
    }
    assert_eq!((s[own].status.as_str(), s[own].answer, *s[own].both), ("shut", Some(7), 10));

    recorder.take();
    s[items[3]].low = 5;
    s.flush().await?;
    assert_eq!((recorder.count(), *s[items[3]].both), (2, 2_005));
    s[items[3]].status = Auto::Known("shut".into());
    s.flush().await?;
    assert_eq!(Item::select().filter(Item::status.eq("shut")).count(&mut s).await?, 2);
    let statuses: Vec<String> = select(Item::status).filter(Item::both.ge(3_000)).distinct().all(&mut s).await?;
    assert_eq!(statuses, ["open"]);
    Ok(())
}

#[tokio::test]
async fn a_rollback_forgets_what_the_database_made() -> realgar::Result<()> {
    let db = db().await?;
    let mut s = db.session();
    let item = s.add(new!(Item { name: "x" }));
    let given = s.add(new!(Item { name: "x", status: "mine" }));
    s.flush().await?;
    assert_eq!(*s[item].both, 10);
    s.rollback().await?;
    assert!(s[item].status.is_unset() && s[item].both.is_unset() && s[item].answer.is_none());
    assert_eq!((s[given].status.as_str(), s[given].id), ("mine", 0));
    Ok(())
}

#[tokio::test]
async fn keys_that_make_no_list_are_read_back_one_by_one() -> realgar::Result<()> {
    let db = db().await?;
    let mut s = db.session();
    let day = chrono::NaiveDate::default();
    let blobs = s.add_all((0..3_u8).map(|number| new!(Blob { key: vec![number], day })));
    s.flush().await?;
    assert!(blobs.iter().all(|&blob| s[blob].mark.as_str() == "x"));
    Ok(())
}

#[tokio::test]
async fn onupdate_fills_what_was_not_changed_by_hand() -> realgar::Result<()> {
    let db = db().await?;
    let mut s = db.session();
    let item = s.add(new!(Item { name: "x" }));
    s.commit().await?;
    let first = s[item].version;
    assert_eq!(s[item].note, None);
    s[item].name.push('!');
    s.commit().await?;
    let second = s[item].version;
    assert!(second > first && s[item].note.as_deref() == Some("again"));
    s[item].version = -1;
    s.commit().await?;
    assert_eq!(s[item].version, -1);
    // Nothing changed, so nothing is sent.
    s[item].name.push('!');
    s[item].name.pop();
    s.commit().await?;
    assert_eq!(s[item].version, -1);
    s[item].name.push('!');
    s.flush().await?;
    assert!(s[item].version > second);
    s.rollback().await?;
    assert_eq!((s[item].version, s[item].name.as_str()), (-1, "x!"));
    Ok(())
}

#[tokio::test]
async fn checks_are_the_databases() -> realgar::Result<()> {
    let db = db().await?;
    for item in [new!(Item { name: "x", low: -1 }), new!(Item { name: "x", low: 11 })] {
        let mut s = db.session();
        s.add(item);
        assert_eq!(s.flush().await.map_err(|error| error.kind()), Err(Kind::CheckViolation));
    }
    Ok(())
}

#[tokio::test]
async fn a_text_that_is_too_long_is_not_sent() -> realgar::Result<()> {
    let db = db().await?;
    let mut s = db.session();
    let item = s.add(new!(Item { name: "ééééé", short: "abc" }));
    s.commit().await?;
    s[item].short = Some("abcd".into());
    let error = s.flush().await.expect_err("four characters, where three are the most");
    assert_eq!(error.kind(), Kind::Data);
    assert_eq!(error.what(), "`Item::short`: a text of 4 characters, 3 are the most");
    assert_eq!(error.entity(), Some("Item(id = 1)"));
    s.rollback().await?;
    s.add(new!(Item { name: "ééééée" }));
    let error = s.flush().await.expect_err("six characters, where five are the most");
    assert!(error.to_string().contains("`Item::name`: a text of 6 characters, 5 are the most"), "{error}");
    assert!(!error.to_string().contains('é'), "{error}");
    Ok(())
}
