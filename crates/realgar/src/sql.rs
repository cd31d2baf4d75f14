//! Statements as data; one walk renders them; a dialect is a table of abilities and a few spellings.
//!
//! | file | what |
//! |---|---|
//! | `expr.rs` | expressions, generic over their leaves |
//! | `walk.rs` | what is inside an expression, one level at a time |
//! | `select.rs` | SELECT |
//! | `write.rs` | INSERT, UPDATE, DELETE |
//! | `bulk.rs` | INSERT, UPDATE and DELETE in the user's words: criteria, conflicts, RETURNING |
//! | `ddl.rs` | CREATE and DROP, from the schema |
//! | `arrays.rs` | many rows at once, an array for each column |
//! | `rows.rs` | many rows at once, as places or as JSON |
//! | `render.rs` | the one walk: statement → text and parameters |
//! | `places.rs` | `?` in statements that users wrote |
//! | `dialect.rs` | what a database can do and how it says it |
//!
//! Every value is bound, every identifier quoted. Not here: anything about models.

mod arrays;
mod bulk;
mod ddl;
mod dialect;
mod expr;
mod places;
mod render;
mod rows;
mod select;
mod walk;
mod write;

#[allow(unused_imports)] // a driver's
pub use arrays::takes_arrays;
pub use bulk::{Conflict, DeleteWhere, EXCLUDED, InsertRows, UpdateWhere};
pub use ddl::{create_all, drop_all};
#[allow(unused_imports)] // each driver uses its own
pub use dialect::{
    AddKey, Batches, DECIMAL_COLLATION, Dialect, OnConflict, array_element, decimal_order, json_row, scale, sendable,
    stored, written,
};
pub use expr::{Expr, Name, Operator};
pub use places::places;
pub use render::{Rendered, render};
#[allow(unused_imports)]
pub use rows::{repeated, takes_list, updated_from};
pub use select::{From, Join, Lock, Order, Patience, Select, SetOperator, Source};
pub use write::{Bound, Delete, Insert, Statement, Update};
