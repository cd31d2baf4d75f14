//! Both sides of a relationship in step, before any SQL: what SQLAlchemy's back-reference events do.
//!
//! Foreign-key columns stay as they are until the flush. Nothing is loaded: a collection that is not loaded queues.

use std::borrow::Cow;

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, Related, State, Was},
    mapper::{Direction, Relation},
};

const NOTHING: &Related = &Related::Unloaded;

impl Identity {
    /// The state of a relationship of an object.
    #[must_use]
    pub fn related(&self, entity: Entity, relation: u16) -> &Related {
        self.arena(entity.mapper).related[relation as usize].get(entity.slot as usize).unwrap_or(NOTHING)
    }

    pub(super) fn related_mut(&mut self, entity: Entity, relation: u16) -> &mut Related {
        if self.savepoints > 0 {
            self.written.push((entity, relation));
        }
        let column = &mut self.arena_mut(entity.mapper).related[relation as usize];
        if column.len() <= entity.slot as usize {
            column.resize_with(entity.slot as usize + 1, Related::default);
        }
        &mut column[entity.slot as usize]
    }

    /// What is at the other end, in order, where it can be told without a statement.
    #[must_use]
    pub fn loaded(&self, entity: Entity, relation: &Relation) -> Option<Cow<'_, [u32]>> {
        if let Some(items) = self.related(entity, relation.index).items() {
            return Some(Cow::Borrowed(items));
        }
        match self.state(entity) {
            // An object without a row has nothing that could be loaded.
            State::Transient | State::Pending => Some(Cow::Borrowed(&[])),
            _ if relation.direction == Direction::ManyToOne && !self.is_aged(entity) => {
                self.referred(entity, relation).map(|found| found.into_iter().collect())
            }
            _ => None,
        }
    }

    /// Takes what the database holds. What is loaded already stays.
    pub fn fill(&mut self, entity: Entity, relation: &Relation, items: Vec<u32>) {
        // A foreign key of ours is written anyway; who was there matters to what hangs on them.
        let matters = relation.direction != Direction::ManyToOne || relation.cascade.delete_orphan;
        let related = self.related_mut(entity, relation.index);
        if related.items().is_none() {
            related.fill(items, relation.many);
        } else if matters && related.is_guess() {
            related.learn(items.first().copied());
        }
    }

    /// Lets go of what is loaded, and answers it.
    pub fn forget_related(&mut self, entity: Entity, relation: u16) -> Option<Vec<u32>> {
        let related = std::mem::take(self.related_mut(entity, relation));
        related.items().map(<[u32]>::to_vec)
    }

    /// What the relationship of an object that is added again still holds; all of it is to be written.
    pub(super) fn renew(&mut self, entity: Entity, relation: u16) -> Vec<u32> {
        self.change(entity, relation, Related::renew);
        self.related(entity, relation).items().unwrap_or_default().to_vec()
    }

    /// Brings the other side in step with an object that is added again.
    pub(super) fn meet_again(&mut self, owner: Entity, relation: &Relation, item: Entity) {
        let registry = self.registry.clone();
        let Some(inverse) = relation.inverse.map(|inverse| registry.relation(item.mapper, inverse)) else { return };
        if self.related(item, inverse.index).added().contains(&owner.slot) {
            return;
        }
        match inverse.many {
            true => self.add_item(item, inverse.index, owner.slot, None),
            false => self.set_item(item, inverse, Some(owner.slot)),
        }
    }

    /// Changes a relationship's state, and notes that it changed.
    fn change<T>(&mut self, entity: Entity, relation: u16, change: impl FnOnce(&mut Related) -> T) -> T {
        let related = self.related_mut(entity, relation);
        let before = related.is_changed();
        let answer = change(related);
        if !before && related.is_changed() {
            self.changed.push((entity, relation));
        }
        answer
    }

    fn add_item(&mut self, entity: Entity, relation: u16, slot: u32, position: Option<usize>) {
        let new = matches!(self.state(entity), State::Pending | State::Transient);
        self.change(entity, relation, |related| related.add(slot, position, new));
    }

    fn remove_item(&mut self, entity: Entity, relation: u16, slot: u32) -> bool {
        if matches!(self.related(entity, relation), Related::Unloaded) && self.state(entity) == State::Pending {
            return false;
        }
        let removed = self.change(entity, relation, |related| related.remove(slot));
        let relation = self.registry.relation(entity.mapper, relation);
        if removed && relation.cascade.delete_orphan {
            self.orphans.push((Entity { mapper: relation.target, slot }, entity, relation.index));
        }
        removed
    }

    fn set_item(&mut self, entity: Entity, relation: &Relation, slot: Option<u32>) {
        let before = match self.state(entity) {
            State::Pending | State::Transient => Was::Unknown,
            _ if relation.direction == Direction::ManyToOne => {
                self.referred(entity, relation).map_or(Was::Unknown, Was::Object)
            }
            _ => Was::Unknown,
        };
        let left = relation.cascade.delete_orphan.then(|| self.current(entity, relation)).flatten();
        self.change(entity, relation.index, |related| related.set(slot, before));
        if let Some(left) = left.filter(|left| Some(*left) != slot) {
            self.orphans.push((Entity { mapper: relation.target, slot: left }, entity, relation.index));
        }
    }

    /// Who the database still holds at the end of a relationship to one, and was replaced, lets the owner go, too.
    pub fn let_go(&mut self, owner: Entity, relation: &Relation) {
        let registry = self.registry.clone();
        for slot in self.related(owner, relation.index).removed() {
            let item = Entity { mapper: relation.target, slot };
            if let Some(inverse) = relation.inverse.map(|inverse| registry.relation(relation.target, inverse))
                && !inverse.many
                && self.current(item, inverse) == Some(owner.slot)
            {
                self.set_item(item, inverse, None);
            }
            if relation.cascade.delete_orphan {
                self.orphans.push((item, owner, relation.index));
            }
        }
    }

    /// Who is at the other end of a relationship to one, as far as it is known without a statement.
    fn current(&self, entity: Entity, relation: &Relation) -> Option<u32> {
        match self.related(entity, relation.index) {
            Related::One { now, .. } => *now,
            _ if relation.direction == Direction::ManyToOne => self.referred(entity, relation).flatten(),
            _ => None,
        }
    }

    /// Adds `slot` to a collection, at a position or at the end, and keeps the other side in step.
    pub fn append(&mut self, owner: Entity, relation: &Relation, slot: u32, position: Option<usize>) {
        let registry = self.registry.clone();
        let inverse = relation.inverse.map(|inverse| registry.relation(relation.target, inverse));
        self.append_with(owner, (relation, inverse), slot, position);
    }

    /// The same, where the way back is at hand.
    pub(super) fn append_with(
        &mut self,
        owner: Entity,
        (relation, inverse): (&Relation, Option<&Relation>),
        slot: u32,
        position: Option<usize>,
    ) {
        let item = Entity { mapper: relation.target, slot };
        if let Some(inverse) = inverse {
            if inverse.many {
                self.add_item(item, inverse.index, owner.slot, None);
            } else {
                let before = self.current(item, inverse);
                if before == Some(owner.slot) && self.holds(owner, relation, slot) {
                    return; // it is there already
                }
                if let Some(before) = before.filter(|&before| before != owner.slot) {
                    self.remove_item(Entity { slot: before, ..owner }, relation.index, slot);
                }
                self.set_item(item, inverse, Some(owner.slot));
            }
        }
        self.add_item(owner, relation.index, slot, position);
    }

    /// Whether a collection holds this object, as far as that is known.
    #[must_use]
    pub fn holds(&self, owner: Entity, relation: &Relation, slot: u32) -> bool {
        match self.related(owner, relation.index) {
            Related::Many { now, .. } => now.contains(&slot),
            // Not loaded, and the item's own side says that it is there.
            Related::Queued(queue) if !queue.removed.contains(&slot) => {
                queue.added.contains(&slot) || self.state(owner) != State::Pending
            }
            Related::Queued(_) => false,
            Related::Unloaded => self.state(owner) != State::Pending,
            Related::One { .. } => false,
        }
    }

    /// Removes `slot` from a collection, and keeps the other side in step.
    pub fn remove(&mut self, owner: Entity, relation: &Relation, slot: u32) -> Result<()> {
        if !self.remove_item(owner, relation.index, slot) {
            let item = self.describe(Entity { mapper: relation.target, slot });
            let name = format!("{}::{}", self.mapper(owner).name(), relation.name);
            return Err(Error::new(Kind::InvalidRequest, format!("{item} is not in `{name}`"))
                .with_entity(|| self.describe(owner))
                .way_out(format!("see what is in it: `session.load(…, {name}).await?`")));
        }
        let item = Entity { mapper: relation.target, slot };
        let registry = self.registry.clone();
        if let Some(inverse) = relation.inverse.map(|inverse| registry.relation(relation.target, inverse)) {
            if inverse.many {
                self.remove_item(item, inverse.index, owner.slot);
            } else if self.current(item, inverse).is_none_or(|current| current == owner.slot) {
                self.set_item(item, inverse, None);
            }
        }
        Ok(())
    }

    /// Sets a relationship to one, and keeps the other side in step.
    pub fn set(&mut self, owner: Entity, relation: &Relation, slot: Option<u32>) {
        let before = self.current(owner, relation);
        let registry = self.registry.clone();
        let inverse = relation.inverse.map(|inverse| registry.relation(relation.target, inverse));
        self.set_item(owner, relation, slot);
        let Some(inverse) = inverse else { return };
        let item = |slot| Entity { mapper: relation.target, slot };
        if inverse.many {
            if before == slot {
                if let Some(slot) = slot.filter(|&slot| !self.holds(item(slot), inverse, owner.slot)) {
                    self.add_item(item(slot), inverse.index, owner.slot, None);
                }
                return;
            }
            if let Some(before) = before {
                self.remove_item(item(before), inverse.index, owner.slot);
            }
            if let Some(slot) = slot {
                self.add_item(item(slot), inverse.index, owner.slot, None);
            }
            return;
        }
        if let Some(before) = before.filter(|before| Some(*before) != slot) {
            self.set_item(item(before), inverse, None);
        }
        if let Some(slot) = slot {
            if let Some(rival) = self.current(item(slot), inverse).filter(|&rival| rival != owner.slot) {
                self.set_item(Entity { slot: rival, ..owner }, relation, None);
            }
            self.set_item(item(slot), inverse, Some(owner.slot));
        }
    }

    /// Makes a collection hold exactly these: only the differences are events.
    pub fn replace(&mut self, owner: Entity, relation: &Relation, slots: &[u32]) -> Result<()> {
        let before = self.loaded(owner, relation).unwrap_or_default().into_owned();
        for &slot in before.iter().filter(|slot| !slots.contains(slot)) {
            self.remove(owner, relation, slot)?;
        }
        for &slot in slots.iter().filter(|slot| !before.contains(slot)) {
            self.check_item(owner, relation, slot)?;
            self.append(owner, relation, slot, None);
        }
        self.change(owner, relation.index, |related| related.reorder(slots));
        Ok(())
    }
}
