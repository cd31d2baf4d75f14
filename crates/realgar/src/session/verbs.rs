//! What changes objects in memory. No verb here sends anything; both sides of a relationship are in step at once.

use std::panic::Location;

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, State},
    load,
    mapper::{
        AnyHandle, Contents, Field as _, Handle, IntoField, IntoItem, Item, Many, Model, New, Owner, Relation,
        Relationship, ToMany, ToOne,
    },
    query::Branch,
    session::Session,
};

/// What is done to a relationship of an object, with what is at its other end.
type Change<'a> = dyn Fn(&mut Session, Entity, &Relation, &[u32]) -> Result<()> + Sync + 'a;

impl Session {
    /// Takes in a new object, with every new object nested in it; the next flush inserts them.
    ///
    /// It never fails: a handle of another session inside is reported by the flush, with the place of the `add`.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// let mut s = db.session();
    /// let ada = s.add(new!(User { name: "Ada" }));
    /// assert_eq!((s[ada].name.as_str(), s.state(ada)?), ("Ada", State::Pending));
    /// # Ok(()) }
    /// ```
    ///
    /// Source: `Session.add` of an instance without a row.
    #[track_caller]
    pub fn add<N: New>(&mut self, object: N) -> Handle<N::Model> {
        let place = Location::caller();
        let (object, extras) = object.into_parts();
        let adopted = self
            .mapper_of::<N::Model>()
            .and_then(|mapper| self.identity.adopt(mapper, &mut Some(object), extras, place));
        match adopted {
            Ok(entity) => self.identity.handle(entity.slot),
            Err(error) => {
                self.identity.note(error.with_place(place));
                Handle::new(u32::MAX, 0, Owner::new(self.identity.number(), Owner::NOBODY))
            }
        }
    }

    /// Takes in several objects, in order.
    #[track_caller]
    pub fn add_all<N: New>(&mut self, objects: impl IntoIterator<Item = N>) -> Vec<Handle<N::Model>> {
        let mut handles = Vec::new();
        for object in objects {
            handles.push(self.add(object)); // a loop, not a closure: `add` sees the caller's place
        }
        handles
    }

