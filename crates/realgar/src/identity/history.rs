//! Old values: what an object held before it was lent for writing, and so which columns an UPDATE must send.

use crate::{
    error::Result,
    identity::{Entity, Identity, State},
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
        if self.state(entity) == State::Persistent && self.old(entity).is_none() {
            let columns = self.mapper(entity).table().columns.len();
            let arena = self.arena_mut(entity.mapper);
            let old = (0..columns).map(|column| arena.objects.cell(entity.slot, column).into_owned()).collect();
            arena.old.insert(entity.slot, old);
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
    pub fn old(&self, entity: Entity) -> Option<&[Value<'static>]> {
        self.arena(entity.mapper).old.get(&entity.slot).map(|old| &**old)
    }

    /// A column as the row has it, as far as the session knows.
    #[must_use]
    pub fn was(&self, entity: Entity, column: usize) -> Value<'_> {
        self.old(entity).map_or_else(|| self.cell(entity, column), |old| old[column].borrow())
    }

    /// Takes a column from the object's row: what it holds is then no change.
    pub fn take_column(&mut self, entity: Entity, column: usize, value: Value<'_>) -> Result<()> {
        let table = self.mapper(entity).table();
        let name = || format!("column `{}` of table `{}`", table.columns[column].name, table.name);
        let arena = self.arena_mut(entity.mapper);
        arena.objects.set_cell(entity.slot, column, value).map_err(|error| error.with_entity(name))?;
        let value = arena.objects.cell(entity.slot, column).into_owned();
        if let Some(old) = arena.old.get_mut(&entity.slot) {
            old[column] = value;
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
            let changed = self.old(entity).is_some_and(|old| self.cell(entity, column) != old[column]);
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
        let Some(old) = self.old(entity) else { return Vec::new() };
        let objects = &self.arena(entity.mapper).objects;
        let differs = |(column, old): (usize, &Value<'static>)| {
            (objects.cell(entity.slot, column) != *old).then_some(column as u16)
        };
        old.iter().enumerate().filter_map(differs).collect()
    }
}
