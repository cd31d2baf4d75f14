//! Objects with one owner only: a relationship with `single_parent` refuses a second one.
//!
//! Only what the session knows counts: an owner whose relationship was never loaded is not found, and nothing is asked.

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, State},
    mapper::{Direction, Relation},
};

impl Identity {
    /// Refuses to give an object a second owner along a relationship with `single_parent`, seen from either side.
    pub fn check_parents(&self, owner: Entity, relation: &Relation, slot: u32) -> Result<()> {
        self.refuse_second(owner, relation, slot)?;
        let item = Entity { mapper: relation.target, slot };
        let inverse = relation.inverse.map(|inverse| self.registry.relation(relation.target, inverse));
        inverse.map_or(Ok(()), |inverse| self.refuse_second(item, inverse, owner.slot))
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
