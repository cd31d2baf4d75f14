//! Objects that are to be read anew, are let go, or come in with a row of their own: `expire`, `expunge`, `attach`.

use std::any::Any;

use crate::{
    error::{Error, Kind, Result},
    identity::{
        Entity, Identity, Related, State,
        arena::{Arena, Meta},
    },
    mapper::{AnyHandle, Contents, Extra, MapperId, Relation, Sink},
    value::{Key, Row, Value},
};

impl Identity {
    /// Ages one object: its unflushed changes are forgotten, and the next row that meets it brings new values.
    pub fn expire(&mut self, entity: Entity) -> Result<()> {
        self.expressions.remove(&entity);
        if let Some(old) = self.arena_mut(entity.mapper).take_kept(entity.slot) {
            self.restore(entity, old)?;
        }
        if std::mem::replace(&mut self.meta_mut(entity).touched, false) {
            self.touched.retain(|touched| *touched != entity);
        }
        self.changed.retain(|(changed, _)| *changed != entity);
        self.meta_mut(entity).epoch = 0;
        for column in &mut self.arena_mut(entity.mapper).related {
            if let Some(related) = column.get_mut(entity.slot as usize) {
                *related = Related::Unloaded;
            }
        }
        Ok(())
    }

    /// Unflushed changes of these columns and relationships are forgotten; the relationships are not loaded any more.
    pub fn forget_attributes(&mut self, entity: Entity, columns: &[usize], relations: &[&Relation]) -> Result<()> {
        for &column in columns {
            self.forget_expression(entity, column);
            if let Some(old) = self.old(entity).map(|old| old.get(column).into_owned()) {
                self.set_cell(entity, column, old)?;
            }
        }
        for relation in relations {
            self.changed.retain(|changed| *changed != (entity, relation.index));
            self.forget_related(entity, relation.index);
        }
        Ok(())
    }

    /// A query begins that may overwrite what is known.
    pub fn begin_populate(&mut self) {
        self.populated.clear();
    }

    /// A known object becomes what its row says, as if it were new; once for each query.
    pub fn populate(&mut self, entity: Entity, row: &dyn Row, at: usize) -> Result<()> {
        if self.populated.insert(entity) {
            self.expire(entity)?;
            self.arena_mut(entity.mapper).objects.decode(entity.slot, row, at)?;
            self.meta_mut(entity).epoch = self.epoch;
        }
        Ok(())
    }

