//! What a flush refuses, what the database refuses of it, and how each is told.

use realgar::prelude::*;

use crate::models::{
    File,
    blog::{Post, Tag, User},
    names, open, sent,
    shop::{Article, Line, Order},
    tree::Node,
};

#[tokio::test]
async fn a_unique_violation_names_table_column_and_object() {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    let twin = s.add(new!(User { name: "Ada" }));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    let facts = error.database().unwrap();
    assert_eq!((facts.table.as_deref(), facts.columns.as_slice()), (Some("users"), &["name".to_owned()][..]));
    let entity = error.entity().unwrap();
    assert!(entity.starts_with("User (pending, added at ") && entity.contains("refused.rs:"), "{entity}");
    assert!(crate::models::plain(error.statement().unwrap()).contains("INSERT INTO \"users\""));
    assert!(!error.to_string().contains("Ada"), "parameters are in no text: {error}");
    s.rollback().await.unwrap();
    assert_eq!(s.state(twin).unwrap(), State::Transient);
    let ada = s.add(new!(User { name: "Ada" }));
    let eve = s.add(new!(User { name: "Eve" }));
    s.commit().await.unwrap();
    let number = s[eve].id; // a sequence leaves gaps where something failed
    s[eve].name = s[ada].name.clone();
    assert_eq!(s.flush().await.unwrap_err().entity(), Some(&*format!("User(id = {number})")));
}

#[tokio::test]
async fn after_a_failure_a_rollback_is_due() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    s.add(new!(User { name: "Ada" }));
    let recorder = db.recorder();
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::UniqueViolation);
    assert_eq!(sent(&recorder).last().unwrap(), "ROLLBACK");
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::PendingRollback);
    assert!(error.to_string().to_lowercase().contains("unique") && error.to_string().contains("rollback()"), "{error}");
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::PendingRollback);
    assert_eq!(User::select().all(&mut s).await.unwrap_err().kind(), Kind::PendingRollback);
    assert_eq!(s.get::<User>(9).await.unwrap_err().kind(), Kind::PendingRollback);
    assert_eq!(s.load(ada, User::posts).await.unwrap_err().kind(), Kind::PendingRollback);
    assert_eq!(recorder.count(), 0);
    s.rollback().await.unwrap();
    s.commit().await.unwrap();
    assert_eq!(names(&mut s).await, ["Ada"]);
}

#[tokio::test]
async fn a_key_that_is_taken_is_refused_by_the_database() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    s.add(new!(User { id: 1, name: "Eve" }));
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::UniqueViolation);
    s.rollback().await.unwrap();
    assert_eq!(s.get::<User>(1).await.unwrap(), Some(ada));
}

#[tokio::test]
async fn an_owner_that_was_forgotten_is_named() {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(Post { title: "whose?" }));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::ForeignKeyViolation);
    assert!(error.to_string().contains("`Post::user_id` is still 0"), "{error}");
    s.rollback().await.unwrap();
    s.add(new!(Post { title: "wrong", user_id: 7 }));
    let error = s.flush().await.unwrap_err();
    assert!(!error.to_string().contains("still 0"), "{error}");
}

#[tokio::test]
async fn a_row_that_is_gone_is_stale_data() {
    let file = File::new();
    let db = file.open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let bob = s.add(new!(User { name: "Bob" }));
    s.commit().await.unwrap();
    file.execute("DELETE FROM users");
    s[ada].name = "Eve".to_owned();
    let error = s.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (Kind::StaleData, Some("User(id = 1)")));
    s.rollback().await.unwrap();
    assert_eq!(s[ada].name, "Ada");
    // A DELETE of what is gone has nothing to complain about.
    s.delete(bob).unwrap();
    s.commit().await.unwrap();
    assert_eq!(s.state(bob).unwrap(), State::Detached);
}

