//! New objects move in, with every new object nested in them; the fields are empty afterwards.

use std::{any::Any, collections::VecDeque, panic::Location};

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, Related, State},
    mapper::{AnyHandle, Contents, Extra, Mapper, MapperId, Relation, Sink, Strategy},
};

impl Identity {
    /// Takes in a new object, with what is set beside it: `object` is `&mut Option<M>` of the mapper's model.
    pub fn adopt(
        &mut self,
        mapper: MapperId,
        object: &mut dyn Any,
        extras: Vec<Extra>,
        place: &'static Location<'static>,
    ) -> Result<Entity> {
        let entity = self.settle_in(mapper, object, place)?;
        let extras = extras.into_iter().map(|extra| (entity, extra)).collect();
        self.take_in(Work { objects: vec![(entity, true)], extras }, place)?;
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
        arena.objects.adopt(arena.next_slot(), object)?;
        let slot = arena.occupy(State::Pending, epoch, 0);
        let entity = Entity { mapper, slot };
        self.pending.push((entity, place));
        Ok(entity)
    }

    /// Takes over what the relationship fields of these objects carry, and of the objects found in them, and so on.
    pub fn absorb(&mut self, objects: Vec<Entity>, place: &'static Location<'static>) -> Result<()> {
        let objects = objects.into_iter().map(|object| (object, false)).collect();
        self.take_in(Work { objects, extras: Vec::new() }, place)
    }

    /// A worklist instead of recursion: a chain of a million nested objects needs no stack.
    fn take_in(&mut self, mut work: Work, place: &'static Location<'static>) -> Result<()> {
        let registry = self.registry.clone();
        let mut next = 0;
        loop {
            while let Some(&(owner, new)) = work.objects.get(next) {
                next += 1;
                let mapper = registry.mapper(owner.mapper);
                for relation in &mapper.relations[..mapper.desc.relationships.len()] {
                    let field = self.arena_mut(owner.mapper).objects.field(owner.slot, relation.index as usize);
                    if field.is_set() {
                        let mut contents = field.detach();
                        self.take_over((owner, new), relation, &mut contents, place, &mut work)?;
                    }
                }
            }
            if work.extras.is_empty() {
                return Ok(());
            }
            for (owner, extra) in std::mem::take(&mut work.extras) {
                let relation = registry.mapper(owner.mapper).relation(extra.name)?;
                match extra.contents {
                    Some(mut contents) => self.take_over((owner, true), relation, &mut contents, place, &mut work)?,
                    None => self.problems.push(not_cloned(self.mapper(owner), extra.name).with_place(place)),
                }
            }
        }
    }

    /// The owner's relationship becomes what a field carries. What a new owner got by being nested itself stays.
    fn take_over(
        &mut self,
        (owner, new): (Entity, bool),
        relation: &Relation,
        contents: &mut Contents,
        place: &'static Location<'static>,
        work: &mut Work,
    ) -> Result<()> {
        let mut slots = self.arrive(relation.target, contents, place, work);
        if new {
            // `add` never fails: the flush reports a second owner.
            let problems = slots.iter().filter_map(|&slot| self.check_item(owner, relation, slot).err());
            let problems: Vec<Error> = problems.map(|problem| problem.with_place(place)).collect();
            self.problems.extend(problems);
            let before = self.related(owner, relation.index).items().unwrap_or_default();
            slots.retain(|slot| !relation.many || !before.contains(slot));
        }
        let asked_anew = matches!(relation.lazy, Strategy::Dynamic | Strategy::WriteOnly);
        match (relation.many, new) {
            // Said to be empty, not left out: it is known, and stays so when the row is there.
            (true, true) if slots.is_empty() && !asked_anew => {
                if matches!(self.related(owner, relation.index), Related::Unloaded) {
                    self.fill(owner, relation, Vec::new());
                }
            }
            (true, true) => {
                let registry = self.registry.clone();
                let inverse = relation.inverse.map(|inverse| registry.relation(relation.target, inverse));
                slots.iter().for_each(|&slot| self.append_with(owner, (relation, inverse), slot, None));
            }
            (true, false) => self.replace(owner, relation, &slots)?,
            (false, _) => {
                let slot = slots.first().copied();
                slot.filter(|_| !new).map_or(Ok(()), |slot| self.check_item(owner, relation, slot))?;
                self.set(owner, relation, slot);
            }
        }
        Ok(())
    }

