//! Exercise: `first`, lazy reads from both sides, and criteria along relationships.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

#[derive(Model)]
#[model(table = "author")]
struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: Option<String>,
    #[relationship(back_populates = author)]
    books: Many<Book>,
}

#[derive(Model)]
#[model(table = "book")]
struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: Option<String>,
    #[column(foreign_key = Author::id)]
    author_id: i64,
    #[relationship(back_populates = books)]
    author: One<Author>,
}

fn names(s: &Session, authors: &[Handle<Author>]) -> String {
    list(&authors.iter().map(|&author| s[author].name.clone()).collect::<Vec<_>>())
}

fn titles(s: &Session, books: &[Handle<Book>]) -> String {
    list(&books.iter().map(|&book| s[book].title.clone()).collect::<Vec<_>>())
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Author, Book]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(Author { name: "Jane", books: [new!(Book { title: "Flask 101" }), new!(Book { title: "Flask 201" })] }));
    s.add(new!(Author { name: "Joe", books: [new!(Book { title: "Django" })] }));
    s.add(new!(Author { name: "Nobody" }));
    s.commit().await?;
    s.close().await?;

    let author = run.step("Author.query.first()", Author::select().first(&mut s)).await?.expect("authors are there");
    let books = run.step("author.books", s.load(author, Author::books)).await?;
    run.out(titles(&s, &books));
    s.close().await?;

    let book = run.step("Book.query.first()", Book::select().first(&mut s)).await?.expect("books are there");
    let author = run.step("book.author.name", s.load(book, Book::author)).await?;
    run.out(s[author].name.alone());

    let any = Author::select().filter(Author::books.any(Book::title.eq("Flask 101")));
    let recorder = db.recorder();
    let found = run.step("any(title='Flask 101')", any.all(&mut s)).await?;
    run.out(format!("any: {}", names(&s, &found)));
    run.check("any", found.iter().map(|&author| s[author].name.clone()).collect::<Vec<_>>());
    run.check("any uses EXISTS", recorder.statements()[0].sql.contains("EXISTS (SELECT 1"));

    run.step("any() without criteria, and its negation", async {
        let some = Author::select().filter(Author::books.any(true)).order_by(Author::id).all(&mut s).await?;
        let none = Author::select().filter(Author::books.is_empty()).all(&mut s).await?;
        run.out(format!("any(): {} ~any(): {}", names(&s, &some), names(&s, &none)));
        Ok(())
    })
    .await?;
    run.step("has / with_parent / == / contains", async {
        let has = Book::select().filter(Book::author.has(Author::name.eq("Joe"))).all(&mut s).await?;
        run.out(format!("has: {}", titles(&s, &has)));
        let joe = Author::select().filter_by(Author::name, "Joe").one(&mut s).await?;
        let his = Book::select().filter(Book::author.is(joe)).all(&mut s).await?;
        run.out(format!("== object: {}", titles(&s, &his)));
        let django = Book::select().filter_by(Book::title, "Django").one(&mut s).await?;
        let owner = Author::select().filter(Author::books.contains(django)).all(&mut s).await?;
        run.out(format!("contains: {}", names(&s, &owner)));
        let others = Book::select().filter(Book::author.is_not(joe)).order_by(Book::id).all(&mut s).await?;
        run.out(format!("!= object: {}", titles(&s, &others)));
        let nobodys = Book::select().filter(Book::author.is_none()).all(&mut s).await?;
        run.out(format!("== None: {}", titles(&s, &nobodys)));
        Ok(())
    })
    .await?;
    let nothing = Author::select().filter_by(Author::name, "zzz");
    let nothing = run.step("empty table: first() is None", nothing.first(&mut s)).await?;
    run.out(format!("first of nothing: {}", nothing.and_then(|author| s[author].name.clone()).alone()));
    s.close().await
}
