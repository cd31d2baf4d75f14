//! A second SELECT for many owners: `WHERE posts.user_id IN (…)`, 500 owners at a time.

use std::{collections::HashMap, sync::Arc};

use crate::{
    error::{Error, Result},
    identity::{Entity, Reason},
    load::{Loader, get::refresh, joined::Joined, lazy::one, rows::Job, rows::fetch, rows::finish},
    mapper::{Direction, Relation, Strategy},
    query::{Branch, Compiled, LoadOption},
    sql::Select,
    value::{Key, Row, Type, Value},
};

/// Loads a relationship for all these objects, as far as it is not loaded.
pub async fn load_together(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owners: Vec<u32>,
    branch: &Branch,
) -> Result<()> {
    if let [slot] = owners[..] {
        return one(loader, relation, Entity { mapper: relation.owner, slot }, branch).await;
    }
    let mut jobs = selectin(loader, relation, owners, None, branch).await?;
    finish(loader, &mut jobs).await
}

/// Asks what the database holds for a relationship to one that was set without knowing it.
pub async fn learn_together(loader: &mut Loader<'_>, relation: &Relation, owners: Vec<u32>) -> Result<()> {
    let aged = |slot: &u32| loader.identity.is_aged(Entity { mapper: relation.owner, slot: *slot });
    let aged: Vec<u32> = owners.iter().copied().filter(aged).collect();
    refresh(loader, relation.owner, &aged).await?;
    let mut jobs = Vec::new();
    if relation.direction == Direction::ManyToOne {
        to_one(loader, relation, owners, None, &Branch::default(), &mut jobs).await?;
    } else {
        for chunk in owners.chunks(loader.keys()) {
            jobs.extend(to_many(loader, relation, chunk, None, &Branch::default()).await?);
        }
    }
    finish(loader, &mut jobs).await
}

/// Loads a relationship for these objects, as far as it is not loaded; answers what is to be loaded from there.
///
/// `found_by`: a query that finds the objects' keys, which then need not be listed (strategy `subquery`).
pub(super) async fn selectin(
    loader: &mut Loader<'_>,
    relation: &Relation,
    mut owners: Vec<u32>,
    found_by: Option<&Select>,
    branch: &Branch,
) -> Result<Vec<Job>> {
    let entity = |slot| Entity { mapper: relation.owner, slot };
    let mut seen = std::collections::HashSet::<u32, foldhash::fast::RandomState>::default();
    owners.retain(|&slot| seen.insert(slot));
    // What is known without a statement still gets what the options ask for beyond it.
    let mut ends: Vec<u32> = Vec::new();
    owners.retain(|&slot| match loader.identity.related(entity(slot), relation.index).items() {
        Some(items) => {
            ends.extend(items);
            false
        }
        None => true,
    });
    let aged: Vec<u32> = owners.iter().copied().filter(|&slot| loader.identity.is_aged(entity(slot))).collect();
    refresh(loader, relation.owner, &aged).await?;
    let mut jobs = Vec::new();
    if relation.direction == Direction::ManyToOne {
        ends.extend(to_one(loader, relation, owners, found_by, branch, &mut jobs).await?);
    } else {
        let at_once = if found_by.is_some() { owners.len().max(1) } else { loader.keys() };
        for chunk in owners.chunks(at_once) {
            jobs.extend(to_many(loader, relation, chunk, found_by, branch).await?);
        }
    }
    jobs.extend(further(loader, relation, &ends, branch)?);
    Ok(jobs)
}

/// What the options ask for beyond objects that were reached without a statement.
pub(super) fn further(loader: &Loader<'_>, relation: &Relation, ends: &[u32], branch: &Branch) -> Result<Vec<Job>> {
    let wanted = branch.then.iter().filter(|option| option.strategy.is_eager() && !ends.is_empty());
    let job = |option: &LoadOption| {
        let further = loader.registry.mapper(relation.target).relation(option.relationship)?;
        Ok(Job {
            mapper: relation.target,
            relation: further.index,
            owners: ends.to_vec(),
            one_by_one: option.strategy == Strategy::Immediate,
            found_by: None,
            branch: Branch { everywhere: branch.everywhere.clone(), ..option.branch.clone() },
        })
    };
    wanted.map(job).collect()
}

/// The select for a relationship of many owners: listed, or found by a query.
fn plan(loader: &Loader<'_>, relation: &Relation, found_by: Option<&Select>, branch: &Branch) -> Result<Arc<Compiled>> {
    let dialect = loader.transaction.engine().dialect();
    let cells = |handle, columns: &[usize]| loader.identity.cells(handle, columns);
    match found_by {
        Some(owners) => loader.plans.by_owners(loader.registry, dialect, relation, owners, branch, &cells),
        None => loader.plans.by_relation(loader.registry, dialect, relation, true, branch, &cells),
    }
}

