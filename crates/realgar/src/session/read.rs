//! What finds and loads: `get`, `load`, `loaded`; and what is known without asking.

use std::{any::TypeId, borrow::Cow, panic::Location};

use crate::{
    error::{Error, Kind, Result},
    flush,
    identity::{Entity, State},
    load,
    mapper::{Cardinality, Column, Handle, IntoField, IntoKey, MapperId, Model, Relation, Relationship, Strategy},
    query::{Branch, IntoLoad, LoadOption},
    session::Session,
    value::{Cell, Key},
};

/// So many loads of one object each, and the warning about them is due.
const WARN_AT: u32 = 10;

#[cold]
fn warn_of_repetition(model: &str, relationship: &str, place: &Location<'_>) {
    tracing::warn!(
        target: "realgar",
        "`{model}::{relationship}` was loaded one by one {WARN_AT} times, last at {place}: one statement each; \
         leave `lazy = \"select\"` out, or load it with the query: `.options({model}::{relationship}.selectin())`"
    );
}

impl Session {
    pub(super) fn mapper_of<M: Model>(&self) -> Result<MapperId> {
        self.db.registry().by_type(TypeId::of::<M>()).map_err(|error| error.with_entity(|| M::DESC.name.to_owned()))
    }

    /// The object with this key, or `None`. No statement when the session knows it and it is not aged.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User { name: "Ada" }));
    /// s.flush().await?;
    /// assert_eq!(s.get::<User>(1).await?, Some(ada));
    /// assert_eq!(s.get::<User>(2).await?, None);
    /// # Ok(()) }
    /// ```
    ///
    /// To lock the row, ask for it by a query, which is sent though the session knows the object, and takes what the row
    /// holds by then: `User::select().filter_by(User::id, 1).with_for_update().populate_existing().one(&mut s)`.
    ///
    /// Source: `Session.get`; its `with_for_update` is such a query here.
    #[track_caller]
    pub fn get<M: Model>(
        &mut self,
        key: impl IntoField<M::Key>,
    ) -> impl Future<Output = Result<Option<Handle<M>>>> + Send {
        self.called_at(Location::caller());
        let key = key.into_field().into_key();
        async move {
            match key {
                Some(key) => self.find(&key).await,
                None => self.usable().map(|()| None),
            }
        }
    }

    async fn find<M: Model>(&mut self, key: &Key) -> Result<Option<Handle<M>>> {
        self.usable()?;
        let mapper = self.mapper_of::<M>()?;
        let found = self.get_entity(mapper, key).await?;
        Ok(found.map(|entity| self.identity.handle(entity.slot)))
    }

    pub(super) async fn get_entity(&mut self, mapper: MapperId, key: &Key) -> Result<Option<Entity>> {
        if let Some(known) = self.identity.find(mapper, key).filter(|&known| !self.identity.is_aged(known)) {
            return Ok(Some(known));
        }
        self.ready().await?;
        load::get(&mut self.loader(), mapper, key).await
    }

    /// The object with this key.
    ///
    /// # Errors
    /// `NoResultFound` when there is none.
    ///
    /// Source: `Session.get_one`.
    #[track_caller]
    pub fn get_one<M: Model>(&mut self, key: impl IntoField<M::Key>) -> impl Future<Output = Result<Handle<M>>> + Send {
        self.called_at(Location::caller());
        let key = key.into_field().into_key();
        async move {
            let found = match &key {
                Some(key) => self.find(key).await?,
                None => None,
            };
            let mapper = self.mapper_of::<M>()?;
            found.ok_or_else(|| {
                let name = M::DESC.name;
                let whom = key.map_or_else(|| name.to_owned(), |key| self.identity.describe_key(mapper, &key));
                Error::new(Kind::NoResultFound, format!("no `{name}` has this key"))
                    .with_entity(|| whom)
                    .way_out("`get` answers an `Option`, for where none is fine")
            })
        }
    }

