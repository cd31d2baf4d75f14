//! Rows 115 to 124: the strategies, counted.

use realgar::{Recorder, prelude::*};

use super::selects;
use crate::models::{
    blog::{Comment, Post, Tag, User},
    club::{Badge, Player, Team},
    open, texts,
};

/// So many users with two posts each, each post with a tag of its own; in a database that nobody holds.
async fn users(count: usize) -> realgar::Result<Db> {
    let db = open(models![User]).await;
    let mut s = db.session();
    for number in 0..count {
        let post = |half: &str| new!(Post { title: half, tags: [new!(Tag { name: half })] });
        s.add(new!(User { name: format!("{number:04}"), posts: [post("a"), post("b")] }));
    }
    s.commit().await?;
    Ok(db)
}

/// The last statement, without its parameters.
fn last(recorder: &Recorder) -> String {
    texts(recorder).pop().unwrap_or_default()
}

mod plain {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "shelves")]
    pub(super) struct Shelf {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = shelf, lazy = "select")]
        pub(super) books: Many<Book>,
    }

    #[derive(Model)]
    #[model(table = "books")]
    pub(super) struct Book {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Shelf::id)]
        pub(super) shelf_id: Option<i64>,
        #[relationship(back_populates = books, lazy = "select")]
        pub(super) shelf: One<Option<Shelf>>,
    }
}

#[tokio::test]
async fn r115_select_is_one_statement_for_each_parent() -> realgar::Result<()> {
    use plain::{Book, Shelf};

    let db = open(models![Shelf]).await;
    let mut s = db.session();
    s.add_all([(); 5].map(|()| new!(Shelf { books: [new!(Book {}), new!(Book {})] })));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let shelves = Shelf::select().all(&mut s).await?;
    for _ in 0..2 {
        for &shelf in &shelves {
            assert_eq!(s.load(shelf, Shelf::books).await?.len(), 2);
        }
    }
    assert_eq!(selects(&recorder), 1 + 5, "kept until expired");
    s.expire(shelves[0])?;
    s.load(shelves[0], Shelf::books).await?;
    assert_eq!(selects(&recorder), 2, "the shelf, its books");
    // Our default, `peers`: the first, and then all the others at once.
    let mut statements = Vec::new();
    for option in [Shelf::books.select(), Shelf::books.peers()] {
        s.close().await?;
        recorder.take();
        for shelf in Shelf::select().options(option).all(&mut s).await? {
            s.load(shelf, Shelf::books).await?;
        }
        statements.push(selects(&recorder));
    }
    assert_eq!(statements, [6, 3]);
    Ok(())
}

#[tokio::test]
async fn r116_many_to_one_asks_the_identity_map_first() -> realgar::Result<()> {
    use plain::{Book, Shelf};

    let db = open(models![Shelf]).await;
    let mut s = db.session();
    s.add_all([(); 2].map(|()| new!(Shelf { books: [new!(Book {}), new!(Book {}), new!(Book {})] })));
    s.add(new!(Book {}));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let shelf = s.get_one::<Shelf>(1).await?;
    let books = Book::select().order_by(Book::id).all(&mut s).await?;
    recorder.take();
    assert_eq!((s.load(books[0], Book::shelf).await?, selects(&recorder)), (Some(shelf), 0), "known");
    for &book in &books[3..6] {
        s.load(book, Book::shelf).await?;
    }
    assert_eq!(selects(&recorder), 1, "three books of one shelf");
    assert_eq!((s.load(books[6], Book::shelf).await?, selects(&recorder)), (None, 0), "NULL");
    Ok(())
}