    /// What a field carries moves in; answers the slots. New objects among it are put on the worklist.
    fn arrive(
        &mut self,
        target: MapperId,
        contents: &mut Contents,
        place: &'static Location<'static>,
        work: &mut Work,
    ) -> Vec<u32> {
        let mut arrivals = Arrivals { identity: self, target, place, slots: Vec::new(), work };
        contents.drain(&mut arrivals);
        arrivals.slots
    }

    /// What a field carries moves in, with everything nested in it; a foreign handle in it is an error, and so is what a
    /// relationship of a nested object refuses.
    pub fn receive(
        &mut self,
        target: MapperId,
        contents: &mut Contents,
        place: &'static Location<'static>,
    ) -> Result<Vec<u32>> {
        let before = self.problems.len();
        let mut work = Work::default();
        let slots = self.arrive(target, contents, place, &mut work);
        if self.problems.len() == before {
            self.take_in(work, place)?;
        }
        if self.problems.len() > before {
            let problem = self.problems.swap_remove(before);
            self.problems.truncate(before);
            return Err(problem);
        }
        Ok(slots)
    }

    /// Notes a mistake that the next flush reports.
    pub fn note(&mut self, problem: Error) {
        self.problems.push(problem);
    }

    /// The relationships whose fields carry something.
    #[must_use]
    pub fn carried(&mut self, entity: Entity) -> Vec<u16> {
        let fields = self.mapper(entity).desc.relationships.len();
        let objects = &mut self.arena_mut(entity.mapper).objects;
        (0..fields).filter(|&field| objects.field(entity.slot, field).is_set()).map(|field| field as u16).collect()
    }

    /// Whether a relationship field of the object carries something.
    #[must_use]
    pub fn carries(&mut self, entity: Entity) -> bool {
        !self.carried(entity).is_empty()
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

/// What is still to be taken in.
#[derive(Default)]
struct Work {
    /// Objects whose fields may carry something, and whether they are new.
    objects: Vec<(Entity, bool)>,
    /// Relationships that came beside their objects.
    extras: Vec<(Entity, Extra)>,
}

#[cold]
fn not_cloned(mapper: &Mapper, relationship: &str) -> Error {
    let full = format!("{}::{relationship}", mapper.name());
    Error::new(Kind::InvalidRequest, format!("a new object was cloned, but not its `{full}`, which has no field"))
        .way_out(format!("call `.with({full}, …)` on the clone"))
}

/// Where a field's contents arrive.
struct Arrivals<'a> {
    identity: &'a mut Identity,
    target: MapperId,
    place: &'static Location<'static>,
    slots: Vec<u32>,
    work: &'a mut Work,
}

impl Sink for Arrivals<'_> {
    fn handle(&mut self, handle: AnyHandle) {
        match self.identity.any_entity(handle).and_then(|entity| self.identity.with_row(entity)) {
            Ok(entity) => self.slots.push(entity.slot),
            Err(error) => self.identity.problems.push(error.with_place(self.place)),
        }
    }

    fn object(&mut self, object: &mut dyn Any) {
        match self.identity.settle_in(self.target, object, self.place) {
            Ok(entity) => {
                self.slots.push(entity.slot);
                self.work.objects.push((entity, true));
            }
            Err(error) => self.identity.problems.push(error),
        }
    }

    fn extra(&mut self, extra: Extra) {
        if let Some(&(object, _)) = self.work.objects.last() {
            self.work.extras.push((object, extra));
        }
    }
}
