//! Rows 56 to 64: states, the identity map, what is sent when, freshness.

use realgar::{Event, prelude::*};

use super::{selects, writes};
use crate::models::{
    blog::{Post, User},
    club::{Player, Team},
    open, sent, statements,
};

#[tokio::test]
async fn r056_states_from_new_to_gone() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    // Transient: an object that is still the caller's, or whose addition was rolled back.
    let ada = s.add(new!(User { name: "Ada" }));
    assert_eq!(s.state(ada)?, State::Pending);
    s.rollback().await?;
    assert_eq!(s.state(ada)?, State::Transient);
    s.add_again(ada)?;
    s.flush().await?;
    assert_eq!(s.state(ada)?, State::Persistent);
    s.delete(ada)?;
    assert_eq!(s.state(ada)?, State::Persistent, "until the flush");
    s.flush().await?;
    assert_eq!(s.state(ada)?, State::Deleted);
    s.commit().await?;
    assert_eq!((s.state(ada)?, s[ada].name.as_str()), (State::Detached, "Ada"));
    s.close().await?;
    assert_eq!(s.state(ada).unwrap_err().kind(), Kind::DetachedInstance);
    Ok(())
}

#[tokio::test]
async fn r057_one_object_per_row_keeps_what_is_loaded() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    s.flush().await?;
    let id = s[ada].id;
    sql("UPDATE users SET city = 'Rome'").execute(&mut s).await?;
    assert_eq!(User::select().one(&mut s).await?, ada);
    assert_eq!(User::select().filter(User::city.eq("Rome")).one(&mut s).await?, ada, "asked of the database");
    let post = Post::select().options(Post::author.joined()).one(&mut s).await?;
    assert_eq!((s.loaded(post, Post::author)?, s.get_one::<User>(id).await?), (ada, ada));
    assert_eq!(s[ada].city, None, "loaded values stay");
    Ok(())
}

#[tokio::test]
async fn r058_add_sends_nothing_flush_writes_commit_ends() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    s.add_all([new!(User { name: "Bob" }), new!(User { name: "Cyd" })]);
    assert_eq!(recorder.events(), []);
    s.flush().await?;
    assert_eq!(sent(&recorder), ["BEGIN", "INSERT users x3"]);
    s.add(new!(User { name: "Dan" }));
    s.commit().await?;
    assert_eq!(sent(&recorder), ["INSERT users x1", "COMMIT"]);
    Ok(())
}

#[tokio::test]
async fn r059_a_transaction_begins_with_its_first_statement() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    s.commit().await?;
    s.rollback().await?;
    assert_eq!(recorder.events(), []);
    User::select().all(&mut s).await?;
    User::select().all(&mut s).await?;
    assert_eq!(sent(&recorder), ["BEGIN", "SELECT", "SELECT"]);
    s.commit().await?;
    s.commit().await?;
    assert_eq!(sent(&recorder), ["COMMIT"]);
    User::select().all(&mut s).await?;
    s.close().await?;
    assert_eq!(sent(&recorder), ["BEGIN", "SELECT", "ROLLBACK"]);
    Ok(())
}

#[tokio::test]
async fn r060_after_a_commit_objects_are_read_anew() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let users = s.add_all(["Ada", "Bob", "Cyd"].map(|name| new!(User { name })));
    s.commit().await?;
    sql("UPDATE users SET city = 'Rome'").execute(&mut s).await?;
    let recorder = db.recorder();
    assert_eq!((s[users[0]].city.as_deref(), recorder.count()), (None, 0), "reading a field sends nothing");
    // Each object by one SELECT …
    s.refresh(users[0]).await?;
    s.get_one::<User>(2).await?;
    assert_eq!(selects(&recorder), 2);
    assert_eq!([0, 1, 2].map(|at: usize| s[users[at]].city.is_some()), [true, true, false]);
    // … or all by the query that answers them.
    s.commit().await?;
    sql("UPDATE users SET city = 'Bonn'").execute(&mut s).await?;
    recorder.take();
    assert_eq!(User::select().order_by(User::id).all(&mut s).await?, users);
    assert_eq!((users.iter().all(|&user| s[user].city.as_deref() == Some("Bonn")), selects(&recorder)), (true, 1));
    Ok(())
}

