//! What becomes of the objects when a flush settles, a transaction commits, or rolls back.
//!
//! A rollback restores what the objects held when the transaction began, without a query: whatever a flush does to an
//! object is noted here first.

use crate::{
    error::Result,
    identity::{Entity, Identity, Related, State, arena::Arena, copies::Kept},
    mapper::MapperId,
    value::{Key, Value},
};

/// What a flush did to an object.
#[derive(Debug)]
pub enum Undo {
    /// Its row was inserted, under a key that the database made or not.
    Inserted(Entity, bool),
    /// The database made these columns of its new row.
    Made(Box<(Entity, Box<[usize]>)>),
    /// Its row was deleted.
    Deleted(Entity),
    /// Its row was updated; these were its columns.
    Updated(Entity, Kept),
    /// It was let go since, and there is nothing to take back. It keeps the places of the others, which marks count.
    LetGo,
}

impl Undo {
    /// The object, while the session has it.
    #[must_use]
    pub fn entity(&self) -> Option<Entity> {
        match self {
            Undo::Inserted(entity, _) | Undo::Deleted(entity) | Undo::Updated(entity, _) => Some(*entity),
            Undo::Made(made) => Some(made.0),
            Undo::LetGo => None,
        }
    }
}

/// The epoch of an object that the next row is to refresh: sessions begin with a later one.
const AGED: u32 = 0;

/// A moment to which a savepoint rolls back.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    undo: usize,
    written: usize,
    /// How many savepoints there were before.
    savepoints: u32,
}

impl Identity {
    /// How many objects hold, or have sent, what no commit has kept.
    #[must_use]
    pub fn uncommitted(&self) -> usize {
        let touched = self.touched.iter().copied().filter(|&entity| !self.changed_columns(entity).is_empty());
        let related = self.changed.iter().filter(|&&(entity, index)| self.related(entity, index).is_changed());
        let changed = related.map(|&(entity, _)| entity);
        let lists = self.pending.iter().map(|&(entity, _)| entity).chain(self.doomed.iter().copied());
        let flushed = self.undo.iter().filter_map(Undo::entity);
        lists.chain(touched).chain(changed).chain(flushed).collect::<std::collections::HashSet<Entity>>().len()
    }

    /// The object's row was inserted; its key is known now. `generated`: the database made it.
    pub fn inserted(&mut self, entity: Entity, generated: bool) {
        let epoch = self.epoch;
        let meta = self.meta_mut(entity);
        meta.state = State::Persistent;
        meta.epoch = epoch;
        if let Some(key) = self.key(entity) {
            let arena = self.arena_mut(entity.mapper);
            // INVARIANT: whoever had this key has no row any more, since there was room for this one.
            if let Some(gone) = arena.keys.insert(key, entity.slot) {
                arena.metas[gone as usize].state = State::Detached;
            }
        }
        self.undo.push(Undo::Inserted(entity, generated));
    }

    /// What the database made of these columns, which the INSERT had left out, is known now.
    pub fn made(&mut self, entity: Entity, columns: &[usize]) {
        self.undo.push(Undo::Made(Box::new((entity, columns.into()))));
    }

    /// The object's row was updated to what the object holds.
    pub fn updated(&mut self, entity: Entity) {
        let arena = &mut self.arenas[entity.mapper.0 as usize];
        let Some(kept) = arena.take_kept(entity.slot) else { return };
        arena.copies.hold();
        self.undo.push(Undo::Updated(entity, kept));
        let (arena, old) = (&*arena, arena.copies.get(kept));
        if arena.key.iter().any(|&column| !old.is(column, &arena.objects.cell(entity.slot, column))) {
            let before = Key::new(arena.key.iter().map(|&column| old.get(column)));
            self.move_key(entity, before, self.key(entity));
        }
    }

