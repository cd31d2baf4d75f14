//! A new object with relationships that have no field: `new!(Post { … }).with(Post::author, ada)`.
//!
//! What is set here travels beside the object until a session takes both in.

use std::fmt;

use crate::{
    error::{Error, Kind},
    mapper::{Cardinality, Contents, IntoField, Item, Many, Model, One, Relationship},
};

/// A new object, and relationships of it that have no field. Made by [`Model::with`], taken by `add`, `append`, `set`
/// and relationship fields.
pub struct With<M> {
    pub(super) object: M,
    pub(super) extras: Vec<Extra>,
}

/// A relationship beside the object.
pub struct Extra {
    /// The relationship's name.
    pub name: &'static str,
    /// What it carries; nothing in a clone, which the session reports.
    pub contents: Option<Contents>,
}

impl Extra {
    /// The error of verbs that take objects with fields only.
    pub(crate) fn refused(&self, verb: &str) -> Error {
        Error::new(Kind::InvalidRequest, format!("`{verb}` takes no object with `{}` set beside it", self.name))
            .way_out("set the relationship afterwards: `session.set(…)`")
    }
}

impl<M: Model> With<M> {
    pub(super) fn new(object: M) -> Self {
        With { object, extras: Vec::new() }
    }

    /// Sets one more relationship.
    #[must_use]
    pub fn with<C: Cardinality>(mut self, relationship: Relationship<M, C>, to: impl IntoField<C>) -> With<M> {
        let contents = to.into_field().contents().detach();
        self.extras.push(Extra { name: relationship.name(), contents: Some(contents) });
        self
    }
}

/// What a session's `add` takes: a new object, alone or [`with`](Model::with) relationships that have no field.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a new object", note = "`new!` makes one")]
pub trait New {
    /// The object's model.
    type Model: Model;

    /// The object, and what is set beside it.
    fn into_parts(self) -> (Self::Model, Vec<Extra>);
}

impl<M: Model> New for M {
    type Model = M;

    fn into_parts(self) -> (M, Vec<Extra>) {
        (self, Vec::new())
    }
}

impl<M: Model> New for With<M> {
    type Model = M;

    fn into_parts(self) -> (M, Vec<Extra>) {
        (self.object, self.extras)
    }
}

impl<T: Model> From<With<T>> for Item<T> {
    fn from(object: With<T>) -> Self {
        Item::With(Box::new(object))
    }
}

impl<T: Model> IntoField<One<T>> for With<T> {
    fn into_field(self) -> One<T> {
        Some(Item::from(self)).into()
    }
}

impl<T: Model> IntoField<One<Option<T>>> for With<T> {
    fn into_field(self) -> One<Option<T>> {
        Some(Item::from(self)).into()
    }
}

impl<T: Model> IntoField<Many<T>> for With<T> {
    fn into_field(self) -> Many<T> {
        Many::new(vec![self.into()])
    }
}

// What is beside an object may hold new objects that cannot be cloned: the clone keeps the name alone, so that the
// session can say what is missing.
impl Clone for Extra {
    fn clone(&self) -> Self {
        Extra { name: self.name, contents: None }
    }
}

impl<M: Clone> Clone for With<M> {
    fn clone(&self) -> Self {
        With { object: self.object.clone(), extras: self.extras.clone() }
    }
}

// Contents without a type cannot be compared; with any of them, two objects are not known to be equal.
impl<M: PartialEq> PartialEq for With<M> {
    fn eq(&self, other: &Self) -> bool {
        self.object == other.object && self.extras.is_empty() && other.extras.is_empty()
    }
}

impl<M: fmt::Debug> fmt::Debug for With<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.extras.iter().map(|extra| extra.name).collect();
        write!(f, "{:?} with {}", self.object, names.join(", "))
    }
}
