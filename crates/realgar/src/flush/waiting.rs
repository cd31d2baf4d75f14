//! Keys travel from parents to children: each foreign key takes its parent's key when its row's turn has come.

use std::collections::{HashMap, HashSet};

use crate::{
    error::{Error, Kind, Result},
    flush::dependency::Sync,
    identity::{Entity, Identity, State},
    mapper::{Direction, Registry},
    value::Value,
};

/// Keys that are still to be copied, by child.
pub(super) struct Waiting<'p>(HashMap<Entity, Vec<&'p Sync<'p>>, foldhash::fast::RandomState>);

impl<'p> Waiting<'p> {
    pub(super) fn new(syncs: impl IntoIterator<Item = &'p Sync<'p>>) -> Self {
        let mut waiting = HashMap::<_, Vec<_>, foldhash::fast::RandomState>::default();
        for sync in syncs {
            waiting.entry(sync.child).or_default().push(sync);
        }
        Waiting(waiting)
    }

    /// The same objects in pieces: none of a piece waits for the key of another one in it, so that each can be written
    /// at once. Parents come before their children.
    pub(super) fn pieces<'e>(&self, entities: &'e [Entity]) -> Vec<&'e [Entity]> {
        let mut pieces = Vec::new();
        let (mut rest, mut at) = (entities, 0);
        let mut inside = HashSet::<Entity, foldhash::fast::RandomState>::default();
        while let Some(&entity) = rest.get(at) {
            let syncs = self.0.get(&entity).into_iter().flatten();
            if syncs.filter_map(|sync| sync.parent).any(|parent| inside.contains(&parent)) {
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

    /// Copies the keys of this object's parents into its foreign keys; the parents' rows are there by now.
    pub(super) fn apply(&mut self, identity: &mut Identity, registry: &Registry, entity: Entity) -> Result<()> {
        let Some(syncs) = self.0.remove(&entity) else { return Ok(()) };
        identity.keep(entity);
        for sync in syncs {
            copy_key(identity, registry, sync)?;
        }
        Ok(())
    }
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
