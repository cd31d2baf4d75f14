//! Both sides of a relationship stay in step in memory, before any SQL.

use crate::database::database;
use realgar::{Item, prelude::*};

use crate::models::{
    blog::{Post, PostTags, Tag, User},
    club::{Badge, Player, Team},
    oneway::{self, Book, Writer},
    open, statements,
    tree::Node,
};

/// Titles of the user's posts in the database.
async fn titles(s: &mut Session, user: Handle<User>) -> Vec<String> {
    let id = s[user].id;
    select(Post::title).filter(Post::user_id.eq(id)).order_by(Post::title).all(s).await.unwrap()
}

#[tokio::test]
async fn append_sets_the_other_side_and_no_key() {
    let db = open(models![User]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let post = s.append(ada, User::posts, new!(Post { title: "Hello" })).unwrap();
    assert_eq!(s.loaded(post, Post::author).unwrap(), ada);
    assert_eq!((s[post].user_id, s.state(post).unwrap()), (0, State::Pending));
    let other = s.add(new!(Post { title: "World" }));
    s.set(other, Post::author, ada).unwrap();
    assert_eq!(s.loaded(ada, User::posts).unwrap(), [post, other]);
    assert_eq!(recorder.events(), []);
}

#[tokio::test]
async fn remove_and_set_let_go_of_the_old_owner() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, blue) = (s.add(new!(Team { name: "red" })), s.add(new!(Team { name: "blue" })));
    let player = s.append(red, Team::players, new!(Player { name: "Ada" })).unwrap();
    s.set(player, Player::team, blue).unwrap();
    assert_eq!((s.loaded(red, Team::players).unwrap(), s.loaded(blue, Team::players).unwrap()), (vec![], vec![player]));
    s.remove(blue, Team::players, player).unwrap();
    assert_eq!(s.loaded(player, Player::team).unwrap(), None);
    s.append(red, Team::players, player).unwrap();
    s.append(blue, Team::players, player).unwrap();
    assert_eq!((s.loaded(red, Team::players).unwrap(), s.loaded(blue, Team::players).unwrap()), (vec![], vec![player]));
    s.set(player, Player::team, None::<Handle<Team>>).unwrap();
    assert_eq!(s.loaded(blue, Team::players).unwrap(), []);
}

#[tokio::test]
async fn removing_what_is_not_there_is_an_error() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red" }));
    let player = s.add(new!(Player { name: "Ada" }));
    let error = s.remove(red, Team::players, player).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("Team (pending") && error.to_string().contains("`Team::players`"), "{error}");
    s.flush().await.unwrap();
    s.load(red, Team::players).await.unwrap();
    assert_eq!(s.remove(red, Team::players, player).unwrap_err().kind(), Kind::InvalidRequest);
}

#[tokio::test]
async fn objects_nested_from_either_side_are_in_step() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let post = s.add(new!(Post { title: "Hello", author: new!(User { name: "Ada" }) }));
    let ada = s.loaded(post, Post::author).unwrap();
    assert_eq!((s[ada].name.as_str(), s.loaded(ada, User::posts).unwrap()), ("Ada", vec![post]));
    let bob = s.add(new!(User { name: "Bob", posts: many![post, new!(Post { title: "World" })] }));
    assert_eq!(s.loaded(ada, User::posts).unwrap(), []);
    assert_eq!((s.loaded(bob, User::posts).unwrap().len(), s.loaded(post, Post::author).unwrap()), (2, bob));
    s.commit().await.unwrap();
    assert_eq!(titles(&mut s, bob).await, ["Hello", "World"]);
}

