//! `Db`: engine, registry and the options of its sessions; what a program makes once and clones freely.

use std::{panic::Location, sync::Arc, time::Duration};

use crate::{
    driver::{Engine, Options, PoolStatus, Recorder, Transaction},
    error::{Error, Kind, Result},
    flush::Texts,
    identity::Rooms,
    mapper::{Hook, Model, ModelDesc, Moment, Registry, TableRef},
    query::{CompiledCache, Everywhere, IntoExpr, LoaderCriterion, Plans},
    session::{Session, events::Events},
    sql::{self, AddKey, Dialect, Statement},
    value::Type,
};

/// A database and its models. Cheap to clone; every clone is the same database.
///
/// Source: SQLAlchemy's `Engine` and `sessionmaker` in one, as Flask-SQLAlchemy's `SQLAlchemy` object is.
#[derive(Debug, Clone)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    registry: Arc<Registry>,
    plans: Plans,
    compiled: CompiledCache,
    texts: Texts,
    rooms: Rooms,
    autoflush: bool,
    expire_on_commit: bool,
    transaction_attempts: u32,
    everywhere: Everywhere,
    events: Events,
}

/// Settings of a [`Db`], each with a default.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `.connect(url).await?`"]
pub struct Builder {
    models: Vec<&'static ModelDesc>,
    options: Options,
    autoflush: bool,
    expire_on_commit: bool,
    criteria: Vec<LoaderCriterion>,
    transaction_attempts: u32,
    pub(super) events: Events,
    /// What runs for objects of these models.
    pub(super) hooks: Vec<(&'static ModelDesc, Moment, Hook)>,
}

impl Db {
    /// Opens a database for these models; models and tables that they refer to come along.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// let error = Db::connect("oracle://db", models![User]).await.unwrap_err();
    /// assert_eq!(error.kind(), Kind::Argument);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `Argument` for a URL that is not understood, `Operational` where the database cannot be opened; the kinds of
    /// mapping mistakes (`NoForeignKeys`, `InvalidRequest`, …), all of them in one error.
    pub async fn connect(url: &str, models: impl AsRef<[&'static ModelDesc]>) -> Result<Db> {
        Db::builder(models).connect(url).await
    }

    /// Settings for a database: `Db::builder(models![User]).echo(true).connect(url).await?`
    pub fn builder(models: impl AsRef<[&'static ModelDesc]>) -> Builder {
        Builder {
            models: models.as_ref().to_vec(),
            options: Options::default(),
            autoflush: true,
            expire_on_commit: true,
            criteria: Vec::new(),
            transaction_attempts: 5,
            events: Events::default(),
            hooks: Vec::new(),
        }
    }

    /// A session. Nothing is sent and no connection is taken until it is used.
    #[track_caller]
    #[must_use]
    pub fn session(&self) -> Session {
        Session::new(self.clone(), Location::caller(), false)
    }

    /// A session for tests: everything works as usual, commits too, and all of it is undone when the session is dropped.
    #[track_caller]
    #[must_use]
    pub fn test_session(&self) -> Session {
        Session::new(self.clone(), Location::caller(), true)
    }

    /// Records what is sent from now on: statements, rows, times, transaction marks.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        self.0.engine.recorder()
    }

    /// How many connections are open, held and waited for.
    ///
    /// Source: `Engine.pool.status()`.
    #[must_use]
    pub fn pool_status(&self) -> PoolStatus {
        self.0.engine.pool_status()
    }

    /// Makes the tables and indexes that are missing, in one transaction. Tables that are there stay as they are.
    #[track_caller]
    pub fn create_all(&self) -> impl Future<Output = Result<()>> + Send {
        self.run(sql::create_all(self.0.registry.tables(), self.0.engine.dialect()), Location::caller())
    }

    /// Drops the tables of all models, with everything in them, in one transaction.
    #[track_caller]
    pub fn drop_all(&self) -> impl Future<Output = Result<()>> + Send {
        self.run(sql::drop_all(self.0.registry.tables(), self.0.engine.dialect()), Location::caller())
    }

    fn run(
        &self,
        statements: Vec<Statement>,
        place: &'static Location<'static>,
    ) -> impl Future<Output = Result<()>> + Send {
        let engine = self.0.engine.clone();
        async move {
            let mut transaction = Transaction::new(engine.clone(), 0, place, false);
            transaction.called_at(place);
            for statement in statements {
                let rendered = sql::render(&statement, engine.dialect())?;
                match (transaction.execute(&rendered.text, &[]).await, engine.dialect().tables.add_key) {
                    // The key is there already.
                    (Err(error), AddKey::Fails(code))
                        if matches!(statement, Statement::AddForeignKey(..))
                            && error.database().is_some_and(|facts| facts.code.as_deref() == Some(code)) => {}
                    (done, _) => drop(done?),
                }
            }
            transaction.commit().await
        }
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(super) fn registry(&self) -> &Arc<Registry> {
        &self.0.registry
    }

    pub(super) fn compiled(&self) -> &CompiledCache {
        &self.0.compiled
    }

    pub(super) fn plans(&self) -> &Plans {
        &self.0.plans
    }

    pub(super) fn texts(&self) -> &Texts {
        &self.0.texts
    }

    pub(super) fn rooms(&self) -> &Rooms {
        &self.0.rooms
    }

    pub(super) fn events(&self) -> &Events {
        &self.0.events
    }

    pub(super) fn autoflush(&self) -> bool {
        self.0.autoflush
    }

    pub(super) fn transaction_attempts(&self) -> u32 {
        self.0.transaction_attempts
    }

    pub(super) fn everywhere(&self) -> &Everywhere {
        &self.0.everywhere
    }

    pub(super) fn expire_on_commit(&self) -> bool {
        self.0.expire_on_commit
    }
}

impl Builder {
    /// Prints BEGIN, statements, parameters, COMMIT to the standard output.
    pub fn echo(mut self, echo: bool) -> Self {
        self.options.echo = echo;
        self
    }

    /// How many connections at most (8); a database in memory always has one.
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.options.pool_size = Some(connections);
        self
    }

    /// How long a connection is waited for (5 s).
    pub fn pool_timeout(mut self, timeout: Duration) -> Self {
        self.options.pool_timeout = Some(timeout);
        self
    }

    /// After which time without use a connection is closed, when it would be used next (never). Firewalls and servers cut
    /// such connections silently.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.options.idle_timeout = Some(timeout);
        self
    }