    /// Ages every object; unflushed changes are forgotten, new objects stay.
    pub fn expire_all(&mut self) -> Result<()> {
        for entity in std::mem::take(&mut self.touched) {
            self.meta_mut(entity).touched = false;
        }
        self.restore_unflushed()?;
        let registry = self.registry.clone();
        for mapper in registry.mappers() {
            for slot in 0..self.arena(mapper.id).metas.len() as u32 {
                let entity = Entity { mapper: mapper.id, slot };
                if self.state(entity) == State::Persistent {
                    self.expire(entity)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the object differs from what its row holds, in a column or in a relationship.
    #[must_use]
    pub fn is_modified(&self, entity: Entity) -> bool {
        !self.changed_columns(entity).is_empty()
            || !self.expressions(entity).is_empty()
            || self.changed.iter().any(|&(changed, relation)| {
                let related = self.related(entity, relation);
                changed == entity
                    && (!related.added().is_empty() || !related.removed().is_empty() || related.is_nobody_now())
            })
    }

    /// Lets an object go: its handles are void, no collection holds it any more, and its slot is used again.
    pub fn expunge(&mut self, entity: Entity) {
        self.expressions.remove(&entity);
        if let Some(key) = self.key(entity) {
            let keys = &mut self.arena_mut(entity.mapper).keys;
            if keys.get(&key) == Some(entity.slot) {
                keys.remove(&key);
            }
        }
        self.pending.retain(|(pending, _)| *pending != entity);
        self.touched.retain(|touched| *touched != entity);
        self.changed.retain(|(changed, _)| *changed != entity);
        self.doomed.retain(|doomed| *doomed != entity);
        self.orphans.retain(|(orphan, ..)| *orphan != entity);
        self.keep_done(entity);
        let registry = self.registry.clone();
        for relation in registry.mappers().iter().flat_map(|mapper| &mapper.relations) {
            if relation.target == entity.mapper {
                let Arena { related, metas, .. } = self.arena_mut(relation.owner);
                for (owner, related) in related[relation.index as usize].iter_mut().enumerate() {
                    let new = matches!(metas[owner].state, State::Pending | State::Transient);
                    related.let_go(entity.slot, new);
                }
            }
        }
        let arena = self.arena_mut(entity.mapper);
        for column in &mut arena.related {
            if let Some(related) = column.get_mut(entity.slot as usize) {
                *related = Related::Unloaded;
            }
        }
        arena.take_kept(entity.slot);
        arena.objects.drop_object(entity.slot);
        let meta = &mut arena.metas[entity.slot as usize];
        *meta = Meta { round: meta.round + 1, ..Meta::EMPTY };
        arena.free.push(entity.slot);
    }

    /// Takes in an object that has a row, with the objects nested in it: they have rows, too. Nothing is sent.
    pub fn attach(&mut self, mapper: MapperId, object: &mut dyn Any) -> Result<Entity> {
        let (root, _) = self.settle_attached(mapper, object, false)?;
        let mut work = vec![root];
        let nested = self.attach_nested(&mut work);
        if nested.is_err() {
            work.into_iter().for_each(|entity| self.expunge(entity)); // all of it, or nothing
        }
        nested.map(|()| root)
    }

    fn attach_nested(&mut self, work: &mut Vec<Entity>) -> Result<()> {
        let registry = self.registry.clone();
        let mut next = 0;
        while let Some(&owner) = work.get(next) {
            next += 1;
            let mapper = registry.mapper(owner.mapper);
            for relation in &mapper.relations[..mapper.desc.relationships.len()] {
                let field = self.arena_mut(owner.mapper).objects.field(owner.slot, relation.index as usize);
                if field.is_set() {
                    let mut contents = field.detach();
                    self.attach_related(owner, relation, &mut contents, work)?;
                }
            }
        }
        Ok(())
    }

    fn attach_related(
        &mut self,
        owner: Entity,
        relation: &Relation,
        contents: &mut Contents,
        work: &mut Vec<Entity>,
    ) -> Result<()> {
        let mut arrivals = Attached { identity: self, target: relation.target, slots: Vec::new(), work, problem: None };
        contents.drain(&mut arrivals);
        let (slots, problem) = (arrivals.slots, arrivals.problem);
        if let Some(problem) = problem {
            return Err(problem);
        }
        let registry = self.registry.clone();
        if let Some(inverse) = relation.inverse.map(|inverse| registry.relation(relation.target, inverse)) {
            for &slot in slots.iter().filter(|_| !inverse.many) {
                self.fill(Entity { mapper: relation.target, slot }, inverse, vec![owner.slot]);
            }
        }
        self.fill(owner, relation, slots);
        Ok(())
    }

    /// The object, and whether it is new here. `nested`: one that is known already stands for the one given.
    fn settle_attached(&mut self, mapper: MapperId, object: &mut dyn Any, nested: bool) -> Result<(Entity, bool)> {
        let epoch = self.epoch;
        let registry = self.registry.clone();
        let mapped = registry.mapper(mapper);
        let arena = self.arena_mut(mapper);
        let slot = arena.next_slot();
        arena.objects.adopt(slot, object)?;
        let unmade = mapped.generated.is_some_and(|column| arena.objects.cell(slot, column) == Value::Int(0));
        let key = Key::new(mapped.key.iter().map(|&column| arena.objects.cell(slot, column))).filter(|_| !unmade);
        let known = key.as_ref().and_then(|key| arena.find(key));
        let refused = match (key, known) {
            (Some(key), None) => {
                arena.keys.insert(key, slot);
                arena.occupy(State::Persistent, epoch, 0);
                return Ok((Entity { mapper, slot }, true));
            }
            (_, Some(known)) if nested => {
                arena.objects.drop_object(slot);
                return Ok((Entity { mapper, slot: known }, false));
            }
            (_, Some(_)) => "an object with this key is in the session already",
            (None, None) => "an object without a key cannot have a row",
        };
        arena.objects.drop_object(slot);
        let error = Error::new(Kind::InvalidRequest, format!("`{}` cannot be attached: {refused}", mapped.name()));
        let error = match known {
            Some(slot) => error.with_entity(|| self.describe(Entity { mapper, slot })),
            None => error,
        };
        Err(error.way_out("use `merge`, which looks up the key, or `add`, which inserts"))
    }
}

/// Where the fields of an attached object are emptied to.
struct Attached<'a> {
    identity: &'a mut Identity,
    target: MapperId,
    slots: Vec<u32>,
    work: &'a mut Vec<Entity>,
    problem: Option<Error>,
}

impl Sink for Attached<'_> {
    fn handle(&mut self, handle: AnyHandle) {
        match self.identity.any_entity(handle) {
            Ok(entity) => self.slots.push(entity.slot),
            Err(error) => self.problem = Some(error),
        }
    }

    fn object(&mut self, object: &mut dyn Any) {
        match self.identity.settle_attached(self.target, object, true) {
            Ok((entity, new)) => {
                self.slots.push(entity.slot);
                self.work.extend(new.then_some(entity));
            }
            Err(error) => self.problem = Some(error),
        }
    }

    fn extra(&mut self, extra: Extra) {
        self.problem = Some(extra.refused("attach"));
    }
}
