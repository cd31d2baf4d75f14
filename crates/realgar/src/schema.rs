//! Tables, columns, keys and indexes as plain constants, and the order in which tables must be made.
//!
//! What enters: the constants that the derives write. What leaves: the same, for `sql` to render and `mapper` to link.
//! Not here: anything about Rust objects.

pub(crate) mod names;
mod sort;
mod table;

pub use sort::{sort, sort_with};
pub use table::{Action, Column, ForeignKey, Index, Table};
