//! The session's further verbs: expire, refresh, expunge, detach, attach, merge, savepoint, no_autoflush, insert, replace.

use crate::{database::database, models::statements};
use realgar::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "authors")]
struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(back_populates = author, cascade = "all, delete-orphan")]
    books: Many<Book>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "books")]
struct Book {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = Author::id)]
    author_id: i64,
    #[relationship(back_populates = books)]
    author: One<Author>,
}

async fn library() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![Author]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(Author { name: "Ada", books: [new!(Book { title: "One" }), new!(Book { title: "Two" })] }));
    s.add(new!(Author { name: "Bob", books: [new!(Book { title: "Three" })] }));
    s.commit().await?;
    Ok(db)
}

fn titles(s: &Session, books: &[Handle<Book>]) -> Vec<String> {
    books.iter().map(|&book| s[book].title.clone()).collect()
}

#[tokio::test]
async fn expire_forgets_changes_and_the_next_query_brings_the_rows_values() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let ada = s.get_one::<Author>(1).await?;
    s[ada].name = "Eve".to_owned();
    assert!(s.is_modified(ada)?);
    s.expire(ada)?;
    assert!(!s.is_modified(ada)?);
    assert_eq!(s[ada].name, "Ada");
    let recorder = db.recorder();
    assert_eq!(s.get_one::<Author>(1).await?, ada);
    assert_eq!(recorder.count(), 1);
    s.commit().await?;
    assert_eq!(recorder.count(), 1);
    Ok(())
}

#[tokio::test]
async fn refresh_reads_one_row_and_says_when_it_is_gone() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let book = s.get_one::<Book>(3).await?;
    s[book].title.push('!');
    let recorder = db.recorder();
    s.refresh(book).await?;
    assert_eq!((s[book].title.as_str(), recorder.count()), ("Three", 1));
    s.delete(book)?;
    s.flush().await?;
    assert_eq!(s.refresh(book).await.unwrap_err().kind(), Kind::InvalidRequest);
    assert_eq!(s.get_one::<Book>(99).await.unwrap_err().kind(), Kind::NoResultFound);
    Ok(())
}

#[tokio::test]
async fn expunge_voids_the_handle_and_the_slot_is_used_again() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let ada = s.get_one::<Author>(1).await?;
    let books = s.load(ada, Author::books).await?;
    s.expunge(books[0])?;
    assert_eq!(s.try_ref(books[0]).unwrap_err().kind(), Kind::DetachedInstance);
    // It is not known whole any more: the row is still there.
    assert_eq!(s.loaded(ada, Author::books).unwrap_err().kind(), Kind::NotLoaded);
    let new = s.add(new!(Book { title: "New", author: ada }));
    assert_eq!(s.try_ref(books[0]).unwrap_err().kind(), Kind::DetachedInstance);
    s.flush().await?;
    assert_eq!(s[new].title, "New");
    let again = s.get_one::<Book>(1).await?;
    assert_ne!(again, books[0]);
    assert_eq!(Book::select().count(&mut s).await?, 4);
    s.expunge_all();
    assert_eq!(s.try_ref(ada).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(Book::select().all(&mut s).await?.len(), 4);
    Ok(())
}

/// The room for the objects is used again; what was in it is not there.
#[tokio::test]
async fn a_session_finds_nothing_of_those_before_it() -> realgar::Result<()> {
    let db = library().await?;
    let mut before = None;
    for _ in 0..3 {
        let mut s = db.session();
        let recorder = s.recorder();
        let ada = s.get_one::<Author>(1).await?;
        assert_eq!((recorder.count(), s[ada].name.as_str()), (1, "Ada"));
        assert_eq!(s.loaded(ada, Author::books).unwrap_err().kind(), Kind::NotLoaded);
        assert!(!s.is_modified(ada)? && s.dirty::<Author>().is_empty() && s.pending::<Author>().is_empty());
        if let Some(before) = before.replace(ada) {
            assert_eq!(s.try_ref(before).unwrap_err().kind(), Kind::DetachedInstance);
        }
        // It ends in the midst of things.
        let books = s.load(ada, Author::books).await?;
        assert_eq!(titles(&s, &books), ["One", "Two"]);
        s[ada].name.push('!');
        s.flush().await?;
        s[ada].name.push('?');
        s.expunge(books[0])?;
        s.remove(ada, Author::books, books[1])?;
        s.append(ada, Author::books, new!(Book { title: "Lost" }))?;
    }
    Ok(())
}

#[tokio::test]
async fn detach_gives_a_tree_and_refuses_unflushed_changes() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let ada = Author::select().options(Author::books.selectin()).filter_by(Author::name, "Ada").one(&mut s).await?;
    s[ada].name.push('!');
    assert_eq!(s.detach(ada).unwrap_err().kind(), Kind::InvalidRequest);
    s.flush().await?;
    let tree = s.detach(ada)?;
    assert_eq!((tree.name.as_str(), tree.books.get()?.len()), ("Ada!", 2));
    assert!(s.try_ref(ada).is_err());
    Ok(())
}

