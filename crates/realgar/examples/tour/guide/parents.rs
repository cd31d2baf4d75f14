//! The guide's parents and children: both sides say it, with `back_populates`.

use realgar::prelude::*;

use crate::{
    Done,
    python::{or_none, truth},
};

#[derive(Model)]
#[model(table = "guide_parent")]
pub struct Parent {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = parent)]
    children: Many<Child>,
}

#[derive(Model)]
#[model(table = "guide_child")]
pub struct Child {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Parent::id)]
    parent_id: Option<i64>,
    #[relationship(back_populates = children)]
    parent: One<Option<Parent>>,
}

pub async fn run(db: &Db) -> Done {
    println!("\n1.5 Parents and children");
    let mut s = db.session();
    let parent = s.add(new!(Parent {}));
    let child = s.append(parent, Parent::children, new!(Child {}))?;
    s.commit().await?;

    // The child has moved by itself: its parent was set where it was appended.
    let both = s.load(child, Child::parent).await? == Some(parent);
    println!("child.parent is the parent: {}", truth(both));

    s.delete(parent)?;
    s.commit().await?;
    let parent = s.load(child, Child::parent).await?;
    let parent = parent.map(|parent| s[parent].id);
    println!("child.parent: {} child.parent_id: {}", or_none(parent), or_none(s[child].parent_id));
    Ok(())
}
