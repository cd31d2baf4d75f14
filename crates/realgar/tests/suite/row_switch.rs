//! An object is deleted and a new one has its key, in one flush: the row is updated, not deleted and inserted.

use realgar::{State, prelude::*};

use crate::models::{open, statements};

#[derive(Model, Debug)]
#[model(table = "orders")]
struct Order {
    #[column(primary_key)]
    number: String,
    customer: String,
    note: Option<String>,
    #[relationship(back_populates = order, cascade = "all, delete-orphan")]
    lines: Many<Line>,
}

#[derive(Model, Debug)]
#[model(table = "lines")]
struct Line {
    #[column(primary_key, foreign_key = Order::number)]
    order_number: String,
    #[column(primary_key)]
    position: i32,
    article: String,
    #[relationship(back_populates = lines)]
    order: One<Order>,
}

async fn one_order(db: &Db) -> (Session, Handle<Order>) {
    let mut s = db.session();
    let lines = [new!(Line { position: 1, article: "pen" }), new!(Line { position: 2, article: "ink" })];
    let order = s.add(new!(Order { number: "A1", customer: "Ada", note: "soon", lines: lines }));
    s.commit().await.unwrap();
    (s, order)
}

#[tokio::test]
async fn it_is_one_update_of_all_columns() {
    let db = open(models![Order]).await;
    let (mut s, old) = one_order(&db).await;
    s.load(old, Order::lines).await.unwrap();
    let recorder = db.recorder();
    s.delete(old).unwrap();
    let new = s.add(new!(Order { number: "A1", customer: "Bob" }));
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE orders(customer, note) x1", "DELETE lines x2"]);
    assert_eq!((s.state(old).unwrap(), s.state(new).unwrap()), (State::Deleted, State::Persistent));
    assert_eq!(s.get::<Order>("A1").await.unwrap(), Some(new));
    s.commit().await.unwrap();
    assert_eq!(s.state(old).unwrap(), State::Detached);
    let rows: Vec<(String, Option<String>)> = select((Order::customer, Order::note)).all(&mut s).await.unwrap();
    assert_eq!(rows, [("Bob".to_owned(), None)]);
}

#[tokio::test]
async fn what_hangs_on_the_key_of_a_parent_is_switched_too() {
    let db = open(models![Order]).await;
    let (mut s, old) = one_order(&db).await;
    s.load(old, Order::lines).await.unwrap();
    let recorder = db.recorder();
    s.delete(old).unwrap();
    let lines = [new!(Line { position: 2, article: "paper" }), new!(Line { position: 3, article: "glue" })];
    let new = s.add(new!(Order { number: "A1", customer: "Ada", note: "soon", lines: lines }));
    s.commit().await.unwrap();
    assert_eq!(
        statements(&recorder),
        ["UPDATE orders(customer, note) x1", "UPDATE lines(article) x1", "INSERT lines x1", "DELETE lines x1"]
    );
    let rows: Vec<(i32, String)> =
        select((Line::position, Line::article)).order_by(Line::position).all(&mut s).await.unwrap();
    assert_eq!(rows, [(2, "paper".to_owned()), (3, "glue".to_owned())]);
    assert_eq!(s.load(new, Order::lines).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_replaced_association_object_is_switched() {
    let db = open(models![Order]).await;
    let (mut s, order) = one_order(&db).await;
    let lines = s.load(order, Order::lines).await.unwrap();
    let recorder = db.recorder();
    s.remove(order, Order::lines, lines[0]).unwrap();
    s.append(order, Order::lines, new!(Line { position: 1, article: "chalk" })).unwrap();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE lines(article) x1"]);
}

#[tokio::test]
async fn a_rollback_brings_the_old_object_back() {
    let db = open(models![Order]).await;
    let (mut s, old) = one_order(&db).await;
    s.delete(old).unwrap();
    let new = s.add(new!(Order { number: "A1", customer: "Bob" }));
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    assert_eq!((s.state(old).unwrap(), s.state(new).unwrap()), (State::Persistent, State::Transient));
    assert_eq!((s[old].customer.as_str(), s[new].customer.as_str()), ("Ada", "Bob"));
    assert_eq!(s.get::<Order>("A1").await.unwrap(), Some(old));
    assert_eq!(s.load(old, Order::lines).await.unwrap().len(), 2);
}

#[tokio::test]
async fn one_of_two_new_objects_takes_the_row_and_the_other_is_refused() {
    let db = open(models![Order]).await;
    let (mut s, old) = one_order(&db).await;
    s.delete(old).unwrap();
    s.add(new!(Order { number: "A1", customer: "Bob" }));
    s.add(new!(Order { number: "A1", customer: "Eve" }));
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::UniqueViolation);
    s.rollback().await.unwrap();
    assert_eq!(s[old].customer, "Ada");
}
