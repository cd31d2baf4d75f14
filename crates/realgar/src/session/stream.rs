//! Reading in batches: `yield_per`. Each batch is a statement of its own that begins behind the last row.

use std::{marker::PhantomData, panic::Location};

use crate::{
    error::Result,
    identity::Entity,
    load,
    query::{Filled, FromRow, Paging, Query, Select},
    session::{Db, Fetch, Session},
    value::Value,
};

/// The rows of a query, batch by batch: see [`Select::yield_per`].
#[must_use = "batches are read by `.next(&mut session).await?`"]
pub struct Batches<R> {
    query: Box<Query>,
    /// How it is read in pages, once that is known to be possible.
    paging: Option<Paging>,
    size: u64,
    /// Rows that may still come: the query's own LIMIT.
    left: Option<u64>,
    /// The place of the last row.
    place: Option<Vec<Value<'static>>>,
    ended: bool,
    /// What the last batch brought, slot and round.
    brought: Vec<(Entity, u32)>,
    row: PhantomData<fn() -> R>,
}

impl<R: FromRow> Select<R> {
    /// Reads the rows in batches of so many, with bounded memory.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add_all((0..250).map(|number| new!(User { name: format!("user {number}") })));
    /// # s.commit().await?;
    /// # s.close().await?;
    /// let (mut batches, mut count) = (User::select().yield_per(100), 0);
    /// while let Some(users) = batches.next(&mut s).await? {
    ///     for user in users {
    ///         s[user].name.push('!'); // what is changed stays until it is committed
    ///         count += 1;
    ///     }
    ///     s.commit().await?;
    /// }
    /// assert_eq!(count, 250);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One statement for each batch, and those of the relationships that are loaded with it. The rows come as ordered,
    /// and behind that by their keys; each batch begins behind the last row of the one before, so rows may be changed,
    /// inserted and deleted meanwhile, and commits and rollbacks may come between. A LIMIT counts all batches together.
    ///
    /// What a batch has brought into the session is let go when the next one is asked for, with what was loaded along its
    /// relationships: its handles are void then. What the session knew before stays, and so does what was changed in
    /// this transaction.
    ///
    /// # Errors
    /// When the first batch is asked for: `InvalidRequest` for a collection that is loaded by `joined`, `contains_eager`
    /// or `subquery` (by `selectin`, each batch loads its own), and for groups, aggregates and distinct values.
    ///
    /// # Cancellation
    /// A `next` that is dropped before its end is asked again.
    ///
    /// Source: `yield_per`, `Session.stream_scalars`; there, one cursor stays open.
    pub fn yield_per(self, rows: u64) -> Batches<R> {
        let (query, size) = (self.into_query(), rows.max(1));
        let left = query.limit;
        let (paging, place, brought) = (None, None, Vec::new());
        Batches { query, paging, size, left, place, ended: false, brought, row: PhantomData }
    }
}

impl<R: FromRow> Batches<R> {
    /// The next batch; `None` behind the last row. Pending changes are flushed first.
    ///
    /// # Errors
    /// Those of [`yield_per`](Select::yield_per) and [`all`](Select::all).
    #[track_caller]
    pub fn next(&mut self, session: &mut Session) -> impl Future<Output = Result<Option<Vec<R>>>> + Send {
        session.called_at(Location::caller());
        self.page(session)
    }

    async fn page(&mut self, session: &mut Session) -> Result<Option<Vec<R>>> {
        session.ready().await?;
        let since = session.identity.note_arrivals();
        session.identity.let_go_batch(&std::mem::take(&mut self.brought), &since);
        if self.ended {
            session.identity.forget_arrivals();
            return Ok(None);
        }
        let registry = session.db.registry().clone();
        let paging = match &self.paging {
            Some(paging) => paging.clone(),
            None => Paging::new(Query::clone(&self.query), &registry)?,
        };
        let rows = self.left.map_or(self.size, |left| left.min(self.size));
        let query = paging.page(self.place.as_deref(), rows, session.db.engine().dialect());
        let Filled { compiled, params } = session.compile(Box::new(query))?;
        if self.paging.is_none() {
            compiled.check_batches(&registry)?;
        }
        let width = self.paging.insert(paging).width();
        let (mut batch, mut place) = (Vec::new(), Vec::new());
        load::run(&mut session.loader(), &compiled, &params, &mut |taken| {
            place.clear();
            for at in 0..width {
                place.push(taken.row.get(compiled.extra_at + at)?.into_owned());
            }
            batch.push(R::from_row(taken)?);
            Ok(())
        })
        .await?;
        self.brought = session.identity.note_arrivals();
        let read = batch.len() as u64;
        self.left = self.left.map(|left| left - read.min(left));
        self.place = Some(place);
        if read < self.size || self.left == Some(0) {
            self.ended = true;
        }
        if read == 0 {
            session.identity.forget_arrivals();
            return Ok(None);
        }
        Ok(Some(batch))
    }

    /// The same without a session of one's own: batches of owned trees.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// let mut batches = User::select().yield_per(100).fetch(&db);
    /// while let Some(users) = batches.next().await? {
    ///     let users: Vec<User> = users;
    /// #   drop(users);
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn fetch(self, db: &Db) -> FetchBatches<R>
    where
        R: Fetch,
    {
        FetchBatches { batches: self, session: db.session() }
    }
}

/// The rows of a query as owned trees, batch by batch: see [`Batches::fetch`]. The transaction that reads them ends when
/// this is dropped.
#[must_use = "batches are read by `.next().await?`"]
pub struct FetchBatches<R> {
    batches: Batches<R>,
    session: Session,
}

impl<R: Fetch> FetchBatches<R> {
    /// The next batch; `None` behind the last row.
    ///
    /// # Errors
    /// Those of [`Batches::next`].
    #[track_caller]
    #[allow(clippy::should_implement_trait)] // an iterator does not wait
    pub fn next(&mut self) -> impl Future<Output = Result<Option<Vec<R::Owned>>>> + Send {
        self.session.called_at(Location::caller());
        async move {
            let Some(rows) = self.batches.page(&mut self.session).await? else { return Ok(None) };
            rows.into_iter().map(|row| row.own(&self.session)).collect::<Result<_>>().map(Some)
        }
    }
}

impl<R> std::fmt::Debug for Batches<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("size", &self.size).field("left", &self.left).finish_non_exhaustive()
    }
}

impl<R> std::fmt::Debug for FetchBatches<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.batches.fmt(f)
    }
}
