//! The session's verbs for objects whose model is known by name only: shells, admin pages, bodies of requests.

use std::panic::Location;

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, State},
    mapper::{AnyHandle, Direction, Handle, MapperId, Model, ModelDesc, Relation},
    query::Select,
    session::{Db, Session},
    value::{Key, Value},
};

/// A relationship without its types, as the registry resolved it; also one that a `backref` made.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AnyRelationship {
    /// Its name.
    pub name: &'static str,
    /// The model at the other end.
    pub target: &'static ModelDesc,
    /// Whether there can be several.
    pub many: bool,
    /// Whether its foreign key is on this side.
    pub holds_key: bool,
    /// Whether its foreign key is on the other side; neither is so where an association table holds both.
    pub held_there: bool,
    /// Read only: nothing is written for it.
    pub viewonly: bool,
}

impl Db {
    /// All models, in the order in which their rows are inserted.
    #[must_use]
    pub fn models(&self) -> Vec<&'static ModelDesc> {
        let registry = self.registry();
        registry.order().iter().flatten().map(|&mapper| registry.mapper(mapper).desc).collect()
    }

    /// The model of this name.
    ///
    /// # Errors
    /// `InvalidRequest` where there is none, or several of that name in different modules.
    pub fn model(&self, name: &str) -> Result<&'static ModelDesc> {
        let mut found = self.registry().mappers().iter().filter(|mapper| mapper.name() == name);
        match (found.next(), found.next()) {
            (Some(mapper), None) => Ok(mapper.desc),
            (None, _) => Err(Error::new(Kind::InvalidRequest, format!("there is no model `{name}` in this database"))),
            _ => Err(Error::new(Kind::InvalidRequest, format!("several models are called `{name}`"))
                .way_out("they can be told apart by their types only")),
        }
    }

    /// The relationships of a model: those with a field first, in the order of the fields.
    ///
    /// # Errors
    /// `InvalidRequest` for a model of another database.
    pub fn relationships(&self, model: &ModelDesc) -> Result<Vec<AnyRelationship>> {
        let registry = self.registry();
        let described = |relation: &Relation| AnyRelationship {
            name: relation.name,
            target: registry.mapper(relation.target).desc,
            many: relation.many,
            holds_key: relation.direction == Direction::ManyToOne,
            held_there: relation.direction == Direction::OneToMany,
            viewonly: relation.viewonly,
        };
        Ok(registry.mapper(registry.by_model(model)?).relations.iter().map(described).collect())
    }
}

impl Session {
    /// The same verbs by name: for objects whose model is not known when the program is compiled.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// use realgar::{Value, dynamic::AnyColumn};
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// s.add(new!(User { name: "Ada", posts: [new!(Post { title: "Hello" })] }));
    ///
    /// let model = db.model("User")?;
    /// let name = AnyColumn::new(model, "name").expect("users have names");
    /// let found = s.dynamic().all(Select::of(model).filter(name.eq(Value::Text("Ada".into())))).await?;
    /// let posts = s.dynamic().load(found[0], "posts").await?;
    /// assert_eq!(s.dynamic().cell(posts[0], 1)?, Value::Text("Hello".into()));
    /// # Ok(()) }
    /// ```
    pub fn dynamic(&mut self) -> Dynamic<'_> {
        Dynamic { session: self, place: None }
    }

    /// For verbs made of these: recordings and errors name the place where those were called.
    #[doc(hidden)]
    pub fn dynamic_at(&mut self, place: &'static Location<'static>) -> Dynamic<'_> {
        Dynamic { session: self, place: Some(place) }
    }

    /// The same for what only looks.
    #[must_use]
    pub fn dynamic_ref(&self) -> DynamicRef<'_> {
        DynamicRef { session: self }
    }
}

impl AnyHandle {
    /// The same ticket with its type; `None` where it is another model's.
    #[must_use]
    pub fn typed<M: Model>(self) -> Option<Handle<M>> {
        let same = (self.model.type_id)() == std::any::TypeId::of::<M>();
        same.then(|| Handle::new(self.slot, self.round, self.owner))
    }
}

impl PartialEq for AnyHandle {
    fn eq(&self, other: &Self) -> bool {
        let same = (self.model.type_id)() == (other.model.type_id)();
        same && (self.slot, self.round, self.owner) == (other.slot, other.round, other.owner)
    }
}
impl Eq for AnyHandle {}

/// The session's verbs by name, from [`Session::dynamic`].
#[derive(Debug)]
pub struct Dynamic<'s> {
    session: &'s mut Session,
    place: Option<&'static Location<'static>>,
}

/// What is known of objects by name, from [`Session::dynamic_ref`].
#[derive(Debug, Clone, Copy)]
pub struct DynamicRef<'s> {
    session: &'s Session,
}