#[tokio::test]
async fn attach_sends_nothing_and_later_changes_are_updates() -> realgar::Result<()> {
    let db = library().await?;
    let tree = Author::select().options(Author::books.selectin()).order_by(Author::id).fetch_first(&db).await?;
    let tree = tree.expect("there are two");
    let mut s = db.session();
    let recorder = db.recorder();
    let ada = s.attach(tree.clone())?;
    let books = s.loaded(ada, Author::books)?;
    assert_eq!(titles(&s, &books), ["One", "Two"]);
    assert_eq!(s.loaded(books[0], Book::author)?, ada);
    s.flush().await?;
    assert_eq!(recorder.count(), 0);
    s[books[1]].title.push('!');
    s.commit().await?;
    assert_eq!(statements(&recorder), ["UPDATE books(title) x1"]);
    assert_eq!(s.attach(tree).unwrap_err().kind(), Kind::InvalidRequest);
    assert_eq!(s.attach(new!(Author { name: "new" })).unwrap_err().kind(), Kind::InvalidRequest);
    Ok(())
}

#[tokio::test]
async fn merge_copies_onto_the_sessions_own_object() -> realgar::Result<()> {
    let db = library().await?;
    let mut tree = Author::select().options(Author::books.selectin()).order_by(Author::id).fetch(&db).await?.remove(0);
    tree.name = "Ada Lovelace".to_owned();
    tree.books =
        many![new!(Book { id: 2, title: "Two, revised", author_id: 1 }), new!(Book { title: "Four", author_id: 1 }),];
    let mut s = db.session();
    let ada = s.get_one::<Author>(1).await?;
    let recorder = db.recorder();
    assert_eq!(s.merge(tree).await?, ada);
    assert_eq!(recorder.count(), 1); // the collection, to know what leaves it
    s.commit().await?;
    let books = s.load(ada, Author::books).await?;
    assert_eq!(
        (s[ada].name.as_str(), titles(&s, &books)),
        ("Ada Lovelace", vec!["Two, revised".to_owned(), "Four".to_owned()])
    );
    assert_eq!(Book::select().count(&mut s).await?, 3); // "One" was an orphan
    let new = s.merge(new!(Author { id: 77, name: "Cyd" })).await?;
    assert_eq!(s.state(new)?, State::Pending);
    s.commit().await?;
    assert_eq!(s.key(new)?, 77);
    Ok(())
}

#[tokio::test]
async fn a_savepoint_takes_back_exactly_what_happened_inside() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let ada = s.get_one::<Author>(1).await?;
    let bob = s.get_one::<Author>(2).await?;
    let books = s.load(ada, Author::books).await?;
    s.load(bob, Author::books).await?;
    s[ada].name = "Before".to_owned();
    let error = s
        .savepoint(async |s| {
            s[ada].name = "Inside".to_owned();
            s.append(ada, Author::books, new!(Book { title: "Inside" }))?;
            s.delete(books[0])?;
            s.flush().await?;
            s[ada].name = "Unflushed".to_owned();
            s.add(new!(Author { name: "Bob" }));
            s.flush().await
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    assert_eq!((s[ada].name.as_str(), s.state(books[0])?), ("Before", State::Persistent));
    assert!(s.loaded(bob, Author::books).is_ok()); // nothing inside touched it
    assert_eq!(s.load(ada, Author::books).await?, books);
    let kept = s.savepoint(async |s| s.append(ada, Author::books, new!(Book { title: "Kept" }))).await?;
    s.commit().await?;
    assert_eq!((s[ada].name.as_str(), s.state(kept)?), ("Before", State::Persistent));
    assert_eq!(Book::select().count(&mut s).await?, 4);
    Ok(())
}

#[tokio::test]
async fn savepoints_nest_and_end_inside_out() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let outer = s
        .savepoint(async |s| {
            s.add(new!(Author { name: "outer" }));
            let inner: realgar::Result<()> = s
                .savepoint(async |s| {
                    s.add(new!(Author { name: "inner" }));
                    s.flush().await?;
                    Err(realgar::Error::new(Kind::Other, "taken back"))
                })
                .await;
            assert!(inner.is_err());
            assert_eq!(s.commit().await.unwrap_err().kind(), Kind::InvalidRequest);
            Author::select().count(s).await
        })
        .await?;
    assert_eq!(outer, 3);
    s.rollback().await?;
    assert_eq!(Author::select().count(&mut s).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_savepoint_that_is_dropped_inside_of_another_goes_with_it() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    s.add(new!(Author { name: "before" }));
    let outer: realgar::Result<()> = s
        .savepoint(async |s| {
            let inner = s.savepoint(async |s| {
                s.add(new!(Author { name: "inner" }));
                s.flush().await?;
                std::future::pending::<realgar::Result<()>>().await
            });
            assert!(tokio::time::timeout(std::time::Duration::from_millis(20), inner).await.is_err());
            let due = s.flush().await.unwrap_err();
            assert_eq!(due.kind(), Kind::PendingRollback);
            assert!(due.to_string().contains("return the error from the savepoint"), "{due}");
            for refused in [s.commit().await, s.rollback().await, s.close().await] {
                assert_eq!(refused.unwrap_err().kind(), Kind::InvalidRequest);
            }
            Ok(())
        })
        .await;
    assert_eq!(outer.unwrap_err().kind(), Kind::PendingRollback);
    let again = s.savepoint(async |s| Ok(s.add(new!(Author { name: "again" })))).await?;
    s.commit().await?;
    assert_eq!((s.state(again)?, Author::select().count(&mut s).await?), (State::Persistent, 4));
    let alone = s.savepoint(async |_| std::future::pending::<realgar::Result<()>>().await);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(20), alone).await.is_err());
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), Kind::PendingRollback);
    assert!(error.to_string().contains("session.rollback().await?"), "{error}");
    s.rollback().await?;
    assert_eq!(Author::select().count(&mut s).await?, 4);
    Ok(())
}

