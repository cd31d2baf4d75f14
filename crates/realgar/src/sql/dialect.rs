//! A dialect: what a database can do and how it says it, as a table of abilities and a few spellings.

// Dialects are there whatever drivers are built in: what one cannot do is told by comparing them.
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
mod postgres;
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
mod sqlite;

#[allow(unused_imports)]
pub use postgres::{array_element, written};
#[allow(unused_imports)]
pub use sqlite::{DECIMAL_COLLATION, decimal_order, stored};

use crate::value::{Type, Value};

/// What a database can do and how it says it.
#[derive(Debug)]
pub struct Dialect {
    /// The database's name, for errors and logs: OpenTelemetry's `db.system.name`.
    pub name: &'static str,
    /// The quote around identifiers; doubled inside them.
    pub quote: char,
    /// Whether places for values are numbered, `$1`, or are `?`.
    pub numbered: bool,
    /// How a list of keys is one parameter, so that one text serves any count.
    pub list: List,
    /// How many keys one statement looks up: SQLAlchemy's 500, or more where a round trip costs more than a long list.
    pub keys: usize,
    /// What stands for "no limit" before an OFFSET, where the grammar wants a LIMIT there.
    pub no_limit: Option<&'static str>,
    /// How a column's type is spelled.
    pub type_name: fn(Type, Option<u32>) -> String,
    /// What stands behind the type of a key that the database makes.
    pub generated: &'static str,
    /// How many parameters a statement can have.
    pub parameters: usize,
    /// How many bytes a name can have.
    pub name_length: usize,
    /// How the rows of a flush are written.
    pub batches: Batches,
    /// Whether a table may refer to one that is not there yet.
    pub forward_keys: bool,
    /// Whether one DROP TABLE takes tables that refer to one another.
    pub drops_together: bool,
    /// Whether LIKE takes a backslash as its escape where none is named.
    pub like_escapes: bool,
    /// Whether a transaction can wait until nothing disturbs it, or needs not.
    pub deferrable: bool,
    /// Whether a place says nothing of its type where nothing beside it does: such values are cast.
    pub bare_places: bool,
    /// Whether sums and means have types of their own, and are cast back.
    pub wide_sums: bool,
    /// Which statements that write can answer rows.
    pub returning: Returning,
    /// Whether an INSERT can say what becomes of rows that are there already: `ON CONFLICT`.
    pub on_conflict: bool,
    /// Whether NULLs come before all values in ascending order.
    pub nulls_first: bool,
    /// How rows are locked; `None`: the database locks no rows, and a SELECT that asks for it is sent without.
    pub row_locks: Option<RowLocks>,
    /// Whether there are arrays, and enum types with names.
    pub own_types: bool,
}

/// Which statements can answer the rows that they wrote.
#[derive(Debug)]
pub struct Returning {
    /// INSERT
    pub insert: bool,
    /// UPDATE
    pub update: bool,
    /// DELETE
    pub delete: bool,
}

/// How rows are locked.
#[derive(Debug)]
pub struct RowLocks {
    /// What locks rows for reading: `FOR SHARE`.
    pub read: &'static str,
    /// Whether a lock can be for some of the tables only.
    pub of: bool,
}

/// How the rows of a flush are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)] // each driver has its own
pub enum Batches {
    /// By a prepared statement of one row, as often as there are rows.
    Rows,
    /// By one statement with an array for each column.
    Arrays,
}

/// How a list of values becomes one parameter.
#[derive(Debug)]
pub struct List {
    /// What stands before and behind the parameter, the compared columns having these types.
    pub around: fn(&[Type]) -> (String, &'static str),
    /// The parameter made of the values, row by row; `None` when one of them cannot be part of a list.
    pub value: fn(&[Value<'_>], usize) -> Option<Value<'static>>,
}

#[allow(dead_code)] // each driver has its own
impl Dialect {
    /// The embedded database.
    pub const SQLITE: Dialect = sqlite::DIALECT;
    /// PostgreSQL, 13 and later.
    pub const POSTGRES: Dialect = postgres::DIALECT;

    /// The list as one parameter; `None` when a value cannot be part of a list.
    pub fn list(&self, values: &[Value<'_>], columns: usize) -> Option<Value<'static>> {
        (self.list.value)(values, columns)
    }
}
