//! The guide's first advice: choose how a relationship is loaded. Statements are counted, for the query and the reading.

use realgar::prelude::*;

use super::titles;
use crate::{Done, python::list};

/// Too many books to load them all: `Author::books.of(author)` is a query.
#[derive(Model)]
#[model(table = "guide_dynamic_author")]
pub struct Author {
    #[column(primary_key)]
    id: i64,
    #[relationship(backref = author, lazy = "dynamic")]
    books: Many<Book>,
}

#[derive(Model)]
#[model(table = "guide_dynamic_book")]
pub struct Book {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = Author::id)]
    author_id: i64,
}

pub async fn run(db: &Db) -> Done {
    println!("\n1.4 Lazy: select, joined, dynamic");
    strategies(db).await?;
    dynamic(db).await
}

/// The mapping says it as `lazy = "joined"`, a query as `.options(…)`. Python knows these words, too.
async fn strategies(db: &Db) -> Done {
    use super::{Author, Book};

    let mut s = db.test_session();
    for name in ["A", "B"] {
        let book = |number: i32| new!(Book { title: format!("{name}{number}") });
        s.add(new!(Author { name, books: [book(1), book(2)] }));
    }
    s.commit().await?;
    for (word, books) in [
        ("select", Author::books.select()),
        ("joined", Author::books.joined()),
        ("subquery", Author::books.subquery()),
        ("selectin", Author::books.selectin()),
        ("immediate", Author::books.immediate()),
        ("raise", Author::books.raise()),
    ] {
        s.expunge_all();
        let recorder = db.recorder();
        let authors = Author::select().options(books).order_by(Author::id).all(&mut s).await?;
        let query = recorder.count();
        let read = match read(&mut s, &authors).await {
            Ok(lists) => lists,
            Err(error) => error.kind().reference().to_owned(),
        };
        println!("lazy='{word}': query={query} read={} -> {read}", recorder.count() - query);
    }
    Ok(())
}

async fn read(s: &mut Session, authors: &[Handle<super::Author>]) -> realgar::Result<String> {
    let mut lists = Vec::new();
    for &author in authors {
        let books = s.load(author, super::Author::books).await?;
        lists.push(titles(s, &books));
    }
    Ok(format!("[{}]", lists.join(", ")))
}

async fn dynamic(db: &Db) -> Done {
    let mut s = db.session();
    let author = s.add(new!(Author { books: [new!(Book { title: "A1" }), new!(Book { title: "A2" })] }));
    s.commit().await?;

    let books = Author::books.of(author);
    let second = books.clone().filter_by(Book::title, "A2").all(&mut s).await?;
    println!("dynamic filter_by: {}", list(second.iter().map(|&book| &s[book].title)));
    let count = books.clone().count(&mut s).await?;
    if let Some(last) = books.clone().order_by(Book::title.desc()).first(&mut s).await? {
        println!("dynamic count: {count} first: {}", s[last].title);
    }

    s.append(author, Author::books, new!(Book { title: "A3" }))?;
    s.commit().await?;
    let books = books.order_by(Book::title).all(&mut s).await?;
    println!("after append: {}", list(books.iter().map(|&book| &s[book].title)));
    Ok(())
}
