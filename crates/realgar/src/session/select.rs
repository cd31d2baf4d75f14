//! How a `Select` is sent.

use std::{panic::Location, sync::Arc};

use crate::{
    error::{Error, Kind, Result},
    identity::Entity,
    load,
    mapper::{Handle, Model, Registry, TableRef},
    query::{self, Compiled, Filled, FromRow, IntoExpr, LoaderCriterion, Query, Select},
    session::{Db, Session},
    sql::{Dialect, Rendered},
    value::{Cell, Row, Value},
};

/// What makes another statement of a query.
type Derive = fn(Query, &Registry, &Dialect, query::Cells<'_>) -> Result<Rendered>;

impl Session {
    /// From now on, this session sees only rows of the model that meet the criterion: rows that are not deleted, rows of
    /// one tenant.
    ///
    /// It holds wherever a statement meets the model's table: in what a query selects from, in its joins and joined
    /// relationships (there in ON), under aliases, in `any`, `has` and selects inside, and in every relationship that is
    /// loaded with a query or later. It does not hold for what the session knows: `get` answers known objects, and so
    /// does a relationship to one that needs no statement. `refresh`, raw SQL, and what a flush loads to cascade see all
    /// rows.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "posts")] struct Post {
    /// #   #[column(primary_key)] id: i64, title: String, #[column(default = false)] deleted: bool }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![Post]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// s.add_all([new!(Post { title: "Here" }), new!(Post { title: "Gone", deleted: true })]);
    /// s.commit().await?;
    /// s.with_loader_criteria(Post::TABLE, !Post::deleted);
    /// assert_eq!(Post::select().count(&mut s).await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// Source: `with_loader_criteria` in a `do_orm_execute` event; there, aliases are left out unless asked for, and a
    /// flush that cascades overlooks what the criterion hides.
    pub fn with_loader_criteria<M: Model>(&mut self, model: TableRef<M>, criterion: impl IntoExpr<bool>) {
        self.everywhere.add(&[LoaderCriterion::new(model, criterion)]);
    }

    pub(super) fn compile(&self, query: Box<Query>) -> Result<Filled> {
        let cells = |handle, columns: &[usize]| self.identity.cells(handle, columns);
        let query = self.everywhere_in(query);
        self.db.compiled().compiled(query, self.db.registry(), self.db.engine().dialect(), &cells)
    }

    /// The query with what the session says about everything that it loads.
    fn everywhere_in(&self, mut query: Box<Query>) -> Box<Query> {
        query.everywhere.add(&self.everywhere.criteria);
        query
    }

    /// The one number that a statement made of the query answers.
    async fn number(&mut self, query: Box<Query>, compile: Derive) -> Result<i64> {
        self.ready().await?;
        let cells = |handle, columns: &[usize]| self.identity.cells(handle, columns);
        let rendered = compile(*self.everywhere_in(query), self.db.registry(), self.db.engine().dialect(), &cells)?;
        let mut number = 0;
        let read = &mut |row: &dyn Row| {
            number = match row.get(0)? {
                Value::Bool(truth) => i64::from(truth),
                value => i64::from_cell(value)?,
            };
            Ok(())
        };
        self.transaction().query(&rendered.text, &rendered.params, read).await?;
        Ok(number)
    }

    async fn rows<R: FromRow>(&mut self, query: Box<Query>) -> Result<Vec<R>> {
        Ok(self.rows_and_statement(query).await?.0)
    }

    /// The rows, and the statement that brought them.
    async fn rows_and_statement<R: FromRow>(&mut self, query: Box<Query>) -> Result<(Vec<R>, Arc<Compiled>)> {
        self.ready().await?;
        let Filled { compiled, params } = self.compile(query)?;
        if R::OBJECT && compiled.brings_objects() {
            let slots = load::objects(&mut self.loader(), &compiled, &params).await?;
            return Ok((self.identity.rows(compiled.nodes[0].mapper, &slots), compiled));
        }
        let mut rows = Vec::new();
        load::run(&mut self.loader(), &compiled, &params, &mut |taken| {
            rows.push(R::from_row(taken)?);
            Ok(())
        })
        .await?;
        Ok((rows, compiled))
    }

    /// The objects of a query whose rows are one entity each.
    pub(super) async fn entities(&mut self, query: Box<Query>) -> Result<Vec<Entity>> {
        self.ready().await?;
        let Filled { compiled, params } = self.compile(query)?;
        let mapper = compiled.nodes.first().map(|node| node.mapper).ok_or_else(|| Error::bug("a query of nothing"))?;
        let mut entities = Vec::new();
        load::run(&mut self.loader(), &compiled, &params, &mut |taken| {
            entities.extend(taken.entities[0].slot().map(|slot| Entity { mapper, slot }));
            Ok(())
        })
        .await?;
        Ok(entities)
    }

    pub(super) async fn count_query(&mut self, query: Box<Query>) -> Result<u64> {
        Ok(self.number(query, query::compile_count).await?.unsigned_abs())
    }
}

/// The one row there is, of those that this statement brought.
pub(super) fn one<R>(rows: Vec<R>, sql: &str) -> Result<R> {
    one_or_none(rows, sql)?.ok_or_else(|| {
        Error::new(Kind::NoResultFound, "no row was found where one was wanted")
            .with_statement(sql)
            .way_out("`first` and `one_or_none` answer an `Option`, for where none is fine")
    })
}

fn one_or_none<R>(rows: Vec<R>, sql: &str) -> Result<Option<R>> {
    let mut rows = rows.into_iter();
    match (rows.next(), rows.next()) {
        (_, Some(_)) => Err(Error::new(Kind::MultipleResultsFound, "several rows were found where one was wanted")
            .with_statement(sql)
            .way_out("narrow it by a further `filter`, or take `first` where any will do, `all` where all are meant")),
        (row, None) => Ok(row),
    }
}

impl<R: FromRow> Select<R> {
    /// All rows, in the order asked for. Pending changes are flushed first.
    ///
    /// # Shape
    /// One statement, and one more for each relationship loaded by `selectin` (for 500 objects at a time). An object
    /// that the session knows keeps its values; an aged one takes the database's.
    ///
    /// # Errors
    /// `InvalidRequest` for a column of a model that is not part of the select, before anything is sent; those of
    /// [`flush`](Session::flush); what the database refuses; `Data` for a cell that does not fit its field.
    ///
    /// Source: `session.scalars(select).all()`, `session.execute(select).all()`.
    #[track_caller]
    pub fn all(self, session: &mut Session) -> impl Future<Output = Result<Vec<R>>> + Send {
        self.all_at(session, Location::caller())
    }

    /// For verbs made of this one: recordings name the place where those were called.
    #[doc(hidden)]
    pub fn all_at(
        self,
        session: &mut Session,
        place: &'static Location<'static>,
    ) -> impl Future<Output = Result<Vec<R>>> + Send {
        session.called_at(place).rows(self.into_query())
    }

    /// The first row, or `None`. The statement asks for one row only.
    #[track_caller]
    pub fn first(self, session: &mut Session) -> impl Future<Output = Result<Option<R>>> + Send {
        session.called_at(Location::caller());
        self.first_row(session)
    }

    async fn first_row(self, session: &mut Session) -> Result<Option<R>> {
        Ok(session.rows(at_most(self.into_query(), 1, session.db.registry())).await?.into_iter().next())
    }

    /// The one row there is.
    ///
    /// # Errors
    /// `NoResultFound` for none, `MultipleResultsFound` for several.
    #[track_caller]
    pub fn one(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send {
        session.called_at(Location::caller());
        self.one_row(session)
    }

    async fn one_row(self, session: &mut Session) -> Result<R> {
        let query = at_most(self.into_query(), 2, session.db.registry());
        let (rows, sent) = session.rows_and_statement(query).await?;
        one(rows, &sent.sql.text)
    }

    /// The one row there is, or `None`.
    ///
    /// # Errors
    /// `MultipleResultsFound` for several.
    #[track_caller]
    pub fn one_or_none(self, session: &mut Session) -> impl Future<Output = Result<Option<R>>> + Send {
        session.called_at(Location::caller());
        async move {
            let query = at_most(self.into_query(), 2, session.db.registry());
            let (rows, sent) = session.rows_and_statement(query).await?;
            one_or_none(rows, &sent.sql.text)
        }
    }

    /// How many rows there are; nothing is loaded.
    #[track_caller]
    pub fn count(self, session: &mut Session) -> impl Future<Output = Result<u64>> + Send {
        self.count_at(session, Location::caller())
    }

    /// For verbs made of this one: recordings name the place where those were called.
    #[doc(hidden)]
    pub fn count_at(
        self,
        session: &mut Session,
        place: &'static Location<'static>,
    ) -> impl Future<Output = Result<u64>> + Send {
        session.called_at(place).count_query(self.into_query())
    }

    /// Whether there is any row; nothing is loaded.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// s.add(new!(User { name: "Ada" }));
    /// assert!(User::select().filter(User::name.eq("Ada")).exists(&mut s).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One statement: `SELECT EXISTS (SELECT 1 …)`. Pending changes are flushed first.
    #[track_caller]
    pub fn exists(self, session: &mut Session) -> impl Future<Output = Result<bool>> + Send {
        session.called_at(Location::caller());
        async move { Ok(session.number(self.into_query(), query::compile_exists).await? != 0) }
    }

    /// All rows without a session of one's own: entities as owned trees of what was loaded.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// let users: Vec<User> = User::select().fetch(&db).await?;
    /// assert!(users.is_empty());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn fetch(self, db: &Db) -> impl Future<Output = Result<Vec<R::Owned>>> + Send
    where
        R: Fetch,
    {
        let (mut session, place) = (db.session(), Location::caller());
        async move {
            let rows = self.all_at(&mut session, place).await?;
            rows.into_iter().map(|row| row.own(&session)).collect()
        }
    }

    /// The one row there is, without a session of one's own. See [`one`](Select::one).
    #[track_caller]
    pub fn fetch_one(self, db: &Db) -> impl Future<Output = Result<R::Owned>> + Send
    where
        R: Fetch,
    {
        let mut session = db.session();
        session.called_at(Location::caller());
        async move { self.one_row(&mut session).await?.own(&session) }
    }

    /// The first row, without a session of one's own. See [`first`](Select::first).
    #[track_caller]
    pub fn fetch_first(self, db: &Db) -> impl Future<Output = Result<Option<R::Owned>>> + Send
    where
        R: Fetch,
    {
        let mut session = db.session();
        session.called_at(Location::caller());
        async move { self.first_row(&mut session).await?.map(|row| row.own(&session)).transpose() }
    }
}

impl<T: Cell> Select<T> {
    /// The value of the first row; `None` where there is no row, or where it is NULL.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, age: i32 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// assert_eq!(select(max(User::age)).scalar(&mut s).await?, None);
    /// s.add_all([new!(User { age: 36 }), new!(User { age: 12 })]);
    /// assert_eq!(select(max(User::age)).scalar(&mut s).await?, Some(36));
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One statement that asks for one row. Pending changes are flushed first. Several rows are no error: the one
    /// row that must be there is [`one`](Select::one).
    ///
    /// Source: `Session.scalar`.
    #[track_caller]
    pub fn scalar(self, session: &mut Session) -> impl Future<Output = Result<Option<T::Inner>>> + Send {
        session.called_at(Location::caller());
        async move {
            let query = at_most(self.into_query(), 1, session.db.registry());
            let rows: Vec<Option<T::Inner>> = session.rows(query).await?;
            Ok(rows.into_iter().next().flatten())
        }
    }
}

/// The query for so many rows; all of them where several make one object, which would be cut.
fn at_most(mut query: Box<Query>, rows: u64, registry: &Registry) -> Box<Query> {
    if !query.options.iter().any(|option| option.repeats(registry)) {
        query.limit = Some(query.limit.map_or(rows, |limit| limit.min(rows)));
    }
    query
}

/// A row that can outlive its session: handles become trees, values stay.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot leave its session",
    note = "`fetch` answers models, types of columns, `Option` of them, and tuples of up to twelve"
)]
pub trait Fetch: FromRow {
    /// What becomes of it.
    type Owned: Send;

