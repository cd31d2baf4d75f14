//! Rows to objects; one file per strategy, one `match` that picks it.
//!
//! | file | what |
//! |---|---|
//! | `rows.rs` | a statement's rows become objects, new or already known |
//! | `joined.rs` | what an outer join brought, sorted to its owners |
//! | `selectin.rs` | a second SELECT for many owners, in chunks |
//! | `lazy.rs` | load when asked: one object, or its peers |
//! | `get.rs` | by key; aged objects take new values |
//! | `raw.rs` | rows of raw SQL, their columns by name |
//! | `strategy.rs` | the one `match` that picks the file |
//!
//! Nothing here flushes: the session does that before it calls.

mod get;
mod joined;
mod lazy;
mod raw;
mod rows;
mod selectin;
mod strategy;

pub use get::get;
pub use raw::run_raw;
pub use rows::run;
pub use selectin::load_together;
pub use strategy::load;

use crate::{driver::Transaction, identity::Identity, mapper::Registry, query::Plans};

/// What loading works with, lent by the session for one call.
pub struct Loader<'a> {
    /// The session's objects.
    pub identity: &'a mut Identity,
    /// The session's transaction.
    pub transaction: &'a mut Transaction,
    /// The database's mappers.
    pub registry: &'a Registry,
    /// The standing selects.
    pub plans: &'a Plans,
}
