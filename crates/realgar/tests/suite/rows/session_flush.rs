//! Rows 65 to 77: what a flush sends, and in which order.

use realgar::prelude::*;

use super::writes;
use crate::{
    events::Ear,
    models::{
        blog::{Comment, Post, Tag, User},
        club::{Player, Team},
        oneway::{Book, Writer},
        open, sent,
        shop::{Article, Line, Order},
        tree::Node,
    },
};

#[tokio::test]
async fn r065_inserts_follow_tables_then_the_order_of_adding() -> realgar::Result<()> {
    let db = open(models![User, Node]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    let post = new!(Post { title: "b", author: new!(User { name: "Bob" }) });
    s.add(new!(Comment { text: "!", post: post }));
    s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a1" }), new!(Post { title: "a2" })] }));
    s.flush().await?;
    assert_eq!(sent(&recorder), ["BEGIN", "INSERT users x2", "INSERT posts x3", "INSERT comments x1"]);
    assert_eq!(select(User::name).order_by(User::id).all(&mut s).await?, ["Bob", "Ada"]);
    assert_eq!(select(Post::title).order_by(Post::id).all(&mut s).await?, ["b", "a1", "a2"]);
    // In one table, parents first.
    let leaf = s.add(new!(Node { name: "leaf" }));
    let root = s.add(new!(Node { name: "root", children: [leaf] }));
    s.flush().await?;
    assert!(s[root].id < s[leaf].id);
    Ok(())
}

#[tokio::test]
async fn r066_deletes_come_last_in_the_reverse_order() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let post = new!(Post { title: "a", comments: [new!(Comment { text: "!" })] });
    let ada = s.add(new!(User { name: "Ada", posts: [post] }));
    let bob = s.add(new!(User { name: "Bob" }));
    s.commit().await?;
    s.delete(ada)?;
    s[bob].city = Some("Rome".to_owned());
    s.add(new!(User { name: "Eve" }));
    let recorder = db.recorder();
    s.flush().await?;
    let written = writes(&recorder);
    assert_eq!(written[2..], ["DELETE comments x1", "DELETE posts x1", "DELETE users x1"]);
    let mut before = written[..2].to_vec();
    before.sort();
    assert_eq!(before, ["INSERT users x1", "UPDATE users(city) x1"]);
    Ok(())
}

/// One seat for each guest, one guest for each seat; the old guest goes with the seat, or stays.
mod seats {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "seats")]
    pub(super) struct Seat {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = seat, cascade = "all, delete-orphan")]
        pub(super) guest: One<Option<Guest>>,
        #[relationship(back_populates = seat)]
        pub(super) coat: One<Option<Coat>>,
    }

    #[derive(Model)]
    #[model(table = "guests")]
    pub(super) struct Guest {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Seat::id, unique)]
        pub(super) seat_id: i64,
        #[relationship(back_populates = guest)]
        pub(super) seat: One<Seat>,
    }

    #[derive(Model)]
    #[model(table = "coats")]
    pub(super) struct Coat {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Seat::id, unique)]
        pub(super) seat_id: Option<i64>,
        #[relationship(back_populates = coat)]
        pub(super) seat: One<Option<Seat>>,
    }
}

#[tokio::test]
async fn r067_a_unique_place_is_taken_after_a_flush() -> realgar::Result<()> {
    use seats::{Coat, Guest, Seat};

    let db = open(models![Seat]).await;
    let mut s = db.session();
    let seat = s.add(new!(Seat { guest: new!(Guest {}), coat: new!(Coat {}) }));
    s.commit().await?;
    // INSERT comes before DELETE: the place is still taken.
    s.set(seat, Seat::guest, new!(Guest {}))?;
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::UniqueViolation);
    s.rollback().await?;
    s.set(seat, Seat::guest, None)?;
    s.flush().await?;
    s.set(seat, Seat::guest, new!(Guest {}))?;
    s.commit().await?;
    assert_eq!(Guest::select().count(&mut s).await?, 1);
    // A key that becomes NULL is written before what takes its place, so one flush will do here.
    s.set(seat, Seat::coat, new!(Coat {}))?;
    s.commit().await?;
    assert_eq!(Coat::select().filter(Coat::seat.is(seat)).count(&mut s).await?, 1);
    Ok(())
}

#[tokio::test]
async fn r068_generated_keys_arrive_on_the_objects() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    let post = s.loaded(ada, User::posts)?[0];
    assert_eq!((s[ada].id, s[post].id, s[post].user_id), (0, 0, 0));
    assert_eq!(s.key(ada).unwrap_err().kind(), Kind::InvalidRequest);
    s.flush().await?;
    assert_eq!((s[ada].id, s.key(post)?, s[post].user_id), (1, 1, 1));
    Ok(())
}

#[tokio::test]
async fn r069_an_update_holds_what_differs() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", city: "Rome" }));
    s.commit().await?;
    let recorder = db.recorder();
    s[ada].city = Some("Bonn".to_owned());
    assert!(s.is_modified(ada)?);
    s.commit().await?;
    assert_eq!(sent(&recorder), ["BEGIN", "UPDATE users(city) x1", "COMMIT"]);
    s[ada].city = Some("Bonn".to_owned()); // the same
    s[ada].name = "Eve".to_owned(); // and back
    s[ada].name = "Ada".to_owned();
    assert!(!s.is_modified(ada)?);
    s.commit().await?;
    assert_eq!(recorder.events(), []);
    Ok(())
}

