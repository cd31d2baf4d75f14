//! Pitfalls: no foreign key, one to a table or a column that is not there; then the correct form.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::Spelled};

#[derive(Model)]
struct Parent {
    #[column(primary_key)]
    id: i64,
    #[relationship(backref = parent)]
    children: Many<Child>,
}

#[derive(Model)]
struct Child {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Parent::id)]
    parent_id: Option<i64>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    run.caught_when_compiled("missing ForeignKey").await;
    // A foreign key names a field of a model, not a table and a column: what is not there cannot be named.
    run.caught_when_compiled("wrong table: using the mapper").await;
    run.caught_when_compiled("wrong table: create_all").await;
    run.caught_when_compiled("wrong column: using the mapper").await;

    let db = run.connect(models![Parent, Child]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let parent = new!(Parent { children: [new!(Child {}), new!(Child {})] });
    let parent = run
        .step("correct form", async {
            let parent = s.add(parent);
            s.commit().await?;
            Ok(parent)
        })
        .await?;
    run.check("writes", run.writes());
    let children = s.load(parent, Parent::children).await?;
    let same = s.load(children[0], Child::parent).await? == Some(parent);
    run.out(format!("children: {} parent: {}", children.len(), same.alone()));
    s.close().await
}