#[tokio::test]
async fn an_association_row_that_is_gone_is_stale_data() {
    let file = File::new();
    let db = file.open(models![User]).await;
    let mut s = db.session();
    let tag = s.add(new!(Tag { name: "rust" }));
    let ada = s.add(new!(User { name: "Ada" }));
    let post = s.add(new!(Post { title: "a", author: ada, tags: [tag] }));
    s.commit().await.unwrap();
    s.load(post, Post::tags).await.unwrap();
    s.commit().await.unwrap();
    file.execute("DELETE FROM post_tags");
    s.remove(post, Post::tags, tag).unwrap();
    let error = s.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (Kind::StaleData, Some("Post(id = 1) and Tag(id = 1)")));
    assert!(error.to_string().contains("post_tags"), "{error}");
}

#[tokio::test]
async fn part_of_a_primary_key_cannot_be_blanked() {
    let db = open(models![Line]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.0 }));
    let order = s.add(new!(Order { customer: "Ada", lines: [new!(Line { article: pen })] }));
    s.commit().await.unwrap();
    let line = s.load(order, Order::lines).await.unwrap()[0];
    s.remove(order, Order::lines, line).unwrap();
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Flush);
    assert!(error.to_string().contains("`Line::order_id`") && error.to_string().contains("order_id = 1"), "{error}");
    s.rollback().await.unwrap();
    s.delete(order).unwrap();
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::Flush);
}

#[tokio::test]
async fn rows_that_need_one_another_are_a_circle() {
    let db = open(models![Node]).await;
    let mut s = db.session();
    let egg = s.add(new!(Node { name: "egg" }));
    let hen = s.add(new!(Node { name: "hen", parent: egg }));
    s.set(egg, Node::parent, hen).unwrap();
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::CircularDependency);
    assert_eq!(error.to_string().matches("Node (pending, added at").count(), 2, "{error}");
    s.rollback().await.unwrap();
    // The way out that the text names.
    let egg = s.add(new!(Node { name: "egg" }));
    let hen = s.add(new!(Node { name: "hen", parent: egg }));
    s.flush().await.unwrap();
    s.set(egg, Node::parent, hen).unwrap();
    s.commit().await.unwrap();
    assert_eq!((s[egg].parent_id, s[hen].parent_id), (Some(2), Some(1)));
    // Its own parent is a circle that the database takes.
    let ouroboros = s.add(new!(Node { id: 9, name: "ouroboros", parent_id: 9 }));
    s.commit().await.unwrap();
    assert_eq!(s.load(ouroboros, Node::parent).await.unwrap(), Some(ouroboros));
}

#[tokio::test]
async fn a_generated_key_does_not_change() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    s[ada].id = 7;
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("`User::id` was changed from 1 to 7"), "{error}");
    s.rollback().await.unwrap();
    assert_eq!((s[ada].id, s.key(ada).unwrap()), (1, 1));
    s[ada] = new!(User { name: "Eve" });
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::InvalidRequest);
}

#[tokio::test]
async fn a_foreign_handle_is_told_by_the_flush() {
    let db = open(models![User]).await;
    let (mut s, mut other) = (db.session(), db.session());
    let stranger = other.add(new!(User { name: "stranger" }));
    assert_eq!(s.try_ref(stranger).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.state(stranger).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.delete(stranger).unwrap_err().kind(), Kind::DetachedInstance);
    let line = line!() + 1;
    let post = s.add(new!(Post { title: "a", author: stranger }));
    let error = s.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.place().unwrap().line()), (Kind::DetachedInstance, line));
    assert!(error.to_string().contains("`User`") && error.to_string().contains("refused.rs"), "{error}");
    s.rollback().await.unwrap();
    // The verbs tell it at once, and nothing is left of it.
    s.add_again(post).unwrap();
    assert_eq!(s.set(post, Post::author, stranger).unwrap_err().kind(), Kind::DetachedInstance);
    let ada = s.add(new!(User { name: "Ada" }));
    s.set(post, Post::author, ada).unwrap();
    s.commit().await.unwrap();
}

#[tokio::test]
#[should_panic(expected = "belongs to another session")]
async fn indexing_by_a_foreign_handle_panics() {
    let db = open(models![User]).await;
    let (s, mut other) = (db.session(), db.session());
    let stranger = other.add(new!(User { name: "stranger" }));
    let _ = &s[stranger];
}
