//! PostgreSQL over the network: rows are decoded from the stream, statements stay prepared, many rows travel as arrays.
//!
//! | file | what |
//! |---|---|
//! | `target.rs` | what a URL says, and how a connection is made of it |
//! | `tls.rs` | encryption: `disable`, `prefer`, `require`, `verify-full` |
//! | `statements.rs` | the cache of prepared statements |
//! | `encode.rs`, `decode.rs` | values on their way out and in |
//! | `many.rs` | many rows in one statement |
//! | `together.rs` | several statements in one round trip |
//! | `errors.rs` | PostgreSQL's error codes to kinds |

mod decode;
mod encode;
mod errors;
mod many;
mod statements;
mod target;
mod tls;
mod together;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use tokio::task::AbortHandle;
use tokio_postgres::{CancelToken, Client, RowStream, Statement, types::Type};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    driver::{Batch, Characteristics, Harm, OnRow},
    error::{Error, Kind, Result},
    value::Value,
};

pub(super) use target::Target;

use decode::Cells;
use encode::{Bound, hint};
use errors::{translate, unknown_outcome};
use statements::Statements;

/// How long a ROLLBACK that was sent in passing may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);

type Sent = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

pub(super) struct Connection {
    client: Arc<Client>,
    statements: Statements,
    cancel: CancelToken,
    tls: MakeRustlsConnect,
    /// What reads and writes.
    task: AbortHandle,
    /// Whether a transaction is open.
    open: bool,
    /// Whether the server has said that it is going, or is gone.
    gone: bool,
    /// Whether an answer is outstanding: still so when a future was dropped that waited for it.
    busy: bool,
    /// A BEGIN that was sent ahead of what comes next.
    begin: Option<Sent>,
    /// Whether that BEGIN failed.
    unbegun: bool,
    /// A ROLLBACK that was sent without waiting for its answer.
    rollback: Option<Sent>,
}

impl Connection {
    pub(super) async fn open(target: &Target) -> Result<Connection> {
        let (client, task, tls) = target.connect().await?;
        Ok(Connection {
            task,
            cancel: client.cancel_token(),
            client: Arc::new(client),
            statements: Statements::new(target.statements),
            tls,
            open: false,
            gone: false,
            busy: false,
            begin: None,
            unbegun: false,
            rollback: None,
        })
    }

    pub(super) async fn begin(&mut self, how: &Characteristics) -> Result<()> {
        self.open = true;
        self.say(&how.begin()).await
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        self.busy = true;
        let result = self.client.batch_execute("COMMIT").await;
        self.busy = false;
        match result {
            Ok(()) => self.open = false,
            Err(native) => {
                let error = translate(&native);
                self.gone |= errors::is_gone(&error);
                return Err(unknown_outcome(error, &native));
            }
        }
        Ok(())
    }

    /// A connection that is gone has rolled back: nobody can commit there any more.
    pub(super) async fn rollback(&mut self) {
        if self.busy {
            return; // whoever was dropped waited for an answer that may be long in coming: the connection is given up
        }
        if self.say("ROLLBACK").await.is_ok() {
            self.open = false;
        } else {
            self.busy = true; // given up
        }
    }

    /// Statements without values and rows, by the simple protocol: transactions and savepoints.
    pub(super) async fn say(&mut self, text: &str) -> Result<()> {
        self.busy = true;
        let result = self.client.batch_execute(text).await;
        self.busy = false;
        self.noted(result.map_err(|error| translate(&error)))
    }

    pub(super) async fn query(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        self.busy = true;
        let begin = self.begin.take();
        let (begun, result) = together::both(begin, self.rows(sql, params, on_row)).await;
        self.busy = false;
        self.unbegun = begun.is_err();
        self.noted(begun.and(result))
    }

