//! What a query says about what it loads: along one relationship, and everywhere.

use std::sync::Arc;

use crate::{
    mapper::{MapperId, Model, TableRef},
    query::{IntoExpr, LoadOption, Term},
};

/// What a query says about the objects at the end of one relationship that it loads.
#[derive(Debug, Clone, Default)]
pub struct Branch {
    /// Only those that meet all of these.
    pub criteria: Vec<Term>,
    /// Deferred columns that are loaded nevertheless: table and column.
    pub undefer: Vec<(&'static str, &'static str)>,
    /// What is loaded from there.
    pub then: Vec<LoadOption>,
    /// What holds for everything that the query loads.
    pub everywhere: Everywhere,
    /// The models that led here: what the mapping alone loads does not lead back to them.
    pub path: Vec<MapperId>,
}

/// What a query says about all objects that it loads, however far down.
#[derive(Debug, Clone, Default)]
pub struct Everywhere {
    /// Objects that the session knows take the database's values, too.
    pub populate_existing: bool,
    /// Only rows that meet these, wherever the statement meets their table.
    pub criteria: Arc<[LoaderCriterion]>,
}

/// A criterion for the rows of one table, wherever a statement meets it.
#[derive(Debug, Clone)]
pub struct LoaderCriterion {
    /// The table.
    pub table: &'static str,
    /// The criterion, over the table itself.
    pub term: Term,
}

impl LoaderCriterion {
    /// For the rows of this model.
    #[must_use]
    pub fn new<M: Model>(_: TableRef<M>, criterion: impl IntoExpr<bool>) -> LoaderCriterion {
        LoaderCriterion { table: M::DESC.table.name, term: criterion.into_expr().into() }
    }
}

impl Branch {
    /// Nothing but what holds everywhere.
    #[must_use]
    pub fn of(everywhere: Everywhere) -> Branch {
        Branch { everywhere, ..Branch::default() }
    }

    /// Whether it says nothing: a standing select then serves.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.criteria.is_empty()
            && self.undefer.is_empty()
            && self.then.is_empty()
            && self.path.is_empty()
            && self.everywhere.is_plain()
    }

    /// Whether knowing the object at the end is not enough: it may be none of those asked for, or lack a column.
    #[must_use]
    pub fn chooses(&self) -> bool {
        !(self.criteria.is_empty() && self.undefer.is_empty())
    }
}

impl Everywhere {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.populate_existing && self.criteria.is_empty()
    }

    /// What holds for loads that come later, when they are asked for: known objects then keep what they hold.
    #[must_use]
    pub fn later(&self) -> Everywhere {
        Everywhere { populate_existing: false, criteria: self.criteria.clone() }
    }

    /// Adds criteria behind those that are there.
    pub fn add(&mut self, criteria: &[LoaderCriterion]) {
        if !criteria.is_empty() {
            self.criteria = self.criteria.iter().chain(criteria).cloned().collect();
        }
    }
}
