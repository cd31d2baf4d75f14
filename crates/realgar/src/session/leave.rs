//! Objects that are read anew, or let go.

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, State},
    load,
    mapper::{Handle, Model},
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
    pub async fn refresh<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        self.usable()?;
        self.persistent(object, "refreshed")?;
        self.expire(object)?;
        self.ready().await?;
        let entity = self.identity.entity(object)?;
        let found = match self.identity.key(entity) {
            Some(key) => load::get(&mut self.loader(), entity.mapper, &key).await?,
            None => None,
        };
        match found {
            Some(_) => Ok(()),
            None => Err(Error::new(Kind::InvalidRequest, "the row of this object is gone")
                .with_entity(|| self.identity.describe(entity))
                .way_out("`expunge` it, or add a new object with its values")),
        }
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
        self.identity = Identity::new(self.db.registry().clone());
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
