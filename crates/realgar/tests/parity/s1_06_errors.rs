//! Mistakes in a mapping, and a collection asked for after its session.

use realgar::{Result, prelude::*};

use crate::harness::Run;

mod unlinked {
    use realgar::prelude::*;

    #[derive(Model)]
    pub(super) struct Author {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = author)]
        books: Many<Book>,
    }

    #[derive(Model)]
    pub(super) struct Book {
        #[column(primary_key)]
        id: i64,
        author_id: Option<i64>, // no foreign key
    }
}

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

mod typo {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "p3")]
    pub(super) struct Parent {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = parnt)] // here it is
        kids: Many<Child>,
    }

    #[derive(Model)]
    #[model(table = "c3")]
    pub(super) struct Child {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Parent::id)]
        pid: Option<i64>,
        #[relationship(back_populates = kids)]
        parent: One<Option<Parent>>,
    }
}

mod same_direction {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "node")]
    pub(super) struct Node {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Node::id)]
        parent_id: Option<i64>,
        #[relationship(back_populates = parent)]
        children: Many<Node>,
        // There, the missing `remote_side` makes this a list, too. Here, the type says it: `One` would be no mistake.
        #[relationship(back_populates = children)]
        parent: Many<Node>,
    }
}

mod forked {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "p6")]
    pub(super) struct Parent {
        #[column(primary_key)]
        id: i64,
        #[relationship(foreign_keys = Child::a_id)]
        kids: Many<Child>,
    }

    #[derive(Model)]
    #[model(table = "c6")]
    pub(super) struct Child {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Parent::id)]
        a_id: Option<i64>,
        #[column(foreign_key = Parent::id)]
        b_id: Option<i64>,
        amb: One<Option<Parent>>,
    }
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    run.error("no ForeignKey", run.connect_aside(models![unlinked::Author, unlinked::Book])).await;

    let db = run.connect(models![Author, Book]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(Author { name: "x", books: [new!(Book {})] }));
    s.commit().await?;
    let author = Author::select().first(&mut s).await?.expect("there is one");
    s.close().await?;
    run.error("session removed at the end of the app context", s.load(author, Author::books)).await;

    run.left_out("no application context").await;
    run.error("misconfigured back_populates", run.connect_aside(models![typo::Parent, typo::Child])).await;
    run.caught_when_compiled("two relationships create the same backref name").await;
    let nodes = run.connect_aside(models![same_direction::Node]);
    run.error("self-referential pair without remote_side: same direction", nodes).await;
    let forked = run.connect_aside(models![forked::Parent, forked::Child]);
    run.error("two foreign key paths between the tables", forked).await;
    Ok(())
}
