//! A session in a shell: an author and a book are added, committed, read back and shown.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{list, object, outside},
};

#[derive(Model)]
struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: Option<String>,
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

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Author, Book]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let (author, book) = run
        .step("add_all", async {
            let author = s.add(new!(Author { name: "Jane Doe" }));
            let book = s.add(new!(Book { title: "Flask 101" }).with(Book::author, author));
            Ok((author, book))
        })
        .await?;
    run.step("commit", s.commit()).await?;
    run.check("writes", run.writes());
    run.step("read back", async {
        let books = s.load(author, Author::books).await?;
        let titles: Vec<String> = books.iter().map(|&book| s[book].title.clone()).collect();
        let (id, author_id) = (s[author].id, s[book].author_id);
        let shown = [object(&s, author), outside(&new!(Author { name: "t" }))].join(" ");
        run.out(format!("{id} {author_id} {} {shown}", list(&titles)));
        Ok(())
    })
    .await?;
    run.check("transient repr", outside(&new!(Author {})).starts_with("<Author (transient"));
    let pending = s.add(new!(Author {}));
    run.check("pending repr", object(&s, pending).starts_with("<Author (pending"));
    s.close().await
}
