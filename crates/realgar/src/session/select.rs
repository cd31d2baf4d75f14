//! How a `Select` is sent.

use crate::{
    error::{Error, Kind, Result},
    load,
    mapper::{AnyHandle, Handle, Model},
    query::{self, Compiled, FromRow, Query, Select},
    session::{Db, Session},
    value::{Cell, Value},
};

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
    pub async fn all(self, session: &mut Session) -> Result<Vec<R>> {
        session.rows(self.into_query()).await
    }

    /// The first row, or `None`. The statement asks for one row only.
    pub async fn first(self, session: &mut Session) -> Result<Option<R>> {
        Ok(session.rows(at_most(self.into_query(), 1)).await?.into_iter().next())
    }

    /// The one row there is.
    ///
    /// # Errors
    /// `NoResultFound` for none, `MultipleResultsFound` for several.
    pub async fn one(self, session: &mut Session) -> Result<R> {
        self.one_or_none(session).await?.ok_or_else(|| {
            Error::new(Kind::NoResultFound, "no row was found where one was wanted")
                .way_out("use `first` where none is fine")
        })
    }

    /// The one row there is, or `None`.
    ///
    /// # Errors
    /// `MultipleResultsFound` for several.
    pub async fn one_or_none(self, session: &mut Session) -> Result<Option<R>> {
        let mut rows = session.rows(at_most(self.into_query(), 2)).await?.into_iter();
        match (rows.next(), rows.next()) {
            (_, Some(_)) => Err(Error::new(Kind::MultipleResultsFound, "several rows were found where one was wanted")
                .way_out("use `first` where any will do")),
            (row, None) => Ok(row),
        }
    }

    /// How many rows there are; nothing is loaded.
    pub async fn count(self, session: &mut Session) -> Result<u64> {
        session.ready().await?;
        let cells = |handle, columns: &[usize]| session.cells(handle, columns);
        let dialect = session.db.engine().dialect();
        let rendered = query::compile_count(self.into_query(), session.db.registry(), dialect, &cells)?;
        let mut count = 0;
        let read = &mut |row: &dyn crate::value::Row| {
            count = row.read::<i64>(0)?;
            Ok(())
        };
        session.transaction().query(&rendered.text, &rendered.params, read).await?;
        Ok(count.unsigned_abs())
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
