//! The slots of one model: objects, what is known of each, and the map from keys to slots.

use std::collections::{HashMap, hash_map::Entry};

use crate::{
    error::Result,
    identity::{Identity, Related, State, peers::Peers},
    mapper::{Mapper, MapperId, Objects},
    value::{Key, Row, Value},
};

/// An object of a session, without its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    /// Its mapper.
    pub mapper: MapperId,
    /// Its slot among the mapper's objects.
    pub slot: u32,
}

/// What is known of a slot beside the object itself.
#[derive(Debug)]
pub(super) struct Meta {
    /// Raised when the slot is used again, so that old handles do not reach the new object.
    pub round: u32,
    /// When the object last took the database's values.
    pub epoch: u32,
    /// The query that it was last part of.
    pub query: u32,
    pub state: State,
    /// Marked for deletion.
    pub doomed: bool,
    /// In the list of objects lent for writing.
    pub touched: bool,
    /// The columns as they were before it was lent for writing.
    pub old: Option<Box<[Value<'static>]>>,
}

impl Meta {
    pub(super) fn new(state: State, epoch: u32) -> Meta {
        Meta { round: 0, epoch, query: 0, state, doomed: false, touched: false, old: None }
    }
}

pub(super) struct Arena {
    pub objects: Box<dyn Objects>,
    pub metas: Vec<Meta>,
    pub keys: HashMap<Key, u32, foldhash::fast::RandomState>,
    /// For each relationship, its state by slot; short of slots whose state was never asked for.
    pub related: Vec<Vec<Related>>,
    pub peers: Peers,
}

/// What a row turned out to be.
#[derive(Debug, Clone, Copy)]
pub struct Met {
    /// The slot of its object.
    pub slot: u32,
    /// Whether the object took the row's values.
    pub fresh: bool,
}

impl Arena {
    pub(super) fn new(mapper: &Mapper) -> Arena {
        Arena {
            objects: (mapper.desc.objects)(),
            metas: Vec::new(),
            keys: HashMap::default(),
            related: mapper.relations.iter().map(|_| Vec::new()).collect(),
            peers: Peers::default(),
        }
    }

    pub(super) fn find(&self, key: &Key) -> Option<u32> {
        self.keys.get(key).copied()
    }
}

impl Identity {
    /// The object of a row: known already, or new in this session. `None` when the key is NULL: an outer join found nobody.
    ///
    /// A known object keeps its values, unless it is aged; one with unflushed changes keeps them always.
    #[inline]
    pub fn meet(&mut self, mapper: MapperId, row: &dyn Row, at: usize, query: u32) -> Result<Option<Met>> {
        let arena = &mut self.arenas[mapper.0 as usize];
        let key = match *self.registry.mapper(mapper).key {
            [column] => match row.get(at + column)? {
                Value::Int(key) => Some(Key::Int(key)),
                other => Key::new([other]),
            },
            ref columns => {
                let values: Vec<Value<'_>> =
                    columns.iter().map(|&column| row.get(at + column)).collect::<Result<_>>()?;
                Key::new(values)
            }
        };
        let Some(key) = key else { return Ok(None) };
        let (slot, fresh) = match arena.keys.entry(key) {
            Entry::Occupied(known) => {
                let slot = *known.get();
                let meta = &mut arena.metas[slot as usize];
                let fresh = meta.epoch != self.epoch && meta.old.is_none();
                if fresh {
                    arena.objects.decode(slot, row, at)?;
                    meta.epoch = self.epoch;
                }
                (slot, fresh)
            }
            Entry::Vacant(free) => {
                let slot = arena.metas.len() as u32;
                arena.objects.decode(slot, row, at)?;
                arena.metas.push(Meta::new(State::Persistent, self.epoch));
                free.insert(slot);
                (slot, true)
            }
        };
        if query != 0 {
            arena.metas[slot as usize].query = query;
            arena.peers.add(query, slot);
        }
        Ok(Some(Met { slot, fresh }))
    }

    /// Makes room for the rows of a query whose objects become peers.
    pub fn begin_query(&mut self, mapper: MapperId) -> u32 {
        let arena = self.arena_mut(mapper);
        let known = arena.metas.len();
        arena.peers.begin(known)
    }

    /// The objects that came from the same query as this one and have not loaded the relationship; itself among them.
    #[must_use]
    pub fn peers(&self, entity: Entity, relation: u16) -> Vec<u32> {
        let arena = self.arena(entity.mapper);
        let query = arena.metas[entity.slot as usize].query;
        let lacks = |&slot: &u32| {
            let meta = &arena.metas[slot as usize];
            let other = Entity { mapper: entity.mapper, slot };
            meta.query == query && meta.state == State::Persistent && self.related(other, relation).items().is_none()
        };
        let mut found = vec![entity.slot];
        found.extend(arena.peers.of(query).iter().copied().filter(|slot| *slot != entity.slot).filter(lacks));
        found.dedup();
        found
    }

    /// Notes that a relationship was loaded when asked; says whether another object of the same query asked before.
    pub fn asked_before(&mut self, entity: Entity, relation: u16) -> bool {
        let query = self.meta(entity).query;
        self.arena_mut(entity.mapper).peers.asked_before(query, relation)
    }
}
