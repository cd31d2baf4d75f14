//! What a flush sends, in which order, and what becomes of the objects: counted statement by statement.

use crate::database::lacks;
use realgar::prelude::*;

use crate::models::{
    File,
    blog::{Comment, Post, PostTags, Tag, User},
    club::{Player, Team},
    names, open, sent,
    shop::Article,
    statements,
    tree::Node,
};

#[tokio::test]
async fn inserts_follow_the_tables_and_then_the_order_of_adding() {
    let db = open(models![User]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    let tag = s.add(new!(Tag { name: "rust" }));
    s.add(new!(Comment {
        text: "!",
        post: new!(Post { title: "b", tags: [tag], author: new!(User { name: "Bob" }) })
    }));
    s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a1" }), new!(Post { title: "a2" })] }));
    assert_eq!(recorder.events(), []);
    s.commit().await.unwrap();
    let sent = sent(&recorder);
    assert_eq!((sent.first().unwrap().as_str(), sent.last().unwrap().as_str(), sent.len()), ("BEGIN", "COMMIT", 7));
    let at = |what: &str| sent.iter().position(|sent| sent == what).unwrap_or_else(|| panic!("{what} in {sent:?}"));
    assert!(at("INSERT users x2") < at("INSERT posts x3") && at("INSERT posts x3") < at("INSERT comments x1"));
    assert!(at("INSERT posts x3").max(at("INSERT tags x1")) < at("INSERT post_tags x1"));
    assert_eq!(names(&mut s).await, ["Bob", "Ada"]);
    let titles: Vec<String> = select(Post::title).order_by(Post::id).all(&mut s).await.unwrap();
    assert_eq!(titles, ["b", "a1", "a2"]);
}

#[tokio::test]
async fn rows_of_one_table_are_inserted_parent_first() {
    let db = open(models![Node]).await;
    let mut s = db.session();
    let leaf = s.add(new!(Node { name: "leaf" }));
    let twig = s.add(new!(Node { name: "twig", children: [leaf] }));
    let root = s.add(new!(Node { name: "root", children: [twig] }));
    let recorder = db.recorder();
    s.commit().await.unwrap();
    if !lacks("rows inserted one by one") {
        assert_eq!(sent(&recorder), ["BEGIN", "INSERT nodes x3", "COMMIT"]);
    }
    assert_eq!([s[root].id, s[twig].id, s[leaf].id], [1, 2, 3]);
    assert_eq!((s[leaf].parent_id, s[twig].parent_id, s[root].parent_id), (Some(2), Some(1), None));
    s.delete(root).unwrap();
    s.flush().await.unwrap();
    // Where keys are looked at after each row, a row goes before the one that it refers to, in a statement of its own.
    let each = ["DELETE nodes x3".to_owned()];
    let one_by_one = ["DELETE nodes x1", "DELETE nodes x1", "DELETE nodes x1"].map(str::to_owned);
    let expected = if lacks("keys that are looked at last") { &one_by_one[..] } else { &each };
    assert!(statements(&recorder).ends_with(expected));
}

#[tokio::test]
async fn generated_keys_arrive_on_the_objects() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let given = s.add(new!(User { id: 40, name: "given" }));
    let made = s.add(new!(User { name: "made", posts: [new!(Post { title: "a" })] }));
    assert_eq!(s.key(made).unwrap_err().kind(), Kind::InvalidRequest);
    s.flush().await.unwrap();
    let post = s.loaded(made, User::posts).unwrap()[0];
    let key = if lacks("keys that follow the largest") { 1 } else { 41 };
    assert_eq!((s.key(given).unwrap(), s[made].id, s.key(made).unwrap(), s[post].user_id), (40, key, key, key));
    assert_eq!(s.get::<User>(key).await.unwrap(), Some(made));
}

#[tokio::test]
async fn an_update_holds_the_columns_that_differ() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    let recorder = db.recorder();
    s[ada].city = Some("London".to_owned());
    s.commit().await.unwrap();
    assert_eq!(sent(&recorder), ["BEGIN", "UPDATE users(city) x1", "COMMIT"]);
    s[ada].name.push('!');
    s[ada].name.pop();
    s[ada].city = Some("London".to_owned());
    s.commit().await.unwrap();
    assert_eq!(sent(&recorder), Vec::<String>::new());
}

