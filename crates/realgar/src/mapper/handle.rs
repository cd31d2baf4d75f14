//! Handles: copyable tickets for objects that a session owns.

use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use crate::mapper::{MapperId, Model, ModelDesc};

/// Whose an object is: the number of its session, and below that its mapper, so that a handle leads to its object without
/// a search for the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner(u64);

impl Owner {
    const MAPPERS: u64 = (1 << 20) - 1;

    /// The mapper that no registry has: whose objects were refused.
    pub(crate) const NOBODY: MapperId = MapperId(Owner::MAPPERS as u32);

    pub(crate) fn new(session: u64, mapper: MapperId) -> Owner {
        Owner(session << 20 | u64::from(mapper.0))
    }

    pub(crate) fn session(self) -> u64 {
        self.0 >> 20
    }

    pub(crate) fn mapper(self) -> MapperId {
        MapperId((self.0 & Owner::MAPPERS) as u32)
    }
}

/// The ticket for an object that a session owns: `session[user]` lends `&User` or `&mut User`.
///
/// A handle is `Copy`, 16 bytes, and good for its own session only. Loading the same row twice gives the same handle;
/// a slot that is used again never answers an old one.
///
/// Source: SQLAlchemy's instance itself. In Rust the session owns the object, and this is how it is named.
pub struct Handle<M> {
    slot: u32,
    round: u32,
    owner: Owner,
    model: PhantomData<fn() -> M>,
}

impl<M> Handle<M> {
    #[inline]
    pub(crate) fn new(slot: u32, round: u32, owner: Owner) -> Self {
        Handle { slot, round, owner, model: PhantomData }
    }
}

impl<M: Model> Handle<M> {
    /// The same ticket without its type.
    #[inline]
    #[must_use]
    pub fn erase(self) -> AnyHandle {
        AnyHandle { slot: self.slot, round: self.round, owner: self.owner, model: M::MODEL }
    }
}

/// A handle without its type.
#[derive(Clone, Copy)]
pub struct AnyHandle {
    pub(crate) slot: u32,
    pub(crate) round: u32,
    pub(crate) owner: Owner,
    pub(crate) model: &'static ModelDesc,
}

impl AnyHandle {
    /// The model that the handle was made for.
    #[must_use]
    pub fn model(self) -> &'static ModelDesc {
        self.model
    }
}

// Written by hand: the derives would ask for `M: Clone`.
impl<M> Clone for Handle<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Handle<M> {}

impl<M> PartialEq for Handle<M> {
    fn eq(&self, other: &Self) -> bool {
        (self.slot, self.round, self.owner) == (other.slot, other.round, other.owner)
    }
}
impl<M> Eq for Handle<M> {}

impl<M> Hash for Handle<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.slot, self.round, self.owner).hash(state);
    }
}

impl<M: Model> fmt::Debug for Handle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.erase().fmt(f)
    }
}

impl fmt::Debug for AnyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle<{}>({})", self.model.name(), self.slot)
    }
}
