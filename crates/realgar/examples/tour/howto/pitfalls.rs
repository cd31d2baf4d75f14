//! The how-to's pitfalls, which do not compile here, and its correct way.
//!
//! `Child` without a foreign key to `Parent` is an error of the derive; `foreign_key = Wrongtable::id` and
//! `foreign_key = Parent::wrongcol` are errors of rustc: a foreign key names a field that is there.

use realgar::prelude::*;

use super::{Child, Parent};
use crate::{Done, python::truth};

pub async fn run(db: &Db) -> Done {
    println!("\n3.3 Common pitfalls");
    println!("these do not compile");
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