    pub(super) async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        self.busy = true;
        let result = self.count(sql, params).await;
        self.busy = false;
        self.noted(result)
    }

    pub(super) async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        self.busy = true;
        let result = many::execute(self, sql, batch).await;
        self.busy = false;
        self.noted(result)
    }

    async fn rows(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        let rows = match self.statements.is_off() {
            true => self.client.query_typed_raw(sql, untyped(params)).await,
            false => {
                let statement = self.prepared(sql, params).await?;
                self.client.query_raw(&statement, params.iter().map(Bound)).await
            }
        };
        read(rows, on_row).await
    }

    async fn count(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let count = if self.statements.is_off() || params.is_empty() {
            // One round trip, and nothing is kept of it: who executes without values makes tables.
            let rows = self.client.query_typed_raw(sql, untyped(params)).await;
            let mut rows = std::pin::pin!(rows.map_err(|error| translate(&error))?);
            if rows.try_next().await.map_err(|error| translate(&error))?.is_some() {
                return Err(errors::answered_rows());
            }
            return Ok(rows.rows_affected().unwrap_or(0));
        } else {
            let statement = self.prepared(sql, params).await?;
            if !statement.columns().is_empty() {
                return Err(errors::answered_rows());
            }
            self.client.execute_raw(&statement, params.iter().map(Bound)).await
        };
        count.map_err(|error| translate(&error))
    }

    /// The statement for these values: the server says which types it takes, and where a value is of another one, it is
    /// asked again with the value's own type.
    async fn prepared(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Statement> {
        let statement = self.prepare(sql, &[]).await?;
        if statement.params().len() != params.len() {
            return Err(errors::places(statement.params().len(), params.len()));
        }
        let hints: Vec<Type> = params.iter().zip(statement.params()).map(|(value, to)| hint(value, to)).collect();
        match hints.iter().any(|hint| *hint != Type::UNKNOWN) {
            true => self.prepare(sql, &hints).await,
            false => Ok(statement),
        }
    }

    async fn prepare(&mut self, sql: &str, types: &[Type]) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql, types) {
            return Ok(known);
        }
        let statement = self.client.prepare_typed(sql, types).await.map_err(|error| translate(&error))?;
        self.statements.keep(sql, types, &statement);
        Ok(statement)
    }

    /// A plan that no longer fits its table, or that a pooler lost, is prepared anew the next time.
    fn noted<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            if errors::is_stale(error) {
                self.statements.clear();
            }
            self.gone |= errors::is_gone(error);
        }
        result
    }

    /// What an error leaves of the transaction: PostgreSQL refuses everything until a savepoint is rolled back.
    pub(super) fn harm(&self, error: &Error) -> Harm {
        match error.database() {
            _ if self.is_lost() => Harm::Transaction,
            Some(_) => Harm::Savepoint,
            None => Harm::None, // it never reached the server
        }
    }

    /// Whether the connection is gone.
    pub(super) fn is_lost(&self) -> bool {
        self.gone || self.client.is_closed()
    }

    /// Ends whatever transaction is open, without awaiting: the ROLLBACK is on its way when this returns. An answer that
    /// nobody waits for any more may be long in coming, so such a connection is given up.
    pub(super) fn abandon(&mut self) -> bool {
        if self.is_lost() || self.busy {
            return false;
        }
        if self.open {
            self.open = false;
            self.rollback = Some(self.sent("ROLLBACK".to_owned())); // awaited by whoever takes the connection next
        }
        true
    }

    /// Whether the connection is fit to be used, once what was sent in passing is answered.
    pub(super) async fn is_fit(&mut self) -> bool {
        match self.rollback.take() {
            Some(sent) => matches!(tokio::time::timeout(PATIENCE, sent).await, Ok(Ok(()))),
            None => !self.is_lost() && !self.busy,
        }
    }
}

/// The driver below would wait for an outstanding answer; the server is told to stop, and then nobody listens.
impl Drop for Connection {
    fn drop(&mut self) {
        if !self.busy || self.is_lost() {
            return;
        }
        let (cancel, tls, task) = (self.cancel.clone(), self.tls.clone(), self.task.clone());
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                let _ = tokio::time::timeout(PATIENCE, cancel.cancel_query(tls)).await;
                task.abort();
            })),
            Err(_) => task.abort(),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("open", &self.open).field("busy", &self.busy).finish_non_exhaustive()
    }
}

/// Hands over the rows of an answer; says how many there were.
async fn read(rows: Result<RowStream, tokio_postgres::Error>, on_row: OnRow<'_>) -> Result<u64> {
    let mut rows = std::pin::pin!(rows.map_err(|error| translate(&error))?);
    let mut count = 0;
    while let Some(row) = rows.try_next().await.map_err(|error| translate(&error))? {
        count += 1;
        on_row(&Cells(&row))?;
    }
    Ok(count)
}

/// Values whose types the server is to find out.
fn untyped<'v>(params: &'v [Value<'v>]) -> impl ExactSizeIterator<Item = (Bound<'v>, Type)> {
    params.iter().map(|value| (Bound(value), Type::UNKNOWN))
}

/// An error of the values themselves, before anything was sent.
fn data(what: impl Into<String>) -> Error {
    Error::new(Kind::Data, what)
}
