//! Who belongs to whom in memory: whether an object can get another place, and how it gets it.

use std::collections::BTreeSet;

use super::{
    Life, Model, Row,
    tables::{link, sides},
};
use crate::schemas::{Rel, Var};

impl Model {
    /// Whether the object can be given another place along this relationship, which has its foreign key.
    pub(super) fn can_move(&self, var: Var, rel: Rel) -> bool {
        let owner = self.memory.rows.get(&var).and_then(|row| row.keys[rel.position()]);
        self.is_live(var) && !self.stale.contains_key(&var) && owner.is_none_or(|owner| self.life.contains_key(&owner))
    }

    /// Whether the item can be put at this place: new, or known and not there yet.
    pub(super) fn can_place(&self, owner: Var, rel: Rel, item: Var) -> bool {
        if rel.shape().owner != owner.kind || rel.shape().target != item.kind || owner == item && self.is_free(item) {
            return false;
        }
        if rel.is_many_to_many() {
            return self.is_free(item) || self.is_live(item) && !self.memory.links.contains(&link(owner, item));
        }
        let (_, _, one) = sides(owner, rel, item);
        let movable = if rel.shape().many { self.is_free(item) || self.can_move(item, one) } else { true };
        let known = rel.shape().many || self.is_free(item) || self.is_live(item);
        movable && known
    }

    pub(super) fn can_replace(&self, owner: Var, rel: Rel, items: &[Var]) -> bool {
        if !self.hazy.is_empty() || !rel.shape().many || !self.is_live(owner) || rel.shape().owner != owner.kind {
            return false;
        }
        let before = self.memory.ends(owner, rel);
        let mut seen = BTreeSet::new();
        let known = |item: &Var| self.is_live(*item) && !self.stale.contains_key(item);
        before.iter().all(known)
            && items
                .iter()
                .all(|&item| seen.insert(item) && (before.contains(&item) || self.can_place(owner, rel, item)))
    }

    pub(super) fn create(&mut self, var: Var, value: i64) {
        self.memory.rows.insert(var, Row { value, keys: [None; 2] });
        self.life.insert(var, Life::Pending);
    }

    pub(super) fn connect(&mut self, owner: Var, rel: Rel, item: Var) {
        if self.is_free(item) {
            self.create(item, 0);
        }
        if rel.is_many_to_many() {
            self.memory.links.insert(link(owner, item));
            self.moved.extend([owner, item]);
            return;
        }
        let (child, parent, one) = sides(owner, rel, item);
        self.place(child, one, Some(parent));
    }

    pub(super) fn place(&mut self, child: Var, one: Rel, parent: Option<Var>) {
        let row = self.memory.rows.get_mut(&child).expect("the object is live");
        let before = std::mem::replace(&mut row.keys[one.position()], parent);
        if before.is_some() && before != parent && one.shape().inverse.shape().orphan {
            self.left.insert((child, one));
        }
        self.moved.insert(child);
    }

    pub(super) fn disconnect(&mut self, owner: Var, rel: Rel, item: Var) {
        if rel.is_many_to_many() {
            self.memory.links.remove(&link(owner, item));
            self.moved.extend([owner, item]);
        } else {
            let (child, _, one) = sides(owner, rel, item);
            self.place(child, one, None);
        }
    }

    pub(super) fn replace(&mut self, owner: Var, rel: Rel, items: &[Var]) {
        let before = self.memory.ends(owner, rel);
        before.iter().filter(|item| !items.contains(item)).for_each(|&item| self.disconnect(owner, rel, item));
        items.iter().filter(|item| !before.contains(item)).for_each(|&item| self.connect(owner, rel, item));
    }
}
