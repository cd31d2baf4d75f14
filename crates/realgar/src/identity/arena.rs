//! The slots of one model: objects, what is known of each, and the map from keys to slots.

use crate::{
    error::Result,
    identity::{
        Identity, Related, State,
        copies::Copies,
        kept::KeptOf,
        keys::{Keys, Place},
        peers::{Lazy, Peers, Reading, Reason},
    },
    mapper::{Hook, Mapper, MapperId, Moment, Objects, Slots},
    value::{Key, KeyCells, Row},
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
    /// Where the copy of its columns is, counted from one, while it was lent for writing.
    pub kept: u32,
    pub state: State,
    /// Marked for deletion.
    pub doomed: bool,
    /// In the list of objects lent for writing.
    pub touched: bool,
}

impl Meta {
    pub(super) const EMPTY: Meta =
        Meta { round: 0, epoch: 0, query: 0, kept: 0, state: State::Detached, doomed: false, touched: false };
}

pub(super) struct Arena {
    pub objects: Box<dyn Objects>,
    /// How many columns the objects have.
    pub columns: usize,
    /// The positions of the primary key's columns.
    pub key: Vec<usize>,
    /// Where a row holds it.
    pub key_cells: KeyCells,
    pub metas: Slots<Meta>,
    pub keys: Keys,
    /// Of objects that were lent for writing, the columns as they were before; beside the slots, which most never need.
    pub kept: KeptOf,
    pub copies: Copies,
    /// For each relationship, its state by slot; short of slots whose state was never asked for.
    pub related: Vec<Vec<Related>>,
    pub peers: Peers,
    /// Whether the last row that was met brought a new object.
    pub last_was_new: bool,
    /// Slots whose objects were let go.
    pub free: Vec<u32>,
    /// What runs when a row becomes an object.
    pub on_load: Vec<Hook>,
}

