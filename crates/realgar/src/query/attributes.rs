//! Lists of columns and relationships of one model: `(User::name, User::posts)`.

use crate::mapper::{Cardinality, Column, Model, Relationship};

/// A column or a relationship, by name.
#[derive(Debug, Clone, Copy)]
pub enum AttributeName {
    /// A column.
    Column(&'static str),
    /// A relationship.
    Relationship(&'static str),
}

/// What `refresh_with` takes: a column, a relationship, or a tuple of them, all of one model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of columns and relationships of `{M}`",
    note = "give a column, a relationship, or a tuple of up to six of them: `(User::name, User::posts)`"
)]
pub trait IntoAttributes<M> {
    /// Adds the names.
    fn attributes(self, to: &mut Vec<AttributeName>);
}

impl<M: Model, T> IntoAttributes<M> for Column<M, T> {
    fn attributes(self, to: &mut Vec<AttributeName>) {
        to.push(AttributeName::Column(self.name()));
    }
}

impl<M: Model, C: Cardinality> IntoAttributes<M> for Relationship<M, C> {
    fn attributes(self, to: &mut Vec<AttributeName>) {
        to.push(AttributeName::Relationship(self.name()));
    }
}

macro_rules! tuple_attributes {
    ($($name:ident),*) => {
        impl<M, $($name: IntoAttributes<M>),*> IntoAttributes<M> for ($($name,)*) {
            #[allow(non_snake_case)]
            fn attributes(self, to: &mut Vec<AttributeName>) {
                let ($($name,)*) = self;
                $($name.attributes(to);)*
            }
        }
    };
}
tuple_attributes!(A);
tuple_attributes!(A, B);
tuple_attributes!(A, B, C);
tuple_attributes!(A, B, C, D);
tuple_attributes!(A, B, C, D, E);
tuple_attributes!(A, B, C, D, E, F);
