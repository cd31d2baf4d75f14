//! Keys travel from parents to children: each foreign key takes its parent's key when its row's turn has come.

use std::{collections::HashSet, ops::Range};

use crate::{
    error::{Error, Kind, Result},
    flush::dependency::Sync,
    identity::{Entity, Identity, State},
    mapper::{Direction, Registry},
    value::Value,
};

/// Keys that are still to be copied, sorted by child: a table of its own for each object would cost more than its row.
pub(super) struct Waiting<'p> {
    all: Vec<(Entity, Option<&'p Sync<'p>>)>,
    /// Rows are written in the order of their slots, mostly: behind the last one that was found is the next one.
    next: usize,
}

impl<'p> Waiting<'p> {
    pub(super) fn new(syncs: &'p [Sync<'p>]) -> Self {
        let mut all: Vec<_> = syncs.iter().map(|sync| (sync.child, Some(sync))).collect();
        all.sort_by_key(|&(child, _)| child);
        Waiting { all, next: 0 }
    }

    /// Where the keys are that this object waits for; `next` is where to look first.
    fn find(&self, entity: Entity, next: usize) -> Range<usize> {
        let (before, after) = self.all.split_at(next);
        let is_there = before.last().is_none_or(|&(child, _)| child < entity)
            && after.first().is_none_or(|&(child, _)| child >= entity);
        let start = if is_there { next } else { self.all.partition_point(|&(child, _)| child < entity) };
        start..start + self.all[start..].iter().take_while(|&&(child, _)| child == entity).count()
    }

    /// The same objects in pieces: none of a piece waits for the key of another one in it, so that each can be written
    /// at once. Parents come before their children.
    pub(super) fn pieces<'e>(&self, entities: &'e [Entity]) -> Vec<&'e [Entity]> {
        let mut pieces = Vec::new();
        let (mut rest, mut at, mut next) = (entities, 0, 0);
        let mut inside = HashSet::<Entity, foldhash::fast::RandomState>::default();
        while let Some(&entity) = rest.get(at) {
            let found = self.find(entity, next);
            next = found.end;
            let mut parents = self.all[found].iter().filter_map(|(_, sync)| sync.and_then(|sync| sync.parent));
            if parents.any(|parent| inside.contains(&parent)) {
                let (piece, after) = rest.split_at(at);
                pieces.push(piece);
                (rest, at) = (after, 0);
                inside.clear();
            }
            inside.insert(entity);
            at += 1;
        }
        pieces.push(rest);
        pieces
    }

    /// Copies the keys of this object's parents into its foreign keys; the parents' rows are there by now. Where one is
    /// not, nothing happens: several rows are to be sent at once that cannot be.
    pub(super) fn apply(&mut self, identity: &mut Identity, registry: &Registry, entity: Entity) -> Result<()> {
        let found = self.find(entity, self.next);
        if found.is_empty() {
            return Ok(());
        }
        self.next = found.end;
        let waits = &mut self.all[found];
        if waits.iter().any(|(_, sync)| sync.is_some_and(|sync| is_early(identity, sync))) {
            return Err(Error::bug("a row is to be written before the one whose key it takes"));
        }
        identity.keep(entity);
        waits.iter_mut().filter_map(|(_, sync)| sync.take()).try_for_each(|sync| copy_key(identity, registry, sync))
    }
}

/// Whether the database has still to make the key that is to be copied.
fn is_early(identity: &Identity, sync: &Sync<'_>) -> bool {
    let Some(parent) = sync.parent.filter(|&parent| identity.state(parent) == State::Pending) else { return false };
    let made = |(_, key)| identity.mapper(parent).generated == Some(key) && identity.cell(parent, key) == Value::Int(0);
    sync.pairs().any(made)
}

fn copy_key(identity: &mut Identity, registry: &Registry, sync: &Sync<'_>) -> Result<()> {
    for (held, key) in sync.pairs() {
        let mapper = registry.mapper(sync.child.mapper);
        let value = match sync.parent {
            Some(parent) => identity.cell(parent, key).into_owned(),
            None => Value::Null,
        };
        let column = &mapper.table().columns[held];
        if value.is_null() && !column.nullable {
            return Err(blanked(identity, registry, sync, held));
        }
        identity.set_cell(sync.child, held, value)?;
    }
    Ok(())
}

/// A foreign key that takes no NULL lost what it refers to.
fn blanked(identity: &Identity, registry: &Registry, sync: &Sync<'_>, column: usize) -> Error {
    let mapper = registry.mapper(sync.child.mapper);
    let name = mapper.table().columns[column].name;
    let end = format!("{}::{}", registry.mapper(sync.relation.owner).name(), sync.relation.name);
    // A new object has nothing to blank out: its row would lack a part of its key.
    let error = if mapper.key.contains(&column) && identity.state(sync.child) == State::Persistent {
        Error::new(
            Kind::Flush,
            format!(
                "tried to blank out the primary-key column `{}::{name}`: nobody is at the other end of `{end}` now",
                mapper.name(),
            ),
        )
    } else {
        Error::new(
            Kind::NotNullViolation,
            format!("`{}::{name}` takes no NULL, but nobody is at the other end of `{end}` now", mapper.name()),
        )
    };
    let relation = sync.relation;
    let collection = match relation.direction {
        Direction::ManyToOne => relation.inverse.map(|inverse| registry.relation(relation.target, inverse)),
        _ => Some(relation),
    };
    let place = collection.map_or_else(
        || "the relationship that leads here".to_owned(),
        |collection| format!("`{}::{}`", registry.mapper(collection.owner).name(), collection.name),
    );
    error.with_entity(|| identity.describe(sync.child)).way_out(format!(
        "delete the object, give it another owner, or write `cascade = \"all, delete-orphan\"` at {place}"
    ))
}