#[tokio::test]
async fn many_to_many_works_both_ways() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let post = s.add(new!(Post { title: "Hello", author: ada }));
    let rust = s.append(post, Post::tags, new!(Tag { name: "rust" })).unwrap();
    let sql = s.add(new!(Tag { name: "sql", posts: [post] }));
    assert_eq!(
        (s.loaded(rust, Tag::posts).unwrap(), s.loaded(post, Post::tags).unwrap()),
        (vec![post], vec![rust, sql])
    );
    s.commit().await.unwrap();
    let recorder = db.recorder();
    s.load(post, Post::tags).await.unwrap();
    s.remove(sql, Tag::posts, post).unwrap();
    assert_eq!(s.loaded(post, Post::tags).unwrap(), [rust]);
    recorder.take();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["DELETE post_tags x1"]);
    assert_eq!(s.load(sql, Tag::posts).await.unwrap(), []);
}

#[tokio::test]
async fn appending_to_an_unloaded_collection_sends_nothing_and_merges() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    s.commit().await.unwrap();
    let recorder = db.recorder();
    let b = s.append(ada, User::posts, new!(Post { title: "b" })).unwrap();
    let c = s.add(new!(Post { title: "c", author: ada }));
    assert_eq!(recorder.events(), []);
    assert_eq!(s.loaded(ada, User::posts).unwrap_err().kind(), Kind::NotLoaded);
    let posts = s.load(ada, User::posts).await.unwrap();
    assert_eq!((posts.len(), &posts[1..]), (3, &[b, c][..]));
    assert_eq!(titles(&mut s, ada).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_queue_is_merged_without_a_flush() {
    let db = Db::builder(models![User]).autoflush(false).connect(&database().await).await.unwrap();
    db.create_all().await.unwrap();
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" }), new!(Post { title: "b" })] }));
    s.commit().await.unwrap();
    let a = Post::select().filter_by(Post::title, "a").one(&mut s).await.unwrap();
    let c = s.append(ada, User::posts, new!(Post { title: "c" })).unwrap();
    s.remove(ada, User::posts, a).unwrap();
    let recorder = db.recorder();
    let posts = s.load(ada, User::posts).await.unwrap();
    assert_eq!((posts.len(), posts[1]), (2, c));
    assert!(statements(&recorder).iter().all(|statement| statement == "SELECT"));
    s.flush().await.unwrap();
    // What goes with the post has to be looked up; then two rows change.
    assert_eq!(statements(&recorder), ["SELECT", "SELECT", "INSERT posts x1", "DELETE posts x1"]);
    assert_eq!(titles(&mut s, ada).await, ["b", "c"]);
}

#[tokio::test]
async fn queued_append_and_remove_cancel_out() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let post = s.add(new!(Post { title: "a", author: ada }));
    let tag = s.add(new!(Tag { name: "rust" }));
    s.commit().await.unwrap();
    let recorder = db.recorder();
    s.append(post, Post::tags, tag).unwrap();
    s.remove(post, Post::tags, tag).unwrap();
    s.commit().await.unwrap();
    assert_eq!(recorder.count(), 0);
    s.append(post, Post::tags, tag).unwrap();
    s.commit().await.unwrap();
    recorder.take();
    s.remove(post, Post::tags, tag).unwrap();
    s.append(post, Post::tags, tag).unwrap();
    s.commit().await.unwrap();
    assert_eq!(recorder.count(), 0);
    assert_eq!(s.load(post, Post::tags).await.unwrap(), [tag]);
    assert_eq!(select(PostTags::tag_id).all(&mut s).await.unwrap(), [1_i64]);
}

#[tokio::test]
async fn appending_twice_is_two_entries_in_memory_and_one_change() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red" }));
    let ada = s.add(new!(Player { name: "Ada" }));
    s.flush().await.unwrap();
    s.append(red, Team::players, ada).unwrap();
    s.append(red, Team::players, ada).unwrap();
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE players(team_id) x1"]);
    assert_eq!(s.load(red, Team::players).await.unwrap(), [ada]);
}