#[tokio::test]
async fn r061_without_expire_on_commit_everything_stays_readable() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    s.commit().await?;
    drop(s);
    let db = Db::builder(models![User]).expire_on_commit(false).connect(&crate::database::database().await).await?;
    db.create_all().await?;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    s.commit().await?;
    let recorder = db.recorder();
    let posts = s.load(ada, User::posts).await?;
    assert_eq!((s.loaded(posts[0], Post::author)?, s.get_one::<User>(1).await?, recorder.count()), (ada, ada, 0));
    // What outlives the session is a tree.
    let tree = s.tree(ada)?;
    s.close().await?;
    assert_eq!((tree.name.as_str(), tree.posts.get()?.next().map(|post| post.title.as_str())), ("Ada", Some("a")));
    Ok(())
}

#[tokio::test]
async fn r062_what_is_not_loaded_of_a_detached_object_is_an_error() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    s.commit().await?;
    s.close().await?;
    let tree = User::select().fetch_one(&db).await?;
    assert_eq!(tree.name, "Ada");
    assert_eq!(tree.posts.get().map(|_| ()).unwrap_err().kind(), Kind::DetachedInstance);
    // In a session again, it loads.
    let ada = s.attach(tree)?;
    assert_eq!(s.load(ada, User::posts).await?.len(), 1);
    s.close().await?;
    assert_eq!(s.load(ada, User::posts).await.unwrap_err().kind(), Kind::DetachedInstance);
    Ok(())
}

#[tokio::test]
async fn r063_autoflush_before_every_question() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red" }));
    let ada = s.add(new!(Player { name: "Ada", team: red }));
    s.flush().await?;
    let recorder = db.recorder();
    let flushed = |recorder: &realgar::Recorder| statements(recorder).contains(&"UPDATE teams(name) x1".to_owned());
    s[red].name = "1".to_owned();
    Player::select().count(&mut s).await?;
    assert!(flushed(&recorder), "a query");
    s[red].name = "2".to_owned();
    s.load(ada, Player::badge).await?;
    assert!(flushed(&recorder), "a lazy load");
    s[red].name = "3".to_owned();
    let names: Vec<String> = sql("SELECT name FROM teams").all(&mut s).await?;
    assert_eq!((names, flushed(&recorder)), (vec!["3".to_owned()], true), "a statement of one's own");
    s[red].name = "4".to_owned();
    s.get_one::<Team>(1).await?;
    s.load(ada, Player::team).await?;
    assert_eq!(recorder.count(), 0, "what the session knows");
    s.get::<Team>(99).await?;
    assert!(flushed(&recorder), "a key that it does not know");
    Ok(())
}

#[tokio::test]
async fn r064_no_autoflush_and_the_hint() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    let seen = s.no_autoflush(async |s| User::select().count(s).await).await?;
    assert_eq!((seen, User::select().count(&mut s).await?), (0, 1));
    s.add(new!(User { name: "Ada" }));
    let error = User::select().count(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    assert!(error.to_string().contains("raised by the flush before a query"), "{error}");
    assert!(error.to_string().contains("no_autoflush"), "{error}");
    s.rollback().await?;
    // A flush that was asked for has no such hint; and a database can do without.
    s.add_all([new!(User { name: "Ada" }), new!(User { name: "Ada" })]);
    assert!(!s.flush().await.unwrap_err().to_string().contains("no_autoflush"));
    s.rollback().await?;
    let db = Db::builder(models![User]).autoflush(false).connect(&crate::database::database().await).await?;
    db.create_all().await?;
    let recorder = db.recorder();
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    assert_eq!((User::select().count(&mut s).await?, writes(&recorder).len()), (0, 0));
    assert!(!recorder.events().iter().any(|event| matches!(event, Event::Commit)));
    Ok(())
}
