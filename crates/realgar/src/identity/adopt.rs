//! New objects move in, with every new object nested in them; the fields are empty afterwards.

use std::{any::Any, collections::VecDeque, panic::Location};

use crate::{
    error::{Error, Result},
    identity::{Entity, Identity, State, arena::Meta},
    mapper::{AnyHandle, Field, MapperId, ModelDesc, Relation, Sink},
};

impl Identity {
    /// Takes in a new object: `object` is `&mut Option<M>` of the mapper's model.
    pub fn adopt(
        &mut self,
        mapper: MapperId,
        object: &mut dyn Any,
        place: &'static Location<'static>,
    ) -> Result<Entity> {
        let entity = self.settle_in(mapper, object, place)?;
        self.absorb(vec![entity], place)?;
        Ok(entity)
    }

    fn settle_in(
        &mut self,
        mapper: MapperId,
        object: &mut dyn Any,
        place: &'static Location<'static>,
    ) -> Result<Entity> {
        let epoch = self.epoch;
        let arena = self.arena_mut(mapper);
        let slot = arena.metas.len() as u32;
        arena.objects.adopt(slot, object)?;
        arena.metas.push(Meta::new(State::Pending, epoch));
        let entity = Entity { mapper, slot };
        self.pending.push((entity, place));
        Ok(entity)
    }

    /// Takes over what the relationship fields of these objects carry, and of the objects found in them, and so on.
    ///
    /// A worklist instead of recursion: a chain of a million nested objects needs no stack.
    pub fn absorb(&mut self, mut work: Vec<Entity>, place: &'static Location<'static>) -> Result<()> {
        let registry = self.registry.clone();
        let mut next = 0;
        while let Some(&owner) = work.get(next) {
            next += 1;
            let mapper = registry.mapper(owner.mapper);
            for relation in &mapper.relations[..mapper.desc.relationships.len()] {
                let field = self.arena_mut(owner.mapper).objects.field(owner.slot, relation.index as usize);
                if !field.is_set() {
                    continue;
                }
                let mut contents: Box<dyn Field> = field.detach();
                let slots = self.arrive(relation.target, &mut *contents, place, &mut work);
                if !relation.many {
                    self.set(owner, relation, slots.first().copied());
                } else if self.state(owner) == State::Pending && self.related(owner, relation.index).items().is_none() {
                    slots.iter().for_each(|&slot| self.append(owner, relation, slot, None));
                } else {
                    self.replace(owner, relation, &slots)?;
                }
            }
        }
        Ok(())
    }

    /// What a field carries moves in; answers the slots. New objects among it are put on the worklist.
    fn arrive(
        &mut self,
        target: MapperId,
        contents: &mut dyn Field,
        place: &'static Location<'static>,
        work: &mut Vec<Entity>,
    ) -> Vec<u32> {
        let mut arrivals = Arrivals { identity: self, target, place, slots: Vec::new(), work };
        contents.drain(&mut arrivals);
        arrivals.slots
    }

    /// What a field carries moves in, with everything nested in it; a foreign handle in it is an error.
    pub fn receive(
        &mut self,
        target: MapperId,
        contents: &mut dyn Field,
        place: &'static Location<'static>,
    ) -> Result<Vec<u32>> {
        let before = self.problems.len();
        let mut work = Vec::new();
        let slots = self.arrive(target, contents, place, &mut work);
        if self.problems.len() > before {
            return Err(self.problems.remove(before));
        }
        self.absorb(work, place)?;
        Ok(slots)
    }

    /// Notes a mistake that the next flush reports.
    pub fn note(&mut self, problem: Error) {
        self.problems.push(problem);
    }

    /// Whether a relationship field of the object carries something.
    #[must_use]
    pub fn carries(&mut self, entity: Entity) -> bool {
        let fields = self.mapper(entity).desc.relationships.len();
        let objects = &mut self.arena_mut(entity.mapper).objects;
        (0..fields).any(|field| objects.field(entity.slot, field).is_set())
    }

    /// Whether the field of this relationship carries something.
    #[must_use]
    pub fn carries_in(&mut self, entity: Entity, relation: &Relation) -> bool {
        let fields = self.mapper(entity).desc.relationships.len();
        let index = relation.index as usize;
        index < fields && self.arena_mut(entity.mapper).objects.field(entity.slot, index).is_set()
    }

    /// An object whose addition was rolled back becomes pending again, with what its relationships still hold.
    pub fn add_again(&mut self, entity: Entity, place: &'static Location<'static>) {
        let registry = self.registry.clone();
        let mut work = VecDeque::from([entity]);
        while let Some(entity) = work.pop_front() {
            if self.state(entity) != State::Transient {
                continue;
            }
            self.meta_mut(entity).state = State::Pending;
            self.pending.push((entity, place));
            for relation in &registry.mapper(entity.mapper).relations {
                for slot in self.renew(entity, relation.index) {
                    let item = Entity { mapper: relation.target, slot };
                    if self.state(item) == State::Transient {
                        work.push_back(item); // its own side still holds this one
                    } else {
                        self.meet_again(entity, relation, item);
                    }
                }
            }
        }
    }
}

/// Where a field's contents arrive.
struct Arrivals<'a> {
    identity: &'a mut Identity,
    target: MapperId,
    place: &'static Location<'static>,
    slots: Vec<u32>,
    work: &'a mut Vec<Entity>,
}

impl Sink for Arrivals<'_> {
    fn handle(&mut self, handle: AnyHandle) {
        match self.identity.any_entity(handle) {
            Ok(entity) => self.slots.push(entity.slot),
            Err(error) => self.identity.problems.push(error.with_place(self.place)),
        }
    }

    fn object(&mut self, _: &'static ModelDesc, object: &mut dyn Any) {
        match self.identity.settle_in(self.target, object, self.place) {
            Ok(entity) => {
                self.slots.push(entity.slot);
                self.work.push(entity);
            }
            Err(error) => self.identity.problems.push(error),
        }
    }
}
