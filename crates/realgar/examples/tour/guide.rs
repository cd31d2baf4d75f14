//! Document 1, a guide. Its examples, in its order:
//!
//! - 1.1 one-to-many: an author's books, `backref='author'`
//! - 1.2 many-to-many: students and courses, `backref='students'` (`shapes.rs`)
//! - 1.3 one-to-one: a user's profile, `uselist=False` (`shapes.rs`)
//! - 1.4 `lazy='select'`, `'joined'`, `'dynamic'` (`lazy.rs`)
//! - 1.5 parents and children, `back_populates` (`parents.rs`)
//! - 1.6 errors (`mistakes.rs`); its tip `SQLALCHEMY_ECHO` is `--echo` here
//! - 1.7 `Author.query.first()`, `author.books`, `book.author.name` (`queries.rs`)
//! - 1.8 `Author.books.any(title='Flask 101')` (`queries.rs`)
//! - 1.9 `flask shell`, and what is typed there

pub mod lazy;
mod mistakes;
pub mod parents;
mod queries;
pub mod shapes;

use realgar::prelude::*;

use crate::{
    Done,
    python::{list, raised},
};

#[derive(Model)]
#[model(table = "guide_author")]
pub struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: String,
    #[relationship(backref = author)]
    books: Many<Book>,
}

#[derive(Model)]
#[model(table = "guide_book")]
pub struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
    #[column(foreign_key = Author::id)]
    author_id: i64,
}

pub async fn run(db: &Db) -> Done {
    one_to_many(db).await?;
    shapes::many_to_many(db).await?;
    shapes::one_to_one(db).await?;
    lazy::run(db).await?;
    parents::run(db).await?;
    mistakes::run(db).await?;
    queries::run(db).await?;
    shell(db).await
}

/// `Book` has no field for its author: `backref` makes the way back. All is undone in the end, in a test session.
async fn one_to_many(db: &Db) -> Done {
    println!("\n1.1 One-to-many: an author's books");
    let mut s = db.test_session();
    let author = s.add(new!(Author { name: "Jane Doe" }));
    let book = s.add(new!(Book { title: "Flask 101" }).with(Book::author, author));
    s.commit().await?;
    let books = s.load(author, Author::books).await?;
    if let Some(author) = s.load(book, Book::author).await? {
        println!("{} {}", titles(&s, &books), s[author].name);
    }

    // A book needs its author: it cannot lose one, nor come without.
    s.remove(author, Author::books, book)?;
    if let Err(error) = s.commit().await {
        println!("{}", raised(&error));
        s.rollback().await?;
    }
    s.add(new!(Book { title: "x" }));
    if let Err(error) = s.commit().await {
        println!("{}", raised(&error));
        s.rollback().await?;
    }
    Ok(())
}

/// What the guide types into a shell.
async fn shell(db: &Db) -> Done {
    println!("\n1.9 In the shell");
    let mut s = db.session();
    let author = s.add(new!(Author { name: "Jane Doe" }));
    let book1 = s.add(new!(Book { title: "Flask 101" }).with(Book::author, author));
    s.commit().await?;

    let books = s.load(author, Author::books).await?;
    if let Some(author) = s.load(book1, Book::author).await? {
        println!("{} {}", titles(&s, &books), s[author].name);
    }
    Ok(())
}

fn titles(s: &Session, books: &[Handle<Book>]) -> String {
    list(books.iter().map(|&book| &s[book].title))
}
