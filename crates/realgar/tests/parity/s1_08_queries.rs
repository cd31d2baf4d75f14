//! Criteria along relationships: `any`, `has`, `is`, `contains` and their opposites.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

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

fn names(s: &Session, authors: &[Handle<Author>]) -> Vec<String> {
    authors.iter().map(|&author| s[author].name.clone()).collect()
}

fn titles(s: &Session, books: &[Handle<Book>]) -> String {
    list(&books.iter().map(|&book| s[book].title.clone()).collect::<Vec<_>>())
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Author, Book]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add_all([
        new!(Author { name: "Jane", books: [new!(Book { title: "Flask 101" }), new!(Book { title: "Flask 201" })] }),
        new!(Author { name: "Joe", books: [new!(Book { title: "Django" })] }),
        new!(Author { name: "Nobody" }),
    ]);
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let author = run.step("Author.query.first()", Author::select().first(&mut s)).await?.expect("there are three");
    let books = run.step("author.books", s.load(author, Author::books)).await?;
    run.out(titles(&s, &books));
    s.close().await?;

    let mut s = db.session();
    let book = run.step("Book.query.first()", Book::select().first(&mut s)).await?.expect("there are three");
    let author = run.step("book.author.name", s.load(book, Book::author)).await?.expect("it has an author");
    run.out(&s[author].name);
    let found = Author::select().filter(Author::books.any(Book::title.eq("Flask 101")));
    let found = run.step("any(title='Flask 101')", found.all(&mut s)).await?;
    run.out(format!("any: {}", list(&names(&s, &found))));
    run.check("any", names(&s, &found));
    run.check("any uses EXISTS", run.texts()[0].contains("EXISTS (SELECT 1"));
    criteria(run, &mut s).await?;
    let nothing = Author::select().filter_by(Author::name, "zzz");
    let nothing = run.step("empty table: first() is None", nothing.first(&mut s)).await?;
    run.out(format!("first of nothing: {}", nothing.map(|author| s[author].name.clone()).alone()));
    s.close().await
}

async fn criteria(run: &Run<'_>, s: &mut Session) -> Result<()> {
    run.step("any() without criteria, and its negation", async {
        let some = Author::select().filter(Author::books.any(true)).order_by(Author::id).all(s).await?;
        let none = Author::select().filter(!Author::books.any(true)).all(s).await?;
        run.out(format!("any(): {} ~any(): {}", list(&names(s, &some)), list(&names(s, &none))));
        Ok(())
    })
    .await?;
    run.step("has / with_parent / == / contains", async {
        let by_joe = Book::select().filter(Book::author.has(Author::name.eq("Joe"))).all(s).await?;
        run.out(format!("has: {}", titles(s, &by_joe)));
        let joe = Author::select().filter_by(Author::name, "Joe").one(s).await?;
        let by_joe = Book::select().filter(Book::author.is(joe)).all(s).await?;
        run.out(format!("== object: {}", titles(s, &by_joe)));
        let django = Book::select().filter_by(Book::title, "Django").one(s).await?;
        let authors = Author::select().filter(Author::books.contains(django)).all(s).await?;
        run.out(format!("contains: {}", list(&names(s, &authors))));
        let others = Book::select().filter(!Book::author.is(joe)).order_by(Book::id).all(s).await?;
        run.out(format!("!= object: {}", titles(s, &others)));
        let by_nobody = Book::select().filter(Book::author.is_none()).all(s).await?;
        run.out(format!("== None: {}", titles(s, &by_nobody)));
        Ok(())
    })
    .await
}
