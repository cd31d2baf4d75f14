//! Objects that are read anew, or let go.

use std::panic::Location;

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, State},
    load,
    mapper::{Handle, Model, Strategy},
    query::{AttributeName, Branch, IntoAttributes},
    session::Session,
};

impl Session {
    /// Ages an object: its unflushed changes are forgotten, it still reads as last known, and the next query, `get` or
    /// relationship load that meets it takes the database's values. Nothing is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for an object without a row.
    ///
    /// Source: `Session.expire`.
    pub fn expire<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        let entity = self.persistent(object, "expired")?;
        let mut all = vec![entity];
        self.follow(&mut all, |relation| relation.cascade.refresh_expire);
        all.retain(|&entity| self.identity.state(entity) == State::Persistent);
        all.into_iter().try_for_each(|entity| self.identity.expire(entity))
    }

    /// Ages every object. Nothing is sent.
    ///
    /// Source: `Session.expire_all`.
    pub fn expire_all(&mut self) -> Result<()> {
        self.identity.expire_all()
    }

    /// Takes the database's values at once: one SELECT. The object's unflushed changes are forgotten, those of others are
    /// flushed first; its relationships wait until they are asked for.
    ///
    /// # Errors
    /// `InvalidRequest` when the row is gone, or the object has none.
    ///
    /// Source: `Session.refresh`.
    #[track_caller]
    pub fn refresh<M: Model>(&mut self, object: Handle<M>) -> impl Future<Output = Result<()>> + Send {
        self.called_at(Location::caller()).read_again(object)
    }

    async fn read_again<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        self.usable()?;
        self.persistent(object, "refreshed")?;
        self.expire(object)?;
        self.ready().await?;
        let entity = self.identity.entity(object)?;
        let found = match self.identity.key(entity) {
            Some(key) => load::get(&mut self.loader(), entity.mapper, &key).await?,
            None => None,
        };
        match found.filter(|&found| found == entity) {
            Some(_) => Ok(()),
            None => Err(self.gone(entity)),
        }
    }

    /// Takes the database's values of these columns and relationships at once; the others stay as they are. Unflushed
    /// changes of those named are forgotten, all others are flushed first.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, name: String, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User { name: "Ada" }));
    /// s.flush().await?;
    /// sql("INSERT INTO posts (user_id) VALUES (1)").execute(&mut s).await?;
    /// s.refresh_with(ada, (User::name, User::posts)).await?;
    /// assert_eq!(s.loaded(ada, User::posts)?.len(), 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One SELECT for all columns, and one for each relationship; a relationship to one takes none where the session
    /// knows who is there.
    ///
    /// # Errors
    /// `InvalidRequest` when the row is gone, or the object has none; and for a relationship that is `dynamic` or
    /// `write_only`.
    ///
    /// Source: `Session.refresh(…, attribute_names=[…])`.
    #[track_caller]
    pub fn refresh_with<M: Model>(
        &mut self,
        object: Handle<M>,
        what: impl IntoAttributes<M>,
    ) -> impl Future<Output = Result<()>> + Send {
        let mut names = Vec::new();
        what.attributes(&mut names);
        self.called_at(Location::caller()).read_again_with(object, names)
    }

    async fn read_again_with<M: Model>(&mut self, object: Handle<M>, names: Vec<AttributeName>) -> Result<()> {
        self.usable()?;
        let entity = self.persistent(object, "refreshed")?;
        let registry = self.db.registry().clone();
        let mapper = registry.mapper(entity.mapper);
        let (mut columns, mut relations) = (Vec::new(), Vec::new());
        for name in names {
            match name {
                AttributeName::Column(column) => columns.extend(mapper.table().position(column)),
                AttributeName::Relationship(name) => {
                    let relation = mapper.relation(name)?;
                    if matches!(relation.lazy, Strategy::Dynamic | Strategy::WriteOnly) {
                        let name = format!("{}::{}", mapper.name(), relation.name);
                        return Err(Error::new(Kind::InvalidRequest, format!("`{name}` is not kept with its object"))
                            .way_out(format!("ask it as a query: `{name}.of(…)`")));
                    }
                    relations.push(relation);
                }
            }
        }
        self.identity.forget_attributes(entity, &columns, &relations)?;
        self.ready().await?;
        if !columns.is_empty() {
            let read = load::columns(&mut self.loader(), entity.mapper, &[entity], &columns).await;
            let gone = |error: &Error| matches!(error.kind(), Kind::ObjectDeleted | Kind::StaleData);
            read.map_err(|error| if gone(&error) { self.gone(entity) } else { error })?;
        }
        for relation in relations {
            let branch = Branch::of(self.everywhere.clone());
            load::load_together(&mut self.loader(), relation, vec![entity.slot], &branch).await?;
        }
        Ok(())
    }

    fn gone(&self, entity: Entity) -> Error {
        Error::new(Kind::InvalidRequest, "the row of this object is gone")
            .with_entity(|| self.identity.describe(entity))
            .way_out("`expunge` it, or add a new object with its values")
    }

    fn persistent<M: Model>(&self, object: Handle<M>, what: &str) -> Result<Entity> {
        let entity = self.identity.entity(object)?;
        match self.identity.state(entity) {
            State::Persistent => Ok(entity),
            state => Err(Error::new(Kind::InvalidRequest, format!("an object that is {state:?} cannot be {what}"))
                .with_entity(|| self.identity.describe(entity))
                .way_out(state.way_to_a_row())),
        }
    }

    /// Adds what is loaded at the end of relationships that this holds for, and so on.
    fn follow(&self, all: &mut Vec<Entity>, along: impl Fn(&crate::mapper::Relation) -> bool) {
        let mut seen: std::collections::HashSet<Entity> = all.iter().copied().collect();
        let mut next = 0;
        while let Some(&entity) = all.get(next) {
            next += 1;
            for relation in self.db.registry().mapper(entity.mapper).relations.iter().filter(|relation| along(relation))
            {
                for &slot in self.identity.related(entity, relation.index).items().unwrap_or_default() {
                    let end = Entity { mapper: relation.target, slot };
                    if seen.insert(end) {
                        all.push(end);
                    }
                }
            }
        }
    }

    /// Lets an object go, with what its relationships' cascades say: it is dropped, its handles are void, what was
    /// changed in it and not flushed is lost. Its row stays.
    ///
    /// Source: `Session.expunge`.
    pub fn expunge<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        let mut all = vec![self.identity.entity(object)?];
        self.follow(&mut all, |relation| relation.cascade.expunge);
        all.into_iter().for_each(|entity| self.identity.expunge(entity));
        Ok(())
    }

    /// Lets every object go. The transaction stays open.
    ///
    /// Source: `Session.expunge_all`.
    pub fn expunge_all(&mut self) {
        self.let_all_go();
    }

    /// Takes an object out of the session: an owned tree of what is loaded, and `expunge`.
    ///
    /// # Errors
    /// `InvalidRequest` while the object has changes that were not flushed.
    pub fn detach<M: Model>(&mut self, object: Handle<M>) -> Result<M> {
        let entity = self.persistent(object, "detached")?;
        if self.identity.is_modified(entity) || self.identity.is_doomed(entity) {
            return Err(Error::new(Kind::InvalidRequest, "the object has changes that were not flushed")
                .with_entity(|| self.identity.describe(entity))
                .way_out("flush first, or `expire` the object to forget them"));
        }
        let tree = self.tree(object)?;
        self.expunge(object)?;
        Ok(tree)
    }

    /// Whether the object has changes that a flush would write; a change that was taken back is none.
    ///
    /// Source: `Session.is_modified`.
    pub fn is_modified<M: Model>(&self, object: Handle<M>) -> Result<bool> {
        Ok(self.identity.is_modified(self.identity.entity(object)?))
    }
}
