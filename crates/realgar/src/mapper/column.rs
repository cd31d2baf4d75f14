//! The typed constants that the derives write: `User::name`, `User::posts`, `User::TABLE`.

use std::{fmt, marker::PhantomData};

use crate::mapper::{Table, TableDesc, model::table};

/// A column of a model, `User::name`: what queries are made of. It carries names only, no position and no value.
pub struct Column<M, T> {
    table: &'static str,
    name: &'static str,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Column<M, T> {
    /// Called by the derives.
    #[must_use]
    pub const fn new(table: &'static str, name: &'static str) -> Self {
        Column { table, name, types: PhantomData }
    }

    /// The column's name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The name of its table.
    #[must_use]
    pub const fn table(self) -> &'static str {
        self.table
    }
}

impl<M: Table, T> Column<M, T> {
    /// The description of its table.
    #[must_use]
    pub const fn owner(self) -> &'static TableDesc {
        M::DESC
    }

    /// What answers this description: called by the derives, so that nothing is cyclic.
    #[doc(hidden)]
    #[must_use]
    pub const fn describe(self) -> fn() -> &'static TableDesc {
        table::<M>
    }
}

/// A relationship of a model, `User::posts`; `C` is the field's type, `Many<Post>` or `One<User>`.
pub struct Relationship<M, C> {
    name: &'static str,
    types: PhantomData<fn() -> (M, C)>,
}

impl<M, C> Relationship<M, C> {
    /// Called by the derives.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Relationship { name, types: PhantomData }
    }

    /// The relationship's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// A foreign key may name a relationship by mistake: it is described all the same, so that the mistake is told once.
#[doc(hidden)]
impl<M: Table, C> Relationship<M, C> {
    #[must_use]
    pub const fn table(self) -> &'static str {
        M::DESC.table.name
    }

    #[must_use]
    pub const fn owner(self) -> &'static TableDesc {
        M::DESC
    }

    #[must_use]
    pub const fn describe(self) -> fn() -> &'static TableDesc {
        table::<M>
    }
}

/// A table, `User::TABLE`.
pub struct TableRef<M>(PhantomData<fn() -> M>);

impl<M> TableRef<M> {
    /// Called by the derives.
    #[must_use]
    #[allow(clippy::new_without_default)] // a constant, not a value to make
    pub const fn new() -> Self {
        TableRef(PhantomData)
    }
}

// Written by hand: the derives would ask for `M: Clone`.
impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, T> Copy for Column<M, T> {}
impl<M, C> Clone for Relationship<M, C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, C> Copy for Relationship<M, C> {}
impl<M> Clone for TableRef<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for TableRef<M> {}

impl<M, T> fmt::Debug for Column<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}

impl<M: Table, C> fmt::Debug for Relationship<M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", M::DESC.name, self.name)
    }
}

impl<M: Table> fmt::Debug for TableRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(M::DESC.table.name)
    }
}
