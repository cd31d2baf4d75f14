//! Parents and children, in step from both sides; then a parent goes.

use realgar::{Result, prelude::*};
use serde_json::json;

use crate::{harness::Run, spelled::Spelled};

#[derive(Model)]
struct Parent {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = parent)]
    children: Many<Child>,
}

#[derive(Model)]
struct Child {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Parent::id)]
    parent_id: Option<i64>,
    #[relationship(back_populates = children)]
    parent: One<Option<Parent>>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Parent, Child]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let (p, q) = (s.add(new!(Parent {})), s.add(new!(Parent {})));
    let c = s.add(new!(Child { parent: p }));
    run.check("set scalar -> collection", s.loaded(p, Parent::children)? == [c]);
    s.set(c, Child::parent, q)?;
    let left: Vec<i64> = s.loaded(p, Parent::children)?.iter().map(|&child| s[child].id).collect();
    run.check("move by scalar", json!([left, s.loaded(q, Parent::children)? == [c]]));
    s.append(p, Parent::children, c)?;
    run.check("move by append: scalar follows", s.loaded(c, Child::parent)? == Some(p));
    let left: Vec<bool> = s.loaded(q, Parent::children)?.iter().map(|&child| child == c).collect();
    run.check("move by append: old collection of a new object is updated too", left);
    s.remove(p, Parent::children, c)?;
    let parent = |s: &Session| Ok(s.loaded(c, Child::parent)?.map(|parent| s[parent].id)) as Result<Option<i64>>;
    run.check("remove -> None", parent(&s)?);
    s.replace(p, Parent::children, [c]).await?;
    s.replace(p, Parent::children, many![]).await?;
    run.check("bulk replace -> None", parent(&s)?);
    s.set(c, Child::parent, p)?;
    run.step("commit", s.commit()).await?;
    run.check("writes", run.writes());
    run.step("delete parent: child FK set to NULL", async {
        s.delete(p)?;
        s.commit().await
    })
    .await?;
    run.check("writes", run.writes());
    run.step("read child", async {
        let parent = s.load(c, Child::parent).await?.map(|parent| s[parent].id);
        run.out(format!("child.parent: {} child.parent_id: {}", parent.alone(), s[c].parent_id.alone()));
        Ok(())
    })
    .await?;
    s.close().await
}
