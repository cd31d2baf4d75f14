//! Parts of a transaction that can be taken back, and work without autoflush.

use std::{ops::DerefMut, panic::Location};

use crate::{error::Result, session::Session};

impl Session {
    /// Runs a part of the transaction: `Ok` keeps what it did, `Err` takes back exactly that, in the database and in the
    /// objects; what was done before stays.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, #[column(unique)] name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// let mut s = db.session();
    /// s.add(new!(User { name: "Ada" }));
    /// let twice = s.savepoint(async |s| {
    ///     s.add(new!(User { name: "Ada" }));
    ///     s.flush().await
    /// });
    /// assert_eq!(twice.await.unwrap_err().kind(), Kind::UniqueViolation);
    /// s.commit().await?; // one Ada
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// Flushes first, then SAVEPOINT, the work and a flush, then RELEASE, or ROLLBACK TO.
    ///
    /// # Cancellation
    /// A savepoint that is dropped before its end leaves the session waiting for `rollback`.
    ///
    /// Source: `Session.begin_nested`.
    #[track_caller]
    pub fn savepoint<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T>,
    ) -> impl Future<Output = Result<T>> {
        self.inside(work, Location::caller())
    }

    async fn inside<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T>,
        place: &'static Location<'static>,
    ) -> Result<T> {
        self.called_at(place).write_pending().await?;
        let depth = self.savepoints + 1;
        self.transaction().savepoint(depth).await?;
        let mark = self.identity.mark();
        self.savepoints = depth;
        let at_drop = |session: &mut Session| {
            session.savepoints -= 1; // those inside of it were dropped before
            session.failed = Some(DROPPED.to_owned());
        };
        let mut inside = Guard { session: self, at_drop };
        let result = match work(&mut inside).await {
            Ok(value) => inside.called_at(place).write_pending().await.map(|()| value),
            error => error,
        };
        // A server that refuses everything after an error refuses the release, too.
        let result = match result {
            Ok(value) => inside.transaction().release(depth).await.map(|()| value),
            error => error,
        };
        let gone = match &result {
            Ok(_) => None,
            Err(_) => inside.transaction().rollback_to(depth).await.err(),
        };
        inside.at_drop = |_| {};
        drop(inside);
        self.savepoints = depth - 1;
        match (&result, gone) {
            (Ok(_), _) => self.identity.released(),
            (Err(_), Some(gone)) => self.failed = Some(gone.what().to_owned()),
            (Err(_), None) => {
                self.identity.rolled_back_to(mark)?;
                self.writing = false;
                self.failed = None;
            }
        }
        result
    }

    /// Runs work whose queries do not flush first. What they answer may lack what is pending.
    ///
    /// Source: `Session.no_autoflush`.
    pub async fn no_autoflush<T>(&mut self, work: impl AsyncFnOnce(&mut Session) -> Result<T>) -> Result<T> {
        let at_drop =
            if self.autoflush { |session: &mut Session| session.autoflush = true } else { |_: &mut Session| {} };
        self.autoflush = false;
        let mut inside = Guard { session: self, at_drop };
        work(&mut inside).await
    }
}

const DROPPED: &str = "the future of a savepoint was dropped before its end";

/// Does something to the session when it is dropped, also with a future that is dropped before its end.
struct Guard<'s> {
    session: &'s mut Session,
    at_drop: fn(&mut Session),
}

impl std::ops::Deref for Guard<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        (self.at_drop)(self.session);
    }
}
