//! A transaction as one piece of work: it is committed, or rolled back, and tried again where another one was first.

use std::{panic::Location, time::Duration};

use crate::{
    error::{Kind, Result},
    session::{Db, Session},
};

/// How often the work is done before its failure is handed on.
const ATTEMPTS: u32 = 6;
/// The wait before the second attempt; it doubles each time.
const WAIT: Duration = Duration::from_millis(2);

impl Db {
    /// Runs work in a session of its own: `Ok` commits, `Err` rolls back. The session ends with it, so what is to be kept
    /// leaves it as a value or a [`tree`](Session::tree).
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// let id = db
    ///     .transaction(async |s| {
    ///         let ada = s.add(new!(User { name: "Ada" }));
    ///         s.flush().await?;
    ///         s.key(ada)
    ///     })
    ///     .await?;
    /// assert_eq!(id, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// The work, a flush, COMMIT. Where another transaction was first (`SerializationFailure`), all of it is done again, with
    /// a clone of the work and a new session, six times at most: what it does beside the session has to bear that.
    ///
    /// # Errors
    /// The work's own, and those of [`commit`](Session::commit). Nothing is committed then.
    ///
    /// # Cancellation
    /// A future that is dropped before its end rolls back.
    ///
    /// Source: `with Session.begin()`; there, nothing is tried again.
    #[track_caller]
    pub fn transaction<T, W>(&self, work: W) -> impl Future<Output = Result<T>>
    where
        W: AsyncFnOnce(&mut Session) -> Result<T> + Clone,
    {
        let place = Location::caller();
        async move {
            let mut wait = WAIT;
            for _ in 1..ATTEMPTS {
                match self.attempt(work.clone(), place).await {
                    Err(error) if error.kind() == Kind::SerializationFailure => tokio::time::sleep(wait).await,
                    done => return done,
                }
                wait *= 2;
            }
            self.attempt(work, place).await
        }
    }

    async fn attempt<T>(
        &self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T>,
        place: &'static Location<'static>,
    ) -> Result<T> {
        let mut session = Session::new(self.clone(), place, false);
        let result = match work(&mut session).await {
            Ok(value) => session.commit().await.map(|()| value),
            error => error,
        };
        if result.is_err() {
            session.close().await?;
        }
        result
    }
}
