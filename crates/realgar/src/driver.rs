//! Text and parameters go to a database, rows come back: engine, pool, transaction, log.
//!
//! | file | what |
//! |---|---|
//! | `url.rs` | `sqlite:///app.db?mode=ro` and its kin |
//! | `engine.rs` | pool, dialect and log, made from a URL |
//! | `transaction.rs` | begin when first needed, commit, rollback; what drop does |
//! | `log.rs` | echo, `tracing` events, recorders |
//! | `sqlite.rs` | the embedded database, in the caller's thread |
//!
//! Only this room awaits the network. The contract on errors: a driver must tell `UniqueViolation`,
//! `ForeignKeyViolation`, `NotNullViolation`, `CheckViolation`, `SerializationFailure` and `Timeout` apart from
//! `Operational`, since programs branch on them.

mod engine;
mod log;
#[cfg(feature = "sqlite")]
mod sqlite;
mod transaction;
mod url;

use crate::{
    error::{Error, Result},
    value::{Row, Value},
};

pub use engine::{Engine, Options, PoolStatus};
pub use log::{Event, Recorder, Statement};
pub use transaction::Transaction;

/// What is done with each row of a result, while the driver stands on it.
pub type OnRow<'a> = &'a mut (dyn FnMut(&dyn Row) -> Result<()> + Send);

/// Many executions of one statement: the rows of an insert, update or delete.
pub trait Batch: Send {
    /// How many executions.
    fn len(&self) -> usize;

    /// Gives the parameters of one execution, in order. What earlier executions brought is known by then.
    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()>;

    /// Takes what one execution brought: how many rows it met, and the key that the database made.
    fn done(&mut self, index: usize, affected: u64, key: i64) -> Result<()>;

    /// Says whom an error of this execution is about.
    fn blame(&self, index: usize, error: Error) -> Error;
}

/// A connection to one of the databases.
#[derive(Debug)]
enum Connection {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Connection),
}

impl Connection {
    async fn query(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.query(sql, params, on_row).await,
        }
    }

    async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.execute(sql, params).await,
        }
    }

    async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.execute_many(sql, batch).await,
        }
    }

    /// The statement that begins a transaction.
    fn begin(&self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.begin(),
        }
    }

    /// Ends whatever transaction is open, without awaiting; says whether the connection is fit to be used again.
    fn abandon(&mut self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.abandon(),
        }
    }
}
