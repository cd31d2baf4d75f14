//! A dialect: what a database can do and how it says it, as a table of abilities and a few spellings.

mod sqlite;

pub use sqlite::{DECIMAL_COLLATION, decimal_order, stored};

use crate::value::{Type, Value};

/// What a database can do and how it says it.
#[derive(Debug)]
pub struct Dialect {
    /// The database's name, for errors and logs: OpenTelemetry's `db.system.name`.
    pub name: &'static str,
    /// The quote around identifiers; doubled inside them.
    pub quote: char,
    /// How a list of keys is one parameter, so that one text serves any count.
    pub list: List,
    /// What stands for "no limit" before an OFFSET, where the grammar wants a LIMIT there.
    pub no_limit: Option<&'static str>,
    /// How a column's type is spelled.
    pub type_name: fn(Type, Option<u32>) -> String,
    /// How many parameters a statement can have.
    pub parameters: usize,
    /// Which statements that write can answer rows.
    pub returning: Returning,
    /// Whether an INSERT can say what becomes of rows that are there already: `ON CONFLICT`.
    pub on_conflict: bool,
    /// Whether NULLs come before all values in ascending order.
    pub nulls_first: bool,
    /// How rows are locked; `None`: the database locks no rows, and a SELECT that asks for it is sent without.
    pub row_locks: Option<RowLocks>,
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

/// How a list of values becomes one parameter.
#[derive(Debug)]
pub struct List {
    /// Around the parameter, when one column is compared.
    pub one: (&'static str, &'static str),
    /// One column of several, by position.
    pub several: fn(usize) -> String,
    /// The parameter made of the values, row by row; `None` when one of them cannot be part of a list.
    pub value: fn(&[Value<'_>], usize) -> Option<Value<'static>>,
}

impl Dialect {
    /// The embedded database.
    pub const SQLITE: Dialect = sqlite::DIALECT;

    /// The list as one parameter; `None` when a value cannot be part of a list.
    pub fn list(&self, values: &[Value<'_>], columns: usize) -> Option<Value<'static>> {
        (self.list.value)(values, columns)
    }
}
