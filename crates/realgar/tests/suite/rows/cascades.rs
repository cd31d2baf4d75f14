//! Rows 96 to 105: what travels along a relationship, and what a deletion takes with it.

use realgar::prelude::*;

use super::{selects, writes};
use crate::{
    events::Ear,
    models::{
        blog::{Comment, Post, PostTags, Tag, User},
        club::{Player, Team},
        oneway::{Book, Reads, Writer},
        open,
    },
};

#[tokio::test]
async fn r096_the_default_is_save_update_and_merge() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" })] }));
    let player = s.loaded(red, Team::players)?[0];
    assert_eq!(s.state(player)?, State::Pending, "save-update");
    s.commit().await?;
    let players = many![new!(Player { id: 1, name: "b", team_id: 1 })];
    s.merge(new!(Team { id: 1, name: "red", players: players })).await?;
    assert_eq!(s[player].name, "b", "merge");
    s.commit().await?;
    s.load(red, Team::players).await?;
    s[player].name.push('!');
    s.expire(red)?;
    assert!(s.is_modified(player)?, "no refresh-expire");
    s.load(red, Team::players).await?;
    s.expunge(red)?;
    assert_eq!(s.state(player)?, State::Persistent, "no expunge");
    let red = s.get_one::<Team>(1).await?;
    s.delete(red)?;
    s.commit().await?;
    assert_eq!((s.state(player)?, select(Player::team_id).one(&mut s).await?), (State::Persistent, None), "no delete");
    Ok(())
}

#[tokio::test]
async fn r097_what_is_reachable_is_added() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    // Along to-one, to-many and many-to-many, from the far end.
    let author = new!(User { name: "Ada" });
    let post = new!(Post { title: "a", author: author, tags: [new!(Tag { name: "rust" })] });
    let comment = s.add(new!(Comment { text: "!", post: post }));
    let post = s.loaded(comment, Comment::post)?;
    let (ada, tag) = (s.loaded(post, Post::author)?, s.loaded(post, Post::tags)?[0]);
    assert_eq!([s.state(comment)?, s.state(post)?, s.state(ada)?, s.state(tag)?], [State::Pending; 4]);
    s.commit().await?;
    let late = s.append(ada, User::posts, new!(Post { title: "b" }))?;
    let bob = new!(User { name: "Bob" });
    s.set(post, Post::author, bob)?;
    let bob = s.loaded(post, Post::author)?;
    assert_eq!([s.state(late)?, s.state(bob)?], [State::Pending; 2]);
    s.commit().await?;
    let rows = select((User::name, Post::title)).join(User::posts).order_by(Post::id).all(&mut s).await?;
    assert_eq!(rows, [("Bob".to_owned(), "a".to_owned()), ("Ada".to_owned(), "b".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn r098_a_way_back_adds_nobody() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red" }));
    s.commit().await?;
    s.load(red, Team::players).await?;
    // A new object is its owner's until it is added: no list of the session has it.
    let player = new!(Player { name: "Ada", team: red });
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!((writes(&recorder), s.load(red, Team::players).await?), (vec![], vec![]));
    let player = s.add(player);
    s.rollback().await?;
    // One whose addition was rolled back stays out, too; the flush says so.
    s.load(red, Team::players).await?;
    s.set(player, Player::team, red)?;
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    recorder.take();
    s.commit().await?;
    assert_eq!((writes(&recorder), s.state(player)?), (vec![], State::Transient));
    let warnings = ear.heard("WARN");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("Team(id = 1)") && warnings[0].contains("players"), "{warnings:?}");
    s.add_again(player)?;
    s.set(player, Player::team, red)?;
    s.commit().await?;
    assert_eq!(s[player].team_id, Some(1));
    Ok(())
}

#[tokio::test]
async fn r099_by_default_children_lose_their_key() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    s.add(new!(Team { name: "red", players: [new!(Player { name: "a" }), new!(Player { name: "b" })] }));
    s.commit().await?;
    s.close().await?;
    let red = s.get_one::<Team>(1).await?;
    s.delete(red)?;
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!(writes(&recorder), ["UPDATE players(team_id) x2", "DELETE teams x1"]);
    assert_eq!(select(Player::team_id).all(&mut s).await?, [None, None]);
    Ok(())
}

mod strict {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = owner)]
        pub(super) pets: Many<Pet>,
        #[relationship(back_populates = owner, cascade = "all")]
        pub(super) cars: Many<Car>,
    }

    #[derive(Model)]
    #[model(table = "pets")]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
        #[relationship(back_populates = pets)]
        pub(super) owner: One<Owner>,
    }

    #[derive(Model)]
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
async fn r100_a_removed_child_loses_its_key() -> realgar::Result<()> {
    use strict::{Owner, Pet};

    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "a" })] }));
    s.commit().await?;
    let player = s.load(red, Team::players).await?[0];
    s.remove(red, Team::players, player)?;
    s.commit().await?;
    assert_eq!((s[player].team_id, Player::select().count(&mut s).await?), (None, 1));
    drop(s);
    // Where the key takes no NULL, neither a removal nor a deletion can be written.
    let db = open(models![Owner]).await;
    let mut s = db.session();
    let ada = s.add(new!(Owner { pets: [new!(Pet {})] }));
    s.commit().await?;
    let pet = s.load(ada, Owner::pets).await?[0];
    s.remove(ada, Owner::pets, pet)?;
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::NotNullViolation);
    s.rollback().await?;
    s.delete(ada)?;
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::NotNullViolation);
    Ok(())
}