#[tokio::test]
async fn rows_with_the_same_changes_share_a_statement() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let players = s.add_all((0..100).map(|index| new!(Player { name: format!("p{index}") })));
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!(sent(&recorder), ["BEGIN", "INSERT players x100", "COMMIT"]);
    for &player in &players[..60] {
        s[player].number += 1;
    }
    for &player in &players[60..] {
        s[player].number += 1;
        s[player].name.push('!');
    }
    s.commit().await.unwrap();
    assert_eq!(sent(&recorder), ["BEGIN", "UPDATE players(number) x60", "UPDATE players(name, number) x40", "COMMIT"]);
    for &player in &players {
        s.delete(player).unwrap();
    }
    s.commit().await.unwrap();
    assert!(statements(&recorder).contains(&"DELETE players x100".to_owned()));
    assert_eq!(Player::select().count(&mut s).await.unwrap(), 0);
}

#[tokio::test]
async fn deletes_come_last_and_children_first() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada =
        s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a", comments: [new!(Comment { text: "!" })] })] }));
    let bob = s.add(new!(User { name: "Bob" }));
    s.commit().await.unwrap();
    s.delete(ada).unwrap();
    s[bob].city = Some("Rome".to_owned());
    s.add(new!(User { name: "Eve" }));
    let recorder = db.recorder();
    s.flush().await.unwrap();
    let mut sent = statements(&recorder);
    sent.retain(|statement| statement != "SELECT");
    assert_eq!(
        sent,
        ["UPDATE users(city) x1", "INSERT users x1", "DELETE comments x1", "DELETE posts x1", "DELETE users x1"]
    );
}

#[tokio::test]
async fn a_commit_with_nothing_to_do_sends_nothing() {
    let db = open(models![User]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    s.commit().await.unwrap();
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    assert_eq!(recorder.events(), []);
    // A read leaves a transaction open, which the commit ends.
    User::select().all(&mut s).await.unwrap();
    s.commit().await.unwrap();
    s.commit().await.unwrap();
    assert_eq!(sent(&recorder), ["BEGIN", "SELECT", "COMMIT"]);
}

#[tokio::test]
async fn one_object_per_row_and_its_values_stay() {
    let file = File::new();
    let db = file.open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    s[ada].city = Some("London".to_owned());
    file.execute("UPDATE users SET name = 'Eve', city = 'Rome'");
    // An aged object with an unflushed change keeps it; afterwards the loaded values stay until the next commit.
    assert_eq!(User::select().one(&mut s).await.unwrap(), ada);
    assert_eq!(s[ada].city.as_deref(), Some("London"));
    s.commit().await.unwrap();
    assert_eq!(User::select().all(&mut s).await.unwrap(), [ada]);
    assert_eq!((s[ada].name.as_str(), s[ada].city.as_deref()), ("Eve", Some("London")));
    s.commit().await.unwrap();
    assert_eq!(s.get::<User>(1).await.unwrap(), Some(ada));
    file.execute("UPDATE users SET name = 'Ida'");
    User::select().all(&mut s).await.unwrap();
    assert_eq!(s[ada].name, "Eve");
}

#[tokio::test]
async fn queries_flush_first_and_get_of_a_known_object_does_not() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.flush().await.unwrap();
    let recorder = db.recorder();
    s[ada].name = "Eve".to_owned();
    assert_eq!(s.get::<User>(1).await.unwrap(), Some(ada));
    assert_eq!(recorder.count(), 0);
    assert_eq!(User::select().filter_by(User::name, "Eve").all(&mut s).await.unwrap(), [ada]);
    assert_eq!(statements(&recorder), ["UPDATE users(name) x1", "SELECT"]);
    s[ada].name = "Ida".to_owned();
    s.load(ada, User::posts).await.unwrap();
    assert_eq!(statements(&recorder)[0], "UPDATE users(name) x1");
}

