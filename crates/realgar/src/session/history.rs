//! What changed since the last flush: the objects concerned, and the history of each attribute.

use crate::{
    error::{Error, Result},
    identity::{Entity, Identity, State},
    mapper::{Cardinality, Column, Handle, Model, Relationship},
    session::Session,
    value::{Cell, Value},
};

/// What became of one attribute of one object since the last flush.
///
/// Of a column each list has one value at most, of a relationship the handles. A collection that is not loaded shows what
/// was added and removed, and nothing as unchanged.
///
/// Source: `attributes.History`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History<V> {
    /// What the next flush writes.
    pub added: Vec<V>,
    /// What is as it was.
    pub unchanged: Vec<V>,
    /// What it replaces, or takes away.
    pub deleted: Vec<V>,
}

impl<V> History<V> {
    /// Whether there is anything to write.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !(self.added.is_empty() && self.deleted.is_empty())
    }
}

/// What has a history: a column or a relationship of `M`.
#[diagnostic::on_unimplemented(message = "`{Self}` is no column and no relationship of `{M}`")]
pub trait Attribute<M: Model> {
    /// A column's value, or the handle of a related object.
    type Value;

    /// What became of it.
    #[doc(hidden)]
    fn history(self, identity: &Identity, entity: Entity) -> Result<History<Self::Value>>;
}

impl<M: Model, T: Cell> Attribute<M> for Column<M, T> {
    type Value = T;

    fn history(self, identity: &Identity, entity: Entity) -> Result<History<T>> {
        let position = self.owner().table.position(self.name());
        let position = position.ok_or_else(|| Error::bug("a column that its table has not"))?;
        let value = |value: Value<'_>| T::from_cell(value.reveal()).map(|value| vec![value]);
        let now = identity.cell(entity, position);
        let none = Vec::new;
        Ok(match identity.old(entity) {
            _ if matches!(identity.state(entity), State::Pending | State::Transient) => {
                History { added: value(now)?, unchanged: none(), deleted: none() }
            }
            Some(old) if old.get(position) != now => {
                History { added: value(now)?, unchanged: none(), deleted: value(old.get(position))? }
            }
            _ => History { added: none(), unchanged: value(now)?, deleted: none() },
        })
    }
}

impl<M: Model, C: Cardinality> Attribute<M> for Relationship<M, C> {
    type Value = Handle<C::Target>;

    fn history(self, identity: &Identity, entity: Entity) -> Result<History<Self::Value>> {
        let related = identity.related(entity, identity.mapper(entity).relation(self.name())?.index);
        let (added, deleted) = (related.added(), related.removed());
        let kept: Vec<u32> =
            related.items().unwrap_or_default().iter().copied().filter(|slot| !added.contains(slot)).collect();
        Ok(History {
            added: identity.handles(&added)?,
            unchanged: identity.handles(&kept)?,
            deleted: identity.handles(&deleted)?,
        })
    }
}

impl Session {
    /// What became of a column or a relationship of this object since the last flush. Sends nothing.
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
    /// s[ada].name = "Ada Lovelace".to_owned();
    /// let history = s.history(ada, User::name)?;
    /// assert_eq!((history.added, history.deleted), (vec!["Ada Lovelace".to_owned()], vec!["Ada".to_owned()]));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `DetachedInstance` for a foreign handle; `Data` for a value that does not fit its type.
    ///
    /// Source: `inspect(user).attrs.name.history`.
    pub fn history<M: Model, A: Attribute<M>>(&self, object: Handle<M>, attribute: A) -> Result<History<A::Value>> {
        attribute.history(&self.identity, self.identity.entity(object)?)
    }

    /// The new objects of this model that the next flush inserts, in the order in which they were added.
    ///
    /// Source: `Session.new`.
    #[must_use]
    pub fn pending<M: Model>(&self) -> Vec<Handle<M>> {
        self.handles(self.identity.pending().iter().map(|&(entity, _)| entity))
    }

    /// The objects of this model that were lent for writing, or whose relationships changed, since the last flush: more
    /// than it will update, perhaps, for what differs is found out then. [`is_modified`](Session::is_modified) says it
    /// exactly.
    ///
    /// Source: `Session.dirty`.
    #[must_use]
    pub fn dirty<M: Model>(&self) -> Vec<Handle<M>> {
        let changed = self.identity.changed().iter().map(|&(entity, _)| entity);
        let mut seen = std::collections::HashSet::new();
        let there = |entity: &Entity| {
            self.identity.state(*entity) == State::Persistent
                && !self.identity.is_doomed(*entity)
                && seen.insert(*entity)
        };
        self.handles(self.identity.touched().iter().copied().chain(changed).filter(there))
    }

    /// The objects of this model that are marked for deletion. What cascades from them is found by the flush.
    ///
    /// Source: `Session.deleted`.
    #[must_use]
    pub fn deleted<M: Model>(&self) -> Vec<Handle<M>> {
        let there = |entity: &Entity| self.identity.state(*entity) == State::Persistent;
        self.handles(self.identity.doomed().iter().copied().filter(there))
    }

    fn handles<M: Model>(&self, entities: impl Iterator<Item = Entity>) -> Vec<Handle<M>> {
        let Ok(mapper) = self.mapper_of::<M>() else { return Vec::new() };
        entities.filter(|entity| entity.mapper == mapper).map(|entity| self.identity.handle(entity.slot)).collect()
    }
}