    /// What is at the other end of a relationship, loaded if it is not yet; the second time it answers from memory.
    ///
    /// `Many<T>` answers `Vec<Handle<T>>`, `One<T>` a `Handle<T>`, `One<Option<T>>` an `Option<Handle<T>>`.
    ///
    /// # Shape
    /// At most one statement for one object, and one more where a commit or rollback has aged it. When it is called for one object after another of the same query, it loads
    /// for all of them: 1,000 objects take 4 statements, that query included. Many-to-one takes none where the session
    /// knows the object.
    ///
    /// # Errors
    /// `DetachedInstance` for a foreign handle, `NoResultFound` when nobody is at the end of a `One<T>`, `ObjectDeleted`
    /// when the object was aged and its row is gone, `InvalidRequest` where the strategy forbids it.
    #[track_caller]
    pub fn load<M: Model, C: Cardinality>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, C>,
    ) -> impl Future<Output = Result<C::Loaded>> + Send {
        let place = Location::caller();
        self.called_at(place);
        async move {
            let entity = self.identity.entity(owner)?;
            let registry = self.db.registry().clone();
            let relation = registry.mapper(entity.mapper).relation(relationship.name())?;
            if let Some(slots) = self.load_entity(entity, relation, place).await? {
                return C::answer(self.identity.handles(&slots)?);
            }
            self.answer(owner, relationship)
        }
    }

    /// Loads a relationship that is not loaded; answers what is at its end where the session does not keep it.
    pub(super) async fn load_entity(
        &mut self,
        entity: Entity,
        relation: &Relation,
        place: &'static Location<'static>,
    ) -> Result<Option<Vec<u32>>> {
        if self.identity.carries(entity) {
            self.usable()?;
            flush::take_over(&mut self.loader()).await?;
        }
        if self.identity.related(entity, relation.index).items().is_some() {
            return Ok(None);
        }
        self.ready().await?;
        let mut loader = self.loader();
        let one_by_one = load::strategy(&loader, entity, relation) == Strategy::Select;
        let not_kept = load::load(&mut loader, entity, relation).await?;
        if one_by_one && self.identity.count_single_load(entity.mapper, relation.index) == WARN_AT {
            warn_of_repetition(self.identity.mapper(entity).name(), relation.name, place);
        }
        Ok(not_kept)
    }

    /// Loads a relationship, and what follows it, for objects that the session already has: by `selectin`, one statement
    /// for 500 of them and each step.
    ///
    /// `s.preload(&users, User::posts.then(Post::tags)).await?`
    ///
    /// # Errors
    /// `InvalidRequest` for a relationship that is `dynamic` or `write_only`, here or further on, before anything is sent;
    /// `DetachedInstance` for a foreign handle.
    ///
    /// Source: `selectinload` in a query; the reference has nothing for objects that are loaded already.
    #[track_caller]
    pub fn preload<M: Model, T>(
        &mut self,
        objects: &[Handle<M>],
        what: impl IntoLoad<M, T>,
    ) -> impl Future<Output = Result<()>> + Send {
        let option = what.into_load().into_option();
        self.called_at(Location::caller()).load_option(objects, option)
    }

    async fn load_option<M: Model>(&mut self, objects: &[Handle<M>], option: LoadOption) -> Result<()> {
        let mapper = self.mapper_of::<M>()?;
        let entities = objects.iter().map(|&object| self.identity.entity(object));
        let owners = entities.map(|entity| entity.map(|entity| entity.slot)).collect::<Result<Vec<u32>>>()?;
        option.check(self.db.registry())?;
        let relation = self.db.registry().mapper(mapper).relation(option.relationship)?.index;
        self.ready().await?;
        let branch = Branch { everywhere: self.everywhere.clone(), ..option.branch };
        let job = load::Job { mapper, relation, owners, one_by_one: false, found_by: None, branch };
        load::finish(&mut self.loader(), &mut vec![job]).await
    }

    /// What is at the other end of a relationship, without asking the database.
    ///
    /// # Errors
    /// `NotLoaded` when only the database could tell; a commit or rollback makes every relationship so.
    pub fn loaded<M: Model, C: Cardinality>(
        &self,
        owner: Handle<M>,
        relationship: Relationship<M, C>,
    ) -> Result<C::Loaded> {
        self.answer(owner, relationship)
    }

    fn answer<M: Model, C: Cardinality>(
        &self,
        owner: Handle<M>,
        relationship: Relationship<M, C>,
    ) -> Result<C::Loaded> {
        let entity = self.identity.entity(owner)?;
        let relation = self.db.registry().mapper(entity.mapper).relation(relationship.name())?;
        let slots = self.loaded_slots(entity, relation)?;
        let handles = self.identity.handles(&slots)?;
        C::answer(handles).map_err(|error| {
            let name = format!("`{}::{}`", M::DESC.name, relation.name);
            error.about(name).with_entity(|| self.identity.describe(entity))
        })
    }

    pub(super) fn loaded_slots(&self, entity: Entity, relation: &Relation) -> Result<Cow<'_, [u32]>> {
        self.identity.loaded(entity, relation).ok_or_else(|| {
            let name = format!("{}::{}", self.identity.mapper(entity).name(), relation.name);
            let since = match self.identity.is_aged(entity) {
                true => " any more: a commit or rollback has aged it",
                false => "",
            };
            Error::new(Kind::NotLoaded, format!("relationship `{name}` is not loaded{since}"))
                .with_entity(|| self.identity.describe(entity))
                .way_out(format!("`session.load(…, {name}).await?`, or `.options({name}.selectin())` in the query"))
        })
    }

    /// A column of the object: from the database where it is [`Deferred`](crate::Deferred) and not loaded yet, else from
    /// memory.
    ///
    /// # Shape
    /// At most one statement. To load it for many objects at once, query with `.undefer(…)`.
    ///
    /// # Errors
    /// `DetachedInstance` for a foreign handle, `InvalidRequest` for an unset column of an object that has no row,
    /// `ObjectDeleted` when the row is gone.
    ///
    /// Source: `Session.refresh(…, attribute_names=[…])`.
    #[track_caller]
    pub fn load_column<M: Model, T: Cell>(
        &mut self,
        object: Handle<M>,
        column: Column<M, T>,
    ) -> impl Future<Output = Result<T>> + Send {
        self.called_at(Location::caller()).column(object, column)
    }

    async fn column<M: Model, T: Cell>(&mut self, object: Handle<M>, column: Column<M, T>) -> Result<T> {
        let entity = self.identity.entity(object)?;
        let described = &column.owner().table;
        let position =
            described.position(column.name()).ok_or_else(|| Error::bug("a column that its table has not"))?;
        if described.columns[position].deferred && self.identity.cell(entity, position).is_null() {
            if self.identity.state(entity) != State::Persistent {
                return Err(Error::new(Kind::InvalidRequest, format!("`{column:?}` is not set, and there is no row"))
                    .with_entity(|| self.identity.describe(entity))
                    .way_out("set it, or flush the object first"));
            }
            self.ready().await?;
            load::columns(&mut self.loader(), entity.mapper, &[entity], &[position]).await?;
        }
        T::from_cell(self.identity.cell(entity, position).reveal())
    }

    /// Where the object is in its life.
    pub fn state<M: Model>(&self, object: Handle<M>) -> Result<State> {
        Ok(self.identity.state(self.identity.entity(object)?))
    }

    /// The key of the object's row.
    ///
    /// # Errors
    /// `InvalidRequest` for an object that has no row yet.
    pub fn key<M: Model>(&self, object: Handle<M>) -> Result<M::Key> {
        let entity = self.identity.entity(object)?;
        let key = match self.identity.state(entity) {
            State::Pending | State::Transient => None,
            _ => self.identity.key(entity),
        };
        let key = key.ok_or_else(|| {
            Error::new(Kind::InvalidRequest, "the object has no key yet")
                .with_entity(|| self.identity.describe(entity))
                .way_out(self.identity.state(entity).way_to_a_row())
        })?;
        M::Key::from_key(&key)
    }

    /// Lends the object, or says why it cannot be lent.
    pub fn try_ref<M: Model>(&self, object: Handle<M>) -> Result<&M> {
        self.identity.lend(object)
    }

    /// Lends the object for writing, or says why it cannot be lent.
    pub fn try_mut<M: Model>(&mut self, object: Handle<M>) -> Result<&mut M> {
        self.identity.lend_mut(object)
    }
}
