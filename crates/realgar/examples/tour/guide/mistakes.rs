//! The guide's troubleshooting. What is not here does not compile: tables without a foreign key or with two of them, a
//! misspelled `back_populates`, two relationships with one `backref` name, a list given to a relationship to one, a
//! relationship to a model that is not there.

use realgar::prelude::*;

use super::Author;
use crate::{Done, python::raised};

pub async fn run(db: &Db) -> Done {
    println!("\n1.6 Troubleshooting");
    detached(db).await
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
