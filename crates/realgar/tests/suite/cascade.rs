//! What a deletion, a removal and a move do to the objects at the other end.

use realgar::prelude::*;

use crate::models::{
    blog::{Comment, Post, PostTags, Tag, User},
    club::{Badge, Player, Team},
    oneway::{Book, Draft, Reads, Writer},
    open, statements,
};

/// Without the SELECTs, which only look.
fn writes(recorder: &realgar::Recorder) -> Vec<String> {
    let mut sent = statements(recorder);
    sent.retain(|statement| statement != "SELECT");
    sent
}

/// Two posts of Ada's with two comments each, and a tag on both, committed.
async fn blog(s: &mut Session) -> (Handle<User>, Handle<Tag>) {
    let tag = s.add(new!(Tag { name: "rust" }));
    let post = |title: &str| {
        new!(Post {
            title: title,
            tags: [tag],
            comments: [new!(Comment { text: "first" }), new!(Comment { text: "second" })]
        })
    };
    let ada = s.add(new!(User { name: "Ada", posts: [post("a"), post("b")] }));
    s.commit().await.unwrap();
    (ada, tag)
}

async fn counts(s: &mut Session) -> [u64; 4] {
    [
        User::select().count(s).await.unwrap(),
        Post::select().count(s).await.unwrap(),
        Comment::select().count(s).await.unwrap(),
        select(PostTags::post_id).all(s).await.unwrap().len() as u64,
    ]
}

#[tokio::test]
async fn everything_reachable_is_added() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let comment = s.add(new!(Comment {
        text: "!",
        post: new!(Post { title: "a", author: new!(User { name: "Ada" }), tags: [new!(Tag { name: "rust" })] })
    }));
    let post = s.loaded(comment, Comment::post).unwrap();
    let late = s.append(post, Post::tags, new!(Tag { name: "sql" })).unwrap();
    assert_eq!(s.state(late).unwrap(), State::Pending);
    s.commit().await.unwrap();
    assert_eq!(counts(&mut s).await, [1, 1, 1, 2]);
}

#[tokio::test]
async fn by_default_children_stay_without_their_parent() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" }), new!(Player { name: "b" })] }));
    s.commit().await.unwrap();
    s.delete(red).unwrap();
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!(writes(&recorder), ["UPDATE players(team_id) x2", "DELETE teams x1"]);
    let players = Player::select().all(&mut s).await.unwrap();
    assert_eq!(
        (players.len(), s[players[0]].team_id, s.load(players[0], Player::team).await.unwrap()),
        (2, None, None)
    );
}

#[tokio::test]
async fn by_default_a_removed_child_stays_too() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" })] }));
    s.commit().await.unwrap();
    let player = s.load(red, Team::players).await.unwrap()[0];
    s.remove(red, Team::players, player).unwrap();
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE players(team_id) x1"]);
    assert_eq!(s[player].team_id, None);
}

#[tokio::test]
async fn a_deleted_parent_lets_go_of_a_queued_child_too() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" })] }));
    let blue = s.add(new!(Team { name: "blue" }));
    s.commit().await.unwrap();
    let b = s.append(red, Team::players, new!(Player { name: "b" })).unwrap();
    let a = Player::select().filter_by(Player::name, "a").one(&mut s).await.unwrap();
    s.set(a, Player::team, blue).unwrap();
    s.delete(red).unwrap();
    s.commit().await.unwrap();
    assert_eq!((s[a].team_id, s[b].team_id, s.state(b).unwrap()), (Some(2), None, State::Persistent));
}

#[tokio::test]
async fn a_deleted_owner_of_a_one_to_one_leaves_it() {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let ada = s.add(new!(Player { name: "Ada", badge: new!(Badge { code: "x" }) }));
    s.commit().await.unwrap();
    s.delete(ada).unwrap();
    s.commit().await.unwrap();
    let badge = Badge::select().one(&mut s).await.unwrap();
    assert_eq!(s[badge].player_id, None);
}

mod strict {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = owner)]
        pub(super) pets: Many<Pet>,
        #[relationship(back_populates = owner, cascade = "all")]
        pub(super) cars: Many<Car>,
    }

    #[derive(Debug, Model)]
    #[model(table = "pets")]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
        #[relationship(back_populates = pets)]
        pub(super) owner: One<Owner>,
    }

    #[derive(Debug, Model)]
    #[model(table = "cars")]
    pub(super) struct Car {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: Option<i64>,
        #[relationship(back_populates = cars)]
        pub(super) owner: One<Option<Owner>>,
    }
}

