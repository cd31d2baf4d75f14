//! Mistakes in a mapping, and a collection asked for after its session.

use realgar::{Result, prelude::*};

use crate::harness::Run;

#[derive(Model)]
#[model(table = "a2")]
struct Author {
    #[column(primary_key)]
    id: i64,
    name: Option<String>,
    #[relationship(backref = author)]
    books: Many<Book>,
}

#[derive(Model)]
#[model(table = "b2")]
struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Author::id)]
    author_id: Option<i64>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    run.caught_when_compiled("no ForeignKey").await;

    let db = run.connect(models![Author, Book]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(Author { name: "x", books: [new!(Book {})] }));
    s.commit().await?;
    let author = Author::select().first(&mut s).await?.expect("there is one");
    s.close().await?;
    run.error("session removed at the end of the app context", s.load(author, Author::books)).await;

    run.left_out("no application context").await;
    run.caught_when_compiled("misconfigured back_populates").await;
    run.caught_when_compiled("two relationships create the same backref name").await;
    run.caught_when_compiled("self-referential pair without remote_side: same direction").await;
    run.caught_when_compiled("two foreign key paths between the tables").await;
    Ok(())
}