    /// After which time a connection is closed, used or not, when it would be used next (never).
    ///
    /// Source: `pool_recycle`.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.options.max_lifetime = Some(lifetime);
        self
    }

    /// Whether sessions flush before they ask the database (true).
    pub fn autoflush(mut self, autoflush: bool) -> Self {
        self.autoflush = autoflush;
        self
    }

    /// Whether a commit ages every object, so that the next query brings new values (true).
    pub fn expire_on_commit(mut self, expire: bool) -> Self {
        self.expire_on_commit = expire;
        self
    }

    /// How often [`Db::transaction`] runs its work at most (5).
    pub fn transaction_attempts(mut self, attempts: u32) -> Self {
        self.transaction_attempts = attempts.max(1);
        self
    }

    /// Every session sees only rows of this model that meet the criterion: see
    /// [`Session::with_loader_criteria`](crate::Session::with_loader_criteria).
    pub fn with_loader_criteria<M: Model>(mut self, model: TableRef<M>, criterion: impl IntoExpr<bool>) -> Self {
        self.criteria.push(LoaderCriterion::new(model, criterion));
        self
    }

    /// Opens the database. See [`Db::connect`].
    pub async fn connect(self, url: &str) -> Result<Db> {
        let mut registry = Registry::build(&self.models)?;
        for (model, moment, hook) in self.hooks {
            registry.hook(model, moment, hook)?;
        }
        let registry = Arc::new(registry);
        let engine = Engine::connect(url, self.options).await?;
        has_types(&registry, engine.dialect())?;
        Ok(Db(Arc::new(Inner {
            plans: Plans::new(&registry),
            compiled: CompiledCache::default(),
            engine,
            registry,
            texts: Texts::default(),
            rooms: Rooms::default(),
            autoflush: self.autoflush,
            expire_on_commit: self.expire_on_commit,
            transaction_attempts: self.transaction_attempts,
            everywhere: Everywhere { criteria: self.criteria.into(), ..Everywhere::default() },
            events: self.events,
        })))
    }
}

/// Whether the database has a type for every column.
fn has_types(registry: &Registry, dialect: &Dialect) -> Result<()> {
    let columns = registry.tables().iter().flat_map(|table| table.columns.iter().map(|column| (table.name, column)));
    let mut arrays = columns.filter(|(_, column)| matches!(column.r#type, Type::Array(_)) && !dialect.own_types);
    match arrays.next() {
        None => Ok(()),
        Some((table, column)) => Err(Error::new(
            Kind::Unsupported,
            format!("{} has no arrays, as column `{}` of table `{table}` wants one", dialect.name, column.name),
        )
        .way_out("store a list as JSON, which every database can: `Json<Vec<…>>`; or its elements as rows of a table")),
    }
}
