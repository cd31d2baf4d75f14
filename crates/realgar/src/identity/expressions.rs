//! Columns that the next flush sets to what an SQL expression says.

use crate::{
    identity::{Entity, Identity},
    query::Term,
};

impl Identity {
    /// The column becomes what the expression says when the object is flushed; the last expression counts.
    pub fn set_expression(&mut self, entity: Entity, column: usize, term: Term) {
        self.touch(entity);
        let known = self.expressions.entry(entity).or_default();
        known.retain(|(other, _)| *other != column);
        known.push((column, term));
    }

    /// The columns of this object that have an expression.
    #[must_use]
    pub fn expressions(&self, entity: Entity) -> &[(usize, Term)] {
        self.expressions.get(&entity).map_or(&[], Vec::as_slice)
    }

    /// The column is not set any more.
    pub fn forget_expression(&mut self, entity: Entity, column: usize) {
        if let Some(known) = self.expressions.get_mut(&entity) {
            known.retain(|(other, _)| *other != column);
        }
    }
}
