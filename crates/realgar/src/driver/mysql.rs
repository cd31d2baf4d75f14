//! MySQL and MariaDB over the network: rows are decoded from the stream, statements stay prepared, many rows travel in one.
//!
//! | file | what |
//! |---|---|
//! | `target.rs` | what a URL says, and how a connection is made of it |
//! | `tls.rs` | encryption: `disable`, `prefer`, `require`, `verify-full` |
//! | `server.rs` | which server it is, and how its session is set up |
//! | `encode.rs`, `decode.rs` | values on their way out and in |
//! | `many.rs` | many rows in one statement |
//! | `errors.rs` | error codes to kinds |

mod decode;
mod encode;
mod errors;
mod many;
mod server;
mod target;
mod tls;

use std::{future::Future, pin::Pin, task::Poll, time::Duration};

use futures_util::TryStreamExt;
use mysql_async::{Conn, Params, Row, Statement, consts::StatusFlags, prelude::Queryable};

use crate::{
    driver::{Batch, Characteristics, Harm, OnRow},
    error::{Error, Kind, Result},
    sql::Dialect,
    value::Value,
};

pub(super) use target::Target;

use decode::Cells;
use encode::bound;
use errors::{translate, unknown_outcome};
use server::Server;

/// How long a ROLLBACK that was sent in passing may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// A statement whose text is longer than this is not kept: it is one of many rows, and their number is seldom the same.
const LONGEST: usize = 4_000;

type Sent = Pin<Box<dyn Future<Output = (Conn, bool)> + Send>>;

pub(super) struct Connection {
    /// None while a ROLLBACK is on its way that nobody waited for.
    conn: Option<Conn>,
    server: Server,
    target: Target,
    /// The words that began the transaction, while one is open.
    open: Option<String>,
    /// How many rows the last statement met.
    met: u64,
    /// Whether the server has thrown the transaction away.
    thrown_away: bool,
    /// Whether the connection is at its end.
    gone: bool,
    /// Whether an answer is outstanding: still so when a future was dropped that waited for it.
    busy: bool,
    /// A ROLLBACK that was sent without waiting for its answer.
    rollback: Option<Sent>,
}

impl Connection {
    pub(super) async fn open(target: &Target) -> Result<Connection> {
        let (conn, server) = target.connect().await?;
        Ok(Connection {
            conn: Some(conn),
            server,
            target: target.clone(),
            open: None,
            met: 0,
            thrown_away: false,
            gone: false,
            busy: false,
            rollback: None,
        })
    }