#[tokio::test]
async fn r070_updates_of_the_same_columns_are_one_statement() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let players = s.add_all(["a", "b", "c", "d", "e"].map(|name| new!(Player { name })));
    s.commit().await?;
    for (at, &player) in players.iter().enumerate() {
        s[player].number += 1;
        if at > 2 {
            s[player].name.push('!');
        }
    }
    let recorder = db.recorder();
    s.commit().await?;
    let mut sent = sent(&recorder);
    sent.sort();
    assert_eq!(sent, ["BEGIN", "COMMIT", "UPDATE players(name, number) x2", "UPDATE players(number) x3"]);
    Ok(())
}

#[tokio::test]
async fn r071_inserts_are_batched() -> realgar::Result<()> {
    let db = open(models![User, Article]).await;
    let mut s = db.session();
    let tags = s.add_all(["a", "b", "c"].map(|name| new!(Tag { name })));
    let ada = s.add(new!(User { name: "Ada" }));
    s.add_all(["x", "y"].map(|title| new!(Post { title: title, author: ada, tags: tags.clone() })));
    s.add_all(["pen", "ink"].map(|code| new!(Article { code: code, price: 1.0 })));
    let recorder = db.recorder();
    s.flush().await?;
    let mut written = writes(&recorder);
    written.sort();
    // Generated keys, given keys, association rows: a batch each.
    assert_eq!(
        written,
        ["INSERT groups x2", "INSERT post_tags x6", "INSERT posts x2", "INSERT tags x3", "INSERT users x1"]
    );
    assert_eq!(tags.iter().map(|&tag| s[tag].id).collect::<Vec<_>>(), [1, 2, 3], "in the order of adding");
    Ok(())
}

#[tokio::test]
async fn r073_a_row_that_is_gone() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (ada, bob) = (s.add(new!(User { name: "Ada" })), s.add(new!(User { name: "Bob" })));
    s.commit().await?;
    sql("DELETE FROM users").execute(&mut s).await?;
    s[ada].city = Some("Rome".to_owned());
    let error = s.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (Kind::StaleData, Some("User(id = 1)")));
    s.rollback().await?;
    s.load(bob, User::posts).await?;
    sql("DELETE FROM users").execute(&mut s).await?;
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    s.delete(bob)?;
    s.commit().await?;
    assert_eq!((s.state(bob)?, ear.heard("a DELETE of User(id = 2) met 0 rows").len()), (State::Detached, 1));
    Ok(())
}

#[tokio::test]
async fn r074_an_association_row_that_is_gone_or_there_twice() -> realgar::Result<()> {
    let db = open(models![Writer]).await;
    let mut s = db.session();
    let ada = s.add(new!(Writer { reading: [new!(Book { title: "a" })] }));
    s.commit().await?;
    for change in
        [r#"DELETE FROM "reads""#, r#"INSERT INTO "reads" (writer_id, book_id) SELECT writer_id, book_id FROM "reads""#]
    {
        let books = s.load(ada, Writer::reading).await?;
        sql(change).execute(&mut s).await?;
        s.remove(ada, Writer::reading, books[0])?;
        assert_eq!(s.flush().await.unwrap_err().kind(), Kind::StaleData, "{change}");
        s.rollback().await?;
    }
    Ok(())
}

mod defaults {
    use std::sync::atomic::{AtomicI64, Ordering};

    use realgar::prelude::*;

    pub(super) static CALLS: AtomicI64 = AtomicI64::new(0);

    fn next() -> i64 {
        CALLS.fetch_add(1, Ordering::Relaxed) + 1
    }

    #[derive(Model)]
    #[model(table = "tickets")]
    pub(super) struct Ticket {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(default = next)]
        pub(super) number: i64,
    }
}

#[tokio::test]
async fn r075_defaults_run_once_per_object() -> realgar::Result<()> {
    use std::sync::atomic::Ordering::Relaxed;

    use defaults::{CALLS, Ticket};

    let db = open(models![Ticket]).await;
    let mut s = db.session();
    let tickets = s.add_all([new!(Ticket {}), new!(Ticket { number: 99 }), new!(Ticket {})]);
    assert_eq!(CALLS.load(Relaxed), 3, "at construction");
    s.commit().await?;
    assert_eq!(CALLS.load(Relaxed), 3);
    assert_eq!(tickets.iter().map(|&ticket| s[ticket].number).collect::<Vec<_>>(), [1, 99, 3]);
    Ok(())
}

#[tokio::test]
async fn r077_part_of_a_primary_key_is_not_blanked() -> realgar::Result<()> {
    let db = open(models![Line]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.0 }));
    let order = s.add(new!(Order { customer: "Ada", lines: [new!(Line { article: pen })] }));
    s.commit().await?;
    let line = s.load(order, Order::lines).await?[0];
    s.remove(order, Order::lines, line)?;
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Flush);
    assert!(error.to_string().contains("`Line::order_id`"), "{error}");
    s.rollback().await?;
    s.delete(order)?;
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::Flush);
    Ok(())
}
