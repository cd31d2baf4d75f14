//! Functions of the user's that the session runs for its objects, and what they must accept before it is sent.

use crate::{
    error::Result,
    identity::{Entity, Identity},
    mapper::{Mapper, Moment},
};

impl Identity {
    /// Runs the hooks of this moment for these objects. What they change before a statement is part of it, and must be
    /// valid.
    pub fn run_hooks(&mut self, mapper: &Mapper, entities: &[Entity], moment: Moment) -> Result<()> {
        let writes = matches!(moment, Moment::BeforeInsert | Moment::BeforeUpdate);
        for hook in mapper.hooks.of(moment) {
            for &entity in entities {
                if writes {
                    self.keep(entity);
                }
                let object = self.arena_mut(entity.mapper).objects.any_mut(entity.slot);
                hook.run(object).map_err(|error| error.with_entity(|| self.describe(entity)))?;
                if writes {
                    self.validate(entity)?;
                }
            }
        }
        Ok(())
    }

    /// Whether what the next flush writes holds what the models' `validate` functions accept.
    pub fn check_columns(&self) -> Result<()> {
        let written = self.pending.iter().map(|&(entity, _)| entity).chain(self.touched.iter().copied());
        written.filter(|&entity| !self.is_doomed(entity)).try_for_each(|entity| self.validate(entity))
    }

    /// A new object's columns, or those that differ from what the row holds.
    fn validate(&self, entity: Entity) -> Result<()> {
        if self.mapper(entity).desc.validated.is_empty() {
            return Ok(());
        }
        let old = self.old(entity);
        let objects = &self.arena(entity.mapper).objects;
        let changed = |&column: &usize| old.is_none_or(|old| !old.is(column, &objects.cell(entity.slot, column)));
        let mut columns = self.mapper(entity).desc.validated.iter().copied().filter(changed);
        columns
            .try_for_each(|column| objects.validate(entity.slot, column))
            .map_err(|error| error.with_entity(|| self.describe(entity)))
    }
}