#[tokio::test]
async fn a_key_that_takes_no_null_refuses() {
    use strict::{Owner, Pet};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let ada = s.add(new!(Owner { pets: [new!(Pet {})] }));
    s.commit().await.unwrap();
    s.delete(ada).unwrap();
    let error = s.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (Kind::NotNullViolation, Some("Pet(id = 1)")));
    assert!(error.to_string().contains("`Pet::owner_id`") && error.to_string().contains("delete-orphan"), "{error}");
    s.rollback().await.unwrap();
    let pet = s.load(ada, Owner::pets).await.unwrap()[0];
    s.remove(ada, Owner::pets, pet).unwrap();
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::NotNullViolation);
    s.rollback().await.unwrap();
    assert_eq!((s.state(ada).unwrap(), s[pet].owner_id), (State::Persistent, 1));
    // Both at once are fine.
    s.delete(pet).unwrap();
    s.delete(ada).unwrap();
    s.commit().await.unwrap();
    assert_eq!(Owner::select().count(&mut s).await.unwrap(), 0);
}

#[tokio::test]
async fn all_deletes_with_the_parent_but_not_what_was_removed() {
    use strict::{Car, Owner};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let ada = s.add(new!(Owner { cars: [new!(Car {}), new!(Car {}), new!(Car {})] }));
    s.commit().await.unwrap();
    let cars = s.load(ada, Owner::cars).await.unwrap();
    s.remove(ada, Owner::cars, cars[0]).unwrap();
    s.commit().await.unwrap();
    assert_eq!(Car::select().count(&mut s).await.unwrap(), 3);
    s.load(ada, Owner::cars).await.unwrap();
    // Removed and its owner deleted in one flush: removed is removed.
    s.remove(ada, Owner::cars, cars[1]).unwrap();
    s.delete(ada).unwrap();
    s.commit().await.unwrap();
    assert_eq!(Car::select().order_by(Car::id).all(&mut s).await.unwrap(), cars[..2]);
    assert_eq!((s[cars[0]].owner_id, s[cars[1]].owner_id), (None, None));
}

#[tokio::test]
async fn a_deletion_cascades_over_three_levels() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, tag) = blog(&mut s).await;
    assert_eq!(counts(&mut s).await, [1, 2, 4, 2]);
    s.delete(ada).unwrap();
    let recorder = db.recorder();
    s.flush().await.unwrap();
    assert_eq!(writes(&recorder), ["DELETE post_tags x2", "DELETE comments x4", "DELETE posts x2", "DELETE users x1"]);
    assert_eq!((counts(&mut s).await, s.load(tag, Tag::posts).await.unwrap()), ([0; 4], vec![]));
    s.rollback().await.unwrap();
    assert_eq!((counts(&mut s).await, s.load(ada, User::posts).await.unwrap().len()), ([1, 2, 4, 2], 2));
}

#[tokio::test]
async fn a_removed_orphan_goes_with_what_belongs_to_it() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, _) = blog(&mut s).await;
    let posts = s.load(ada, User::posts).await.unwrap();
    s.remove(ada, User::posts, posts[0]).unwrap();
    let recorder = db.recorder();
    s.flush().await.unwrap();
    assert_eq!(writes(&recorder), ["DELETE post_tags x1", "DELETE comments x2", "DELETE posts x1"]);
    assert_eq!((counts(&mut s).await, s.loaded(ada, User::posts).unwrap()), ([1, 1, 2, 1], vec![posts[1]]));
    assert_eq!(s.state(posts[0]).unwrap(), State::Deleted);
}

#[tokio::test]
async fn a_replaced_collection_leaves_orphans() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, _) = blog(&mut s).await;
    let posts = s.load(ada, User::posts).await.unwrap();
    s[ada].posts = many![posts[1], new!(Post { title: "c" })];
    s.commit().await.unwrap();
    let titles: Vec<String> = select(Post::title).order_by(Post::title).all(&mut s).await.unwrap();
    assert_eq!(titles, ["b", "c"]);
    s.load(ada, User::posts).await.unwrap();
    s[ada].posts = many![];
    s.commit().await.unwrap();
    assert_eq!(counts(&mut s).await, [1, 0, 0, 0]);
}

#[tokio::test]
async fn a_collection_replaced_before_it_was_loaded_leaves_orphans() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, _) = blog(&mut s).await;
    s[ada].posts = many![new!(Post { title: "c" })];
    s.commit().await.unwrap();
    assert_eq!(counts(&mut s).await, [1, 1, 0, 0]);
}

#[tokio::test]
async fn a_pending_orphan_is_never_inserted() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    let post = s.append(ada, User::posts, new!(Post { title: "a" })).unwrap();
    s.remove(ada, User::posts, post).unwrap();
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!((writes(&recorder), s.state(post).unwrap()), (vec![], State::Transient));
    // It can find another place.
    s.append(ada, User::posts, post).unwrap();
    s.add_again(post).unwrap();
    s.commit().await.unwrap();
    assert_eq!((s.state(post).unwrap(), s.load(ada, User::posts).await.unwrap()), (State::Persistent, vec![post]));
}

