//! The guide's troubleshooting. What is not here does not compile: two relationships with one `backref` name, a list
//! given to a relationship to one, a relationship to a model that is not there.

use realgar::prelude::*;

use super::Author;
use crate::{Done, database::refused, python::raised};

/// `author_id` is a number, and no foreign key.
mod unlinked {
    use super::*;

    #[derive(Model)]
    pub struct Author {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = author)]
        books: Many<Book>,
    }

    #[derive(Model)]
    pub struct Book {
        #[column(primary_key)]
        id: i64,
        author_id: i64,
    }
}

/// `Child` has a `parent`, and no `parnt`.
mod misnamed {
    use super::*;

    #[derive(Model)]
    pub struct Parent {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = parnt)]
        children: Many<Child>,
    }

    #[derive(Model)]
    pub struct Child {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Parent::id)]
        parent_id: Option<i64>,
        parent: One<Option<Parent>>,
    }
}

/// Two keys lead to `Parent`: `foreign_keys = Child::a_id` would choose.
mod forked {
    use super::*;

    #[derive(Model)]
    pub struct Parent {
        #[column(primary_key)]
        id: i64,
    }

    #[derive(Model)]
    pub struct Child {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Parent::id)]
        a_id: Option<i64>,
        #[column(foreign_key = Parent::id)]
        b_id: Option<i64>,
        parent: One<Option<Parent>>,
    }
}

pub async fn run(db: &Db) -> Done {
    println!("\n1.6 Troubleshooting");
    refused(models![unlinked::Author]).await?;
    detached(db).await?;
    refused(models![misnamed::Parent]).await?;
    refused(models![forked::Child]).await
}

/// An object that its session let go.
async fn detached(db: &Db) -> Done {
    let mut s = db.test_session();
    let author = s.add(new!(Author { name: "x" }));
    s.commit().await?;
    s.expunge(author)?;
    if let Err(error) = s.load(author, Author::books).await {
        println!("{}", raised(&error));
    }
    Ok(())
}