#[tokio::test]
async fn without_autoflush_a_query_does_not_see_what_is_pending() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    s.add(new!(Author { name: "Cyd" }));
    let seen = s.no_autoflush(async |s| Author::select().count(s).await).await?;
    assert_eq!((seen, Author::select().count(&mut s).await?), (2, 3));
    s.add(new!(Author { name: "Cyd" }));
    let error = Author::select().count(&mut s).await.unwrap_err();
    assert!(error.to_string().contains("no_autoflush"), "{error}");
    Ok(())
}

#[tokio::test]
async fn insert_replace_and_clear() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let ada = s.get_one::<Author>(1).await?;
    let books = s.load(ada, Author::books).await?;
    let first = s.insert(ada, Author::books, 0, new!(Book { title: "Zero" }))?;
    assert_eq!(s.loaded(ada, Author::books)?, [first, books[0], books[1]]);
    s.commit().await?;
    s.replace(ada, Author::books, many![books[1], new!(Book { title: "Five" })]).await?;
    s.commit().await?;
    let now = s.load(ada, Author::books).await?;
    assert_eq!(titles(&s, &now), ["Two", "Five"]);
    s[ada].books = many![now[1]];
    s.commit().await?;
    let left = s.load(ada, Author::books).await?;
    assert_eq!(left, [now[1]]);
    s.clear(ada, Author::books).await?;
    s.commit().await?;
    assert_eq!(Book::select().count(&mut s).await?, 1); // Bob's
    Ok(())
}

#[tokio::test]
async fn an_object_that_was_rolled_back_and_is_appended_is_added_again() -> realgar::Result<()> {
    let db = library().await?;
    let mut s = db.session();
    let ada = s.get_one::<Author>(1).await?;
    let book = s.append(ada, Author::books, new!(Book { title: "Again" }))?;
    s.rollback().await?;
    assert_eq!(s.state(book)?, State::Transient);
    s.append(ada, Author::books, book)?;
    s.commit().await?;
    assert_eq!((s.state(book)?, s.key(book)?), (State::Persistent, 4));
    Ok(())
}

#[derive(Model)]
#[model(table = "links")]
struct Link {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Link::id)]
    before_id: Option<i64>,
    #[relationship(back_populates = after)]
    before: One<Option<Link>>,
    #[relationship(back_populates = before, cascade = "all")]
    after: Many<Link>,
}

#[tokio::test]
async fn a_deep_chain_is_deleted_in_linear_time() -> realgar::Result<()> {
    let db = Db::connect(&database().await, models![Link]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let root = s.add(new!(Link {}));
    let mut last = root;
    for _ in 0..3_000 {
        last = s.append(last, Link::after, new!(Link {}))?;
    }
    s.commit().await?;
    let start = std::time::Instant::now();
    s.delete(root)?;
    s.commit().await?;
    assert_eq!(Link::select().count(&mut s).await?, 0);
    // Quadratic, it took ten times as long. To a server it is a statement for each link.
    let most = if std::env::var_os("REALGAR_TEST_URL").is_some() { 30 } else { 5 };
    assert!(start.elapsed().as_secs() < most, "{:?}", start.elapsed());
    Ok(())
}

/// Letting an object go inside a savepoint does not lose what the savepoint has to take back of others.
#[tokio::test]
async fn a_savepoint_takes_back_all_although_an_object_was_let_go_inside() -> realgar::Result<()> {
    use crate::blog::User;

    let db = crate::blog::open(&database().await).await?;
    crate::blog::users(&db, 3).await?;
    let mut s = db.session();
    let all = User::select().order_by(User::id).all(&mut s).await?;
    s[all[0]].age = 1;
    s[all[1]].age = 1;
    let undone: realgar::Result<()> = s
        .savepoint(async |s| {
            s[all[2]].age = 2;
            s.flush().await?;
            s.expunge(all[0])?;
            s.expunge(all[1])?;
            Err(s.get_one::<User>(99).await.unwrap_err())
        })
        .await;
    assert_eq!(undone.unwrap_err().kind(), Kind::NoResultFound);
    assert_eq!(s[all[2]].age, 0);
    Ok(())
}
