//! What the derives write down about models and tables, as constants; targets are functions, so nothing is cyclic.

use std::any::{Any, TypeId};

use crate::{
    error::Result,
    mapper::{Cascade, Objects, PassiveDeletes},
    schema,
};

/// A table and the Rust type that stands for it.
#[derive(Debug)]
pub struct TableDesc {
    /// The Rust type's name.
    pub name: &'static str,
    /// The table.
    pub table: schema::Table,
    /// The tables its foreign keys refer to: they come along when this one is registered.
    pub references: &'static [fn() -> &'static TableDesc],
    /// The model, unless this is a bare association table.
    pub model: Option<fn() -> &'static ModelDesc>,
}

/// A model: its table, its relationships, and how to store its objects.
#[derive(Debug)]
pub struct ModelDesc {
    /// The table's description.
    pub table: &'static TableDesc,
    /// The relationships that have a field, in the order of the fields.
    pub relationships: &'static [RelationshipDesc],
    /// An empty store for objects of this model.
    pub objects: fn() -> Box<dyn Objects>,
    /// The names of the columns' fields, in the order of the columns.
    pub fields: &'static [&'static str],
    /// The fields that a new object must be given.
    pub required: &'static [&'static str],
    /// The columns that a Rust function fills when their row is updated, by position.
    pub on_update: &'static [usize],
    /// The column in which the session counts the updates of a row, by position.
    pub version: Option<usize>,
    /// The columns that a function of the user's must accept, by position.
    pub validated: &'static [usize],
    /// The Rust type.
    pub type_id: fn() -> TypeId,
}

impl ModelDesc {
    /// The model's name, as the user wrote it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.table.name
    }

    /// The position of the column whose field has this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| *field == name)
    }
}

/// A relationship as written on a field.
#[derive(Debug)]
pub struct RelationshipDesc {
    /// The field's name.
    pub name: &'static str,
    /// The model at the other end.
    pub target: fn() -> &'static ModelDesc,
    /// The table over there: that much can be looked at while compiling.
    pub to: &'static TableDesc,
    /// Whether the field is a `Many`.
    pub many: bool,
    /// Whether there may be nobody: `One<Option<T>>`.
    pub optional: bool,
    /// The association table of a many-to-many relationship.
    pub secondary: Option<&'static TableDesc>,
    /// The relationship over there that is kept in step with this one.
    pub back_populates: Option<&'static str>,
    /// The way back that this one makes: a relationship of the other model that has no field there.
    pub backref: Option<&'static RelationshipDesc>,
    /// What travels along it.
    pub cascade: Cascade,
    /// How it is loaded when nothing else is said.
    pub lazy: Strategy,
    /// The column pair between this model and the other (or the association table), where it cannot be found alone.
    pub primaryjoin: Option<JoinDesc>,
    /// The column pair between the association table and the other model, where it cannot be found alone.
    pub secondaryjoin: Option<JoinDesc>,
    /// Which foreign-key columns to use where there are several ways; empty: the only way there is.
    pub foreign_keys: &'static [&'static str],
    /// For a self-reference: the columns that belong to the other end; empty: as the field's type says.
    pub remote_side: &'static [&'static str],
    /// In which order a collection is loaded.
    pub order_by: &'static [OrderDesc],
    /// Read only: nothing is written for it, and the other side is not kept in step.
    pub viewonly: bool,
    /// What a deletion leaves to the database.
    pub passive_deletes: PassiveDeletes,
    /// The foreign key is written by an UPDATE of its own: rows may then refer to one another.
    pub post_update: bool,
    /// Nobody at the other end has two owners.
    pub single_parent: bool,
    /// Where it is joined in: by an inner join.
    pub innerjoin: bool,
    /// Joined with itself by the mapping: so deep.
    pub join_depth: Option<u32>,
    /// Relationships that write the same columns, and may.
    pub overlaps: &'static [&'static str],
    /// What a function of the user's says of an object that is to be related.
    pub validate: Option<fn(&dyn Any) -> Result<()>>,
}

/// One column by which a collection is ordered: `order_by = Post::title.desc()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderDesc {
    /// Table and column.
    pub column: (&'static str, &'static str),
    /// Largest first.
    pub descending: bool,
}

/// Two columns that are equal in a join: `primaryjoin = User::id == Follows::follower_id`.
#[derive(Debug, Clone, Copy)]
pub struct JoinDesc {
    /// Table and column on the left of `==`.
    pub left: (&'static str, &'static str),
    /// Table and column on the right of `==`.
    pub right: (&'static str, &'static str),
    /// The same as a foreign key of the left column's table, and as one of the right column's: which of them it is, the
    /// relationship says, where no foreign key links the tables.
    pub keys: [schema::ForeignKey; 2],
}

/// How a relationship is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Strategy {
    /// When asked, for one object; when that repeats, for all objects of the same query at once. Our default.
    #[default]
    Peers,
    /// When asked, one statement per object: SQLAlchemy's default.
    Select,
    /// With the query, by a second SELECT for all its objects.
    SelectIn,
    /// With the query, by an outer join in the same SELECT.
    Joined,
    /// With the query, by a second SELECT that holds the first as a subquery.
    Subquery,
    /// With the query, by one SELECT for each of its objects.
    Immediate,
    /// Never: loading it is an error.
    Raise,
    /// Only where no statement is needed; anything else is an error.
    RaiseOnSql,
    /// Never: it answers nobody, and the empty list.
    NoLoad,
    /// Anew each time it is asked for, and not kept: a collection to be asked with `of`.
    Dynamic,
    /// Never: a collection that is written through `append` and `remove`, and asked with `of`.
    WriteOnly,
}

impl Strategy {
    /// Whether it loads with the query.
    #[must_use]
    pub fn is_eager(self) -> bool {
        matches!(self, Strategy::SelectIn | Strategy::Joined | Strategy::Subquery | Strategy::Immediate)
    }
}