    /// Takes it out of the session.
    fn own(self, session: &Session) -> Result<Self::Owned>;
}

impl<M: Model> Fetch for Handle<M> {
    type Owned = M;

    fn own(self, session: &Session) -> Result<M> {
        session.tree(self)
    }
}

impl<M: Model> Fetch for Option<Handle<M>> {
    type Owned = Option<M>;

    fn own(self, session: &Session) -> Result<Option<M>> {
        self.map(|handle| session.tree(handle)).transpose()
    }
}

impl<T: Cell> Fetch for T {
    type Owned = T;

    fn own(self, _: &Session) -> Result<T> {
        Ok(self)
    }
}

macro_rules! tuple_fetch {
    ($($name:ident),*) => {
        impl<$($name: Fetch),*> Fetch for ($($name,)*) {
            type Owned = ($($name::Owned,)*);

            #[allow(non_snake_case)]
            fn own(self, session: &Session) -> Result<Self::Owned> {
                let ($($name,)*) = self;
                Ok(($($name.own(session)?,)*))
            }
        }
    };
}
tuple_fetch!(A);
tuple_fetch!(A, B);
tuple_fetch!(A, B, C);
tuple_fetch!(A, B, C, D);
tuple_fetch!(A, B, C, D, E);
tuple_fetch!(A, B, C, D, E, F);
tuple_fetch!(A, B, C, D, E, F, G);
tuple_fetch!(A, B, C, D, E, F, G, H);
