//! Text and parameters go to a database, rows come back: engine, pool, transaction, log.
//!
//! | file | what |
//! |---|---|
//! | `url.rs` | `sqlite:///app.db?mode=ro` and its kin |
//! | `engine.rs` | pool, dialect and log, made from a URL |
//! | `transaction.rs` | begin when first needed, commit, rollback; what drop does |
//! | `log.rs` | echo, `tracing` events, recorders |
//! | `characteristics.rs` | isolation level, read-only, deferrable |
//! | `sqlite.rs` | the embedded database, in the caller's thread; many rows: `sqlite/many.rs` |
//! | `postgres.rs` | PostgreSQL, over the network |
//! | `mysql.rs` | MySQL and MariaDB, over the network |
//!
//! Only this room awaits the network. The contract on errors: a driver must tell `UniqueViolation`,
//! `ForeignKeyViolation`, `NotNullViolation`, `CheckViolation`, `SerializationFailure` and `Timeout` apart from
//! `Operational`, since programs branch on them.

mod characteristics;
mod engine;
mod log;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod transaction;
mod url;

use std::borrow::Cow;

use crate::{
    error::{Error, Result},
    sql::Dialect,
    value::{Row, Value},
};

pub use characteristics::{Characteristics, Isolation};
pub use engine::{Engine, Options, PoolStatus};
pub use log::{Event, Recorder, Statement};
pub use transaction::Transaction;

/// What is done with each row of a result, while the driver stands on it.
pub type OnRow<'a> = &'a mut (dyn FnMut(&dyn Row) -> Result<()> + Send);

/// A SELECT that goes out together with others.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Its text.
    pub sql: &'a str,
    /// What is bound.
    pub params: &'a [Value<'a>],
}

/// What is done with each row of several SELECTs, whose number it comes with.
pub type OnRowOf<'a> = &'a mut (dyn FnMut(usize, &dyn Row) -> Result<()> + Send);

/// Many executions of one statement: the rows of an insert, update or delete.
pub trait Batch: Send {
    /// How many executions.
    fn len(&self) -> usize;

    /// Gives the parameters of one execution, in order. It is asked for again where rows are sent in another form; what
    /// other executions bring may be unknown yet.
    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()>;

    /// Takes what one execution brought: how many rows it met, and the key that the database made.
    fn done(&mut self, index: usize, affected: u64, key: i64) -> Result<()>;

    /// Whether `done` needs the key that the database made.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code))] // servers answer it with the rows, or not at all
    fn wants_keys(&self) -> bool {
        false
    }

    /// Which of the values given by `bind` goes to this column.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))] // an embedded database says which row it was
    fn position(&self, column: &str) -> Option<usize>;

    /// Says whom an error of this execution is about.
    fn blame(&self, index: usize, error: Error) -> Error;
}

/// What an error leaves of the transaction that it met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// It goes on.
    None,
    /// Nothing, until a savepoint is rolled back.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    Savepoint,
    /// Nothing.
    #[cfg_attr(not(any(feature = "postgres", feature = "mysql")), allow(dead_code))]
    Transaction,
}

/// The bytes as text, where they are UTF-8.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[inline]
fn utf8(bytes: &[u8]) -> Option<&str> {
    /// From this length on, looking at many bytes at once is faster.
    const LONG: usize = 64;
    if bytes.len() < LONG { str::from_utf8(bytes).ok() } else { simdutf8::basic::from_utf8(bytes).ok() }
}

/// The future of a server, boxed and without its type: those of the embedded database, which no hop delays, stay small,
/// and a program's own futures stay shallow enough for the compiler.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn boxed<'f, T>(future: impl Future<Output = T> + Send + 'f) -> std::pin::Pin<Box<dyn Future<Output = T> + Send + 'f>> {
    Box::pin(future)
}

/// A connection to one of the databases.
#[derive(Debug)]
enum Connection {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Connection),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Connection>),
    #[cfg(feature = "mysql")]
    Mysql(Box<mysql::Connection>),
}

