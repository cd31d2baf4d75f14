//! A second SELECT for many owners: `WHERE posts.user_id IN (…)`, 500 owners at a time.

use std::collections::HashMap;

use crate::{
    error::{Error, Result},
    identity::Entity,
    load::{Loader, get::refresh, joined::Joined, lazy::one, rows::Job, rows::fetch, rows::finish},
    mapper::{Direction, Relation, Strategy},
    query::LoadOption,
    value::{Key, Row, Type, Value},
};

/// How many owners one statement serves.
pub(super) const CHUNK: usize = 500;

/// Loads a relationship for all these objects, as far as it is not loaded.
pub async fn load_together(loader: &mut Loader<'_>, relation: &Relation, owners: Vec<u32>) -> Result<()> {
    if let [slot] = owners[..] {
        return one(loader, relation, Entity { mapper: relation.owner, slot }, &[]).await;
    }
    let mut jobs = selectin(loader, relation, owners, &[]).await?;
    finish(loader, &mut jobs).await
}

/// Loads a relationship for these objects, as far as it is not loaded; answers what is to be loaded from there.
pub(super) async fn selectin(
    loader: &mut Loader<'_>,
    relation: &Relation,
    mut owners: Vec<u32>,
    options: &[LoadOption],
) -> Result<Vec<Job>> {
    let entity = |slot| Entity { mapper: relation.owner, slot };
    let mut seen = std::collections::HashSet::<u32, foldhash::fast::RandomState>::default();
    owners.retain(|&slot| seen.insert(slot));
    let all = if options.is_empty() { Vec::new() } else { owners.clone() };
    owners.retain(|&slot| loader.identity.related(entity(slot), relation.index).items().is_none());
    let aged: Vec<u32> = owners.iter().copied().filter(|&slot| loader.identity.is_aged(entity(slot))).collect();
    refresh(loader, relation.owner, &aged).await?;
    let mut jobs = Vec::new();
    if relation.direction == Direction::ManyToOne {
        to_one(loader, relation, owners, options, &mut jobs).await?;
    } else {
        for chunk in owners.chunks(CHUNK) {
            jobs.extend(to_many(loader, relation, chunk, options).await?);
        }
    }
    // What was loaded before still gets what the options ask for beyond it.
    if !options.is_empty() && jobs.is_empty() {
        let ends =
            all.iter().filter_map(|&slot| loader.identity.related(entity(slot), relation.index).items()).flatten();
        let ends: Vec<u32> = ends.copied().collect();
        for option in options.iter().filter(|option| !matches!(option.strategy, Strategy::Select | Strategy::Peers)) {
            let further = loader.registry.mapper(relation.target).relation(option.relationship)?;
            jobs.push(Job {
                mapper: relation.target,
                relation: further.index,
                owners: ends.clone(),
                options: option.then.clone(),
            });
        }
    }
    Ok(jobs)
}

async fn to_many(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owners: &[u32],
    options: &[LoadOption],
) -> Result<Vec<Job>> {
    let dialect = loader.transaction.engine().dialect();
    let compiled = loader.plans.by_relation(loader.registry, dialect, relation, true, options)?;
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
    let list = loader.list(&values, ours.len())?;
    // Where in a row the owner's key stands: in the foreign key, or behind the entity for an association table.
    let types = ours.iter().map(|&column| loader.registry.mapper(relation.owner).table().columns[column].r#type);
    let at: Vec<(usize, Type)> = match &relation.secondary {
        Some(_) => (0..ours.len()).map(|index| compiled.extra_at + index).zip(types).collect(),
        None => relation.pairs.iter().map(|&(_, theirs)| compiled.nodes[0].at + theirs).zip(types).collect(),
    };
    let mut last: Option<(Key, u32)> = None;
    let jobs = fetch(loader, &compiled, &[list], true, &mut |taken| {
        let Some((slot, _)) = taken.entities[0] else { return Ok(()) };
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

async fn to_one(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owners: Vec<u32>,
    options: &[LoadOption],
    jobs: &mut Vec<Job>,
) -> Result<()> {
    let entity = |slot| Entity { mapper: relation.owner, slot };
    let mut keys: Vec<Key> = Vec::new();
    let mut wanted = std::collections::HashSet::<Key, foldhash::fast::RandomState>::default();
    for &slot in &owners {
        if known(loader, relation, entity(slot)).is_none() {
            let cells = relation.pairs.iter().map(|&(ours, _)| loader.identity.cell(entity(slot), ours));
            if let Some(key) = Key::new(cells).filter(|key| !wanted.contains(key)) {
                wanted.insert(key.clone());
                keys.push(key);
            }
        }
    }
    let mut found = HashMap::<Key, u32, foldhash::fast::RandomState>::default();
    let theirs: Vec<usize> = relation.pairs.iter().map(|&(_, theirs)| theirs).collect();
    for chunk in keys.chunks(CHUNK) {
        let dialect = loader.transaction.engine().dialect();
        let compiled = loader.plans.by_relation(loader.registry, dialect, relation, true, options)?;
        let secret =
            relation.ours().any(|column| loader.registry.mapper(relation.owner).table().columns[column].secret);
        let values = chunk.iter().flat_map(Key::values);
        let values: Vec<Value<'_>> = values.map(|value| if secret { value.veil() } else { value }).collect();
        let list = loader.list(&values, theirs.len())?;
        let table = loader.registry.mapper(relation.target).table();
        let place = |&theirs: &usize| (compiled.nodes[0].at + theirs, table.columns[theirs].r#type);
        let at: Vec<(usize, Type)> = theirs.iter().map(place).collect();
        let more = fetch(loader, &compiled, &[list], true, &mut |taken| {
            if let (Some((slot, _)), Some(key)) = (taken.entities[0], key_at(taken.row, &at)?) {
                found.insert(key, slot);
            }
            Ok(())
        })
        .await?;
        jobs.extend(more);
    }
    for slot in owners {
        let cells = relation.pairs.iter().map(|&(ours, _)| loader.identity.cell(entity(slot), ours));
        let by_row = Key::new(cells).and_then(|key| found.get(&key).copied());
        let item = by_row.or_else(|| loader.identity.referred(entity(slot), relation).flatten());
        loader.identity.fill(entity(slot), relation, item.into_iter().collect());
    }
    Ok(())
}

/// Who is at the other end, where no statement is needed to tell and the object there is not aged.
pub(super) fn known(loader: &Loader<'_>, relation: &Relation, owner: Entity) -> Option<Option<u32>> {
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
