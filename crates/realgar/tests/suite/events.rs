//! What `tracing` hears: statements and transactions, the plan of a flush, and the warning about loading one by one.

use crate::database::database;
use std::sync::{Arc, Mutex};

use realgar::prelude::*;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Keeps the texts of this crate's events.
#[derive(Clone, Default)]
pub(crate) struct Ear(Arc<Mutex<Vec<String>>>);

impl Ear {
    pub(crate) fn heard(&self, what: &str) -> Vec<String> {
        let texts = self.0.lock().expect("nobody panics with it");
        texts.iter().filter(|text| text.contains(what)).cloned().collect()
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "realgar"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        self.0.lock().expect("nobody panics with it").push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Model)]
#[model(table = "shelves")]
struct Shelf {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = shelf, lazy = "select")]
    books: Many<Book>,
}

#[derive(Model)]
#[model(table = "books")]
struct Book {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = Shelf::id)]
    shelf_id: i64,
    #[relationship(back_populates = books)]
    shelf: One<Shelf>,
}

async fn listen(ear: &Ear) -> realgar::Result<()> {
    // `tracing` loses an ear that comes while another thread passes a place for the first time, unless somebody listens
    // from before on.
    static EVERYTHING: std::sync::Once = std::sync::Once::new();
    EVERYTHING.call_once(|| drop(tracing::subscriber::set_global_default(Ear::default())));
    let url = database().await;
    let _guard = tracing::subscriber::set_default(ear.clone());
    work(&url).await
}

async fn work(url: &str) -> realgar::Result<()> {
    let db = Db::connect(url, models![Shelf]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add_all((0..30).map(|number| new!(Shelf { books: [new!(Book { title: format!("secret {number}") })] })));
    s.commit().await?;
    for shelf in Shelf::select().all(&mut s).await? {
        s.load(shelf, Shelf::books).await?;
    }
    s.commit().await
}

#[tokio::test]
async fn statements_transactions_and_plans_are_events_without_values() -> realgar::Result<()> {
    let ear = Ear::default();
    listen(&ear).await?;
    assert_eq!(ear.heard("COMMIT").len(), 3);
    let insert =
        ear.heard(if crate::database::name() == "mysql" { "INSERT INTO `books`" } else { r#"INSERT INTO \"books\""# });
    assert!(insert[0].contains("db.operation.batch.size=30") && insert[0].contains("duration_us="), "{insert:?}");
    assert!(ear.heard("insert shelves x30\ninsert books x30").len() == 1, "{:?}", ear.heard("flush"));
    assert!(ear.heard("secret").is_empty());
    Ok(())
}

#[tokio::test]
async fn a_session_that_forgets_to_commit_says_so() -> realgar::Result<()> {
    let db = Db::connect(&crate::database::database().await, models![Shelf]).await?;
    db.create_all().await?;
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    let mut s = db.session();
    let line = line!() - 1;
    let shelf = s.add(new!(Shelf {}));
    s.flush().await?;
    s.add(new!(Shelf {}));
    drop(s);
    let heard = ear.heard("not committed");
    assert!(heard.len() == 1 && heard[0].starts_with("INFO"), "{heard:?}");
    assert!(heard[0].contains(&format!("events.rs:{line}")) && heard[0].contains("of 2 objects"), "{heard:?}");
    assert!(heard[0].contains("`session.commit().await?`"), "{heard:?}");

    // Who committed, rolled back, closed, only read, or was told of an error has nothing to hear.
    let mut s = db.session();
    let there = s.add(new!(Shelf {}));
    s.commit().await?;
    let there = s[there].id;
    assert!(s.try_ref(shelf).is_err());
    for shelf in Shelf::select().all(&mut s).await? {
        let _ = s.try_mut(shelf)?;
    }
    drop(s);
    let mut s = db.session();
    s.add(new!(Shelf {}));
    s.rollback().await?;
    s.add(new!(Shelf { id: there }));
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::UniqueViolation);
    drop(s);
    assert_eq!(ear.heard("not committed").len(), 1);
    Ok(())
}

#[tokio::test]
async fn loading_one_by_one_is_warned_about_once_with_place_and_mend() -> realgar::Result<()> {
    let ear = Ear::default();
    listen(&ear).await?;
    let warnings = ear.heard("WARN");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for part in ["`Shelf::books`", "events.rs:", ".options(Shelf::books.selectin())"] {
        assert!(warnings[0].contains(part), "{warnings:?}");
    }
    Ok(())
}

mod orphans {
    use super::Ear;
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "drawers")]
    struct Drawer {
        #[column(primary_key)]
        id: i64,
        #[relationship(cascade = "save-update, delete-orphan")]
        socks: Many<Sock>,
    }

    #[derive(Model)]
    #[model(table = "socks")]
    struct Sock {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Drawer::id)]
        drawer_id: Option<i64>,
    }

    #[tokio::test]
    async fn delete_orphan_without_delete_is_warned_about_when_the_models_are_read() -> realgar::Result<()> {
        let ear = Ear::default();
        let _guard = tracing::subscriber::set_default(ear.clone());
        Db::connect(&crate::database::database().await, models![Drawer]).await?;
        let warnings = ear.heard("WARN");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("`Drawer::socks` has the cascade delete-orphan without delete"), "{warnings:?}");
        Ok(())
    }
}

#[tokio::test]
async fn tables_that_nothing_links_are_warned_about() -> realgar::Result<()> {
    let db = Db::connect(&crate::database::database().await, models![Shelf]).await?;
    db.create_all().await?;
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    let mut s = db.session();
    let pairs = || select((Shelf::id, Book::title));
    pairs().filter(Shelf::id.eq(Book::shelf_id)).all(&mut s).await?;
    pairs().join(Shelf::books).all(&mut s).await?;
    Book::select().join(Book::shelf).filter(Shelf::id.gt(0)).all(&mut s).await?;
    let other = realgar::alias::<Shelf>();
    select((Shelf::id, other.col(Shelf::id))).filter(Shelf::id.lt(other.col(Shelf::id))).all(&mut s).await?;
    assert!(ear.heard("WARN").is_empty(), "{:?}", ear.heard("WARN"));
    pairs().filter(Shelf::id.gt(0) & Book::id.gt(0)).all(&mut s).await?;
    let heard = ear.heard("WARN");
    assert!(heard.len() == 1, "{heard:?}");
    for part in ["`shelves`", "`books`", "every pair", "join"] {
        assert!(heard[0].contains(part), "{heard:?}");
    }
    Ok(())
}
