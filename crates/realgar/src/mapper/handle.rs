//! Handles: copyable tickets for objects that a session owns.

use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use crate::mapper::{Model, ModelDesc};

/// The ticket for an object that a session owns: `session[user]` lends `&User` or `&mut User`.
///
/// A handle is `Copy`, 16 bytes, and good for its own session only. Loading the same row twice gives the same handle;
/// a slot that is used again never answers an old one.
///
/// Source: SQLAlchemy's instance itself. In Rust the session owns the object, and this is how it is named.
pub struct Handle<M> {
    slot: u32,
    round: u32,
    session: u64,
    model: PhantomData<fn() -> M>,
}

impl<M> Handle<M> {
    pub(crate) fn new(slot: u32, round: u32, session: u64) -> Self {
        Handle { slot, round, session, model: PhantomData }
    }
}

impl<M: Model> Handle<M> {
    /// The same ticket without its type.
    #[must_use]
    pub fn erase(self) -> AnyHandle {
        AnyHandle { slot: self.slot, round: self.round, session: self.session, model: M::MODEL }
    }
}

/// A handle without its type.
#[derive(Clone, Copy)]
pub struct AnyHandle {
    pub(crate) slot: u32,
    pub(crate) round: u32,
    pub(crate) session: u64,
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
        (self.slot, self.round, self.session) == (other.slot, other.round, other.session)
    }
}
impl<M> Eq for Handle<M> {}

impl<M> Hash for Handle<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.slot, self.round, self.session).hash(state);
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
