//! Aliases: a table in a further role of the same query.

use std::{
    fmt,
    marker::PhantomData,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    mapper::{Cardinality, Column, Model, Relationship, Table, TableRef},
    query::{Expr, Leaf, Path, Term},
};

/// Tells the aliases of a program apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AliasId(u32);

impl AliasId {
    /// The row that an INSERT was about to make.
    pub(super) const EXCLUDED: AliasId = AliasId(u32::MAX);
}

/// A table as a query sees it: itself, or an alias of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The table's own name.
    pub table: &'static str,
    /// The alias; `None` is the table itself.
    pub alias: Option<AliasId>,
}

impl From<&'static str> for Seen {
    fn from(table: &'static str) -> Seen {
        Seen { table, alias: None }
    }
}

/// A model in a further role of the same query: see [`alias`].
pub struct Alias<M> {
    id: AliasId,
    model: PhantomData<fn() -> M>,
}

/// A further role of a model in a query: what a table needs to meet itself, or to be joined twice.
///
/// An alias is joined along a relationship that leads to the model, `join(Employee::manager.of_type(boss))`, by
/// [`join_on`](crate::Select::join_on), or by the one foreign key between two tables, `join(boss)`. Its columns are
/// `boss.col(Employee::name)`, its relationships `boss.rel(Employee::manager)`, and `select(boss)` answers handles: the
/// same ones that the model answers. Each call makes another alias; the statement numbers them (`employees_1`).
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] #[model(table = "employees")] struct Employee {
/// #   #[column(primary_key)] id: i64, name: String,
/// #   #[column(foreign_key = Employee::id)] manager_id: Option<i64>,
/// #   #[relationship(back_populates = reports)] manager: One<Option<Employee>>,
/// #   #[relationship(back_populates = manager)] reports: Many<Employee> }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![Employee]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// s.add(new!(Employee { name: "Ada", reports: [new!(Employee { name: "Bob" })] }));
/// let boss = alias::<Employee>();
/// let pairs: Vec<(String, String)> = select((Employee::name, boss.col(Employee::name)))
///     .join(Employee::manager.of_type(boss))
///     .all(&mut s)
///     .await?;
/// assert_eq!(pairs, [("Bob".to_owned(), "Ada".to_owned())]);
/// # Ok(()) }
/// ```
///
/// Source: `sqlalchemy.orm.aliased`.
#[must_use]
pub fn alias<M: Table>() -> Alias<M> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Alias { id: AliasId(NEXT.fetch_add(1, Ordering::Relaxed)), model: PhantomData }
}

impl<M> Alias<M> {
    pub(super) fn id(self) -> AliasId {
        self.id
    }

    /// A column of the alias: `boss.col(Employee::name)`.
    #[must_use]
    pub fn col<T>(self, column: Column<M, T>) -> Expr<T> {
        let seen = Seen { table: column.table(), alias: Some(self.id) };
        Expr::new(Term::Leaf(Leaf::Column { table: seen, column: column.name() }))
    }

    /// A relationship of the alias, to join and test along: `boss.rel(Employee::manager)`.
    #[must_use]
    pub fn rel<C: Cardinality>(self, relationship: Relationship<M, C>) -> Path<M, C>
    where
        M: Model,
    {
        Path::from_alias(relationship, self.id)
    }
}

/// What a query can select from: a table, `User::TABLE`, or an [`alias`] of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table that a query can select from",
    note = "write `User::TABLE`, or an alias: `let other = alias::<User>();`"
)]
pub trait IntoTable {
    /// The table as the query sees it.
    fn into_table(self) -> Seen;
}

impl<M: Table> IntoTable for TableRef<M> {
    fn into_table(self) -> Seen {
        M::DESC.table.name.into()
    }
}

impl<M: Table> IntoTable for Alias<M> {
    fn into_table(self) -> Seen {
        Seen { table: M::DESC.table.name, alias: Some(self.id) }
    }
}

// Written by hand: the derives would ask for `M: Clone`.
impl<M> Clone for Alias<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Alias<M> {}

impl<M: Table> fmt::Debug for Alias<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "alias {} of {}", self.id.0, M::DESC.name)
    }
}
