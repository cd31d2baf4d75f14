//! The how-to's pitfalls, and its correct way.

use realgar::prelude::*;

use super::{Child, Parent};
use crate::{Done, database::refused, python::truth};

/// No column of `Child` points at `Parent`.
mod missing {
    use super::*;

    #[derive(Model)]
    pub struct Parent {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = parent)]
        children: Many<Child>,
    }

    #[derive(Model)]
    pub struct Child {
        #[column(primary_key)]
        id: i64,
        // `#[column(foreign_key = Wrongtable::id)]` and `#[column(foreign_key = Parent::wrongcol)]` do not compile: a
        // foreign key names a field that is there.
    }
}

pub async fn run(db: &Db) -> Done {
    println!("\n3.3 Common pitfalls");
    refused(models![missing::Parent]).await?;

    println!("Correct way:");
    let mut s = db.session();
    let parent = s.add(new!(Parent { children: [new!(Child {}), new!(Child {})] }));
    s.commit().await?;
    let children = s.load(parent, Parent::children).await?;
    let mut all = true;
    for &child in &children {
        all &= s.load(child, Child::parent).await? == Some(parent);
    }
    println!("children: {} parent: {}", children.len(), truth(all));
    Ok(())
}
