//! Queries that differ in values only are compiled once; whatever else they differ in must not be taken for a value.

use realgar::prelude::*;

use crate::database;

#[derive(Model)]
#[model(table = "workers")]
struct Worker {
    #[column(primary_key)]
    id: i64,
    name: String,
    age: Option<i32>,
    #[column(secret)]
    pin: String,
    #[column(foreign_key = Worker::id)]
    boss_id: Option<i64>,
    #[relationship(backref = staff)]
    boss: One<Option<Worker>>,
}

async fn workers() -> (Db, Session) {
    let db = Db::connect(&database::database().await, models![Worker]).await.unwrap();
    db.create_all().await.unwrap();
    let mut s = db.session();
    let ada = s.add(new!(Worker { id: 1, name: "Ada", age: 36, pin: "1" }));
    s.add_all([
        new!(Worker { id: 2, name: "Bob", age: None, pin: "2", boss: ada }),
        new!(Worker { id: 3, name: "Cyd", age: 36, pin: "3", boss: ada }),
        new!(Worker { id: 4, name: "Dan", age: 12, pin: "4" }),
    ]);
    s.commit().await.unwrap();
    (db, s)
}

/// The names that a query finds, asked twice: what is compiled the first time serves the second.
async fn check(s: &mut Session, query: Select<String>, names: &[&str]) {
    for _ in 0..2 {
        assert_eq!(query.clone().all(s).await.unwrap(), names, "{query:?}");
    }
}

fn names() -> Select<String> {
    select(Worker::name)
}

#[tokio::test]
async fn values_differ() {
    let (_db, mut s) = workers().await;
    for (name, id) in [("Ada", 1), ("Bob", 2), ("Cyd", 3)] {
        check(&mut s, names().filter_by(Worker::id, id), &[name]).await;
        check(&mut s, names().filter(Worker::name.eq(name) & Worker::id.eq(id)), &[name]).await;
        check(&mut s, names().filter(Worker::name.eq(name)).filter(Worker::id.eq(id + 1)), &[]).await;
        let found = Worker::select().filter_by(Worker::name, name).one(&mut s).await.unwrap();
        assert_eq!(s[found].id, id);
    }
}

#[tokio::test]
async fn none_is_no_value() {
    let (_db, mut s) = workers().await;
    check(&mut s, names().filter(Worker::age.eq(36)).order_by(Worker::id), &["Ada", "Cyd"]).await;
    check(&mut s, names().filter(Worker::age.eq(None)).order_by(Worker::id), &["Bob"]).await;
    check(&mut s, names().filter(Worker::age.eq(12)).order_by(Worker::id), &["Dan"]).await;
    check(&mut s, names().filter(Worker::age.ne(None)).order_by(Worker::id), &["Ada", "Cyd", "Dan"]).await;
}

#[tokio::test]
async fn order_limit_and_operators_are_no_values() {
    let (_db, mut s) = workers().await;
    check(&mut s, names().order_by(Worker::id).limit(1), &["Ada"]).await;
    check(&mut s, names().order_by(Worker::id).limit(2), &["Ada", "Bob"]).await;
    check(&mut s, names().order_by(Worker::id).limit(1).offset(1), &["Bob"]).await;
    check(&mut s, names().order_by(Worker::id.desc()).limit(1), &["Dan"]).await;
    check(&mut s, names().filter(Worker::id.lt(2)), &["Ada"]).await;
    check(&mut s, names().filter(Worker::id.gt(3)), &["Dan"]).await;
    check(&mut s, names().filter(!Worker::id.lt(4)), &["Dan"]).await;
    check(&mut s, names().filter(Worker::name.like("%d%")).order_by(Worker::id).limit(1).offset(1), &["Cyd"]).await;
}

#[tokio::test]
async fn aliases_are_told_apart_by_their_place() {
    let (_db, mut s) = workers().await;
    for _ in 0..2 {
        let (boss, other) = (alias::<Worker>(), alias::<Worker>());
        let joined = || names().join(Worker::boss.of_type(boss)).order_by(Worker::id);
        check(&mut s, joined().filter(boss.col(Worker::name).eq("Ada")), &["Bob", "Cyd"]).await;
        check(&mut s, joined().filter(Worker::name.eq("Ada")), &[]).await;
        let joined = || names().join(Worker::boss.of_type(other)).order_by(Worker::id);
        check(&mut s, joined().filter(other.col(Worker::name).eq("Bob")), &[]).await;
    }
}

#[tokio::test]
async fn secrets_stay_veiled() {
    let (_db, mut s) = workers().await;
    let recorder = s.recorder_with_parameters();
    check(&mut s, names().filter(Worker::pin.eq("3")), &["Cyd"]).await;
    check(&mut s, names().filter(Worker::pin.eq("4")), &["Dan"]).await;
    assert!(recorder.statements().iter().all(|statement| statement.parameters == ["[secret]"]));
}