    /// Takes in again an object whose addition was rolled back, or takes back its deletion before the flush.
    ///
    /// # Errors
    /// `InvalidRequest` for an object whose row was deleted, `DetachedInstance` for a foreign handle.
    #[track_caller]
    pub fn add_again<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        let place = Location::caller();
        let entity = self.identity.entity(object)?;
        match self.identity.state(entity) {
            State::Transient => self.identity.add_again(entity, place),
            State::Pending => {}
            State::Persistent => self.identity.spare(entity),
            State::Deleted | State::Detached => {
                return self.identity.with_row(entity).map(drop);
            }
        }
        Ok(())
    }

    /// Marks an object for deletion; the next flush deletes its row, and does what its relationships' cascades say.
    ///
    /// # Errors
    /// `InvalidRequest` for an object that has no row (yet), `DetachedInstance` for a foreign handle.
    ///
    /// Source: `Session.delete`. There, cascades load at once; here, `delete` sends nothing, and the flush loads.
    pub fn delete<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        self.delete_entity(self.identity.entity(object)?)
    }

    pub(super) fn delete_entity(&mut self, entity: Entity) -> Result<()> {
        match self.identity.state(entity) {
            State::Persistent => self.identity.doom(entity),
            State::Deleted => {}
            state => {
                let way_out = match state {
                    State::Detached => "its row was deleted already: leave the call out",
                    _ => "it was never inserted: `session.expunge(…)?` lets it go",
                };
                let what = format!("an object that is {state:?} has no row to delete");
                return Err(Error::new(Kind::InvalidRequest, what)
                    .with_entity(|| self.identity.describe(entity))
                    .way_out(way_out));
            }
        }
        Ok(())
    }

    /// Adds an object, new or known, to the end of a collection; its own side of the relationship is set too.
    ///
    /// A collection that is not loaded stays so: the addition is queued and merged when it is loaded.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User {}));
    /// let post = s.append(ada, User::posts, new!(Post { title: "Hello" }))?;
    /// assert_eq!(s.loaded(post, Post::author)?, ada);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn append<M: Model, T: Model>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, Many<T>>,
        item: impl IntoItem<T>,
    ) -> Result<Handle<T>> {
        self.place_in(owner, relationship, None, item.into_item(), Location::caller())
    }

    fn place_in<M: Model, T: Model>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, Many<T>>,
        position: Option<usize>,
        item: Item<T>,
        place: &'static Location<'static>,
    ) -> Result<Handle<T>> {
        let mut item = Many::new(vec![item]);
        let slots = self.change(
            owner.erase(),
            relationship.name(),
            item.contents(),
            place,
            &|session, owner, relation, slots| {
                for &slot in slots {
                    session.identity.check_item(owner, relation, slot)?;
                    session.identity.append(owner, relation, slot, position);
                }
                Ok(())
            },
        )?;
        let slot = slots.first().copied().ok_or_else(|| Error::bug("one item went in and none arrived"))?;
        Ok(self.identity.handle(slot))
    }

    /// Adds an object to a collection at a position, 0 for the first; behind the last one where there are fewer.
    ///
    /// The order is that of the collection in memory; the database keeps it only by a column that says so.
    #[track_caller]
    pub fn insert<M: Model, T: Model>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, Many<T>>,
        position: usize,
        item: impl IntoItem<T>,
    ) -> Result<Handle<T>> {
        self.place_in(owner, relationship, Some(position), item.into_item(), Location::caller())
    }

    /// Makes a collection hold exactly these, in this order. A collection that is not loaded is loaded first, to know
    /// what leaves it.
    ///
    /// Source: assignment of a list to the attribute.
    #[track_caller]
    pub fn replace<M: Model, T: Model>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, Many<T>>,
        items: impl IntoField<Many<T>>,
    ) -> impl Future<Output = Result<()>> + Send {
        let place = Location::caller();
        self.called_at(place);
        let mut items = items.into_field();
        async move {
            self.load_to_write(owner, relationship.name()).await?;
            self.change(
                owner.erase(),
                relationship.name(),
                items.contents(),
                place,
                &|session, owner, relation, slots| {
                    slots.iter().try_for_each(|&slot| session.identity.check_item(owner, relation, slot))?;
                    session.identity.replace(owner, relation, slots)
                },
            )?;
            Ok(())
        }
    }

    /// Empties a collection, as [`replace`](Session::replace) with nothing does.
    #[track_caller]
    pub fn clear<M: Model, T: Model>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, Many<T>>,
    ) -> impl Future<Output = Result<()>> + Send {
        self.replace(owner, relationship, Vec::<Handle<T>>::new())
    }

    async fn load_to_write(&mut self, owner: Handle<impl Model>, relationship: &str) -> Result<()> {
        let owner = self.identity.entity(owner)?;
        let registry = self.db.registry().clone();
        self.load_before_write(owner, registry.mapper(owner.mapper).relation(relationship)?).await
    }

    pub(super) async fn load_before_write(&mut self, owner: Entity, relation: &Relation) -> Result<()> {
        let unloaded = self.identity.related(owner, relation.index).items().is_none();
        if unloaded && self.identity.state(owner) == State::Persistent {
            self.ready().await?;
            let branch = Branch::of(self.everywhere.clone());
            load::load_together(&mut self.loader(), relation, vec![owner.slot], &branch).await?;
        }
        Ok(())
    }

    /// Removes an object from a collection; its own side of the relationship becomes nobody.
    ///
    /// # Errors
    /// `InvalidRequest` when it is not in the collection, `DetachedInstance` for a foreign handle.
    #[track_caller]
    pub fn remove<M: Model, C: ToMany>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, C>,
        item: Handle<C::Target>,
    ) -> Result<()> {
        let (owner, item) = (self.identity.entity(owner)?, self.identity.entity(item)?);
        let registry = self.db.registry().clone();
        self.take_over(owner, Location::caller())?;
        self.identity.remove(owner, registry.mapper(owner.mapper).relation(relationship.name())?, item.slot)
    }

    /// Sets a relationship to one: to an object, new or known, or to `None` where there may be nobody.
    ///
    /// The collection that it was in lets it go, the one it is in now takes it; nothing is loaded for that.
    ///
    /// # Errors
    /// `InvalidRequest` where the relationship is `single_parent` and the object has another owner, `DetachedInstance`
    /// for a foreign handle.
    #[track_caller]
    pub fn set<M: Model, C: ToOne>(
        &mut self,
        owner: Handle<M>,
        relationship: Relationship<M, C>,
        to: impl IntoField<C>,
    ) -> Result<()> {
        let place = Location::caller();
        let mut to = to.into_field();
        self.change(owner.erase(), relationship.name(), to.contents(), place, &|session, owner, relation, slots| {
            let slot = slots.first().copied();
            slot.map_or(Ok(()), |slot| session.identity.check_item(owner, relation, slot))?;
            session.identity.set(owner, relation, slot);
            Ok(())
        })?;
        Ok(())
    }

    fn change(
        &mut self,
        owner: AnyHandle,
        relationship: &str,
        contents: &mut Contents,
        place: &'static Location<'static>,
        change: &Change<'_>,
    ) -> Result<Vec<u32>> {
        let owner = self.identity.with_row(self.identity.any_entity(owner)?)?;
        let registry = self.db.registry().clone();
        let relation = registry.mapper(owner.mapper).relation(relationship)?;
        self.take_over(owner, place)?;
        let before = self.identity.pending().len();
        let received = self.identity.receive(relation.target, contents, place);
        let arrived: Vec<Entity> = self.identity.pending()[before..].iter().map(|&(new, _)| new).collect();
        let changed = received.and_then(|slots| {
            slots.iter().for_each(|&slot| self.revive(relation, slot, place));
            change(self, owner, relation, &slots).map(|()| slots)
        });
        if changed.is_err() {
            // A new object that is refused is nobody's: without its owner it must not be inserted.
            arrived.into_iter().for_each(|new| self.identity.expunge(new));
        }
        changed
    }

    /// An object whose addition was rolled back belongs somewhere again.
    pub(super) fn revive(&mut self, relation: &Relation, slot: u32, place: &'static Location<'static>) {
        let item = Entity { mapper: relation.target, slot };
        if relation.cascade.save_update && self.identity.state(item) == State::Transient {
            self.identity.add_again(item, place);
        }
    }

    /// What was written into the fields of this object comes before the verb.
    pub(super) fn take_over(&mut self, owner: Entity, place: &'static Location<'static>) -> Result<()> {
        if !self.identity.carries(owner) {
            return Ok(());
        }
        let registry = self.db.registry().clone();
        for relation in registry.mapper(owner.mapper).relations.iter().filter(|relation| relation.many) {
            let unknown = self.identity.loaded(owner, relation).is_none();
            if unknown && self.identity.carries_in(owner, relation) {
                let name = format!("{}::{}", registry.mapper(owner.mapper).name(), relation.name);
                return Err(Error::new(
                    Kind::InvalidRequest,
                    format!("`{name}` was assigned before it was loaded, and what it replaces is not known yet"),
                )
                .with_entity(|| self.identity.describe(owner))
                .way_out("`session.flush().await?` first, or load it before you assign"));
            }
        }
        self.identity.absorb(vec![owner], place)
    }
}
