//! Load when asked: for one object, or for all that came from the same query and lack it too.

use crate::{
    error::Result,
    identity::{Entity, Reason},
    load::{
        Loader,
        get::refresh,
        joined::Joined,
        rows::{Job, fetch, finish},
        selectin::{further, known, selectin},
    },
    mapper::Relation,
    query::Branch,
    value::Value,
};

/// One statement for one object; none where the identity map can tell.
pub(super) async fn one(loader: &mut Loader<'_>, relation: &Relation, owner: Entity, branch: &Branch) -> Result<()> {
    let mut jobs = fetch_one(loader, relation, owner, branch).await?;
    finish(loader, &mut jobs).await
}

/// The same; answers what is to be loaded from there.
pub(super) async fn fetch_one(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owner: Entity,
    branch: &Branch,
) -> Result<Vec<Job>> {
    if loader.identity.is_aged(owner) {
        refresh(loader, owner.mapper, &[owner.slot]).await?;
    }
    if !branch.chooses()
        && let Some(target) = known(loader, relation, owner)
    {
        loader.identity.fill(owner, relation, target.into_iter().collect());
        return further(loader, relation, target.as_slice(), branch);
    }
    let dialect = loader.transaction.engine().dialect();
    let cells = |handle, columns: &[usize]| loader.identity.cells(handle, columns);
    let compiled = loader.plans.by_relation(loader.registry, dialect, relation, false, branch, &cells)?;
    let ours = relation.ours().map(|column| loader.identity.cell(owner, column).into_owned());
    let params: Vec<Value<'static>> = compiled.with_values(ours.collect());
    let mut joined = Joined::default();
    joined.add(owner.slot, None);
    let jobs = fetch(loader, &compiled, &params, Reason::Relationship, &mut |taken| {
        joined.add(owner.slot, taken.entities[0].slot());
        Ok(())
    })
    .await?;
    joined.hand_over(loader.identity, relation);
    Ok(jobs)
}

/// To one: the first touch loads for all peers. A collection: the first touch loads one, the second for all the rest.
pub(super) async fn peers(loader: &mut Loader<'_>, relation: &Relation, owner: Entity, branch: &Branch) -> Result<()> {
    if !loader.identity.is_aged(owner)
        && !branch.chooses()
        && let Some(target) = known(loader, relation, owner)
    {
        loader.identity.fill(owner, relation, target.into_iter().collect());
        return Ok(());
    }
    let repeated = loader.identity.asked_before(owner, relation.index);
    if relation.many && !repeated {
        return one(loader, relation, owner, branch).await;
    }
    let owners = loader.identity.peers(owner, relation.index);
    if owners.len() == 1 {
        return one(loader, relation, owner, branch).await;
    }
    let mut jobs: Vec<Job> = selectin(loader, relation, owners, branch).await?;
    finish(loader, &mut jobs).await
}