#[tokio::test]
async fn r117_joined_is_one_outer_join_or_an_inner_one() -> realgar::Result<()> {
    let db = users(2).await?;
    let mut s = db.session();
    s.add(new!(User { name: "none" }));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let found = User::select().options(User::posts.joined()).order_by(User::id).all(&mut s).await?;
    let text = last(&recorder);
    assert!(text.contains("LEFT OUTER JOIN \"posts\" AS "), "{text}");
    assert_eq!(
        (found.len(), s.loaded(found[2], User::posts)?, selects(&recorder)),
        (3, vec![], 1),
        "loaded, and empty"
    );
    s.close().await?;
    recorder.take();
    let found = User::select().options(User::posts.joined().innerjoin()).all(&mut s).await?;
    let text = last(&recorder);
    assert!(text.contains(" JOIN \"posts\" AS ") && !text.contains("OUTER"), "{text}");
    assert_eq!((found.len(), s.loaded(found[0], User::posts)?.len()), (2, 2));
    // Behind an outer join, an inner one takes no row of those in front of it.
    s.close().await?;
    let load = User::posts.joined().then(Post::comments.joined().innerjoin());
    let found = User::select().options(load).all(&mut s).await?;
    assert_eq!((found.len(), s.loaded(found[0], User::posts)?.len()), (3, 2));
    Ok(())
}

#[tokio::test]
async fn r118_joined_collections_under_a_limit_are_complete() -> realgar::Result<()> {
    let db = users(5).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let query = || User::select().options(User::posts.joined()).order_by(User::name.desc());
    for (query, want) in [(query().limit(2), "0004 0003"), (query().limit(2).offset(1), "0003 0002")] {
        let found = query.all(&mut s).await?;
        let names: Vec<&str> = found.iter().map(|&user| s[user].name.as_str()).collect();
        assert_eq!(names.join(" "), want);
        assert!(last(&recorder).contains("FROM (SELECT"), "{}", last(&recorder));
        for user in found {
            assert_eq!(s.loaded(user, User::posts)?.len(), 2);
        }
        assert_eq!(selects(&recorder), 1);
    }
    let first = query().first(&mut s).await?.expect("there are five");
    assert_eq!((s.loaded(first, User::posts)?.len(), selects(&recorder)), (2, 1));
    Ok(())
}

#[tokio::test]
async fn r119_joined_scalars_need_no_subquery() -> realgar::Result<()> {
    let db = users(2).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let post = Post::select().options(Post::author.joined()).order_by(Post::id).limit(1).one(&mut s).await?;
    assert_eq!((s[s.loaded(post, Post::author)?].name.as_str(), last(&recorder).contains("(SELECT")), ("0000", false));
    drop(s);
    let db = open(models![Player]).await;
    let mut s = db.session();
    s.add(new!(Player { name: "Ada", badge: new!(Badge { code: "x" }) }));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let ada = Player::select().options(Player::badge.joined()).first(&mut s).await?.expect("she is there");
    assert!(s.loaded(ada, Player::badge)?.is_some());
    assert!(!last(&recorder).contains("(SELECT"), "{}", last(&recorder));
    Ok(())
}

