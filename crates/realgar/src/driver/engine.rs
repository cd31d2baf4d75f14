//! The engine: pool, dialect and log of one database, made from a URL.

use std::{
    ops::{Deref, DerefMut},
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{self, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult},
};

use crate::{
    driver::{
        Connection, Recorder,
        log::Log,
        url::{PoolSettings, Target, Url},
    },
    error::{Error, Kind, Result},
    sql::Dialect,
};

/// What can be set besides the URL.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Print what is sent.
    pub echo: bool,
    /// How many connections at most; a database in memory always has one.
    pub pool_size: Option<usize>,
    /// How long a connection is waited for.
    pub pool_timeout: Option<Duration>,
    /// After which time without use a connection is closed.
    pub idle_timeout: Option<Duration>,
    /// After which time a connection is closed, used or not.
    pub max_lifetime: Option<Duration>,
}

/// How busy a database's pool is, from [`Db::pool_status`](crate::Db::pool_status).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// How many connections there are at most.
    pub max_size: usize,
    /// How many are open.
    pub size: usize,
    /// How many are held by transactions.
    pub in_use: usize,
    /// How many sessions wait for one.
    pub waiting: usize,
}

/// One database: its pool, its dialect, its log.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool<Manager>,
    dialect: &'static Dialect,
    timeout: Duration,
    log: Log,
    /// Who holds a connection, since when: for the error of whoever waits in vain.
    holders: Mutex<Vec<Holder>>,
}

#[derive(Debug)]
struct Holder {
    session: u64,
    place: &'static Location<'static>,
    since: Instant,
}

/// A connection on loan from the pool. Dropping it gives it back, also where a future is dropped that was about to use
/// it; a connection that is not fit for use is closed.
#[derive(Debug)]
pub(super) struct Loan {
    connection: Option<Object<Manager>>,
    engine: Engine,
    session: u64,
}

/// Opens connections, and looks at those that are used again.
#[derive(Debug)]
pub(super) struct Manager {
    target: Target,
    idle: Option<Duration>,
    lifetime: Option<Duration>,
}

impl Manager {
    /// Whether there is one connection, and the database is gone with it.
    fn in_memory(&self) -> bool {
        match &self.target {
            #[cfg(feature = "sqlite")]
            Target::Sqlite(sqlite) => sqlite.path.is_none(),
            #[cfg(feature = "postgres")]
            Target::Postgres(_) => false,
            #[cfg(feature = "mysql")]
            Target::Mysql(_) => false,
        }
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection> {
        match &self.target {
            #[cfg(feature = "sqlite")]
            Target::Sqlite(sqlite) => super::sqlite::Connection::open(sqlite).await.map(Connection::Sqlite),
            #[cfg(feature = "postgres")]
            Target::Postgres(target) => super::boxed(super::postgres::Connection::open(target))
                .await
                .map(|open| Connection::Postgres(Box::new(open))),
            #[cfg(feature = "mysql")]
            Target::Mysql(target) => {
                super::boxed(super::mysql::Connection::open(target)).await.map(|open| Connection::Mysql(Box::new(open)))
            }
        }
    }

    // A transaction ends before its connection comes back, so there is nothing to ask the database.
    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<Error> {
        let over = |limit: Option<Duration>, time: Duration| limit.is_some_and(|limit| time > limit);
        // The clock is read only where there is a limit: a small query costs no more than reading it.
        if (self.idle.is_some() && over(self.idle, metrics.last_used()))
            || (self.lifetime.is_some() && over(self.lifetime, metrics.age()))
        {
            return Err(RecycleError::message("the connection has had its time"));
        }
        if connection.is_fit().await { Ok(()) } else { Err(RecycleError::message("the connection is broken")) }
    }
}

impl Engine {
    /// An engine for this URL. The first connection is opened at once, so that a wrong URL is known at once.
    pub async fn connect(url: &str, options: Options) -> Result<Engine> {
        let Url { target, pool } = Url::parse(url)?;
        let PoolSettings { size, timeout, idle, lifetime } = pool;
        let timeout = options.pool_timeout.or(timeout).unwrap_or(Duration::from_secs(5));
        let mut manager =
            Manager { target, idle: options.idle_timeout.or(idle), lifetime: options.max_lifetime.or(lifetime) };
        let mut size = options.pool_size.or(size).unwrap_or(8).max(1);
        if manager.in_memory() {
            (manager.idle, manager.lifetime, size) = (None, None, 1);
        }
        let pool = Pool::builder(manager)
            .max_size(size)
            .wait_timeout(Some(timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| Error::bug(format!("pool: {error}")))?;
        let log = Log::new(options.echo);
        let first: Object<Manager> = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            other => no_connection(&other),
        })?;
        let dialect = first.dialect();
        drop(first);
        Ok(Engine(Arc::new(Inner { pool, dialect, timeout, log, holders: Mutex::default() })))
    }

    /// How this database speaks.
    #[must_use]
    pub fn dialect(&self) -> &'static Dialect {
        self.0.dialect
    }

    /// Records what is sent from now on.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        self.0.log.recorder()
    }

    /// How busy the pool is.
    #[must_use]
    pub fn pool_status(&self) -> PoolStatus {
        let status = self.0.pool.status();
        PoolStatus {
            max_size: status.max_size,
            size: status.size,
            in_use: self.holders(|holders| holders.len()),
            waiting: status.waiting,
        }
    }

    pub(super) fn log(&self) -> &Log {
        &self.0.log
    }

    /// Takes a connection for this session; `Timeout` names who holds what is waited for.
    pub(super) async fn check_out(&self, session: u64, place: &'static Location<'static>) -> Result<Loan> {
        let connection = self.0.pool.get().await.map_err(|error| self.refused(error))?;
        self.holders(|holders| holders.push(Holder { session, place, since: Instant::now() }));
        Ok(Loan { connection: Some(connection), engine: self.clone(), session })
    }

    /// How many connections there are at most.
    pub(super) fn pool_size(&self) -> usize {
        self.0.pool.status().max_size
    }

    fn holders<T>(&self, look: impl FnOnce(&mut Vec<Holder>) -> T) -> T {
        look(&mut self.0.holders.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refused(&self, error: PoolError<Error>) -> Error {
        match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => {
                let held = self.holders(|holders| holders.first().map(|holder| (holder.place, holder.since.elapsed())));
                let waited = self.0.timeout.as_millis();
                let (of, or) = match self.0.pool.status().max_size {
                    1 if self.0.pool.manager().in_memory() => {
                        ("the one connection of a database in memory".to_owned(), "use it here, too")
                    }
                    size => (format!("one of {size} connections"), "set a larger `pool_size`"),
                };
                let error = Error::new(Kind::Timeout, format!("waited {waited} ms for {of} in vain"));
                match held {
                    Some((place, since)) => error.with_place(place).way_out(format!(
                        "the session made there has held it for {} ms: end its transaction with commit, rollback or \
                         close, or {or}",
                        since.as_millis()
                    )),
                    None => error.way_out("set a larger `pool_size` or `pool_timeout`"),
                }
            }
            other => no_connection(&other),
        }
    }
}

fn no_connection(error: &PoolError<Error>) -> Error {
    Error::new(Kind::Operational, format!("no connection: {error}"))
        .way_out("see whether the database can be reached, and run the transaction again")
}

impl Deref for Loan {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("the connection is there until the loan is dropped")
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("the connection is there until the loan is dropped")
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.engine.holders(|holders| holders.retain(|holder| holder.session != self.session));
        if let Some(mut connection) = self.connection.take()
            && !connection.abandon()
        {
            drop(Object::take(connection));
        }
    }
}
