//! Old values: what an object held before it was lent for writing, and so which columns an UPDATE must send.

use std::collections::hash_map::Entry;

use crate::{
    error::Result,
    identity::{Entity, Identity, Old, State},
    value::{Row, Value},
};

impl Identity {
    /// Keeps the object's columns as they are, the first time it is lent for writing since the last flush.
    #[inline]
    pub fn touch(&mut self, entity: Entity) {
        if !self.meta(entity).touched {
            self.keep(entity);
            self.touched.push(entity);
            self.meta_mut(entity).touched = true;
        }
    }

    /// Keeps the columns of an object that has a row.
    pub fn keep(&mut self, entity: Entity) {
        let arena = &mut self.arenas[entity.mapper.0 as usize];
        if arena.metas[entity.slot as usize].state == State::Persistent
            && let Entry::Vacant(free) = arena.old.entry(entity.slot)
        {
            free.insert(arena.copies.add((0..arena.columns).map(|column| arena.objects.cell(entity.slot, column))));
        }
    }

    /// The objects that were lent for writing since the last flush.
    #[must_use]
    pub fn touched(&self) -> &[Entity] {
        &self.touched
    }

    /// Whether the object was lent for writing since the last flush.
    #[must_use]
    pub fn is_touched(&self, entity: Entity) -> bool {
        self.meta(entity).touched
    }

    /// The columns as they were before the object was lent for writing.
    #[must_use]
    pub fn old(&self, entity: Entity) -> Option<Old<'_>> {
        let arena = self.arena(entity.mapper);
        arena.old.get(&entity.slot).map(|&kept| arena.copies.get(kept))
    }

    /// A column as the row has it, as far as the session knows.
    #[must_use]
    pub fn was(&self, entity: Entity, column: usize) -> Value<'_> {
        self.old(entity).map_or_else(|| self.cell(entity, column), |old| old.get(column))
    }

    /// Takes a column from the object's row: what it holds is then no change.
    pub fn take_column(&mut self, entity: Entity, column: usize, value: Value<'_>) -> Result<()> {
        let table = self.mapper(entity).table();
        let name = || format!("column `{}` of table `{}`", table.columns[column].name, table.name);
        let arena = self.arena_mut(entity.mapper);
        arena.objects.set_cell(entity.slot, column, value).map_err(|error| error.with_entity(name))?;
        if let Some(old) = arena.old.get_mut(&entity.slot) {
            let value = arena.objects.cell(entity.slot, column);
            *old = arena.copies.again(*old, arena.columns, Some((column, value)));
        }
        Ok(())
    }

    /// Takes the row's columns, except those that were written and not flushed: these differ from the row's from now on.
    ///
    /// A version stays as it was read, and with it the whole object: the flush is to notice that it is not the row's.
    #[cold]
    pub(super) fn take_unwritten(&mut self, entity: Entity, row: &dyn Row, at: usize) -> Result<()> {
        let registry = self.registry.clone();
        let mapper = registry.mapper(entity.mapper);
        if mapper.desc.version.is_some() {
            return Ok(());
        }
        let columns = mapper.table().columns.iter().enumerate();
        for (column, _) in columns.filter(|(_, described)| !described.deferred) {
            let changed = self.old(entity).is_some_and(|old| self.cell(entity, column) != old.get(column));
            let written = changed.then(|| self.cell(entity, column).into_owned());
            self.take_column(entity, column, row.get(at + column)?)?;
            if let Some(written) = written {
                self.set_cell(entity, column, written)?;
            }
        }
        self.meta_mut(entity).epoch = self.epoch;
        Ok(())
    }

    /// Takes a deferred column from the object's row, where it is not loaded and not set.
    pub fn undefer(&mut self, entity: Entity, column: usize, value: Value<'_>) -> Result<()> {
        if self.cell(entity, column).is_null() { self.take_column(entity, column, value) } else { Ok(()) }
    }

    /// Fills a column as its `onupdate` says.
    pub fn on_update(&mut self, entity: Entity, column: usize) {
        self.arena_mut(entity.mapper).objects.on_update(entity.slot, column);
    }

    /// The positions of the columns that differ from what the row holds.
    #[must_use]
    pub fn changed_columns(&self, entity: Entity) -> Vec<u16> {
        let mut columns = Vec::new();
        self.add_changed_columns(entity, &mut columns);
        columns
    }

    /// Adds the positions of these columns to a list.
    pub fn add_changed_columns(&self, entity: Entity, to: &mut Vec<u16>) {
        let arena = self.arena(entity.mapper);
        let Some(mut old) = self.old(entity) else { return };
        for column in 0..arena.columns {
            if arena.objects.cell(entity.slot, column) != old.next_column() {
                to.push(column as u16);
            }
        }
    }
}
