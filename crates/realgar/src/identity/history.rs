//! Old values: what an object held before it was lent for writing, and so which columns an UPDATE must send.

use crate::{
    error::Result,
    identity::{Entity, Identity, Old},
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
        self.arena_mut(entity.mapper).keep(entity.slot);
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
        self.arena(entity.mapper).old(entity.slot)
    }

    /// A column as the row has it, as far as the session knows.
    #[must_use]
    pub fn was(&self, entity: Entity, column: usize) -> Value<'_> {
        self.old(entity).map_or_else(|| self.cell(entity, column), |old| old.get(column))
    }

    /// Whether a column differs from what the row holds.
    #[inline]
    #[must_use]
    pub fn is_changed(&self, entity: Entity, column: usize) -> bool {
        let arena = self.arena(entity.mapper);
        arena.old(entity.slot).is_some_and(|old| !old.is(column, &arena.objects.cell(entity.slot, column)))
    }

    /// Takes a column from the object's row: what it holds is then no change.
    pub fn take_column(&mut self, entity: Entity, column: usize, value: Value<'_>) -> Result<()> {
        let table = self.mapper(entity).table();
        let name = || format!("column `{}` of table `{}`", table.columns[column].name, table.name);
        let arena = self.arena_mut(entity.mapper);
        arena.objects.set_cell(entity.slot, column, value).map_err(|error| error.with_entity(name))?;
        if let Some(kept) = arena.kept(entity.slot) {
            let value = arena.objects.cell(entity.slot, column);
            let copy = arena.copies.again(kept, arena.columns, Some((column, value)));
            arena.keep_instead(entity.slot, copy);
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
            let written = self.is_changed(entity, column).then(|| self.cell(entity, column).into_owned());
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
        let Some(old) = arena.old(entity.slot) else { return };
        let mut column = 0;
        arena.objects.object(entity.slot).each_cell(&mut |cell| {
            if !old.is(column as usize, &cell) {
                to.push(column);
            }
            column += 1;
        });
    }
}