impl Arena {
    pub(super) fn new(mapper: &Mapper) -> Arena {
        Arena {
            objects: (mapper.desc.objects)(),
            columns: mapper.table().columns.len(),
            key: mapper.key.clone(),
            key_cells: KeyCells::new(mapper.key.iter().map(|&column| (column, mapper.table().columns[column].r#type))),
            metas: Slots::default(),
            keys: Keys::default(),
            kept: Vec::new(),
            copies: Copies::default(),
            related: mapper.relations.iter().map(|_| Vec::new()).collect(),
            peers: Peers::default(),
            last_was_new: true,
            free: Vec::new(),
            on_load: mapper.hooks.of(Moment::Load).cloned().collect(),
        }
    }

    /// Drops all objects; the room for them stays.
    pub(super) fn clear(&mut self) {
        self.objects.clear();
        self.metas.clear();
        self.keys.clear();
        self.kept = KeptOf::default();
        self.copies = Copies::default(); // texts in it may be of any length
        self.related.iter_mut().for_each(Vec::clear);
        self.peers = Peers::default();
        self.last_was_new = true;
        self.free.clear();
    }

    pub(super) fn find(&self, key: &Key) -> Option<u32> {
        self.keys.get(key)
    }

    /// The slot that the next object takes.
    #[inline]
    pub(super) fn next_slot(&self) -> u32 {
        self.free.last().copied().unwrap_or(self.metas.len() as u32)
    }

    /// Takes the next slot for an object; the round of a slot that is used again stays.
    #[inline]
    pub(super) fn occupy(&mut self, state: State, epoch: u32, query: u32) -> u32 {
        let Some(slot) = self.free.pop() else {
            self.metas.push(Meta { epoch, query, state, ..Meta::EMPTY });
            return self.metas.len() as u32 - 1;
        };
        let meta = &mut self.metas[slot as usize];
        (meta.epoch, meta.query, meta.state) = (epoch, query, state);
        (meta.doomed, meta.touched) = (false, false);
        slot
    }

    /// Nothing is unflushed.
    pub(super) fn forget_old(&mut self) {
        self.take_all_kept();
        self.copies.settle();
    }

    /// Nothing can be rolled back. What is unflushed all the same, written by the user's functions, keeps its copies.
    pub(super) fn forget_undone(&mut self) {
        self.copies.release();
        if self.kept.is_empty() {
            self.copies.settle();
        }
    }
}

impl Identity {
    /// Slot and round of a row's object: known already, or new in this session. `None` when the key is NULL: an outer
    /// join found nobody, unless the reading is certain that it cannot.
    ///
    /// A known object keeps its values, unless it is aged; what was written and not flushed it keeps always.
    #[inline]
    pub fn meet(&mut self, mapper: MapperId, row: &dyn Row, at: usize, reading: Reading) -> Result<Option<(u32, u32)>> {
        let arena = &mut self.arenas[mapper.0 as usize];
        let next = arena.next_slot();
        // Cells are read once where the row is likely to be new, as the one before it was: the object is made first,
        // and its key is taken from it. Where that turns out wrong, the object is dropped again.
        let made = arena.last_was_new && !reading.repeats;
        let key = if made {
            match arena.objects.decode_keyed(next, row, at, &arena.key) {
                Ok(key) => key,
                Err(error) if reading.certain || arena.key_cells.read(row, at)?.is_some() => return Err(error),
                Err(_) => {
                    arena.last_was_new = false; // an outer join found nobody, and will again
                    return Ok(None);
                }
            }
        } else {
            arena.key_cells.read(row, at)?
        };
        let Some(key) = key else {
            if made {
                arena.objects.drop_object(next);
            }
            return Ok(None);
        };
        match arena.keys.place(key) {
            Place::Known(slot) => {
                arena.last_was_new = false;
                if made {
                    arena.objects.drop_object(next);
                }
                let meta = &mut arena.metas[slot as usize];
                let round = meta.round;
                if meta.epoch != self.epoch {
                    if meta.kept != 0 {
                        self.take_unwritten(Entity { mapper, slot }, row, at)?;
                    } else {
                        meta.epoch = self.epoch;
                        arena.objects.decode(slot, row, at)?;
                    }
                }
                Ok(Some((slot, round)))
            }
            free => {
                arena.last_was_new = true;
                if !made {
                    arena.objects.decode(next, row, at)?;
                }
                if !arena.on_load.is_empty() {
                    arena.on_load.iter().try_for_each(|hook| hook.run(arena.objects.any_mut(next)))?;
                }
                free.fill(next);
                arena.occupy(State::Persistent, self.epoch, reading.query);
                let round = arena.metas[next as usize].round;
                if let Some(arrivals) = &mut self.arrivals {
                    arrivals.push((Entity { mapper, slot: next }, round));
                }
                Ok(Some((next, round)))
            }
        }
    }

    /// Whether this object, which the last row brought, is new, and nothing but the row has made it.
    #[must_use]
    pub fn has_just_come(&self, entity: Entity) -> bool {
        let arena = self.arena(entity.mapper);
        arena.last_was_new && arena.on_load.is_empty()
    }

    /// A query for objects of this mapper begins.
    pub fn begin_query(&mut self, mapper: MapperId, reason: Reason) -> Reading {
        let query = if reason == Reason::Refresh { 0 } else { self.arena_mut(mapper).peers.begin() };
        Reading { query, reason, certain: false, repeats: false }
    }

    /// The query brought these objects, and its options say how some of their relationships are loaded when asked for.
    pub fn end_query(&mut self, mapper: MapperId, reading: Reading, mut slots: Vec<u32>, options: Vec<(u16, Lazy)>) {
        slots.dedup(); // rows of one owner mostly follow one another
        if let ([slot], true) = (&slots[..], options.is_empty()) {
            return self.end_single(mapper, reading, *slot);
        }
        let arena = self.arena_mut(mapper);
        for &slot in &slots {
            let query = &mut arena.metas[slot as usize].query;
            if reading.reason == Reason::Query || *query == 0 {
                *query = reading.query;
            }
        }
        let known = arena.metas.len();
        arena.peers.end(reading.query, slots, known, options);
    }

    /// The query brought this object alone: it has no peers here, keeps those it has, or may find some later.
    pub fn end_single(&mut self, mapper: MapperId, reading: Reading, slot: u32) {
        let query = &mut self.arena_mut(mapper).metas[slot as usize].query;
        if *query == reading.query {
            *query = 0;
        }
    }

    /// How the query that the object was last part of wants this relationship to be loaded, where it says so.
    #[must_use]
    pub fn lazy(&self, entity: Entity, relation: u16) -> Option<&Lazy> {
        self.arena(entity.mapper).peers.option(self.meta(entity).query, relation)
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