#[tokio::test]
async fn one_to_one_is_in_step_from_the_side_with_the_key() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (ada, bob) = (s.add(new!(Player { name: "Ada" })), s.add(new!(Player { name: "Bob" })));
    let badge = s.add(new!(Badge { code: "x", player: ada }));
    assert_eq!(s.loaded(ada, Player::badge).unwrap(), Some(badge));
    s.set(badge, Badge::player, bob).unwrap();
    assert_eq!((s.loaded(ada, Player::badge).unwrap(), s.loaded(bob, Player::badge).unwrap()), (None, Some(badge)));
    s.set(ada, Player::badge, new!(Badge { code: "y" })).unwrap();
    let new = s.loaded(ada, Player::badge).unwrap().unwrap();
    assert_eq!(s.loaded(new, Badge::player).unwrap(), Some(ada));
    s.set(ada, Player::badge, badge).unwrap();
    assert_eq!((s.loaded(badge, Badge::player).unwrap(), s.loaded(new, Badge::player).unwrap()), (Some(ada), None));
}

#[tokio::test]
async fn replacing_a_loaded_one_to_one_lets_the_old_one_go() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let ada = s.add(new!(Player { name: "Ada", badge: new!(Badge { code: "x" }) }));
    s.commit().await.unwrap();
    let old = s.load(ada, Player::badge).await.unwrap().unwrap();
    s.set(ada, Player::badge, new!(Badge { code: "y" })).unwrap();
    let recorder = db.recorder();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE badges(player_id) x1", "INSERT badges x1"]);
    assert_eq!(s[old].player_id, None);
}

#[tokio::test]
async fn replacing_an_unloaded_one_to_one_lets_the_old_one_go_at_the_flush() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let ada = s.add(new!(Player { name: "Ada", badge: new!(Badge { code: "x" }) }));
    s.commit().await.unwrap();
    let recorder = db.recorder();
    s.set(ada, Player::badge, new!(Badge { code: "y" })).unwrap();
    assert_eq!(recorder.events(), []);
    s.commit().await.unwrap();
    let rows: Vec<(String, Option<i64>)> =
        select((Badge::code, Badge::player_id)).order_by(Badge::code).all(&mut s).await.unwrap();
    assert_eq!(rows, [("x".to_owned(), None), ("y".to_owned(), Some(1))]);
}

#[tokio::test]
async fn setting_the_key_leaves_the_relationship_until_it_is_loaded_anew() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, blue) = (s.add(new!(Team { name: "red" })), s.add(new!(Team { name: "blue" })));
    let ada = s.add(new!(Player { name: "Ada", team: red }));
    s.flush().await.unwrap();
    s[ada].team_id = Some(s[blue].id);
    s.flush().await.unwrap();
    assert_eq!((s.loaded(ada, Player::team).unwrap(), s.loaded(red, Team::players).unwrap()), (Some(red), vec![ada]));
    s.commit().await.unwrap();
    assert_eq!(s.load(ada, Player::team).await.unwrap(), Some(blue));
    assert_eq!(s.load(red, Team::players).await.unwrap(), []);
}

#[tokio::test]
async fn an_assigned_relationship_wins_over_an_assigned_key() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, blue) = (s.add(new!(Team { name: "red" })), s.add(new!(Team { name: "blue" })));
    s.flush().await.unwrap();
    let by_key = s.add(new!(Player { name: "a", team_id: s[blue].id }));
    let by_both = s.add(new!(Player { name: "b", team_id: s[blue].id, team: red }));
    let by_none = s.add(new!(Player { name: "c", team_id: s[blue].id, team: One::none() }));
    // To have asked is not to have assigned.
    assert_eq!(s.loaded(by_key, Player::team).unwrap(), None);
    s.flush().await.unwrap();
    assert_eq!((s[by_key].team_id, s[by_both].team_id, s[by_none].team_id), (Some(2), Some(1), None));
}

