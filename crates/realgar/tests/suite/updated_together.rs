//! Many changed rows at once, on SQLite: an UPDATE takes some of them together, which nobody may notice.

use realgar::prelude::*;

use crate::models::File;

/// More than two hundred: together by the hundred, by the fifty, one by one.
const MANY: usize = 267;

#[derive(Model)]
#[model(table = "a WHERE b")]
struct Thing {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 20)]
    name: String,
    #[column(name = "x = ?")]
    odd: Option<f64>,
    #[column(name = "y\"z")]
    bytes: Vec<u8>,
    /// What SQLite calls the columns of rows that stand beside a table.
    column2: bool,
}

/// A key that the program makes, of two parts, and a version.
#[derive(Model)]
#[model(table = "places")]
struct Place {
    #[column(primary_key)]
    row: String,
    #[column(primary_key)]
    number: i64,
    #[column(version)]
    version: i64,
    note: String,
}

/// The key is called as a column of the rows beside the table: no text is right for both.
#[derive(Model)]
#[model(table = "called")]
struct Called {
    #[column(primary_key)]
    column1: i64,
    column2: String,
}

async fn things(also: &str) -> (Db, File, Session, Vec<Handle<Thing>>) {
    let file = File::new();
    let db = file.open(models![Thing, Place]).await;
    file.execute(also);
    let mut s = db.session();
    let things = s.add_all(
        (0..MANY)
            .map(|number| new!(Thing { name: format!("thing {number}"), odd: None, bytes: vec![0], column2: false })),
    );
    s.commit().await.unwrap();
    (db, file, s, things)
}

fn change(s: &mut Session, things: &[Handle<Thing>]) {
    for (number, &thing) in things.iter().enumerate() {
        let thing = &mut s[thing];
        thing.name = format!("changed {number}");
        thing.odd = (number % 3 > 0).then_some(number as f64 / 2.0);
        thing.bytes = number.to_le_bytes().to_vec();
        thing.column2 = number % 2 > 0;
    }
}

/// Each row is what its object is.
async fn check(db: &Db, s: &Session, things: &[Handle<Thing>]) {
    for &thing in things {
        let (thing, row) = (&s[thing], Thing::select().filter_by(Thing::id, s[thing].id).fetch_one(db).await.unwrap());
        assert_eq!(
            (&row.name, row.odd, &row.bytes, row.column2),
            (&thing.name, thing.odd, &thing.bytes, thing.column2)
        );
    }
}

#[tokio::test]
async fn each_row_becomes_what_its_object_is() {
    let (db, _file, mut s, things) = things("").await;
    let recorder = s.recorder();
    change(&mut s, &things);
    // One in between keeps a column: another statement.
    s[things[0]].bytes = vec![0];
    s[things[130]].bytes = vec![0];
    s.commit().await.unwrap();
    let sent: Vec<_> = recorder.statements().into_iter().map(|sent| (sent.executions, sent.rows)).collect();
    assert_eq!(sent.iter().map(|&(executions, _)| executions).sum::<usize>(), MANY);
    assert!(sent.iter().all(|&(executions, rows)| executions as u64 == rows), "{sent:?}");
    check(&db, &s, &things).await;
}

#[tokio::test]
async fn triggers_may_write_more() {
    for also in [
        r#"CREATE TRIGGER t AFTER UPDATE ON "a WHERE b" BEGIN INSERT INTO places VALUES ('t', new.id, 1, old.name); END"#,
        r#"CREATE TRIGGER t AFTER UPDATE ON "a WHERE b" WHEN new.name LIKE '%77' BEGIN
            INSERT INTO places VALUES ('t', new.id, 1, old.name); END"#,
    ] {
        let (db, _file, mut s, things) = things(also).await;
        change(&mut s, &things);
        s.commit().await.unwrap();
        check(&db, &s, &things).await;
        let of_triggers = Place::select().count(&mut s).await.unwrap();
        assert_eq!(of_triggers, if also.contains("WHEN") { 2 } else { MANY as u64 });
    }
}

#[tokio::test]
async fn an_error_is_about_its_own_row_wherever_it_stands() {
    for at in [0, 1, 99, 100, 101, 200, 201, 250, 251, MANY - 1] {
        for (name, kind) in [("taken", Kind::UniqueViolation), ("twenty characters and more", Kind::Data)] {
            let (db, file, mut s, things) = things("").await;
            file.execute(r#"INSERT INTO "a WHERE b" VALUES (5000, 'taken', NULL, x'00', 1)"#);
            change(&mut s, &things);
            s[things[at]].name = name.to_owned();
            let error = s.flush().await.unwrap_err();
            assert_eq!(error.kind(), kind, "{at}: {error}");
            assert_eq!(error.entity(), Some(format!("Thing(id = {})", at + 1).as_str()), "{at}");
            s.rollback().await.unwrap();
            assert_eq!(s[things[at]].name, format!("thing {at}"));
            check(&db, &s, &things).await;
        }
    }
}

#[tokio::test]
async fn a_row_that_is_gone_is_named() {
    for at in [1, 57, 199, 240, MANY - 1] {
        let (_db, file, mut s, things) = things("").await;
        file.execute(&format!(r#"DELETE FROM "a WHERE b" WHERE id = {}"#, at + 1));
        change(&mut s, &things);
        let error = s.flush().await.unwrap_err();
        assert_eq!((error.kind(), error.entity()), (Kind::StaleData, Some(format!("Thing(id = {})", at + 1).as_str())));
        s.rollback().await.unwrap();
        assert_eq!(Thing::select().filter(Thing::name.like("changed%")).count(&mut s).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn keys_of_two_parts_change_and_versions_are_looked_at() {
    let file = File::new();
    let db = file.open(models![Thing, Place]).await;
    let mut s = db.session();
    let place = |number| new!(Place { row: format!("row {}", number % 5), number, note: "" });
    let places = s.add_all((0..MANY as i64).map(place));
    s.commit().await.unwrap();
    for &place in &places {
        s[place].number += 1_000;
        s[place].note = "moved".to_owned();
    }
    s.commit().await.unwrap();
    let moved =
        Place::select().filter(Place::number.ge(1_000)).filter_by(Place::note, "moved").filter_by(Place::version, 2);
    assert_eq!(moved.count(&mut s).await.unwrap(), MANY as u64);
    assert_eq!(s.get::<Place>(("row 2", 1_107)).await.unwrap(), Some(places[107]));
    s.commit().await.unwrap();
    // Somebody else writes one of them.
    file.execute("UPDATE places SET version = 3 WHERE number = 1150");
    for &place in &places {
        s[place].note = "again".to_owned();
    }
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::StaleData);
    assert!(error.entity().is_some_and(|entity| entity.contains("1150")), "{error}");
}

#[tokio::test]
async fn a_key_may_be_called_anything() {
    let file = File::new();
    let db = file.open(models![Called]).await;
    let mut s = db.session();
    let all = s.add_all((1..=MANY as i64).map(|column1| new!(Called { column1, column2: "" })));
    s.commit().await.unwrap();
    all.iter().for_each(|&one| s[one].column2 = s[one].column1.to_string());
    s.commit().await.unwrap();
    let right = Called::select().filter(Called::column1.cast::<String>().eq(Called::column2));
    assert_eq!(right.count(&mut s).await.unwrap(), MANY as u64);
}