#[tokio::test]
async fn r120_joined_collections_answer_each_owner_once() -> realgar::Result<()> {
    let db = users(3).await?;
    let mut s = db.session();
    let load = User::posts.joined().then(Post::tags.joined());
    let found = User::select().options(load).order_by(User::id).all(&mut s).await?;
    assert_eq!(found.len(), 3);
    assert_eq!(s.loaded(s.loaded(found[2], User::posts)?[1], Post::tags)?.len(), 1);
    assert!(User::select().options(User::posts.joined()).filter_by(User::id, 1).one(&mut s).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn r121_a_plain_join_answers_joined_rows() -> realgar::Result<()> {
    let db = users(3).await?;
    let mut s = db.session();
    let joined = || User::select().join(User::posts);
    assert_eq!((joined().all(&mut s).await?.len(), joined().count(&mut s).await?), (6, 6));
    assert_eq!((joined().distinct().all(&mut s).await?.len(), joined().distinct().count(&mut s).await?), (3, 3));
    Ok(())
}

#[tokio::test]
async fn r122_selectin_is_one_statement_for_five_hundred() -> realgar::Result<()> {
    let more = if crate::database::lacks("five hundred keys a statement") { 2 } else { 3 };
    for (count, statements) in [(0, 1), (1, 2), (500, 2), (501, more)] {
        let db = users(count).await?;
        let mut s = db.session();
        let recorder = db.recorder();
        let found = User::select().options(User::posts.selectin()).all(&mut s).await?;
        assert!(found.iter().all(|&user| s.loaded(user, User::posts).is_ok_and(|posts| posts.len() == 2)));
        assert!(count == 0 || !last(&recorder).contains("JOIN") && !last(&recorder).contains("\"users\""));
        assert_eq!(selects(&recorder), statements, "{count}");
    }
    let db = users(5).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    User::select().options(User::posts.selectin()).order_by(User::id).limit(2).all(&mut s).await?;
    assert!(!texts(&recorder)[1].contains("LIMIT"));
    assert_eq!(selects(&recorder), 2);
    Ok(())
}

#[tokio::test]
async fn r123_selectin_of_many_to_one_and_many_to_many() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    for name in ["red", "blue"] {
        s.add(new!(Team { name: name, players: [new!(Player { name: "a" }), new!(Player { name: "b" })] }));
    }
    s.add(new!(Player { name: "free" }));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let players = Player::select().options(Player::team.selectin()).order_by(Player::id).all(&mut s).await?;
    assert!(!last(&recorder).contains("JOIN") && !last(&recorder).contains("\"players\""), "{}", last(&recorder));
    assert_eq!((selects(&recorder), s.loaded(players[4], Player::team)?), (2, None));
    // What the session knows by now needs no statement.
    s.expire(players[0])?;
    Player::select().options(Player::team.selectin()).all(&mut s).await?;
    assert_eq!(selects(&recorder), 1);
    drop(s);
    let db = users(2).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    Post::select().options(Post::tags.selectin()).all(&mut s).await?;
    let sql = last(&recorder);
    assert!(sql.contains("\"post_tags\"") && !sql.contains("\"posts\"") && selects(&recorder) == 2, "{sql}");
    Ok(())
}

#[tokio::test]
async fn r124_subquery_and_immediate() -> realgar::Result<()> {
    let db = users(4).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let query = || User::select().order_by(User::id).limit(3);
    let found = query().options(User::posts.subquery()).all(&mut s).await?;
    assert!(last(&recorder).contains("LIMIT"), "it embeds the query: {}", last(&recorder));
    assert_eq!((selects(&recorder), s.loaded(found[2], User::posts)?.len()), (2, 2));
    s.close().await?;
    recorder.take();
    let found = query().options(User::posts.immediate()).all(&mut s).await?;
    assert_eq!((selects(&recorder), s.loaded(found[2], User::posts)?.len()), (1 + 3, 2));
    Ok(())
}

mod mapped {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "pages")]
    pub(super) struct Page {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(lazy = "joined")]
        pub(super) notes: Many<Note>,
    }

    #[derive(Model)]
    #[model(table = "notes")]
    pub(super) struct Note {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Page::id)]
        pub(super) page_id: Option<i64>,
    }
}

#[tokio::test]
async fn r125_options_chain_and_outrank_the_mapping() -> realgar::Result<()> {
    use mapped::{Note, Page};

    let db = users(3).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let load = User::posts.selectin().then(Post::tags.joined()).then(Post::comments.selectin());
    let found = User::select().options(load).options(User::posts.then(Post::author.select())).all(&mut s).await?;
    assert_eq!(selects(&recorder), 3, "users; posts with tags; comments");
    for user in found {
        for post in s.loaded(user, User::posts)? {
            assert_eq!(
                (s.loaded(post, Post::tags)?.len(), s.loaded(post, Post::comments)?),
                (1, Vec::<Handle<Comment>>::new())
            );
        }
    }
    drop(s);
    // Mapped `joined`, and back to lazy.
    let db = open(models![Page]).await;
    let mut s = db.session();
    s.add(new!(Page { notes: [new!(Note {})] }));
    s.commit().await?;
    s.close().await?;
    let page = Page::select().one(&mut s).await?;
    assert_eq!(s.loaded(page, Page::notes)?.len(), 1);
    s.close().await?;
    let page = Page::select().options(Page::notes.select()).one(&mut s).await?;
    assert_eq!(s.loaded(page, Page::notes).unwrap_err().kind(), Kind::NotLoaded);
    assert_eq!(s.load(page, Page::notes).await?.len(), 1);
    Ok(())
}