#[tokio::test]
async fn r101_delete_takes_the_children_first() -> realgar::Result<()> {
    use strict::{Car, Owner};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let owners = s.add_all([(); 3].map(|()| new!(Owner { cars: [new!(Car {}), new!(Car {})] })));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let all = Owner::select().all(&mut s).await?;
    recorder.take();
    for &owner in &all {
        s.delete(owner)?;
    }
    assert_eq!((recorder.count(), owners.len()), (0, 3), "`delete` sends nothing");
    s.commit().await?;
    // The children of all are looked up at once, at the flush: the reference loads for each deletion.
    let sent = crate::models::statements(&recorder);
    assert_eq!(sent, ["SELECT", "SELECT", "DELETE cars x6", "DELETE owners x3"]);
    Ok(())
}

#[tokio::test]
async fn r102_all_does_not_delete_what_was_removed() -> realgar::Result<()> {
    use strict::{Car, Owner};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let ada = s.add(new!(Owner { cars: [new!(Car {}), new!(Car {})] }));
    s.commit().await?;
    let cars = s.load(ada, Owner::cars).await?;
    s.remove(ada, Owner::cars, cars[0])?;
    s.commit().await?;
    assert_eq!((s[cars[0]].owner_id, Car::select().count(&mut s).await?), (None, 2));
    s.delete(ada)?;
    s.commit().await?;
    assert_eq!(Car::select().all(&mut s).await?, [cars[0]]);
    Ok(())
}

/// Ada with two posts of two comments each, and a tag on both; committed.
async fn blog(s: &mut Session) -> realgar::Result<(Handle<User>, Vec<Handle<Post>>, Handle<Tag>)> {
    let tag = s.add(new!(Tag { name: "rust" }));
    let comment = || new!(Comment { text: "!" });
    let post = |title: &str| new!(Post { title: title, tags: [tag], comments: [comment(), comment()] });
    let ada = s.add(new!(User { name: "Ada", posts: [post("a"), post("b")] }));
    s.commit().await?;
    let posts = s.load(ada, User::posts).await?;
    Ok((ada, posts, tag))
}

#[tokio::test]
async fn r103_delete_orphan_over_several_levels() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, posts, _) = blog(&mut s).await?;
    let recorder = db.recorder();
    s.remove(ada, User::posts, posts[0])?;
    s.flush().await?;
    assert_eq!(writes(&recorder), ["DELETE post_tags x1", "DELETE comments x2", "DELETE posts x1"]);
    s.rollback().await?;
    s.replace(ada, User::posts, [posts[1]]).await?;
    s.flush().await?;
    assert_eq!(Post::select().all(&mut s).await?, [posts[1]], "replacement");
    s.rollback().await?;
    recorder.take();
    s.delete(ada)?;
    s.flush().await?;
    let all = ["DELETE post_tags x2", "DELETE comments x4", "DELETE posts x2", "DELETE users x1"];
    assert_eq!(writes(&recorder), all);
    s.rollback().await?;
    // One that is pending still is never inserted, nor what belongs to it.
    recorder.take();
    let new = s.append(ada, User::posts, new!(Post { title: "c", comments: [new!(Comment { text: "?" })] }))?;
    s.remove(ada, User::posts, new)?;
    s.commit().await?;
    assert_eq!((writes(&recorder), s.state(new)?), (vec![], State::Transient));
    Ok(())
}

#[tokio::test]
async fn r104_a_child_that_moves_is_updated() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, posts, _) = blog(&mut s).await?;
    let bob = s.add(new!(User { name: "Bob" }));
    s.flush().await?;
    let recorder = db.recorder();
    s.remove(ada, User::posts, posts[0])?;
    s.append(bob, User::posts, posts[0])?;
    s.set(posts[1], Post::author, bob)?;
    s.flush().await?;
    assert_eq!((writes(&recorder), selects(&recorder)), (vec!["UPDATE posts(user_id) x2".to_owned()], 0));
    Ok(())
}

#[tokio::test]
async fn r105_a_deletion_removes_association_rows() -> realgar::Result<()> {
    let db = open(models![User, Writer]).await;
    let mut s = db.session();
    let (_, posts, tag) = blog(&mut s).await?;
    let recorder = db.recorder();
    s.delete(tag)?;
    s.flush().await?;
    assert_eq!(writes(&recorder), ["DELETE post_tags x2", "DELETE tags x1"]);
    s.rollback().await?;
    s.delete(posts[0])?;
    s.flush().await?;
    assert_eq!((Tag::select().all(&mut s).await?, PostTags::count(&mut s).await?), (vec![tag], 1));
    // Without a way back, from the side with the relationship only.
    let writer = s.add(new!(Writer { reading: [new!(Book { title: "a" })] }));
    s.commit().await?;
    let book = s.load(writer, Writer::reading).await?[0];
    s.delete(book)?;
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::ForeignKeyViolation);
    s.rollback().await?;
    s.delete(writer)?;
    s.commit().await?;
    assert_eq!((select(Reads::book_id).all(&mut s).await?.len(), Book::select().all(&mut s).await?), (0, vec![book]));
    Ok(())
}

impl PostTags {
    /// How many association rows there are.
    async fn count(s: &mut Session) -> realgar::Result<usize> {
        Ok(select(PostTags::post_id).all(s).await?.len())
    }
}
