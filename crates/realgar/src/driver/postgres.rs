//! PostgreSQL over the network: rows are decoded from the stream, statements stay prepared, many rows travel as arrays.
//!
//! | file | what |
//! |---|---|
//! | `target.rs` | what a URL says, and how a connection is made of it |
//! | `tls.rs` | encryption: `disable`, `prefer`, `require`, `verify-full` |
//! | `line.rs` | sending and receiving, without a task of its own |
//! | `statements.rs` | the cache of prepared statements |
//! | `sender.rs` | one statement with its values, and the rows that come back |
//! | `encode.rs`, `decode.rs` | values on their way out and in |
//! | `arrays.rs` | a column of many rows on its way out |
//! | `many.rs` | many rows in one statement |
//! | `together.rs` | several statements in one round trip |
//! | `errors.rs` | PostgreSQL's error codes to kinds |

mod arrays;
mod decode;
mod encode;
mod errors;
mod line;
mod many;
mod sender;
mod statements;
mod target;
mod tls;
mod together;

use std::{
    future::Future,
    pin::{Pin, pin},
    time::Duration,
};

use tokio_postgres::CancelToken;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    driver::{Batch, Characteristics, Harm, OnRow},
    error::{Error, Kind, Result},
    value::Value,
};

pub(super) use target::Target;

use errors::{translate, unknown_outcome};
use line::Line;
use sender::Sender;

/// How long a ROLLBACK that was sent in passing may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);

type Sent = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

pub(super) struct Connection {
    sender: Sender,
    cancel: CancelToken,
    tls: MakeRustlsConnect,
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
    /// Last, since it is closed when nothing can be sent any more.
    line: Line,
}

impl Connection {
    pub(super) async fn open(target: &Target) -> Result<Connection> {
        let (client, line, tls) = target.connect().await?;
        Ok(Connection {
            cancel: client.cancel_token(),
            sender: Sender::new(client, target.statements),
            tls,
            open: false,
            gone: false,
            busy: false,
            begin: None,
            unbegun: false,
            rollback: None,
            line,
        })
    }

    pub(super) async fn begin(&mut self, how: &Characteristics) -> Result<()> {
        self.open = true;
        self.say(&how.begin()).await
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        self.busy = true;
        let result = self.line.carry(pin!(self.sender.client.batch_execute("COMMIT"))).await;
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
        let result = self.line.carry(pin!(self.sender.client.batch_execute(text))).await;
        self.busy = false;
        self.noted(result.map_err(|error| translate(&error)))
    }

    pub(super) async fn query(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        self.busy = true;
        let begin = self.begin.take();
        let (begun, result) = together::both(&mut self.line, begin, pin!(self.sender.rows(sql, params, on_row))).await;
        self.busy = false;
        self.unbegun = begun.is_err();
        self.noted(begun.and(result))
    }

    pub(super) async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        self.busy = true;
        let result = self.line.carry(pin!(self.sender.count(sql, params))).await;
        self.busy = false;
        self.noted(result)
    }

    pub(super) async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        self.busy = true;
        let result = self.line.carry(pin!(many::execute(&mut self.sender, sql, batch))).await;
        self.busy = false;
        self.noted(result)
    }

    /// A plan that no longer fits its table, or that a pooler lost, is prepared anew the next time.
    fn noted<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            if errors::is_stale(error) {
                self.sender.statements.clear();
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
        self.gone || self.line.is_over()
    }

    /// Ends whatever transaction is open, without awaiting: the ROLLBACK is on its way when this returns. An answer that
    /// nobody waits for any more may be long in coming, so such a connection is given up.
    pub(super) fn abandon(&mut self) -> bool {
        if self.is_lost() || self.busy {
            return false;
        }
        if self.open {
            self.open = false;
            self.rollback = Some(self.sender.sent("ROLLBACK".to_owned())); // awaited by whoever takes the connection next
            self.line.turn();
        }
        true
    }

    /// Whether the connection is fit to be used, once what was sent in passing is answered.
    pub(super) async fn is_fit(&mut self) -> bool {
        match self.rollback.take() {
            Some(sent) => matches!(tokio::time::timeout(PATIENCE, self.line.carry(sent)).await, Ok(Ok(()))),
            None => {
                self.line.turn();
                !self.is_lost() && !self.busy
            }
        }
    }
}

/// Where an answer is outstanding, the server is told to stop.
impl Drop for Connection {
    fn drop(&mut self) {
        if !self.busy || self.is_lost() {
            return;
        }
        self.line.cut();
        let (cancel, tls) = (self.cancel.clone(), self.tls.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = tokio::time::timeout(PATIENCE, cancel.cancel_query(tls)).await;
            });
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("open", &self.open).field("busy", &self.busy).finish_non_exhaustive()
    }
}

/// An error of the values themselves, before anything was sent.
fn data(what: impl Into<String>) -> Error {
    Error::new(Kind::Data, what)
}
