//! The facts that a database gives with an error: constraint, table, columns, native code.

/// What the database said, as far as it said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Database {
    /// The table whose constraint was violated.
    pub table: Option<String>,
    /// The columns of the violated constraint, in the constraint's order.
    pub columns: Vec<String>,
    /// The constraint's name, where it has one.
    pub constraint: Option<String>,
    /// The database's own code: SQLite's extended result code.
    pub code: Option<String>,
}
