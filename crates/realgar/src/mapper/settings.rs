//! What a relationship's settings ask of its columns and of each other; found while compiling, as the route is.

use crate::{
    mapper::{Direction, PassiveDeletes, Strategy, link::Link, mistake::Mistake, route::Route},
    schema::names::same,
};

impl Link {
    /// All settings.
    pub(super) const fn settings(&self, route: Route) -> Result<(), Mistake> {
        let found =
            [self.lazy(), self.cascade(route), self.passive_deletes(), self.post_update(route), self.order_by()];
        let mut index = 0;
        while index < found.len() {
            if found[index].is_err() {
                return found[index];
            }
            index += 1;
        }
        Ok(())
    }

    pub(super) const fn lazy(&self) -> Result<(), Mistake> {
        match self.relationship.lazy {
            _ if self.relationship.many => Ok(()),
            Strategy::Dynamic => Err(Mistake::Collection("dynamic")),
            Strategy::WriteOnly => Err(Mistake::Collection("write_only")),
            _ => Ok(()),
        }
    }

    pub(super) const fn cascade(&self, route: Route) -> Result<(), Mistake> {
        let owned = matches!(route.direction, Direction::OneToMany) || self.relationship.single_parent;
        if owned || !self.relationship.cascade.delete_orphan { Ok(()) } else { Err(Mistake::Orphans) }
    }

    pub(super) const fn passive_deletes(&self) -> Result<(), Mistake> {
        let cascade = self.relationship.cascade;
        let all = matches!(self.relationship.passive_deletes, PassiveDeletes::All);
        if all && (cascade.delete || cascade.delete_orphan) { Err(Mistake::PassiveCascade) } else { Ok(()) }
    }

    pub(super) const fn post_update(&self, route: Route) -> Result<(), Mistake> {
        if !self.relationship.post_update {
            return Ok(());
        }
        let holder = match route.direction {
            Direction::ManyToOne => self.ours,
            Direction::OneToMany => self.theirs,
            Direction::ManyToMany => return Err(Mistake::NothingLater),
        };
        let mut index = 0;
        while index < route.near.columns.len() {
            if !holder.table.table.takes_null(route.near.columns[index]) {
                return Err(Mistake::NothingLater);
            }
            index += 1;
        }
        Ok(())
    }

    pub(super) const fn order_by(&self) -> Result<(), Mistake> {
        let mut index = 0;
        while index < self.relationship.order_by.len() {
            let (table, column) = self.relationship.order_by[index].column;
            if !same(table, self.theirs.table.table.name) {
                return Err(Mistake::OrderedBy(table, column));
            }
            index += 1;
        }
        Ok(())
    }

    /// What is allowed and seldom meant.
    pub(super) fn warn(&self) {
        let cascade = self.relationship.cascade;
        if cascade.delete_orphan && !cascade.delete {
            tracing::warn!(
                target: "realgar",
                "{} has the cascade delete-orphan without delete: orphans are deleted, but not what a deleted owner \
                 leaves behind; write `cascade = \"all, delete-orphan\"`",
                self.text(&[]).as_str()
            );
        }
    }
}
