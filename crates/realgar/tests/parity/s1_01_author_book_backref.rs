//! `Author::books` makes `Book::author`; a book without an author is refused by the database.

use realgar::{Result, prelude::*};
use serde_json::json;

use crate::{harness::Run, spelled::list};

#[derive(Model)]
struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: String,
    #[relationship(backref = author)]
    books: Many<Book>,
}

#[derive(Model)]
struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
    #[column(foreign_key = Author::id)]
    author_id: i64,
}

fn titles(s: &Session, books: &[Handle<Book>]) -> Vec<String> {
    books.iter().map(|&book| s[book].title.clone()).collect()
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Author, Book]).await?;
    db.create_all().await?;
    // It is a constant, and there before the program begins.
    let there = Book::author.name() == "author";
    let name = "backref attribute absent before mapper configuration, present after first use";
    run.check_otherwise(name, json!([there, there]), json!([true, true]));

    let mut s = db.session();
    let author = s.add(new!(Author { name: "Jane Doe" }));
    let book = s.add(new!(Book { title: "Flask 101" }).with(Book::author, author));
    run.check("backref fills the collection", s.loaded(author, Author::books)? == [book]);
    run.step("add + commit", s.commit()).await?;
    run.check("writes", run.writes());
    run.step("read both ends", async {
        let books = s.load(author, Author::books).await?;
        assert_eq!(s.load(book, Book::author).await?, Some(author));
        run.out(format!("{} {}", list(&titles(&s, &books)), s[author].name));
        Ok(())
    })
    .await?;
    run.step("remove from collection: NOT NULL foreign key", async { Ok(()) }).await?;
    run.error("unlink without delete-orphan -> NULL into NOT NULL", async {
        s.remove(author, Author::books, book)?;
        s.commit().await
    })
    .await;
    s.rollback().await?;
    let books = s.load(author, Author::books).await?;
    run.check("state after rollback", titles(&s, &books));
    run.error("insert without author", async {
        s.add(new!(Book { title: "x" }));
        s.commit().await
    })
    .await;
    s.rollback().await?;
    s.close().await
}