impl Dynamic<'_> {
    fn mapper(&self, model: &ModelDesc) -> Result<MapperId> {
        self.session.db.registry().by_model(model)
    }

    fn handle(&self, entity: Entity) -> AnyHandle {
        self.session.identity.any_handle(entity)
    }

    /// Where the verb was called.
    #[track_caller]
    fn place(&self) -> &'static Location<'static> {
        self.place.unwrap_or(Location::caller())
    }

    /// Takes in a new object with its defaults and these columns; the next flush inserts it.
    ///
    /// # Errors
    /// `Data` for a value that does not fit its column: nothing is taken in then.
    #[track_caller]
    pub fn add(&mut self, model: &'static ModelDesc, columns: Vec<(usize, Value<'static>)>) -> Result<AnyHandle> {
        let place = self.place();
        let mapper = self.mapper(model)?;
        let mut store = (model.objects)();
        store.blank(0);
        for (column, value) in columns {
            store.set_cell(0, column, value).map_err(|error| error.with_entity(|| field(model, column)))?;
        }
        let identity = &mut self.session.identity;
        let mut added = None;
        store.give(0, &mut |object| {
            added = Some(identity.adopt(mapper, object, Vec::new(), place)?);
            Ok(())
        })?;
        added.map(|entity| self.handle(entity)).ok_or_else(|| Error::bug("a store that gives nothing"))
    }

    /// The object with this key, as [`Session::get`] finds it.
    #[track_caller]
    pub fn get(
        &mut self,
        model: &'static ModelDesc,
        key: Vec<Value<'static>>,
    ) -> impl Future<Output = Result<Option<AnyHandle>>> + Send {
        let place = self.place();
        self.session.called_at(place);
        async move {
            self.session.usable()?;
            let mapper = self.mapper(model)?;
            let wanted = self.session.db.registry().mapper(mapper).key.len();
            if key.len() != wanted {
                let what = format!("the key of `{}` has {wanted} columns, not {}", model.name(), key.len());
                return Err(Error::new(Kind::Argument, what));
            }
            let Some(key) = Key::new(key) else { return Ok(None) };
            let found = self.session.get_entity(mapper, &key).await?;
            Ok(found.map(|entity| self.handle(entity)))
        }
    }

    /// All objects that the select asks for.
    #[track_caller]
    pub fn all(&mut self, select: Select<AnyHandle>) -> impl Future<Output = Result<Vec<AnyHandle>>> + Send {
        let place = self.place();
        self.session.called_at(place);
        async move {
            let rows = self.session.entities(select.into_query()).await?;
            Ok(rows.into_iter().map(|entity| self.handle(entity)).collect())
        }
    }

    /// How many objects the select asks for; nothing is loaded.
    #[track_caller]
    pub fn count(&mut self, select: Select<AnyHandle>) -> impl Future<Output = Result<u64>> + Send {
        let place = self.place();
        self.session.called_at(place).count_query(select.into_query())
    }

    /// The object's column at this position: see [`DynamicRef::cell`].
    pub fn cell(&self, object: AnyHandle, column: usize) -> Result<Value<'_>> {
        self.session.dynamic_ref().cell(object, column)
    }

    /// Writes the object's column at this position; the flush sends it where it differs.
    ///
    /// # Errors
    /// `Data` for a value that does not fit, and those of [`cell`](Dynamic::cell).
    pub fn set_cell(&mut self, object: AnyHandle, column: usize, value: Value<'static>) -> Result<()> {
        let identity = &mut self.session.identity;
        let entity = identity.any_entity(object)?;
        check_position(object.model, column)?;
        identity.touch(entity);
        identity.set_cell(entity, column, value).map_err(|error| error.with_entity(|| field(object.model, column)))
    }

    /// What is at the other end of a relationship, as [`Session::load`] loads it.
    #[track_caller]
    pub fn load(
        &mut self,
        owner: AnyHandle,
        relationship: &str,
    ) -> impl Future<Output = Result<Vec<AnyHandle>>> + Send {
        let place = self.place();
        self.session.called_at(place);
        async move {
            let session = &mut *self.session;
            let entity = session.identity.any_entity(owner)?;
            let registry = session.db.registry().clone();
            let relation = registry.mapper(entity.mapper).relation(relationship)?;
            let slots = match session.load_entity(entity, relation, place).await? {
                Some(slots) => slots,
                None => session.loaded_slots(entity, relation)?.into_owned(),
            };
            Ok(slots.into_iter().map(|slot| self.handle(Entity { mapper: relation.target, slot })).collect())
        }
    }

    /// Makes a relationship hold exactly these, as [`Session::set`] and [`Session::replace`] do.
    ///
    /// # Errors
    /// `Argument` for several at the end of a relationship to one, or for objects of another model.
    #[track_caller]
    pub fn relate(
        &mut self,
        owner: AnyHandle,
        relationship: &str,
        items: &[AnyHandle],
    ) -> impl Future<Output = Result<()>> + Send {
        let place = self.place();
        self.session.called_at(place);
        async move {
            let session = &mut *self.session;
            let entity = session.identity.any_entity(owner)?;
            let registry = session.db.registry().clone();
            let relation = registry.mapper(entity.mapper).relation(relationship)?;
            let slots = session.slots_of(relation, items)?;
            if relation.many {
                session.load_before_write(entity, relation).await?;
            } else if slots.len() > 1 {
                return Err(Error::new(Kind::Argument, format!("`{relationship}` is to one object")));
            }
            session.take_over(entity, place)?;
            for &slot in &slots {
                session.identity.check_item(entity, relation, slot)?;
                session.revive(relation, slot, place);
            }
            match relation.many {
                true => session.identity.replace(entity, relation, &slots),
                false => {
                    session.identity.set(entity, relation, slots.first().copied());
                    Ok(())
                }
            }
        }
    }

    /// Adds an object to the end of a collection, as [`Session::append`] does.
    #[track_caller]
    pub fn append(&mut self, owner: AnyHandle, relationship: &str, item: AnyHandle) -> Result<()> {
        let place = self.place();
        let (entity, slot) = self.collection(owner, relationship, item)?;
        let registry = self.session.db.registry().clone();
        let relation = registry.mapper(entity.mapper).relation(relationship)?;
        self.session.take_over(entity, place)?;
        self.session.identity.check_item(entity, relation, slot)?;
        self.session.revive(relation, slot, place);
        self.session.identity.append(entity, relation, slot, None);
        Ok(())
    }

    /// Removes an object from a collection, as [`Session::remove`] does.
    #[track_caller]
    pub fn remove(&mut self, owner: AnyHandle, relationship: &str, item: AnyHandle) -> Result<()> {
        let place = self.place();
        let (entity, slot) = self.collection(owner, relationship, item)?;
        let registry = self.session.db.registry().clone();
        self.session.take_over(entity, place)?;
        self.session.identity.remove(entity, registry.mapper(entity.mapper).relation(relationship)?, slot)
    }

    fn collection(&self, owner: AnyHandle, relationship: &str, item: AnyHandle) -> Result<(Entity, u32)> {
        let entity = self.session.identity.any_entity(owner)?;
        let registry = self.session.db.registry();
        let relation = registry.mapper(entity.mapper).relation(relationship)?;
        if !relation.many {
            return Err(Error::new(Kind::Argument, format!("`{relationship}` is to one object: set it")));
        }
        let slots = self.session.slots_of(relation, &[item])?;
        slots.first().map(|&slot| (entity, slot)).ok_or_else(|| Error::bug("one item went in and none arrived"))
    }

    /// Marks an object for deletion, as [`Session::delete`] does.
    pub fn delete(&mut self, object: AnyHandle) -> Result<()> {
        self.session.delete_entity(self.session.identity.any_entity(object)?)
    }

    /// Where the object is in its life.
    pub fn state(&self, object: AnyHandle) -> Result<State> {
        self.session.dynamic_ref().state(object)
    }

    /// The key of the object's row: see [`DynamicRef::key`].
    pub fn key(&self, object: AnyHandle) -> Result<Option<Vec<Value<'static>>>> {
        self.session.dynamic_ref().key(object)
    }
}

