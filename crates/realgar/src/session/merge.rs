//! Objects from elsewhere: trees that left a session, bodies of requests.

use std::{any::Any, panic::Location, pin::Pin};

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, State},
    load,
    mapper::{AnyHandle, Extra, Handle, MapperId, Model, Objects, Relation, Sink},
    query::Branch,
    session::Session,
    value::{Key, Value},
};

impl Session {
    /// Takes in an object whose row exists, with the objects nested in it. Nothing is sent: what it holds is taken for
    /// what the rows hold.
    ///
    /// # Errors
    /// `InvalidRequest` for an object without a key, or one whose key the session knows already.
    ///
    /// Source: `Session.add` of a detached instance.
    pub fn attach<M: Model>(&mut self, object: M) -> Result<Handle<M>> {
        let mapper = self.mapper_of::<M>()?;
        let entity = self.identity.attach(mapper, &mut Some(object))?;
        Ok(self.identity.handle(entity.slot))
    }

    /// Copies an object onto the session's own of the same key, with the objects nested in it.
    ///
    /// # Shape
    /// One SELECT for each key that the session does not know, and one for each collection that is merged. An object
    /// without a key, or whose row is not there, becomes a new one. All columns are copied, but for `Auto` and `Deferred`
    /// ones that are unset; a relationship field that is unset is left as it is, one that is set is made equal, removals
    /// included. Nothing travels along relationships whose cascade leaves out `merge`.
    ///
    /// # Errors
    /// `StaleData` where the model has a `version`, and that of the object is neither 0 nor the row's.
    ///
    /// Source: `Session.merge`.
    #[track_caller]
    pub fn merge<M: Model>(&mut self, object: M) -> impl Future<Output = Result<Handle<M>>> + Send {
        let place = Location::caller();
        self.called_at(place);
        async move {
            self.ready().await?;
            let mapper = self.mapper_of::<M>()?;
            let mut store = (M::MODEL.objects)();
            store.adopt(0, &mut Some(object))?;
            let entity = self.merge_stored(mapper, store, place).await?;
            Ok(self.identity.handle(entity.slot))
        }
    }

    /// Boxed, since it calls itself for what is nested.
    fn merge_stored<'s>(
        &'s mut self,
        mapper: MapperId,
        mut store: Box<dyn Objects>,
        place: &'static Location<'static>,
    ) -> Pin<Box<dyn Future<Output = Result<Entity>> + Send + 's>> {
        Box::pin(async move {
            let registry = self.db.registry().clone();
            let mapped = registry.mapper(mapper);
            let mut carried: Vec<(&Relation, Vec<Nested>)> = Vec::new();
            for relation in &mapped.relations[..mapped.desc.relationships.len()] {
                let field = store.field(0, relation.index as usize);
                if field.is_set() && relation.cascade.merge {
                    let mut contents = field.detach();
                    let mut nested = Unpacked {
                        identity: &self.identity,
                        store: registry.mapper(relation.target).desc.objects,
                        items: Vec::new(),
                        problem: None,
                    };
                    contents.drain(&mut nested);
                    match nested.problem {
                        Some(problem) => return Err(problem),
                        None => carried.push((relation, nested.items)),
                    }
                }
            }
            let unmade = mapped.generated.is_some_and(|column| store.cell(0, column) == Value::Int(0));
            let key = Key::new(mapped.key.iter().map(|&column| store.cell(0, column))).filter(|_| !unmade);
            let known = match key {
                Some(key) => load::get(&mut self.loader(), mapper, &key).await?,
                None => None,
            };
            let entity = match known {
                Some(entity) => {
                    self.check_version(entity, &*store)?;
                    self.copy_columns(entity, &*store)?;
                    entity
                }
                None => {
                    let mut adopted = None;
                    store.give(0, &mut |object| {
                        adopted = Some(self.identity.adopt(mapper, object, Vec::new(), place)?);
                        Ok(())
                    })?;
                    adopted.ok_or_else(|| Error::bug("a store that gives nothing"))?
                }
            };
            for (relation, items) in carried {
                self.merge_related(entity, relation, items, place).await?;
            }
            Ok(entity)
        })
    }

    /// What is merged was made of the version that is there, or has none.
    fn check_version(&self, entity: Entity, from: &dyn Objects) -> Result<()> {
        let mapper = self.identity.mapper(entity);
        let Some(column) = mapper.desc.version else { return Ok(()) };
        let given = from.cell(0, column);
        if given == Value::Int(0) || given == self.identity.was(entity, column) {
            return Ok(());
        }
        let name = mapper.table().columns[column].name;
        Err(Error::new(Kind::StaleData, format!("what is merged has another `{}::{name}` than the row", mapper.name()))
            .with_entity(|| self.identity.describe(entity))
            .way_out("start from the row as it is now; with a version of 0, what is merged wins over any version"))
    }

    fn copy_columns(&mut self, entity: Entity, from: &dyn Objects) -> Result<()> {
        let registry = self.db.registry().clone();
        let mapper = registry.mapper(entity.mapper);
        for (column, described) in mapper.table().columns.iter().enumerate() {
            let value = from.cell(0, column);
            // `Auto` and `Deferred` say by NULL that they are unset: the row keeps what it has.
            let unset =
                value.is_null() && (described.deferred || (mapper.made.contains(&column) && !described.nullable));
            // The version is the row's: it was compared, and the flush counts it.
            let counted = mapper.desc.version == Some(column);
            if !unset && !counted && self.identity.cell(entity, column) != value {
                self.identity.touch(entity);
                self.identity.set_cell(entity, column, value)?;
            }
        }
        Ok(())
    }

    async fn merge_related(
        &mut self,
        owner: Entity,
        relation: &Relation,
        items: Vec<Nested>,
        place: &'static Location<'static>,
    ) -> Result<()> {
        // What the collection holds is asked for first: it brings what is merged into it, in one statement.
        if relation.many && self.identity.state(owner) == State::Persistent {
            let branch = Branch::of(self.everywhere.clone());
            load::load_together(&mut self.loader(), relation, vec![owner.slot], &branch).await?;
        }
        let mut slots = Vec::with_capacity(items.len());
        for item in items {
            slots.push(match item {
                Nested::Known(slot) => slot,
                Nested::Given(store) => self.merge_stored(relation.target, store, place).await?.slot,
            });
        }
        if !relation.many {
            self.identity.set(owner, relation, slots.first().copied());
            return Ok(());
        }
        self.identity.replace(owner, relation, &slots)
    }
}

/// Something that a relationship field of a merged object carries.
enum Nested {
    Known(u32),
    Given(Box<dyn Objects>),
}

/// Where the fields of a merged object are emptied to.
struct Unpacked<'a> {
    identity: &'a Identity,
    store: fn() -> Box<dyn Objects>,
    items: Vec<Nested>,
    problem: Option<Error>,
}

impl Sink for Unpacked<'_> {
    fn handle(&mut self, handle: AnyHandle) {
        match self.identity.any_entity(handle) {
            Ok(entity) => self.items.push(Nested::Known(entity.slot)),
            Err(error) => self.problem = Some(error),
        }
    }

    fn object(&mut self, object: &mut dyn Any) {
        let mut store = (self.store)();
        match store.adopt(0, object) {
            Ok(()) => self.items.push(Nested::Given(store)),
            Err(error) => self.problem = Some(error),
        }
    }

    fn extra(&mut self, extra: Extra) {
        self.problem = Some(extra.refused("merge"));
    }
}