#[tokio::test]
async fn new_objects_have_nothing_related_and_reading_changes_nothing() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let recorder = db.recorder();
    let ada = s.add(new!(Player { name: "Ada" }));
    assert_eq!((s.loaded(ada, Player::team).unwrap(), s.loaded(ada, Player::badge).unwrap()), (None, None));
    let red = s.add(new!(Team { name: "red" }));
    assert_eq!(s.loaded(red, Team::players).unwrap(), []);
    assert_eq!(recorder.events(), []);
    s.commit().await.unwrap();
    assert_eq!(statements(&recorder), ["INSERT teams x1", "INSERT players x1"]);
}

#[tokio::test]
async fn moving_a_child_is_one_update() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    let bob = s.add(new!(User { name: "Bob" }));
    s.commit().await.unwrap();
    let post = s.load(ada, User::posts).await.unwrap()[0];
    s.remove(ada, User::posts, post).unwrap();
    s.append(bob, User::posts, post).unwrap();
    let recorder = db.recorder();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE posts(user_id) x1"]);
    s.set(post, Post::author, ada).unwrap();
    s.set(post, Post::author, bob).unwrap();
    s.flush().await.unwrap();
    assert_eq!(recorder.count(), 0);
    assert_eq!(titles(&mut s, bob).await, ["a"]);
}

#[tokio::test]
async fn a_self_reference_is_in_step() {
    let db = open(models![Node]).await;
    let mut s = db.session();
    let root = s.add(new!(Node { name: "root", children: [new!(Node { name: "leaf" })] }));
    let leaf = s.loaded(root, Node::children).unwrap()[0];
    assert_eq!(s.loaded(leaf, Node::parent).unwrap(), Some(root));
    let twig = s.add(new!(Node { name: "twig", parent: root }));
    s.set(leaf, Node::parent, twig).unwrap();
    assert_eq!(
        (s.loaded(root, Node::children).unwrap(), s.loaded(twig, Node::children).unwrap()),
        (vec![twig], vec![leaf])
    );
    s.commit().await.unwrap();
    let rows: Vec<(String, Option<i64>)> =
        select((Node::name, Node::parent_id)).order_by(Node::name).all(&mut s).await.unwrap();
    let twig_id = s[twig].id;
    assert_eq!(rows, [("leaf".into(), Some(twig_id)), ("root".into(), None), ("twig".into(), Some(s[root].id))]);
}

#[tokio::test]
async fn without_a_way_back_the_owner_writes_the_key() {
    let db = open(models![Writer]).await;
    let mut s = db.session();
    let ada = s.add(new!(Writer { books: [new!(Book { title: "a" }), new!(Book { title: "b" })] }));
    let bob = s.add(new!(Writer {}));
    s.commit().await.unwrap();
    let books = s.load(ada, Writer::books).await.unwrap();
    s.remove(ada, Writer::books, books[0]).unwrap();
    s.append(bob, Writer::books, books[0]).unwrap();
    s.remove(ada, Writer::books, books[1]).unwrap();
    s.append(ada, Writer::reading, books[0]).unwrap();
    s.commit().await.unwrap();
    let keys: Vec<Option<i64>> = select(Book::writer_id).order_by(Book::id).all(&mut s).await.unwrap();
    assert_eq!(keys, [Some(2), None]);
    assert_eq!(select((oneway::Reads::writer_id, oneway::Reads::book_id)).all(&mut s).await.unwrap(), [(1_i64, 1_i64)]);
}

/// `Near` back-populates, `Far` does not.
mod half {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct Near {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Link, back_populates = others)]
        pub(super) others: Many<Far>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Far {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Link)]
        pub(super) others: Many<Near>,
    }

    #[derive(Table)]
    #[table("link")]
    pub(super) struct Link {
        #[column(primary_key, foreign_key = Near::id)]
        pub(super) one: i64,
        #[column(primary_key, foreign_key = Far::id)]
        pub(super) two: i64,
    }
}

