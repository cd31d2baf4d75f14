//! Which fields a request's body may set: columns, and what is nested in relationships.

use std::fmt;

use realgar::{Cardinality, Column, Model, ModelDesc, Relationship, Table, dynamic::AnyColumn};

/// The fields that a body may set: columns, [`nested`] relationships, tuples of up to twelve.
///
/// Whatever is not among them is an unknown field: a body cannot make its sender an administrator.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no fields of `{M}`",
    note = "name columns (`Post::title`), `nested(Post::tags, Tag::name)`, or a tuple of up to twelve of them"
)]
pub trait Fields<M: Model> {
    /// Adds them.
    #[doc(hidden)]
    fn add_to(self, allowed: &mut Allowed);
}

/// A relationship whose objects a body may bring: see [`nested`].
pub struct Nested<M, C, F> {
    relationship: Relationship<M, C>,
    fields: F,
}

impl<M, C, F: fmt::Debug> fmt::Debug for Nested<M, C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.relationship.name(), self.fields)
    }
}

/// A relationship whose objects a body may bring, and which of their fields: `nested(Post::tags, (Tag::id, Tag::name))`.
///
/// Where the primary key is among the fields, an object with a key is one that is there; without it, each is new. In
/// [`change`](crate::JsonBody::change), what the body leaves out leaves the relationship.
///
/// It nests as deep as it is written: `nested(User::posts, (Post::title, nested(Post::tags, Tag::id)))`.
pub fn nested<M: Model, C: Cardinality, F: Fields<C::Target>>(
    relationship: Relationship<M, C>,
    fields: F,
) -> Nested<M, C, F> {
    Nested { relationship, fields }
}

/// The fields that a body may set, without their types.
#[doc(hidden)]
#[derive(Debug)]
pub struct Allowed {
    pub(crate) model: &'static ModelDesc,
    pub(crate) columns: Vec<AnyColumn>,
    pub(crate) nested: Vec<AllowedNested>,
}

#[derive(Debug)]
pub(crate) struct AllowedNested {
    pub(crate) relationship: &'static str,
    pub(crate) many: bool,
    pub(crate) optional: bool,
    pub(crate) fields: Allowed,
}

impl Allowed {
    pub(crate) fn of<M: Model>(fields: impl Fields<M>) -> Allowed {
        let mut allowed = Allowed { model: M::MODEL, columns: Vec::new(), nested: Vec::new() };
        fields.add_to(&mut allowed);
        allowed
    }
}

impl<M: Model, T> Fields<M> for Column<M, T> {
    fn add_to(self, allowed: &mut Allowed) {
        let position = <M as Table>::DESC.table.position(self.name());
        allowed.columns.extend(position.and_then(|position| AnyColumn::all(M::MODEL).nth(position)));
    }
}

impl<M: Model, C: Cardinality, F: Fields<C::Target>> Fields<M> for Nested<M, C, F> {
    fn add_to(self, allowed: &mut Allowed) {
        allowed.nested.push(AllowedNested {
            relationship: self.relationship.name(),
            many: C::MANY,
            optional: C::OPTIONAL,
            fields: Allowed::of::<C::Target>(self.fields),
        });
    }
}

macro_rules! tuple_fields {
    ($($name:ident),*) => {
        impl<M: Model, $($name: Fields<M>),*> Fields<M> for ($($name,)*) {
            #[allow(non_snake_case)]
            fn add_to(self, allowed: &mut Allowed) {
                let ($($name,)*) = self;
                $($name.add_to(allowed);)*
            }
        }
    };
}
tuple_fields!(A);
tuple_fields!(A, B);
tuple_fields!(A, B, C);
tuple_fields!(A, B, C, D);
tuple_fields!(A, B, C, D, E);
tuple_fields!(A, B, C, D, E, F);
tuple_fields!(A, B, C, D, E, F, G);
tuple_fields!(A, B, C, D, E, F, G, H);
tuple_fields!(A, B, C, D, E, F, G, H, I);
tuple_fields!(A, B, C, D, E, F, G, H, I, J);
tuple_fields!(A, B, C, D, E, F, G, H, I, J, K);
tuple_fields!(A, B, C, D, E, F, G, H, I, J, K, L);