#[tokio::test]
async fn a_rollback_restores_values_keys_and_states() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    let bob = s.add(new!(User { name: "Bob" }));
    s.commit().await.unwrap();
    let post = s.load(ada, User::posts).await.unwrap()[0];
    s[ada].name = "Eve".to_owned();
    s.set(post, Post::author, bob).unwrap();
    s.flush().await.unwrap();
    s[ada].name = "Ida".to_owned();
    s.delete(post).unwrap();
    let new = s.add(new!(User { name: "new" }));
    s.flush().await.unwrap();
    s.delete(bob).unwrap();
    let pending = s.add(new!(User { name: "pending" }));
    let states = |s: &Session| [ada, bob, new, pending].map(|user| s.state(user).unwrap());
    assert_eq!(states(&s), [State::Persistent, State::Persistent, State::Persistent, State::Pending]);
    assert_eq!((s.state(post).unwrap(), s[new].id), (State::Deleted, 3));
    let recorder = db.recorder();
    s.rollback().await.unwrap();
    assert_eq!(sent(&recorder), ["ROLLBACK"]);
    assert_eq!(states(&s), [State::Persistent, State::Persistent, State::Transient, State::Transient]);
    assert_eq!((s.state(post).unwrap(), s[post].user_id), (State::Persistent, 1));
    assert_eq!((s[ada].name.as_str(), s[new].name.as_str(), s[new].id), ("Ada", "new", 0));
    assert_eq!(s.get::<User>(3).await.unwrap(), None);
    assert_eq!(s.load(ada, User::posts).await.unwrap(), [post]);
    // Nothing of it is left to flush.
    recorder.take();
    s.commit().await.unwrap();
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn a_rolled_back_addition_can_be_added_again() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let tag = s.add(new!(Tag { name: "rust" }));
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a", tags: [tag] })] }));
    let post = s.loaded(ada, User::posts).unwrap()[0];
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    assert_eq!((s[post].title.as_str(), s.state(post).unwrap()), ("a", State::Transient));
    // Whatever the order, each relationship comes back once.
    s.add_again(post).unwrap();
    s.add_again(ada).unwrap();
    s.add_again(tag).unwrap();
    s.add_again(tag).unwrap();
    assert_eq!((s.loaded(ada, User::posts).unwrap(), s.loaded(tag, Tag::posts).unwrap()), (vec![post], vec![post]));
    s.commit().await.unwrap();
    assert_eq!([s.state(ada), s.state(post), s.state(tag)].map(Result::unwrap), [State::Persistent; 3]);
    let rows: Vec<(String, String)> =
        select((User::name, Tag::name)).join(User::posts).join(Post::tags).all(&mut s).await.unwrap();
    assert_eq!(rows, [("Ada".to_owned(), "rust".to_owned())]);
}

#[tokio::test]
async fn adding_again_brings_what_belongs_to_it() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada =
        s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a", comments: [new!(Comment { text: "!" })] })] }));
    s.rollback().await.unwrap();
    s.add_again(ada).unwrap();
    s.commit().await.unwrap();
    let rows: Vec<(String, String)> =
        select((Post::title, Comment::text)).join(Post::comments).all(&mut s).await.unwrap();
    assert_eq!(rows, [("a".to_owned(), "!".to_owned())]);
}

#[tokio::test]
async fn states_from_adding_to_deletion() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let error = s.delete(ada).unwrap_err();
    assert_eq!((error.kind(), s.state(ada).unwrap()), (Kind::InvalidRequest, State::Pending));
    s.flush().await.unwrap();
    assert_eq!(s.state(ada).unwrap(), State::Persistent);
    s.delete(ada).unwrap();
    s.delete(ada).unwrap();
    assert_eq!(s.state(ada).unwrap(), State::Persistent);
    s.flush().await.unwrap();
    assert_eq!((s.state(ada).unwrap(), s.get::<User>(1).await.unwrap()), (State::Deleted, None));
    assert_eq!(s.add_again(ada).unwrap_err().kind(), Kind::InvalidRequest);
    s.commit().await.unwrap();
    assert_eq!((s.state(ada).unwrap(), s[ada].name.as_str()), (State::Detached, "Ada"));
    assert_eq!(s.delete(ada).unwrap_err().kind(), Kind::InvalidRequest);
}

#[tokio::test]
async fn adding_again_cancels_a_deletion() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    s.delete(ada).unwrap();
    s.add_again(ada).unwrap();
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!((recorder.count(), s.state(ada).unwrap()), (0, State::Persistent));
}