    /// How this server speaks.
    pub(super) fn dialect(&self) -> &'static Dialect {
        self.server.dialect
    }

    fn conn(&mut self) -> Result<&mut Conn> {
        self.conn.as_mut().ok_or_else(|| Error::bug("a connection is used before its rollback was answered"))
    }

    /// Begins a transaction; answers the words that were sent for it.
    pub(super) async fn begin(&mut self, how: &Characteristics) -> Result<String> {
        let words = begin(how);
        self.thrown_away = false;
        self.open = Some(words.clone());
        self.say(&words).await?;
        Ok(words)
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        self.busy = true;
        let result = self.conn()?.query_drop("COMMIT").await;
        self.busy = false;
        match result {
            Ok(()) => self.open = None,
            Err(native) => {
                let error = translate(&native);
                self.gone |= errors::is_gone(&native);
                let unknown = errors::is_gone(&native);
                self.look(&native).await;
                return Err(if unknown { unknown_outcome(error) } else { error });
            }
        }
        Ok(())
    }

    /// A connection that is gone has rolled back: nobody can commit there any more.
    pub(super) async fn rollback(&mut self) {
        if self.busy {
            return; // whoever was dropped waited for an answer that may be long in coming: the connection is given up
        }
        self.open = None;
        self.thrown_away = false;
        if self.say("ROLLBACK").await.is_err() {
            self.busy = true; // given up
        }
    }

    /// Statements without values and rows, as text: transactions, savepoints, tables.
    pub(super) async fn say(&mut self, text: &str) -> Result<()> {
        self.busy = true;
        let result = self.conn()?.query_drop(text).await;
        self.noted(result).await
    }

    pub(super) async fn query(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        let params = bound(params, self.server.packet)?;
        self.busy = true;
        let mut count = 0;
        let mut refused = None;
        // DIALECT: a statement that writes answers rows while it goes on, and may fail and be undone after that.
        let mut written = (!reads(sql)).then(Vec::new);
        let result = async {
            let statement = self.prepared(sql, &params).await?;
            let mut result = self.conn_mut().exec_iter(&statement, positional(params)).await?;
            if let Some(mut rows) = result.stream::<Row>().await? {
                while let Some(row) = rows.try_next().await? {
                    count += 1;
                    if let Some(written) = &mut written {
                        written.push(row);
                        continue;
                    }
                    // What nobody wants to hear is read to its end all the same: the connection is used again.
                    if refused.is_none()
                        && let Err(error) = on_row(&Cells(&row))
                    {
                        refused = Some(error);
                    }
                }
            }
            result.drop_result().await?;
            self.forget(sql, statement).await
        }
        .await;
        self.noted(result).await?;
        written.into_iter().flatten().try_for_each(|row| on_row(&Cells(&row)))?;
        refused.map_or(Ok(count), Err)
    }

    pub(super) async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let params = bound(params, self.server.packet)?;
        self.busy = true;
        let mut answered = false;
        let result = async {
            // Nothing is kept of a statement without values: who executes such makes tables.
            let once = params.is_empty();
            let statement = match self.prepared(sql, &params).await {
                Err(error) if once && errors::is_unprepared(&error) => return self.conn_mut().query_drop(sql).await,
                prepared => prepared?,
            };
            let result = self.conn_mut().exec_iter(&statement, positional(params)).await?;
            answered = !result.columns_ref().is_empty();
            result.drop_result().await?;
            if once { self.conn_mut().close(statement).await } else { self.forget(sql, statement).await }
        }
        .await;
        self.noted(result).await?;
        if answered {
            return Err(errors::answered_rows());
        }
        Ok(self.met)
    }

    pub(super) async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        many::execute(self, sql, batch).await
    }

    /// The connection, inside of what its caller has begun with [`Connection::conn`] or looked at.
    fn conn_mut(&mut self) -> &mut Conn {
        self.conn.as_mut().expect("a connection whose rollback is outstanding is not handed out")
    }

    async fn prepared(&mut self, sql: &str, params: &[mysql_async::Value]) -> mysql_async::Result<Statement> {
        let statement = self.conn_mut().prep(sql).await?;
        let places = usize::from(statement.num_params());
        match places == params.len() {
            true => Ok(statement),
            false => Err(errors::places(places, params.len())),
        }
    }

    /// Statements of many rows are not kept.
    async fn forget(&mut self, sql: &str, statement: Statement) -> mysql_async::Result<()> {
        if sql.len() > LONGEST { self.conn_mut().close(statement).await } else { Ok(()) }
    }

    /// Takes note of what a statement left of connection and transaction.
    async fn noted<T>(&mut self, result: mysql_async::Result<T>) -> Result<T> {
        let result = match result {
            Ok(value) => {
                self.met = self.conn.as_ref().map_or(0, Conn::affected_rows);
                self.go_on().await.map_err(|error| translate(&error))?;
                Ok(value)
            }
            Err(native) => {
                self.gone |= errors::is_gone(&native);
                self.look(&native).await;
                Err(translate(&native))
            }
        };
        self.busy = false;
        result
    }

    /// DIALECT: a statement that makes or drops a table commits; what follows gets a transaction of its own again, so
    /// that no statement is outside of one.
    async fn go_on(&mut self) -> mysql_async::Result<()> {
        match &self.open {
            Some(words) if !self.is_inside() => {
                let words = words.clone();
                self.conn_mut().query_drop(words).await
            }
            _ => Ok(()),
        }
    }

    /// Whether the server is inside a transaction, as its last word has it.
    fn is_inside(&self) -> bool {
        let last = self.conn.as_ref().and_then(Conn::last_ok_packet);
        last.is_none_or(|ok| ok.status_flags().contains(StatusFlags::SERVER_STATUS_IN_TRANS))
    }

    /// DIALECT: some errors throw the whole transaction away, and a COMMIT would then succeed doing nothing. Which ones
    /// do depends on settings, so the server is asked.
    async fn look(&mut self, error: &mysql_async::Error) {
        if self.gone || self.open.is_none() || !matches!(error, mysql_async::Error::Server(_)) {
            return;
        }
        match self.conn_mut().query_drop("DO 0").await {
            Ok(()) => self.thrown_away |= !self.is_inside(),
            Err(_) => self.gone = true,
        }
    }

    /// What an error leaves of the transaction: mostly everything.
    pub(super) fn harm(&self) -> Harm {
        if self.thrown_away || self.is_lost() { Harm::Transaction } else { Harm::None }
    }

    /// Whether the connection is gone.
    pub(super) fn is_lost(&self) -> bool {
        self.gone || self.conn.as_ref().is_some_and(Conn::is_disconnected)
    }

    /// Ends whatever transaction is open, without awaiting: the ROLLBACK is on its way when this returns. An answer that
    /// nobody waits for any more may be long in coming, so such a connection is given up.
    pub(super) fn abandon(&mut self) -> bool {
        if self.is_lost() || self.busy {
            return false;
        }
        if self.open.take().is_some() {
            self.thrown_away = false;
            let Some(mut conn) = self.conn.take() else { return false };
            let mut sent: Sent = Box::pin(async move {
                let done = conn.query_drop("ROLLBACK").await.is_ok();
                (conn, done)
            });
            // The first poll sends it; the answer is awaited by whoever takes the connection next.
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            match sent.as_mut().poll(&mut context) {
                Poll::Ready((conn, done)) => {
                    self.conn = Some(conn);
                    return done;
                }
                Poll::Pending => self.rollback = Some(sent),
            }
        }
        true
    }

    /// Whether the connection is fit to be used, once what was sent in passing is answered.
    pub(super) async fn is_fit(&mut self) -> bool {
        match self.rollback.take() {
            Some(sent) => match tokio::time::timeout(PATIENCE, sent).await {
                Ok((conn, done)) => {
                    self.conn = Some(conn);
                    done
                }
                Err(_) => false,
            },
            None => self.conn.is_some() && !self.is_lost() && !self.busy,
        }
    }
}

