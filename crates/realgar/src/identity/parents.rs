//! What may stand in a relationship: what its `validate` accepts, and with `single_parent`, what has no other owner.
//!
//! Of owners, only what the session knows counts: an owner whose relationship was never loaded is not found, and nothing is asked.

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, State},
    mapper::{Direction, Relation},
};

impl Identity {
    /// Refuses to relate two objects, seen from either side.
    pub fn check_item(&self, owner: Entity, relation: &Relation, slot: u32) -> Result<()> {
        self.refuse(owner, relation, slot)?;
        let item = Entity { mapper: relation.target, slot };
        let inverse = relation.inverse.map(|inverse| self.registry.relation(relation.target, inverse));
        inverse.map_or(Ok(()), |inverse| self.refuse(item, inverse, owner.slot))
    }

    fn refuse(&self, owner: Entity, relation: &Relation, slot: u32) -> Result<()> {
        if let Some(validate) = relation.validate {
            let item = self.arena(relation.target).objects.any(slot);
            validate(item).map_err(|error| error.with_entity(|| self.describe(owner)))?;
        }
        self.refuse_second(owner, relation, slot)
    }

    fn refuse_second(&self, owner: Entity, relation: &Relation, slot: u32) -> Result<()> {
        if !relation.single_parent || relation.direction == Direction::OneToMany {
            return Ok(());
        }
        let holders = self.arena(relation.owner).related[relation.index as usize].iter().enumerate();
        let mut others = holders
            .filter(|(other, related)| *other != owner.slot as usize && related.has(slot))
            .map(|(other, _)| Entity { mapper: relation.owner, slot: other as u32 })
            .filter(|&other| matches!(self.state(other), State::Pending | State::Persistent) && !self.is_doomed(other));
        let Some(other) = others.next() else { return Ok(()) };
        let item = self.describe(Entity { mapper: relation.target, slot });
        let full = format!("{}::{}", self.mapper(owner).name(), relation.name);
        Err(Error::new(
            Kind::InvalidRequest,
            format!("{item} already has an owner along `{full}`, which is `single_parent`: {}", self.describe(other)),
        )
        .with_entity(|| self.describe(owner))
        .way_out("take it from its owner first, or leave out `single_parent`"))
    }
}
