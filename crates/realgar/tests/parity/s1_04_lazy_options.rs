//! Every way of loading `Author::books` that a mapping can name: statements of the query, statements of the reading.

use realgar::{Result, prelude::*};
use serde_json::json;

use crate::{harness::Run, spelled::list};

/// The two models with one strategy, and what is asked of them: `s.load` where books are loaded when asked.
macro_rules! strategy {
    ($module:ident, $lazy:literal) => {
        mod $module {
            use realgar::{Result, prelude::*};

            use crate::harness::Run;

            #[derive(Model)]
            #[model(table = "author")]
            pub(super) struct Author {
                #[column(primary_key)]
                id: i64,
                #[column(length = 80)]
                name: String,
                #[relationship(backref = author, lazy = $lazy)]
                pub(super) books: Many<Book>,
            }

            #[derive(Model)]
            #[model(table = "book")]
            pub(super) struct Book {
                #[column(primary_key)]
                pub(super) id: i64,
                #[column(length = 120)]
                pub(super) title: String,
                #[column(foreign_key = Author::id)]
                author_id: i64,
            }

            pub(super) fn titles(s: &Session, books: &[Handle<Book>]) -> Vec<String> {
                super::sorted(books.iter().map(|&book| s[book].title.clone()).collect()) // a server joins in any order
            }

            /// The line that the reference prints, with `word` for the strategy; the session, and the first author.
            pub(super) async fn run(run: &Run<'_>, word: &str) -> Result<(String, Session, Handle<Author>)> {
                let db = run.connect_aside(models![Author, Book]).await?;
                db.create_all().await?;
                let mut s = db.session();
                for name in ["A", "B"] {
                    let books = [1, 2].map(|number| new!(Book { title: format!("{name}{number}") }));
                    s.add(new!(Author { name, books }));
                }
                s.commit().await?;
                s.close().await?;
                let query = Author::select().order_by(Author::id);
                let step = format!("lazy={word}: Author.query.order_by(id).all()");
                let authors = run.step(&step, query.all(&mut s)).await?;
                let sent = run.texts().len();
                let step = format!("lazy={word}: read .books");
                let read = run.step(&step, async {
                    let mut all = Vec::new();
                    for &author in &authors {
                        match s.load(author, Author::books).await {
                            Ok(books) => all.push(super::list(&titles(&s, &books))),
                            Err(error) => return Ok(error.kind().reference().to_owned()),
                        }
                    }
                    Ok(format!("[{}]", all.join(", ")))
                });
                let line = read.await?;
                let line = format!("lazy={word}: query={sent} read={} -> {line}", run.texts().len());
                Ok((line, s, authors[0]))
            }
        }
    };
}

strategy!(select, "select");
strategy!(joined, "joined");
strategy!(subquery, "subquery");
strategy!(selectin, "selectin");
strategy!(immediate, "immediate");
strategy!(raise, "raise");
strategy!(raise_on_sql, "raise_on_sql");
strategy!(dynamic, "dynamic");
strategy!(write_only, "write_only");

fn sorted(mut titles: Vec<String>) -> Vec<String> {
    titles.sort();
    titles
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    run.out(select::run(run, "'select'").await?.0);
    run.out(select::run(run, "True").await?.0); // another word for it
    run.out(joined::run(run, "'joined'").await?.0);
    run.out(joined::run(run, "False").await?.0); // here, too
    run.out(subquery::run(run, "'subquery'").await?.0);
    run.out(selectin::run(run, "'selectin'").await?.0);
    run.out(immediate::run(run, "'immediate'").await?.0);
    run.out(raise::run(run, "'raise'").await?.0);
    run.out(raise_on_sql::run(run, "'raise_on_sql'").await?.0);
    let (line, s, author) = dynamic::run(run, "'dynamic'").await?;
    run.out(line);
    dynamic_books(run, s, author).await?;
    let (line, s, author) = write_only::run(run, "'write_only'").await?;
    // It is no list there, and so cannot be walked. It is one here, and must not be loaded.
    run.out_otherwise("lazy='write_only': query=1 read=0 -> TypeError", line);
    write_only_books(run, s, author).await?;
    for line in run.printed().iter().filter(|line| line.starts_with("lazy=")) {
        let (lazy, rest) = line.split_once(": query=").expect("the line of a strategy");
        let (query, rest) = rest.split_once(" read=").expect("the line of a strategy");
        let read = rest.split_once(' ').expect("the line of a strategy").0;
        let counts = [query, read].map(|count| count.parse::<u64>().expect("a number of statements"));
        run.check(&format!("{lazy} statements (query, read)"), json!(counts));
    }
    Ok(())
}

async fn dynamic_books(run: &Run<'_>, mut s: Session, author: Handle<dynamic::Author>) -> Result<()> {
    use dynamic::{Author, Book, titles};

    run.step("dynamic: filter, count, order_by, append, remove", async {
        let books = || Author::books.of(author);
        let found = books().filter_by(Book::title, "A2").all(&mut s).await?;
        run.out(format!("dynamic filter_by: {}", list(&titles(&s, &found))));
        let count = books().count(&mut s).await?;
        let first = books().order_by(Book::title.desc()).first(&mut s).await?.expect("there are two");
        run.out(format!("dynamic count: {count} first: {}", s[first].title));
        s.append(author, Author::books, new!(Book { title: "A3" }))?;
        s.commit().await?;
        let found = books().all(&mut s).await?;
        run.out(format!("after append: {}", list(&sorted(titles(&s, &found)))));
        // A query there; a relationship here, of which `of` makes a query.
        let of = std::any::type_name_of_val(&books()).split('<').next().unwrap_or_default();
        let of = of.rsplit("::").next().unwrap_or_default();
        run.out_otherwise("type of attribute: AppenderQuery", format!("type of attribute: {of}"));
        Ok(())
    })
    .await?;
    s.close().await
}

async fn write_only_books(run: &Run<'_>, mut s: Session, author: Handle<write_only::Author>) -> Result<()> {
    use write_only::{Author, Book, titles};

    run.step("write_only: select() and add()", async {
        s.append(author, Author::books, new!(Book { title: "A3" }))?;
        s.commit().await?;
        let found = Author::books.of(author).all(&mut s).await?;
        run.out(format!("write_only select: {}", list(&sorted(titles(&s, &found)))));
        Ok(())
    })
    .await?;
    s.close().await
}
