//! How raw SQL is sent.

use std::panic::Location;

use crate::{
    error::Result,
    load,
    query::{RawPlan, RawRow, Sql},
    session::{Db, Fetch, Session, select},
    value::Cell,
};

impl Sql {
    /// All rows: handles (by the columns' names), values (by position), or tuples of them.
    ///
    /// # Shape
    /// Pending changes are flushed first. One statement, and one more for each relationship that the mapping loads
    /// with its owner. An object that the session knows is the same handle, and keeps its values unless it is aged.
    ///
    /// # Errors
    /// `InvalidRequest` for rows that lack a column of the model or have another number of values, and for statements
    /// that begin or end a transaction; `Programming` for another number of bound values than places; `Data` for a
    /// cell that does not fit; what the database refuses.
    #[track_caller]
    pub fn all<R: RawRow>(self, session: &mut Session) -> impl Future<Output = Result<Vec<R>>> + Send {
        session.called_at(Location::caller());
        self.rows(session)
    }

    async fn rows<R: RawRow>(self, session: &mut Session) -> Result<Vec<R>> {
        session.usable()?;
        let plan = RawPlan::new::<R>(self.into_rendered(session.db.engine().dialect())?, session.db.registry())?;
        session.ready().await?;
        let mut rows = Vec::new();
        load::run_raw(&mut session.loader(), &plan, &mut |taken| {
            rows.push(R::from_row(taken)?);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// The one row there is.
    ///
    /// # Errors
    /// `NoResultFound` for none, `MultipleResultsFound` for several, and those of [`all`](Sql::all).
    #[track_caller]
    pub fn one<R: RawRow>(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send {
        session.called_at(Location::caller());
        let text = self.text().to_owned();
        async move { select::one(self.rows(session).await?, &text) }
    }

    /// The value of the first row; `None` where there is no row, or where it is NULL.
    #[track_caller]
    pub fn scalar<T: Cell>(self, session: &mut Session) -> impl Future<Output = Result<Option<T::Inner>>> + Send {
        session.called_at(Location::caller());
        async move { Ok(self.rows::<Option<T::Inner>>(session).await?.into_iter().next().flatten()) }
    }

    /// Sends a statement that answers no rows; says how many rows it met.
    ///
    /// Objects of the session do not hear of it: they keep what they hold until they are aged (by a commit or
    /// rollback) and met again.
    ///
    /// # Errors
    /// `Programming` for a statement that answers rows, and for another number of bound values than places.
    #[track_caller]
    pub fn execute(self, session: &mut Session) -> impl Future<Output = Result<u64>> + Send {
        session.called_at(Location::caller());
        async move {
            session.usable()?;
            let sql = self.into_rendered(session.db.engine().dialect())?;
            session.ready().await?;
            session.transaction().execute(&sql.text, &sql.params).await
        }
    }

    /// All rows without a session of one's own: entities as owned trees.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// let users: Vec<User> = sql("SELECT * FROM users").fetch::<Handle<User>>(&db).await?;
    /// assert!(users.is_empty());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn fetch<R: RawRow + Fetch>(self, db: &Db) -> impl Future<Output = Result<Vec<R::Owned>>> + Send + use<R> {
        let mut session = db.session();
        session.called_at(Location::caller());
        async move {
            let rows: Vec<R> = self.rows(&mut session).await?;
            rows.into_iter().map(|row| row.own(&session)).collect()
        }
    }
}