/// `SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION READ ONLY`: one round trip.
fn begin(how: &Characteristics) -> String {
    let level = how
        .isolation
        .map_or_else(String::new, |isolation| format!("SET TRANSACTION ISOLATION LEVEL {}; ", isolation.words()));
    let begin = match (how.isolation, how.read_only) {
        (_, true) => "START TRANSACTION READ ONLY",
        (Some(_), false) => "START TRANSACTION",
        (None, false) => "BEGIN",
    };
    level + begin
}

/// The server is told to stop what nobody waits for any more, by another connection: this one is deaf until then.
impl Drop for Connection {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take().filter(|_| self.busy && !self.is_lost()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (target, number) = (self.target.clone(), conn.id());
            drop(runtime.spawn(async move {
                let _ = tokio::time::timeout(PATIENCE, target.kill(number)).await;
                drop(conn);
            }));
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("open", &self.open).field("busy", &self.busy).finish_non_exhaustive()
    }
}

/// Whether a statement only reads, so that its rows are what they are when they come.
fn reads(sql: &str) -> bool {
    sql.get(..6).is_some_and(|verb| verb.eq_ignore_ascii_case("select"))
}

/// Values that a statement takes in the order of its places.
fn positional(values: Vec<mysql_async::Value>) -> Params {
    if values.is_empty() { Params::Empty } else { Params::Positional(values) }
}

/// An error of the values themselves, before anything was sent.
fn data(what: impl Into<String>) -> Error {
    Error::new(Kind::Data, what)
}