    /// A statement of the user's has changed these columns of the object's row.
    pub fn rewritten(&mut self, entity: Entity, columns: &[(usize, Value<'_>)]) -> Result<()> {
        let arena = &mut self.arenas[entity.mapper.0 as usize];
        let before = match arena.kept(entity.slot) {
            Some(kept) => arena.copies.again(kept, arena.columns, None),
            None => arena.copies.add(arena.objects.object(entity.slot)),
        };
        arena.copies.hold();
        for (column, value) in columns {
            self.take_column(entity, *column, value.borrow())?;
        }
        self.undo.push(Undo::Updated(entity, before));
        Ok(())
    }

    /// Whether any object of this mapper has a row.
    #[must_use]
    pub fn knows_any(&self, mapper: MapperId) -> bool {
        !self.arena(mapper).keys.is_empty()
    }

    /// What a flush did to an object that is let go is not taken back.
    pub(super) fn keep_done(&mut self, entity: Entity) {
        if self.savepoints == 0 {
            self.undo.retain(|undo| undo.entity() != Some(entity));
        } else {
            let done = self.undo.iter_mut().filter(|undo| undo.entity() == Some(entity));
            done.for_each(|undo| *undo = Undo::LetGo);
        }
    }

    fn move_key(&mut self, entity: Entity, from: Option<Key>, to: Option<Key>) {
        let keys = &mut self.arena_mut(entity.mapper).keys;
        if let Some(from) = from {
            keys.remove(&from);
        }
        if let Some(to) = to {
            keys.insert(to, entity.slot);
        }
    }

    /// The object's row was deleted.
    pub fn deleted(&mut self, entity: Entity) {
        let key = self.key(entity);
        self.move_key(entity, key, None);
        self.meta_mut(entity).state = State::Deleted;
        // What was written and not sent: a rollback takes that back, too.
        let arena = self.arena_mut(entity.mapper);
        if let Some(old) = arena.take_kept(entity.slot) {
            arena.copies.hold();
            self.undo.push(Undo::Updated(entity, old));
        }
        self.undo.push(Undo::Deleted(entity));
    }

    /// A pending object that will not be inserted, and neither will be those that would be deleted with it.
    pub fn forget_pending(&mut self, entity: Entity) {
        let registry = self.registry.clone();
        let mut work = vec![entity];
        while let Some(entity) = work.pop() {
            if self.state(entity) != State::Pending {
                continue;
            }
            self.meta_mut(entity).state = State::Transient;
            let relations = &registry.mapper(entity.mapper).relations;
            for relation in relations.iter().filter(|relation| relation.cascade.delete) {
                let items = self.related(entity, relation.index).items().unwrap_or_default();
                work.extend(items.iter().map(|&slot| Entity { mapper: relation.target, slot }));
            }
        }
        let arenas = &self.arenas;
        self.pending.retain(|(pending, _)| {
            arenas[pending.mapper.0 as usize].metas[pending.slot as usize].state == State::Pending
        });
    }

    /// A flush is done: what is in memory is what the database holds.
    pub fn settle(&mut self) {
        self.pending.clear();
        self.expressions.clear();
        for entity in std::mem::take(&mut self.touched) {
            self.meta_mut(entity).touched = false;
        }
        self.arenas.iter_mut().for_each(Arena::forget_old);
        self.settle_related();
        for entity in std::mem::take(&mut self.doomed) {
            self.meta_mut(entity).doomed = false;
        }
    }

    fn settle_related(&mut self) {
        for (entity, relation) in std::mem::take(&mut self.changed) {
            self.arenas[entity.mapper.0 as usize].related[relation as usize][entity.slot as usize].settle();
        }
    }

    /// The transaction is committed; with `age`, the next row that meets an object brings new values.
    pub fn committed(&mut self, age: bool) {
        for undo in std::mem::take(&mut self.undo) {
            if let Undo::Deleted(entity) = undo {
                self.meta_mut(entity).state = State::Detached;
            }
        }
        self.arenas.iter_mut().for_each(Arena::forget_undone);
        if age {
            self.age();
        }
    }

    fn age(&mut self) {
        self.epoch += 1;
        for arena in &mut self.arenas {
            for (relation, column) in arena.related.iter_mut().enumerate() {
                debug_assert!(relation <= usize::from(u16::MAX));
                for (slot, related) in column.iter_mut().enumerate() {
                    if arena.metas[slot].state != State::Transient {
                        *related = Related::Unloaded;
                    }
                }
            }
        }
    }

    /// A savepoint begins: nothing is unflushed.
    pub fn mark(&mut self) -> Mark {
        self.savepoints += 1;
        Mark { undo: self.undo.len(), written: self.written.len(), savepoints: self.savepoints - 1 }
    }

    /// A savepoint is released: what it holds is part of the transaction.
    pub fn released(&mut self) {
        self.savepoints -= 1;
        if self.savepoints == 0 {
            self.written.clear();
        }
    }

    /// A savepoint is rolled back: only what changed since the mark is restored.
    pub fn rolled_back_to(&mut self, mark: Mark) -> Result<()> {
        self.unwind(mark.undo)?;
        for (entity, relation) in self.written.split_off(mark.written) {
            if self.meta(entity).state != State::Transient {
                *self.related_mut(entity, relation) = Related::Unloaded;
            }
        }
        self.savepoints = mark.savepoints + 1; // one inside of it may have been dropped
        self.released();
        Ok(())
    }

    /// The transaction is rolled back: objects hold again what they held when it began.
    pub fn rolled_back(&mut self) -> Result<()> {
        self.unwind(0)?;
        self.arenas.iter_mut().for_each(Arena::forget_undone);
        self.written.clear();
        self.savepoints = 0;
        self.age();
        Ok(())
    }

    /// Restores what was not flushed, and then takes back flushes, the last one first, until so many are left.
    fn unwind(&mut self, left: usize) -> Result<()> {
        self.expressions.clear();
        for entity in std::mem::take(&mut self.touched) {
            self.meta_mut(entity).touched = false;
        }
        self.restore_unflushed()?;
        while self.undo.len() > left {
            match self.undo.pop().expect("there are more than are left") {
                Undo::LetGo => {}
                Undo::Inserted(entity, generated) => self.uninsert(entity, generated)?,
                Undo::Made(made) => {
                    let (entity, columns) = *made;
                    columns.iter().try_for_each(|&column| self.set_cell(entity, column, Value::Null))?;
                }
                Undo::Deleted(entity) => {
                    self.meta_mut(entity).epoch = AGED;
                    self.meta_mut(entity).state = State::Persistent;
                    let key = self.key(entity);
                    self.move_key(entity, None, key);
                }
                Undo::Updated(entity, old) => {
                    self.meta_mut(entity).epoch = AGED; // what was last known may be older than the transaction
                    let before = self.key(entity);
                    self.restore(entity, old)?;
                    let after = self.key(entity);
                    self.move_key(entity, before, after);
                }
            }
        }
        for (entity, _) in std::mem::take(&mut self.pending) {
            self.meta_mut(entity).state = State::Transient;
        }
        for entity in std::mem::take(&mut self.doomed) {
            self.meta_mut(entity).doomed = false;
        }
        for (entity, relation) in std::mem::take(&mut self.changed) {
            let transient = self.meta(entity).state == State::Transient;
            let related = &mut self.arenas[entity.mapper.0 as usize].related[relation as usize][entity.slot as usize];
            match transient {
                true => related.settle(), // stays readable; `add_again` writes it anew
                false => *related = Related::Unloaded,
            }
        }
        self.orphans.clear();
        self.problems.clear();
        Ok(())
    }

    /// Old values that no flush took: of objects lent for writing, and of those whose keys a failed flush had set.
    pub(super) fn restore_unflushed(&mut self) -> Result<()> {
        let registry = self.registry.clone();
        for mapper in registry.mappers() {
            for (slot, old) in self.arena_mut(mapper.id).take_all_kept() {
                self.restore(Entity { mapper: mapper.id, slot }, old)?;
            }
            self.arena_mut(mapper.id).copies.settle();
        }
        Ok(())
    }

    pub(super) fn restore(&mut self, entity: Entity, kept: Kept) -> Result<()> {
        let arena = self.arena_mut(entity.mapper);
        let old = arena.copies.get(kept);
        (0..arena.columns).try_for_each(|column| arena.objects.set_cell(entity.slot, column, old.get(column)))
    }

    fn uninsert(&mut self, entity: Entity, generated: bool) -> Result<()> {
        let key = self.key(entity);
        self.move_key(entity, key, None);
        self.meta_mut(entity).state = State::Transient;
        match self.mapper(entity).generated.filter(|_| generated) {
            Some(column) => self.set_cell(entity, column, Value::Int(0)),
            None => Ok(()),
        }
    }
}
