//! Rows to objects; one file per strategy, one `match` that picks it.
//!
//! | file | what |
//! |---|---|
//! | `rows.rs` | a statement's rows become objects, new or already known |
//! | `joined.rs` | what an outer join brought, sorted to its owners |
//! | `selectin.rs` | a second SELECT for many owners: listed in chunks, or found by the first as a subquery |
//! | `plain.rs` | rows that are one object each and nothing else |
//! | `listed.rs` | one such SELECT: what is sent, and whose what comes back is |
//! | `lazy.rs` | load when asked: one object, or its peers |
//! | `columns.rs` | some columns of known objects: what the database made |
//! | `get.rs` | by key; aged objects take new values |
//! | `written.rs` | rows that a statement of the user's wrote |
//! | `raw.rs` | rows of raw SQL, their columns by name |
//! | `strategy.rs` | the one `match` that picks the file |
//!
//! Nothing here flushes: the session does that before it calls.

mod columns;
mod get;
mod joined;
mod lazy;
mod listed;
mod plain;
mod raw;
mod rows;
mod selectin;
mod strategy;
mod written;

pub use columns::columns;
pub use get::get;
pub use raw::run_raw;
pub use rows::{Job, finish, objects, run};
pub use selectin::{learn_together, load_together};
pub use strategy::{load, strategy};
pub use written::{Step, run_written};

use crate::{
    driver::Transaction,
    identity::Identity,
    mapper::{MapperId, Registry},
    query::{Everywhere, Plans},
    value::{Key, Value},
};

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
    /// What the session says about all that it loads.
    pub everywhere: &'a Everywhere,
}

impl Loader<'_> {
    /// How many keys one statement looks up.
    fn keys(&self) -> usize {
        self.transaction.engine().dialect().keys
    }

    /// A key's values as parameters: those of secret columns under a veil.
    fn key<'k>(&self, mapper: MapperId, key: &'k Key) -> impl Iterator<Item = Value<'k>> + use<'k, '_> {
        let mapper = self.registry.mapper(mapper);
        let secret = mapper.key.iter().map(|&column| mapper.table().columns[column].secret);
        key.values().zip(secret).map(|(value, secret)| if secret { value.veil() } else { value })
    }
}