async fn to_many(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owners: &[u32],
    found_by: Option<&Select>,
    branch: &Branch,
) -> Result<Vec<Job>> {
    let compiled = plan(loader, relation, found_by, branch)?;
    let ours: Vec<usize> = relation.ours().collect();
    let owner = |slot| Entity { mapper: relation.owner, slot };
    let mut by_key = HashMap::<Key, u32, foldhash::fast::RandomState>::default();
    let mut values: Vec<Value<'static>> = Vec::with_capacity(owners.len() * ours.len());
    let mut joined = Joined::default();
    for &slot in owners {
        joined.add(slot, None); // an owner of nothing is loaded, too
        let cells = || ours.iter().map(|&column| loader.identity.cell(owner(slot), column));
        if let Some(key) = Key::new(cells()) {
            values.extend(cells().map(Value::into_owned));
            by_key.insert(key, slot);
        }
    }
    let params = match found_by {
        Some(_) => compiled.sql.params.clone(),
        None => compiled.with_values(vec![loader.list(&values, ours.len())?]),
    };
    // Where in a row the owner's key stands: in the foreign key, or behind the entity for an association table.
    let types = ours.iter().map(|&column| loader.registry.mapper(relation.owner).table().columns[column].r#type);
    let at: Vec<(usize, Type)> = match &relation.secondary {
        Some(_) => (0..ours.len()).map(|index| compiled.extra_at + index).zip(types).collect(),
        None => relation.pairs.iter().map(|&(_, theirs)| compiled.nodes[0].at + theirs).zip(types).collect(),
    };
    let mut last: Option<(Key, u32)> = None;
    let jobs = fetch(loader, &compiled, &params, Reason::Relationship, &mut |taken| {
        let Some(slot) = taken.entities[0].slot() else { return Ok(()) };
        let Some(key) = key_at(taken.row, &at)? else { return Ok(()) };
        let owner = match &last {
            Some((known, owner)) if *known == key => Some(*owner),
            _ => by_key.get(&key).copied(),
        };
        if let Some(owner) = owner {
            joined.add(owner, Some(slot));
            last = Some((key, owner));
        }
        Ok(())
    })
    .await?;
    joined.hand_over(loader.identity, relation);
    Ok(jobs)
}

fn key_at(row: &dyn Row, at: &[(usize, Type)]) -> Result<Option<Key>> {
    let cell = |&(at, r#type): &(usize, Type)| row.get(at)?.as_type(r#type);
    if let [at] = at {
        return Ok(Key::new([cell(at)?]));
    }
    let values: Vec<Value<'_>> = at.iter().map(cell).collect::<Result<_>>()?;
    Ok(Key::new(values))
}

/// Answers who was known without a statement.
async fn to_one(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owners: Vec<u32>,
    found_by: Option<&Select>,
    branch: &Branch,
    jobs: &mut Vec<Job>,
) -> Result<Vec<u32>> {
    let entity = |slot| Entity { mapper: relation.owner, slot };
    // PARITY: with criteria, the reference asks the database also for whom it knows.
    let shortcut = !branch.chooses() && branch.everywhere.is_plain();
    let mut keys: Vec<Key> = Vec::new();
    let mut wanted = std::collections::HashSet::<Key, foldhash::fast::RandomState>::default();
    for &slot in &owners {
        if !shortcut || known(loader, relation, entity(slot)).is_none() {
            let cells = relation.pairs.iter().map(|&(ours, _)| loader.identity.cell(entity(slot), ours));
            if let Some(key) = Key::new(cells).filter(|key| !wanted.contains(key)) {
                wanted.insert(key.clone());
                keys.push(key);
            }
        }
    }
    let mut found = HashMap::<Key, u32, foldhash::fast::RandomState>::default();
    let theirs: Vec<usize> = relation.pairs.iter().map(|&(_, theirs)| theirs).collect();
    let at_once = if found_by.is_some() { keys.len().max(1) } else { loader.keys() };
    for chunk in keys.chunks(at_once) {
        let compiled = plan(loader, relation, found_by, branch)?;
        let secret =
            relation.ours().any(|column| loader.registry.mapper(relation.owner).table().columns[column].secret);
        let values = chunk.iter().flat_map(Key::values);
        let values: Vec<Value<'_>> = values.map(|value| if secret { value.veil() } else { value }).collect();
        let params = match found_by {
            Some(_) => compiled.sql.params.clone(),
            None => compiled.with_values(vec![loader.list(&values, theirs.len())?]),
        };
        let table = loader.registry.mapper(relation.target).table();
        let place = |&theirs: &usize| (compiled.nodes[0].at + theirs, table.columns[theirs].r#type);
        let at: Vec<(usize, Type)> = theirs.iter().map(place).collect();
        let more = fetch(loader, &compiled, &params, Reason::Relationship, &mut |taken| {
            if let (Some(slot), Some(key)) = (taken.entities[0].slot(), key_at(taken.row, &at)?) {
                found.insert(key, slot);
            }
            Ok(())
        })
        .await?;
        jobs.extend(more);
    }
    let mut ends = Vec::new();
    for slot in owners {
        let cells = relation.pairs.iter().map(|&(ours, _)| loader.identity.cell(entity(slot), ours));
        let item = match Key::new(cells).filter(|key| wanted.contains(key)) {
            Some(key) => found.get(&key).copied(), // no row: whoever the session still knows there is gone
            None => {
                let item = loader.identity.referred(entity(slot), relation).flatten();
                ends.extend(item);
                item
            }
        };
        loader.identity.fill(entity(slot), relation, item.into_iter().collect());
    }
    Ok(ends)
}

/// Who is at the other end of a many-to-one relationship, where no statement is needed to tell and the object there
/// is not aged. `None` for any other: only the database can tell.
pub(super) fn known(loader: &Loader<'_>, relation: &Relation, owner: Entity) -> Option<Option<u32>> {
    if relation.direction != Direction::ManyToOne {
        return None;
    }
    let target = loader.identity.referred(owner, relation)?;
    let aged = target.is_some_and(|slot| loader.identity.is_aged(Entity { mapper: relation.target, slot }));
    (!aged).then_some(target)
}

impl Loader<'_> {
    /// The values as one parameter.
    pub(super) fn list(&self, values: &[Value<'_>], columns: usize) -> Result<Value<'static>> {
        let dialect = self.transaction.engine().dialect();
        dialect.list(values, columns).ok_or_else(|| {
            Error::new(
                crate::error::Kind::Unsupported,
                format!("{} cannot look up a list of keys of this type", dialect.name),
            )
            .way_out("load with `.joined()`, or one by one with `.select()`")
        })
    }
}
