//! Many new rows at once: keys, whom an error is about, triggers. On SQLite, where an INSERT takes some rows together.

use std::ops::Range;

use realgar::prelude::*;

use crate::models::{File, tree::Node};

#[derive(Model)]
#[model(table = "things")]
struct Thing {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 20)]
    name: String,
}

const MANY: usize = 137;

async fn things(also: &str) -> (Db, File) {
    let file = File::new();
    let db = file.open(models![Thing]).await;
    file.execute(also);
    (db, file)
}

fn add_many(s: &mut Session, numbers: Range<usize>) -> Vec<Handle<Thing>> {
    s.add_all(numbers.map(|number| new!(Thing { name: format!("thing {number}") })))
}

/// Each object has the key of its own row, whatever else the flush brought about.
async fn check(db: &Db, s: &Session, things: &[Handle<Thing>]) {
    for &thing in things {
        let row = Thing::select().filter_by(Thing::id, s[thing].id).fetch_one(db).await.unwrap();
        assert_eq!(row.name, s[thing].name);
    }
}

#[tokio::test]
async fn each_object_has_its_own_key() {
    let (db, _file) = things("INSERT INTO things VALUES (41, 'other')").await;
    let mut s = db.session();
    let recorder = db.recorder();
    let things = add_many(&mut s, 0..MANY);
    s.commit().await.unwrap();
    let sent = recorder.statements();
    assert_eq!((sent.len(), sent[0].executions, sent[0].rows), (1, MANY, MANY as u64));
    assert!(sent[0].sql.ends_with("VALUES (?)"), "{}", sent[0].sql);
    assert_eq!(s[things[0]].id, 42);
    check(&db, &s, &things).await;
}

#[tokio::test]
async fn keys_are_those_of_the_rows_when_triggers_write_to_the_same_table() {
    for also in [
        "CREATE TRIGGER twin AFTER INSERT ON things WHEN new.name LIKE '%7' BEGIN
            INSERT INTO things (name) VALUES ('twin of ' || new.name); END",
        "CREATE TRIGGER before BEFORE INSERT ON things WHEN new.name LIKE '%9' BEGIN
            INSERT INTO things (name) VALUES ('before ' || new.name); END",
        "CREATE TABLE log (name); CREATE TRIGGER logged AFTER INSERT ON things BEGIN
            INSERT INTO log VALUES (new.name); END",
        "INSERT INTO things VALUES (9223372036854775807, 'the last')", // from here on, keys are random
        "DROP TABLE things; CREATE TABLE things (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
            INSERT INTO things VALUES (1000, 'gone'); DELETE FROM things",
    ] {
        let (db, _file) = things(also).await;
        let mut s = db.session();
        let things = add_many(&mut s, 0..MANY);
        s.commit().await.unwrap();
        check(&db, &s, &things).await;
    }
}

#[tokio::test]
async fn an_error_is_about_its_own_row_wherever_it_stands() {
    for at in [0, 1, 7, 50, 51, 99, 120, MANY - 1] {
        for (name, kind) in [("taken", Kind::UniqueViolation), ("twenty characters and more", Kind::Data)] {
            let (db, _file) = things("INSERT INTO things VALUES (500, 'taken')").await;
            let mut s = db.session();
            let mut things = add_many(&mut s, 0..at);
            let (bad, line) = (s.add(new!(Thing { name })), line!());
            things.push(bad);
            things.extend(add_many(&mut s, at + 1..MANY));
            let error = s.flush().await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.entity().unwrap().contains(&format!("together.rs:{line}")), "{at}: {error}");
            s.rollback().await.unwrap();
            s[things[at]].name = format!("thing {at}");
            for thing in &things {
                s.add_again(*thing).unwrap();
            }
            s.commit().await.unwrap();
            check(&db, &s, &things).await;
        }
    }
}

#[tokio::test]
async fn what_failed_together_leaves_nothing_behind() {
    // `RAISE(FAIL)` keeps what the statement wrote before.
    let (db, file) = things(
        "CREATE TRIGGER no BEFORE INSERT ON things WHEN new.name = 'thing 77' BEGIN SELECT RAISE(FAIL, 'no'); END",
    )
    .await;
    let mut s = db.session();
    s.add(new!(Thing { name: "first" }));
    s.flush().await.unwrap();
    let failed = s.savepoint(async |s: &mut Session| {
        add_many(s, 0..MANY);
        s.flush().await
    });
    assert!(failed.await.unwrap_err().to_string().contains("no"));
    s.commit().await.unwrap();
    assert_eq!(Thing::select().count(&mut s).await.unwrap(), 1);
    drop((s, file));
    // `RAISE(ROLLBACK)` ends the transaction: nothing may be written after it.
    let (db, _file) = things(
        "CREATE TRIGGER no BEFORE INSERT ON things WHEN new.name = 'thing 77' BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    )
    .await;
    let mut s = db.session();
    add_many(&mut s, 0..MANY);
    s.flush().await.unwrap_err();
    s.rollback().await.unwrap();
    assert_eq!(Thing::select().count(&mut s).await.unwrap(), 0);
}

#[tokio::test]
async fn rows_that_wait_for_one_another_find_each_others_keys() {
    let file = File::new();
    let db = file.open(models![Node]).await;
    let mut s = db.session();
    // Sixty roots, of which each third has a chain of children below it.
    let roots = s.add_all((0..60).map(|root| new!(Node { name: format!("root {root}") })));
    for &root in roots.iter().step_by(3) {
        let mut parent = root;
        for depth in 0..4 {
            let name = format!("{depth} below {}", s[parent].name);
            parent = s.append(parent, Node::children, new!(Node { name })).unwrap();
        }
    }
    s.commit().await.unwrap();
    let trees = Node::select().filter(Node::parent_id.is_null()).order_by(Node::id);
    let trees = trees.options(Node::children.selectin().then(Node::children.selectin())).fetch(&db).await.unwrap();
    assert_eq!(trees.len(), 60);
    for (at, root) in trees.iter().enumerate() {
        let below = root.children.get().unwrap().next().map(|child| child.name.clone());
        assert_eq!(below, (at % 3 == 0).then(|| format!("0 below root {at}")));
    }
}