impl Connection {
    /// How the database speaks; of some servers it is known only now.
    fn dialect(&self) -> &'static Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => const { &Dialect::SQLITE },
            #[cfg(feature = "postgres")]
            Connection::Postgres(_) => const { &Dialect::POSTGRES },
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => connection.dialect(),
        }
    }

    async fn query(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.query(sql, params, on_row).await,
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => boxed(connection.query(sql, params, on_row)).await,
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.query(sql, params, on_row)).await,
        }
    }

    /// Sends several SELECTs at once, where the database takes more than one, and hands over the rows of each in turn. An
    /// error comes with the number of whose it is.
    async fn query_all(
        &mut self,
        asks: &[Ask<'_>],
        on_row: OnRowOf<'_>,
    ) -> std::result::Result<Vec<u64>, (usize, Error)> {
        #[cfg(feature = "postgres")]
        #[allow(irrefutable_let_patterns)] // with one driver there is one pattern
        if let Connection::Postgres(connection) = self {
            return boxed(connection.query_all(asks, on_row)).await;
        }
        let mut counts = Vec::with_capacity(asks.len());
        for (index, ask) in asks.iter().enumerate() {
            let result = self.query(ask.sql, ask.params, &mut |row| on_row(index, row)).await;
            counts.push(result.map_err(|error| (index, error))?);
        }
        Ok(counts)
    }

    async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.execute(sql, params).await,
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => boxed(connection.execute(sql, params)).await,
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.execute(sql, params)).await,
        }
    }

    async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.execute_many(sql, batch).await,
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => boxed(connection.execute_many(sql, batch)).await,
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.execute_many(sql, batch)).await,
        }
    }

    /// Begins a transaction; answers the words that were sent for it.
    async fn begin(&mut self, how: &Characteristics) -> Result<Cow<'static, str>> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.begin(how).await.map(Cow::Borrowed),
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => {
                boxed(connection.begin(how)).await?;
                Ok(Cow::Owned(how.begin()))
            }
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.begin(how)).await.map(Cow::Owned),
        }
    }

    /// Begins a transaction together with the SELECT that is sent next, where the database takes more than one statement.
    async fn begin_ahead(&mut self, how: &Characteristics) -> Result<Cow<'static, str>> {
        #[cfg(feature = "postgres")]
        #[allow(irrefutable_let_patterns)]
        if let Connection::Postgres(connection) = self {
            return Ok(Cow::Owned(connection.begin_ahead(how)));
        }
        self.begin(how).await
    }

    /// Whether the last statement failed since the BEGIN ahead of it had.
    fn has_not_begun(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => connection.has_not_begun(),
            #[allow(unreachable_patterns)]
            _ => false,
        }
    }

    async fn commit(&mut self) -> Result<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.execute("COMMIT", &[]).await.map(|_| ()),
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => boxed(connection.commit()).await,
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.commit()).await,
        }
    }

    /// Rolls back. It cannot fail: a connection that is gone has rolled back, and is not used again.
    async fn rollback(&mut self) {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => {
                connection.abandon();
            }
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => boxed(connection.rollback()).await,
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.rollback()).await,
        }
    }

    /// Savepoints: statements without values and rows, never prepared.
    async fn say(&mut self, sql: &str) -> Result<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.execute(sql, &[]).await.map(|_| ()),
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => boxed(connection.say(sql)).await,
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.say(sql)).await,
        }
    }

    /// What this error of a statement leaves of the transaction.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables))]
    fn harm(&self, error: &Error) -> Harm {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => Harm::None,
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => connection.harm(error),
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => connection.harm(),
        }
    }

    /// Whether the connection is gone.
    fn is_lost(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => connection.is_lost(),
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => connection.is_lost(),
        }
    }

    /// Ends whatever transaction is open, without awaiting; says whether the connection is fit to be used again.
    fn abandon(&mut self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.abandon(),
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => connection.abandon(),
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => connection.abandon(),
        }
    }

    /// Whether the connection can be used; what was sent without awaiting is awaited now.
    async fn is_fit(&mut self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => connection.abandon(),
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => boxed(connection.is_fit()).await,
            #[cfg(feature = "mysql")]
            Connection::Mysql(connection) => boxed(connection.is_fit()).await,
        }
    }
}