#[tokio::test]
async fn a_deleted_key_can_be_used_again_after_a_flush() {
    let db = open(models![Article]).await;
    let mut s = db.session();
    let old = s.add(new!(Article { code: "pen", price: 1.0 }));
    s.commit().await.unwrap();
    s.delete(old).unwrap();
    s.flush().await.unwrap();
    let new = s.add(new!(Article { code: "pen", price: 2.0 }));
    s.flush().await.unwrap();
    assert_eq!([s.state(old).unwrap(), s.state(new).unwrap()], [State::Deleted, State::Persistent]);
    assert_eq!(s.get::<Article>("pen").await.unwrap(), Some(new));
    s.rollback().await.unwrap();
    assert_eq!([s.state(old).unwrap(), s.state(new).unwrap()], [State::Persistent, State::Transient]);
    assert_eq!((s.get::<Article>("pen").await.unwrap(), s[old].price), (Some(old), 1.0));
}

#[tokio::test]
async fn handles_are_void_after_close() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    s[ada].name = "Eve".to_owned();
    s.close().await.unwrap();
    assert_eq!(s.try_ref(ada).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.try_mut(ada).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.key(ada).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.load(ada, User::posts).await.unwrap_err().kind(), Kind::DetachedInstance);
    // The session goes on, without the change.
    let again = s.get::<User>(1).await.unwrap().unwrap();
    assert_eq!(s[again].name, "Ada");
    assert_ne!(again, ada);
}

#[tokio::test]
async fn a_session_that_is_dropped_rolls_back() {
    let db = open(models![User]).await;
    let recorder = db.recorder();
    {
        let mut s = db.session();
        s.add(new!(User { name: "Ada" }));
        s.flush().await.unwrap();
    }
    let mut s = db.session();
    assert_eq!(names(&mut s).await, Vec::<String>::new());
    assert_eq!(sent(&recorder), ["BEGIN", "INSERT users x1", "ROLLBACK", "BEGIN", "SELECT"]);
}

#[tokio::test]
async fn association_rows_are_inserted_in_one_batch() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let tags = s.add_all(["a", "b", "c"].map(|name| new!(Tag { name: name })));
    let ada = s.add(new!(User { name: "Ada" }));
    for title in ["x", "y"] {
        s.add(new!(Post { title: title, author: ada, tags: tags.clone() }));
    }
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert!(statements(&recorder).contains(&"INSERT post_tags x6".to_owned()));
    assert_eq!(select(count(PostTags::post_id)).all(&mut s).await.unwrap(), [6_i64]);
}

const DEPTH: usize = 10_000;

fn chain(depth: usize) -> Node {
    let mut node = new!(Node { name: "leaf" });
    for _ in 1..depth {
        node = new!(Node { name: "node", children: [node] });
    }
    node
}

#[tokio::test]
async fn deep_nesting_needs_no_stack() {
    let db = open(models![Node]).await;
    let mut s = db.session();
    s.add(chain(DEPTH));
    let recorder = db.recorder();
    s.commit().await.unwrap();
    // A row at a time is one statement; all rows of a generation at once are as many as there are generations.
    let sent: usize = recorder.statements().iter().map(|statement| statement.executions).sum();
    assert_eq!((sent, recorder.count() == 1), (DEPTH, !lacks("rows inserted one by one")));
    assert_eq!(Node::select().count(&mut s).await.unwrap(), DEPTH as u64);
}

#[test]
fn deep_nesting_is_dropped_without_stack() {
    drop(chain(100 * DEPTH));
}

mod one_to_one {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users")]
    struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = user)]
        profile: One<Option<Profile>>,
    }

    #[derive(Model)]
    #[model(table = "profiles")]
    struct Profile {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id, unique)]
        user_id: Option<i64>,
    }

    #[tokio::test]
    async fn the_place_is_given_up_before_it_is_taken() -> realgar::Result<()> {
        let db = Db::connect(&crate::database::database().await, models![User]).await?;
        db.create_all().await?;
        let mut s = db.session();
        let user = s.add(new!(User { profile: new!(Profile {}) }));
        s.commit().await?;
        let old = s.load(user, User::profile).await?.expect("it was set");
        s.set(user, User::profile, new!(Profile {}))?;
        s.commit().await?; // UNIQUE (user_id)
        assert_eq!(s.load(old, Profile::user).await?, None);
        assert_ne!(s.load(user, User::profile).await?, Some(old));
        Ok(())
    }
}