#[tokio::test]
async fn a_way_back_declared_on_one_side_writes_once() {
    use half::{Far, Link, Near};

    for models in [models![Near, Far], models![Far, Near]] {
        let db = open(models).await;
        let mut s = db.session();
        let near = s.add(new!(Near {}));
        let far = s.append(near, Near::others, new!(Far {})).unwrap();
        assert_eq!(s.loaded(far, Far::others).unwrap(), [near]);
        s.commit().await.unwrap();
        assert_eq!(select((Link::one, Link::two)).all(&mut s).await.unwrap(), [(1_i64, 1_i64)]);
        // The other way is not in step, and is written all the same.
        let other = s.append(far, Far::others, new!(Near {})).unwrap();
        assert_eq!(s.loaded(other, Near::others).unwrap(), []);
        s.commit().await.unwrap();
        assert_eq!(Far::select().join(Far::others).filter(Near::id.eq(2)).all(&mut s).await.unwrap(), [far]);
    }
}

#[tokio::test]
async fn an_assigned_field_is_taken_over() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" }), new!(Player { name: "b" })] }));
    s.commit().await.unwrap();
    let players = s.load(red, Team::players).await.unwrap();
    s[red].players = many![new!(Player { name: "c" }), players[1]];
    let recorder = db.recorder();
    s.flush().await.unwrap();
    // Kept ones are left alone.
    assert_eq!(statements(&recorder), ["UPDATE players(team_id) x1", "INSERT players x1"]);
    let now = s.loaded(red, Team::players).unwrap();
    let names: Vec<&str> = now.iter().map(|&player| s[player].name.as_str()).collect();
    assert_eq!(names, ["c", "b"]);
    assert_eq!((s.loaded(players[0], Player::team).unwrap(), s[players[0]].team_id), (None, None));
    s[players[0]].team = Some(Item::Handle(red)).into();
    s.flush().await.unwrap();
    assert_eq!((s[players[0]].team_id, s.loaded(red, Team::players).unwrap().len()), (Some(1), 3));
}

#[tokio::test]
async fn an_assigned_field_replaces_what_was_never_loaded() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" }), new!(Player { name: "b" })] }));
    s.commit().await.unwrap();
    let b = Player::select().filter_by(Player::name, "b").one(&mut s).await.unwrap();
    s[red].players = many![b, new!(Player { name: "c" })];
    s.commit().await.unwrap();
    let rows: Vec<(String, Option<i64>)> =
        select((Player::name, Player::team_id)).order_by(Player::name).all(&mut s).await.unwrap();
    assert_eq!(rows, [("a".into(), None), ("b".into(), Some(1)), ("c".into(), Some(1))]);
}

#[tokio::test]
async fn an_assigned_field_comes_before_the_next_verb() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red" }));
    let (a, b) = (s.add(new!(Player { name: "a" })), s.add(new!(Player { name: "b" })));
    s[red].players = many![a];
    s.append(red, Team::players, b).unwrap();
    assert_eq!(s.loaded(red, Team::players).unwrap(), [a, b]);
    s.flush().await.unwrap();
    s.load(red, Team::players).await.unwrap();
    s[red].players = many![a];
    // `load` answers from memory, and memory includes what was assigned.
    assert_eq!(s.load(red, Team::players).await.unwrap(), [a]);
    s.remove(red, Team::players, a).unwrap();
    s.flush().await.unwrap();
    assert_eq!((s[a].team_id, s[b].team_id), (None, None));
}

#[tokio::test]
async fn assigning_a_whole_object_keeps_its_relationships() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" })] }));
    s.commit().await.unwrap();
    let id = s[red].id;
    s[red] = new!(Team { id: id, name: "crimson" });
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE teams(name) x1"]);
    assert_eq!(s.load(red, Team::players).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_list_that_was_said_to_be_empty_is_known() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let [ada, bob] = [s.add(new!(User { name: "Ada", posts: many![] })), s.add(new!(User { name: "Bob" }))];
    s.flush().await.unwrap();
    assert_eq!(s.loaded(ada, User::posts).unwrap(), []);
    assert_eq!(s.loaded(bob, User::posts).unwrap_err().kind(), Kind::NotLoaded);
}
