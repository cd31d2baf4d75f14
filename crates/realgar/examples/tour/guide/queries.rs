//! The guide's queries: from one end to the other, and by criteria along relationships.

use realgar::prelude::*;

use super::{Author, Book, titles};
use crate::{
    Done,
    python::{list, or_none},
};

pub async fn run(db: &Db) -> Done {
    let mut s = db.session();
    s.add_all([
        new!(Author { name: "Jane", books: [new!(Book { title: "Flask 101" }), new!(Book { title: "Flask 201" })] }),
        new!(Author { name: "Joe", books: [new!(Book { title: "Django" })] }),
        new!(Author { name: "Nobody" }),
    ]);
    s.commit().await?;
    walk(db).await?;
    any(db).await?;
    compare(db).await
}

/// From an author to the books, from a book to its author.
async fn walk(db: &Db) -> Done {
    println!("\n1.7 Querying: from an author to the books, and back");
    let mut s = db.session();
    if let Some(author) = Author::select().first(&mut s).await? {
        let books = s.load(author, Author::books).await?;
        println!("{}", titles(&s, &books));
    }
    if let Some(book) = Book::select().first(&mut s).await?
        && let Some(author) = s.load(book, Book::author).await?
    {
        println!("{}", s[author].name);
    }
    Ok(())
}

async fn any(db: &Db) -> Done {
    println!("\n1.8 Filtering by related models");
    let mut s = db.session();
    let wrote_101 = Author::select().filter(Author::books.any(Book::title.eq("Flask 101"))).all(&mut s).await?;
    println!("any: {}", names(&s, &wrote_101));

    let writers = Author::select().filter(Author::books.any(true)).order_by(Author::id).all(&mut s).await?;
    let others = Author::select().filter(Author::books.is_empty()).all(&mut s).await?;
    println!("any(): {} ~any(): {}", names(&s, &writers), names(&s, &others));

    let by_joe = Book::select().filter(Book::author.has(Author::name.eq("Joe"))).all(&mut s).await?;
    println!("has: {}", titles(&s, &by_joe));
    Ok(())
}

/// Relationships compared with objects, and with nobody.
async fn compare(db: &Db) -> Done {
    let mut s = db.session();
    let joe = Author::select().filter_by(Author::name, "Joe").one(&mut s).await?;
    let by_joe = Book::select().filter(Book::author.is(joe)).all(&mut s).await?;
    println!("== object: {}", titles(&s, &by_joe));

    let django = Book::select().filter_by(Book::title, "Django").one(&mut s).await?;
    let authors = Author::select().filter(Author::books.contains(django)).all(&mut s).await?;
    println!("contains: {}", names(&s, &authors));

    let not_by_joe = Book::select().filter(Book::author.is_not(joe)).order_by(Book::id).all(&mut s).await?;
    println!("!= object: {}", titles(&s, &not_by_joe));

    let by_nobody = Book::select().filter(Book::author.is_none()).all(&mut s).await?;
    println!("== None: {}", titles(&s, &by_nobody));

    let unknown = Author::select().filter_by(Author::name, "zzz").first(&mut s).await?;
    println!("first of nothing: {}", or_none(unknown.map(|author| &s[author].name)));
    Ok(())
}

fn names(s: &Session, authors: &[Handle<Author>]) -> String {
    list(authors.iter().map(|&author| &s[author].name))
}
