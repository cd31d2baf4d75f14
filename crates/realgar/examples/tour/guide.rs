//! Document 1, a guide: authors and their books, and how to ask for one by the other.

pub mod shapes;

use realgar::prelude::*;

use crate::{
    Done,
    python::{list, or_none},
};

#[derive(Model)]
#[model(table = "guide_author")]
pub struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: String,
    #[relationship(back_populates = author)]
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
    #[relationship(back_populates = books)]
    author: One<Author>,
}

pub async fn run(db: &Db) -> Done {
    shapes::run(db).await?;
    let mut s = db.session();
    s.add_all([
        new!(Author { name: "Jane", books: [new!(Book { title: "Flask 101" }), new!(Book { title: "Flask 201" })] }),
        new!(Author { name: "Joe", books: [new!(Book { title: "Django" })] }),
        new!(Author { name: "Nobody" }),
    ]);
    s.commit().await?;
    walk(db).await?;
    filter(db).await?;
    shell(db).await
}

/// From an author to the books, from a book to its author.
async fn walk(db: &Db) -> Done {
    let mut s = db.session();
    if let Some(author) = Author::select().order_by(Author::id).first(&mut s).await? {
        let books = s.load(author, Author::books).await?;
        println!("{}", list(books.iter().map(|&book| &s[book].title)));
    }
    if let Some(book) = Book::select().order_by(Book::id).first(&mut s).await? {
        let author = s.load(book, Book::author).await?;
        println!("{}", s[author].name);
    }
    Ok(())
}

/// Criteria along relationships.
async fn filter(db: &Db) -> Done {
    let mut s = db.session();
    let wrote_101 = Author::select().filter(Author::books.any(Book::title.eq("Flask 101"))).all(&mut s).await?;
    println!("any: {}", names(&s, &wrote_101));

    let writers = Author::select().filter(Author::books.any(true)).order_by(Author::id).all(&mut s).await?;
    let others = Author::select().filter(Author::books.is_empty()).all(&mut s).await?;
    println!("any(): {} ~any(): {}", names(&s, &writers), names(&s, &others));

    let by_joe = Book::select().filter(Book::author.has(Author::name.eq("Joe"))).all(&mut s).await?;
    println!("has: {}", titles(&s, &by_joe));

    let joe = Author::select().filter_by(Author::name, "Joe").one(&mut s).await?;
    let by_joe = Book::select().filter(Book::author.is(joe)).all(&mut s).await?;
    println!("== object: {}", titles(&s, &by_joe));

    let django = Book::select().filter_by(Book::title, "Django").one(&mut s).await?;
    let authors = Author::select().filter(Author::books.contains(django)).all(&mut s).await?;
    println!("contains: {}", names(&s, &authors));

    let not_by_joe = Book::select().filter(!Book::author.is(joe)).order_by(Book::id).all(&mut s).await?;
    println!("!= object: {}", titles(&s, &not_by_joe));

    let by_nobody = Book::select().filter(Book::author.is_none()).all(&mut s).await?;
    println!("== None: {}", titles(&s, &by_nobody));

    let unknown = Author::select().filter_by(Author::name, "zzz").first(&mut s).await?;
    println!("first of nothing: {}", or_none(unknown.map(|author| &s[author].name)));
    Ok(())
}

/// What the guide types into a shell.
async fn shell(db: &Db) -> Done {
    let mut s = db.session();
    let author = s.add(new!(Author { name: "Jane Doe" }));
    s.add(new!(Book { title: "Flask 101", author }));
    s.commit().await?;

    let mut s = db.session();
    let author = Author::select().filter_by(Author::name, "Jane Doe").one(&mut s).await?;
    let books = s.load(author, Author::books).await?;
    println!("{} {}", titles(&s, &books), s[author].name);
    Ok(())
}

fn names(s: &Session, authors: &[Handle<Author>]) -> String {
    list(authors.iter().map(|&author| &s[author].name))
}

fn titles(s: &Session, books: &[Handle<Book>]) -> String {
    list(books.iter().map(|&book| &s[book].title))
}
