//! Exercise: Author one-to-many Book, filled in from the side of the books.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

#[derive(Model)]
#[model(table = "authors")]
struct Author {
    #[column(primary_key)]
    id: i64,
    name: Option<String>,
    #[relationship(back_populates = author)]
    books: Many<Book>,
}

#[derive(Model)]
#[model(table = "books")]
struct Book {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    #[column(foreign_key = Author::id)]
    author_id: Option<i64>,
    #[relationship(back_populates = books)]
    author: One<Option<Author>>,
}

fn titles(s: &Session, books: &[Handle<Book>]) -> Vec<Option<String>> {
    books.iter().map(|&book| s[book].title.clone()).collect()
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Author, Book]).await?;
    db.create_all().await?;

    let mut s = db.session();
    // There, the session takes in one book and finds the author and the other book from it. Here, the first book brings
    // its author in; the second one refers to an author who is in the session, and so goes in itself.
    let (author, second) = run
        .step("set many-to-one side", async {
            let le_guin = new!(Author { name: "Le Guin" });
            let first = s.add(new!(Book { title: "The Dispossessed", author: le_guin }));
            let author = s.loaded(first, Book::author)?.expect("the author came in with the book");
            let second = s.add(new!(Book { title: "The Lathe of Heaven", author }));
            Ok((author, second))
        })
        .await?;
    run.check("collection filled from the other side", titles(&s, &s.loaded(author, Author::books)?));
    run.step("add one book only, commit", s.commit()).await?;
    run.check("kinds", run.writes());
    let books = run.step("read", s.load(author, Author::books)).await?;
    run.out(format!("Books: {}", list(&titles(&s, &books))));
    run.out(format!("FK value: {} == {}", s[second].author_id.alone(), s[author].id));
    run.check("fk holds the id", s[second].author_id);
    s.close().await
}