#[tokio::test]
async fn what_belongs_to_a_pending_orphan_is_never_inserted_either() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    let post = s
        .append(
            ada,
            User::posts,
            new!(Post { title: "a", comments: [new!(Comment { text: "!" })], tags: [new!(Tag { name: "rust" })] }),
        )
        .unwrap();
    let comment = s.loaded(post, Post::comments).unwrap()[0];
    s.remove(ada, User::posts, post).unwrap();
    s.commit().await.unwrap();
    assert_eq!((counts(&mut s).await, s.state(comment).unwrap()), ([1, 0, 0, 0], State::Transient));
    // A tag belongs to nobody, and stays.
    assert_eq!(Tag::select().count(&mut s).await.unwrap(), 1);
}

#[tokio::test]
async fn a_deleted_parent_takes_its_pending_children_along() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    s.commit().await.unwrap();
    let post = s.append(ada, User::posts, new!(Post { title: "a", comments: [new!(Comment { text: "!" })] })).unwrap();
    s.delete(ada).unwrap();
    s.commit().await.unwrap();
    assert_eq!((counts(&mut s).await, s.state(post).unwrap()), ([0; 4], State::Transient));
}

#[tokio::test]
async fn an_orphan_that_moves_is_updated() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, _) = blog(&mut s).await;
    let bob = s.add(new!(User { name: "Bob" }));
    s.commit().await.unwrap();
    let posts = s.load(ada, User::posts).await.unwrap();
    let recorder = db.recorder();
    s.remove(ada, User::posts, posts[0]).unwrap();
    s.append(bob, User::posts, posts[0]).unwrap();
    s.set(posts[1], Post::author, bob).unwrap();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE posts(user_id) x2"]);
    // Away and back is nothing at all.
    s.remove(bob, User::posts, posts[0]).unwrap();
    s.append(bob, User::posts, posts[0]).unwrap();
    s.flush().await.unwrap();
    assert_eq!((writes(&recorder), counts(&mut s).await[1]), (vec![], 2));
}

#[tokio::test]
async fn an_orphan_without_a_way_back_moves_or_goes() {
    let db = open(models![Writer]).await;
    let mut s = db.session();
    let ada = s.add(new!(Writer {
        drafts: [new!(Draft { title: "a" }), new!(Draft { title: "b" }), new!(Draft { title: "c" })]
    }));
    let bob = s.add(new!(Writer {}));
    s.commit().await.unwrap();
    let drafts = s.load(ada, Writer::drafts).await.unwrap();
    s.remove(ada, Writer::drafts, drafts[0]).unwrap();
    s.remove(ada, Writer::drafts, drafts[1]).unwrap();
    s.append(bob, Writer::drafts, drafts[1]).unwrap();
    s.commit().await.unwrap();
    let rows: Vec<(String, Option<i64>)> =
        select((Draft::title, Draft::writer_id)).order_by(Draft::title).all(&mut s).await.unwrap();
    assert_eq!(rows, [("b".to_owned(), Some(2)), ("c".to_owned(), Some(1))]);
    // Removed and put back into a loaded collection.
    s.load(ada, Writer::drafts).await.unwrap();
    s.remove(ada, Writer::drafts, drafts[2]).unwrap();
    s.append(ada, Writer::drafts, drafts[2]).unwrap();
    s.commit().await.unwrap();
    assert_eq!(s.load(ada, Writer::drafts).await.unwrap(), [drafts[2]]);
}

#[tokio::test]
async fn deleting_removes_association_rows_from_either_side() {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, tag) = blog(&mut s).await;
    let posts = s.load(ada, User::posts).await.unwrap();
    s.delete(tag).unwrap();
    let recorder = db.recorder();
    s.flush().await.unwrap();
    assert_eq!(writes(&recorder), ["DELETE post_tags x2", "DELETE tags x1"]);
    assert_eq!((counts(&mut s).await, s.load(posts[0], Post::tags).await.unwrap()), ([1, 2, 4, 0], vec![]));
    s.rollback().await.unwrap();
    s.delete(posts[0]).unwrap();
    s.delete(tag).unwrap();
    s.commit().await.unwrap();
    assert_eq!((counts(&mut s).await, Tag::select().count(&mut s).await.unwrap()), ([1, 1, 2, 0], 0));
}

#[tokio::test]
async fn without_a_way_back_only_the_owner_removes_association_rows() {
    let db = open(models![Writer]).await;
    let mut s = db.session();
    let ada = s.add(new!(Writer { reading: [new!(Book { title: "a" })] }));
    let book = s.loaded(ada, Writer::reading).unwrap()[0];
    s.commit().await.unwrap();
    s.delete(book).unwrap();
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::ForeignKeyViolation);
    s.rollback().await.unwrap();
    s.delete(ada).unwrap();
    s.commit().await.unwrap();
    assert_eq!(select(Reads::book_id).all(&mut s).await.unwrap(), Vec::<i64>::new());
    assert_eq!(Book::select().all(&mut s).await.unwrap(), [book]);
}
