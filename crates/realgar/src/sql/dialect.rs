//! A dialect: what a database can do and how it says it, as a table of abilities and a few spellings.

// Dialects are there whatever drivers are built in: what one cannot do is told by comparing them.
#[cfg_attr(not(feature = "mysql"), allow(dead_code))]
mod mysql;
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
mod postgres;
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
mod sqlite;

#[allow(unused_imports)]
pub use mysql::{json_row, json_table, json_value, scale, sendable};
#[allow(unused_imports)]
pub use postgres::{array_element, written};
#[allow(unused_imports)]
pub use sqlite::{DECIMAL_COLLATION, decimal_order, stored};

use std::borrow::Cow;

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
    /// Whether a list that a user wrote is spread, a place for each value: a list as one parameter would hide from the
    /// database that an index finds its rows.
    pub spread_lists: bool,
    /// How a column's type is spelled.
    pub type_name: fn(Type, Option<u32>) -> String,
    /// How a type is spelled in a CAST.
    pub cast_name: fn(Type) -> String,
    /// How tables are made and dropped.
    pub tables: Tables,
    /// How many parameters a statement can have.
    pub parameters: usize,
    /// How many bytes a name can have.
    pub name_length: usize,
    /// How the rows of a flush are written.
    pub batches: Batches,
    /// What an INSERT of a row of defaults says.
    pub default_row: &'static str,
    /// What answers the key that the last INSERT made, where the INSERT itself cannot.
    pub last_key: Option<&'static str>,
    /// Whether a text is put behind another one by a function, `CONCAT`, since `||` means something else.
    pub concat_function: bool,
    /// How a division of integers that cuts is spelled.
    pub quotient: &'static str,
    /// Whether a subquery after IN can have a LIMIT.
    pub limit_in_list: bool,
    /// The code of an error that ends a wait for somebody else's lock: running the transaction again may help.
    pub lock_timeout: Option<&'static str>,
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
    /// How an INSERT says what becomes of rows that are there already.
    pub on_conflict: OnConflict,
    /// Whether NULLs come before all values in ascending order.
    pub nulls_first: bool,
    /// How rows are locked; `None`: the database locks no rows, and a SELECT that asks for it is sent without.
    pub row_locks: Option<RowLocks>,
    /// Whether there are arrays, and enum types with names.
    pub own_types: bool,
}

/// How tables are made and dropped.
#[derive(Debug)]
pub struct Tables {
    /// What stands behind the type of a key that the database makes.
    pub generated: &'static str,
    /// What stands behind a table's last parenthesis.
    pub options: &'static str,
    /// How long a text or bytes without length may be where they have a key or index; `None`: as long as anywhere.
    pub keyed_length: Option<u32>,
    /// How a default is spelled.
    pub default: fn(&str) -> String,
    /// Whether a column that is computed can be NOT NULL.
    pub computed_not_null: bool,
    /// Whether indexes are part of CREATE TABLE.
    pub inner_indexes: bool,
    /// Whether a foreign key can set defaults.
    pub set_default: bool,
    /// How a foreign key is added to a table.
    pub add_key: AddKey,
    /// Whether a table may refer to one that is not there yet.
    pub forward_keys: bool,
    /// Whether one DROP TABLE takes tables that refer to one another.
    pub drops_together: bool,
    /// What stands before the DROP TABLE of tables that refer to one another.
    pub drop_circle: &'static str,
}

/// How a foreign key is added to a table, unless it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddKey {
    /// In a block that passes over the error.
    Block,
    /// `FOREIGN KEY IF NOT EXISTS`
    IfNotExists,
    /// By a statement that fails with this code where it is there.
    Fails(&'static str),
}

/// How an INSERT says what becomes of rows that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// `ON CONFLICT`, with the unique columns that tell.
    Columns,
    /// `ON DUPLICATE KEY UPDATE`, whichever unique columns tell.
    AnyKey,
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
    /// By a prepared statement of one row, as often as there are rows; an INSERT can have several.
    Rows,
    /// By one statement with an array for each column.
    Arrays,
    /// INSERT by one statement with a place for every value, UPDATE and DELETE by one with a list of rows in JSON.
    Values,
}

/// How a list of values becomes one parameter.
#[derive(Debug)]
pub struct List {
    /// What stands before and behind the parameter, the compared columns having these types.
    pub around: fn(&[Type]) -> (String, Cow<'static, str>),
    /// The parameter made of the values, row by row; `None` when one of them cannot be part of a list.
    pub value: fn(&[Value<'_>], usize) -> Option<Value<'static>>,
}

#[allow(dead_code)] // each driver has its own
impl Dialect {
    /// The embedded database.
    pub const SQLITE: Dialect = sqlite::DIALECT;
    /// PostgreSQL, 13 and later.
    pub const POSTGRES: Dialect = postgres::DIALECT;
    /// MariaDB, 10.6 and later.
    pub const MARIADB: Dialect = mysql::MARIADB;
    /// MySQL, 8.0.17 and later.
    pub const MYSQL: Dialect = mysql::MYSQL;

    /// The list as one parameter; `None` when a value cannot be part of a list.
    pub fn list(&self, values: &[Value<'_>], columns: usize) -> Option<Value<'static>> {
        (self.list.value)(values, columns)
    }
}

/// DIALECT: a default that is more than a literal or a word (`CURRENT_TIMESTAMP`) stands in parentheses.
fn default_of(sql: &str) -> String {
    let word = sql.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.'));
    let text = sql.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if word || text.is_some_and(|inside| !inside.contains('\'')) { sql.to_owned() } else { format!("({sql})") }
}