impl<'s> DynamicRef<'s> {
    /// The object's column at this position.
    ///
    /// # Errors
    /// `DetachedInstance` for a foreign handle, `Argument` for a position behind the last column.
    pub fn cell(self, object: AnyHandle, column: usize) -> Result<Value<'s>> {
        let entity = self.session.identity.any_entity(object)?;
        check_position(object.model, column)?;
        Ok(self.session.identity.cell(entity, column))
    }

    /// Where the object is in its life.
    pub fn state(self, object: AnyHandle) -> Result<State> {
        Ok(self.session.identity.state(self.session.identity.any_entity(object)?))
    }

    /// The key of the object's row; `None` where it has none yet.
    pub fn key(self, object: AnyHandle) -> Result<Option<Vec<Value<'static>>>> {
        let identity = &self.session.identity;
        let entity = identity.any_entity(object)?;
        let row = !matches!(identity.state(entity), State::Pending | State::Transient);
        let key = identity.key(entity).filter(|_| row);
        Ok(key.map(|key| key.values().map(Value::into_owned).collect()))
    }
}

fn field(model: &ModelDesc, column: usize) -> String {
    format!("{}::{}", model.name(), model.fields.get(column).copied().unwrap_or("?"))
}

fn check_position(model: &ModelDesc, column: usize) -> Result<()> {
    match model.fields.get(column) {
        Some(_) => Ok(()),
        None => Err(Error::new(Kind::Argument, format!("`{}` has no column at position {column}", model.name()))),
    }
}

impl Session {
    /// The slots of objects that go into a relationship.
    fn slots_of(&self, relation: &Relation, items: &[AnyHandle]) -> Result<Vec<u32>> {
        let mut slots = Vec::with_capacity(items.len());
        for &item in items {
            let entity = self.identity.any_entity(item)?;
            if entity.mapper != relation.target {
                let registry = self.db.registry();
                let (wanted, got) = (registry.mapper(relation.target).name(), item.model.name());
                return Err(Error::new(Kind::Argument, format!("`{}` holds `{wanted}`, not `{got}`", relation.name)));
            }
            slots.push(entity.slot);
        }
        Ok(slots)
    }
}
