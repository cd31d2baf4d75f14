//! How a `Select` is sent.

use std::panic::Location;

use crate::{
    error::{Error, Kind, Result},
    identity::Entity,
    load,
    mapper::{AnyHandle, Handle, Model, Registry},
    query::{self, Compiled, FromRow, Query, Select},
    session::{Db, Session},
    sql::{Dialect, Rendered},
    value::{Cell, Row, Value},
};

/// What makes another statement of a query.
type Derive = fn(Query, &Registry, &Dialect, query::Cells<'_>) -> Result<Rendered>;

impl Session {
    fn compile(&self, query: Query) -> Result<Compiled> {
        let cells = |handle, columns: &[usize]| self.cells(handle, columns);
        query::compile(query, self.db.registry(), self.db.engine().dialect(), &cells)
    }

    /// Columns of an object that a query compares with.
    fn cells(&self, handle: AnyHandle, columns: &[usize]) -> Result<Vec<Value<'static>>> {
        let entity = self.identity.any_entity(handle)?;
        if matches!(self.identity.state(entity), crate::identity::State::Pending | crate::identity::State::Transient) {
            return Err(Error::new(Kind::InvalidRequest, "a query compares with an object that has no row")
                .with_entity(|| self.identity.describe(entity))
                .way_out("flush it first"));
        }
        Ok(columns.iter().map(|&column| self.identity.cell(entity, column).into_owned()).collect())
    }

    /// The one number that a statement made of the query answers.
    async fn number(&mut self, query: Query, compile: Derive) -> Result<i64> {
        self.ready().await?;
        let cells = |handle, columns: &[usize]| self.cells(handle, columns);
        let rendered = compile(query, self.db.registry(), self.db.engine().dialect(), &cells)?;
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

    async fn rows<R: FromRow>(&mut self, query: Query) -> Result<Vec<R>> {
        self.ready().await?;
        let compiled = self.compile(query)?;
        let mut rows = Vec::new();
        load::run(&mut self.loader(), &compiled, &mut |taken| {
            rows.push(R::from_row(taken)?);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// The objects of a query whose rows are one entity each.
    pub(super) async fn entities(&mut self, query: Query) -> Result<Vec<Entity>> {
        self.ready().await?;
        let compiled = self.compile(query)?;
        let mapper = compiled.nodes.first().map(|node| node.mapper).ok_or_else(|| Error::bug("a query of nothing"))?;
        let mut entities = Vec::new();
        load::run(&mut self.loader(), &compiled, &mut |taken| {
            entities.extend(taken.entities[0].map(|(slot, _)| Entity { mapper, slot }));
            Ok(())
        })
        .await?;
        Ok(entities)
    }

    pub(super) async fn count_query(&mut self, query: Query) -> Result<u64> {
        Ok(self.number(query, query::compile_count).await?.unsigned_abs())
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
        async move { Ok(session.rows(at_most(self.into_query(), 1)).await?.into_iter().next()) }
    }

    /// The one row there is.
    ///
    /// # Errors
    /// `NoResultFound` for none, `MultipleResultsFound` for several.
    #[track_caller]
    pub fn one(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send {
        let found = self.one_or_none(session);
        async move {
            found.await?.ok_or_else(|| {
                Error::new(Kind::NoResultFound, "no row was found where one was wanted")
                    .way_out("use `first` where none is fine")
            })
        }
    }

    /// The one row there is, or `None`.
    ///
    /// # Errors
    /// `MultipleResultsFound` for several.
    #[track_caller]
    pub fn one_or_none(self, session: &mut Session) -> impl Future<Output = Result<Option<R>>> + Send {
        session.called_at(Location::caller());
        async move {
            let mut rows = session.rows(at_most(self.into_query(), 2)).await?.into_iter();
            match (rows.next(), rows.next()) {
                (_, Some(_)) => {
                    Err(Error::new(Kind::MultipleResultsFound, "several rows were found where one was wanted")
                        .way_out("use `first` where any will do"))
                }
                (row, None) => Ok(row),
            }
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
        let mut session = db.session();
        async move {
            let rows = self.all(&mut session).await?;
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
        async move { self.one(&mut session).await?.own(&session) }
    }

    /// The first row, without a session of one's own. See [`first`](Select::first).
    #[track_caller]
    pub fn fetch_first(self, db: &Db) -> impl Future<Output = Result<Option<R::Owned>>> + Send
    where
        R: Fetch,
    {
        let mut session = db.session();
        async move { self.first(&mut session).await?.map(|row| row.own(&session)).transpose() }
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
            let rows: Vec<Option<T::Inner>> = session.rows(at_most(self.into_query(), 1)).await?;
            Ok(rows.into_iter().next().flatten())
        }
    }
}

fn at_most(mut query: Query, rows: u64) -> Query {
    query.limit = Some(query.limit.map_or(rows, |limit| limit.min(rows)));
    query
}

/// A row that can outlive its session: handles become trees, values stay.
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
