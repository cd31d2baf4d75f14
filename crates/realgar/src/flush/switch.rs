//! A row switch: an object is deleted and a new one has its key. One UPDATE makes the old row the new object's.

use std::collections::{HashMap, HashSet};

use crate::{
    driver::Batch,
    error::{Error, Result},
    flush::{
        Texts,
        blame::{Write, blame},
        dependency::Sync,
        expressed,
        fit::{Limit, bind, limits, position, row_of},
        insert::left,
        update::{check_met, next_version},
        waiting::Waiting,
    },
    identity::{Entity, Identity, State},
    load::{self, Loader},
    mapper::{Mapper, MapperId, Registry},
    value::{Key, Value},
};

/// New objects, each with the deleted one whose row it takes.
pub(super) fn switches(identity: &Identity, registry: &Registry, syncs: &[Sync<'_>]) -> Vec<(Entity, Entity)> {
    let goes = |entity: &Entity| identity.state(*entity) == State::Persistent;
    let going: HashSet<MapperId> = identity.doomed().iter().filter(|old| goes(old)).map(|old| old.mapper).collect();
    if going.is_empty() {
        return Vec::new();
    }
    let new = identity.pending().iter().map(|&(new, _)| new).filter(|new| going.contains(&new.mapper));
    let mut by_child: HashMap<Entity, Vec<&Sync<'_>>> = HashMap::new();
    syncs.iter().for_each(|sync| by_child.entry(sync.child).or_default().push(sync));
    let (mut found, mut taken) = (Vec::new(), HashSet::new());
    for new in new {
        let columns = registry.mapper(new.mapper).key.iter();
        let values: Option<Vec<_>> = columns.map(|&column| value(identity, &by_child, new, column, 0)).collect();
        let old = values.and_then(Key::new).and_then(|key| identity.find(new.mapper, &key));
        let old = old.filter(|&old| goes(&old) && identity.is_doomed(old) && taken.insert(old));
        found.extend(old.map(|old| (new, old)));
    }
    found
}

/// What a new object's column will hold: perhaps its parent's key, and that one's parent's.
fn value<'i>(
    identity: &'i Identity,
    syncs: &HashMap<Entity, Vec<&Sync<'_>>>,
    entity: Entity,
    column: usize,
    depth: u32,
) -> Option<Value<'i>> {
    let written = syncs.get(&entity).into_iter().flatten().find_map(|sync| {
        let (_, key) = sync.pairs().find(|&(held, _)| held == column)?;
        Some((sync.parent, key))
    });
    match written {
        Some((Some(parent), key)) if depth < 32 => value(identity, syncs, parent, key, depth + 1),
        Some(_) => None,
        None => {
            let made = identity.mapper(entity).generated == Some(column);
            let cell = identity.cell(entity, column);
            (!made || cell != Value::Int(0)).then_some(cell)
        }
    }
}

pub(super) async fn switch(
    loader: &mut Loader<'_>,
    texts: &Texts,
    mapper: MapperId,
    pairs: &[(Entity, Entity)],
    waiting: &mut Waiting<'_>,
) -> Result<()> {
    let mapper = loader.registry.mapper(mapper);
    let dialect = loader.transaction.engine().dialect();
    for &pair in pairs {
        let (new, old) = pair;
        waiting.apply(loader.identity, loader.registry, new)?;
        next_version(loader.identity, mapper, old, new)?;
        let left = left(loader.identity, mapper, new).others;
        let written = |column: &usize| !mapper.key.contains(column) && !left.contains(column);
        let columns: Vec<u16> = (0..mapper.table().columns.len()).filter(written).map(|column| column as u16).collect();
        if !loader.identity.expressions(new).is_empty() {
            expressed::switch(loader, mapper, pair, &columns, &left).await?;
            continue;
        }
        let limits = limits(mapper, columns.iter().map(|&column| usize::from(column)));
        let mut batch = Switch { identity: loader.identity, registry: loader.registry, mapper, columns: limits, pair };
        if columns.is_empty() {
            batch.done(0, 1, 0)?;
            continue;
        }
        loader.transaction.execute_many(&texts.update(mapper, dialect, &columns, batch.len())?, &mut batch).await?;
        if !left.is_empty() {
            load::columns(loader, mapper.id, &[new], &left).await?;
            loader.identity.made(new, &left);
        }
    }
    Ok(())
}

struct Switch<'a> {
    identity: &'a mut Identity,
    registry: &'a Registry,
    mapper: &'a Mapper,
    columns: Vec<Limit>,
    pair: (Entity, Entity),
}

impl Batch for Switch<'_> {
    fn len(&self) -> usize {
        1
    }

    fn bind(&mut self, _: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
        let (new, old) = self.pair;
        self.columns.iter().try_for_each(|&limit| bind(self.identity, self.mapper, new, limit, to))?;
        row_of(self.identity, old, to)
    }

    fn done(&mut self, _: usize, affected: u64, _: i64) -> Result<()> {
        let (new, old) = self.pair;
        check_met(self.mapper, affected)?;
        self.identity.deleted(old);
        self.identity.inserted(new, false);
        Ok(())
    }

    fn position(&self, column: &str) -> Option<usize> {
        position(self.mapper, &self.columns, column)
    }

    fn blame(&self, _: usize, error: Error) -> Error {
        blame(self.identity, self.registry, self.pair.0, Write::Insert, error)
    }
}
