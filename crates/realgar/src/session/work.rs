//! What writes: `flush`, `commit`, `rollback`, `close`.

use std::panic::Location;

use crate::{
    error::{Error, Kind, Result},
    flush,
    session::Session,
};

impl Session {
    /// Writes what changed: updates and inserts, what is referred to first; then association rows; then deletes.
    ///
    /// # Shape
    /// Objects without a change send nothing; a changed object sends the columns that differ.
    ///
    /// # Errors
    /// What the database refuses (`UniqueViolation`, `ForeignKeyViolation`, `NotNullViolation`, `CheckViolation`,
    /// `Data`, …) with the object concerned; `StaleData` when a row is gone; `CircularDependency`. The transaction is
    /// then rolled back, the objects still hold their values, and every further call is `PendingRollback` until
    /// [`rollback`](Session::rollback). `Validation` where a column's `validate` function says no: nothing was sent, and
    /// the session goes on as it is; one that a relationship refused inside a new object makes a rollback due.
    ///
    /// # Cancellation
    /// A flush that is dropped before its end leaves the session waiting for `rollback`, as an error does.
    ///
    /// Source: `Session.flush`.
    #[track_caller]
    pub fn flush(&mut self) -> impl Future<Output = Result<()>> + Send {
        self.called_at(Location::caller()).write_pending()
    }

    /// A flush on the account of the verb that was called.
    pub(super) async fn write_pending(&mut self) -> Result<()> {
        self.usable()?;
        if !self.identity.is_dirty() {
            return Ok(());
        }
        self.run_before_flush()?;
        self.identity.check_columns()?;
        self.writing = true;
        let (mut loader, texts) = self.parts();
        // In a box: whoever asks the database flushes first, mostly nothing, and would carry room for all of this.
        let result = Box::pin(flush::flush(&mut loader, texts)).await;
        self.done(result)?;
        self.run_after_flush();
        Ok(())
    }

    /// The end of a write: an error makes a rollback due.
    fn done(&mut self, result: Result<()>) -> Result<()> {
        self.writing = false;
        if let Err(error) = &result {
            self.fail(error);
        }
        result
    }

    /// Inside a savepoint, its end rolls back; else the transaction ends at once.
    fn fail(&mut self, error: &Error) {
        if self.savepoints == 0 {
            self.transaction().fail();
        }
        self.failed = Some(error.in_short());
    }

    /// The transaction around a savepoint does not end inside of it.
    fn outside_savepoints(&self, verb: &str) -> Result<()> {
        match self.savepoints {
            0 => Ok(()),
            _ => Err(Error::new(Kind::InvalidRequest, format!("`{verb}` inside a savepoint"))
                .way_out("return from the savepoint first: `Ok` keeps what it did, `Err` takes it back")),
        }
    }

    /// Flushes and commits. Without anything to do it sends nothing.
    ///
    /// Afterwards every object is aged: it still reads as last known, and the next query, `get` or relationship load
    /// that meets it takes the database's values.
    ///
    /// # Errors
    /// Those of [`flush`](Session::flush). Nothing is committed then.
    ///
    /// Source: `Session.commit`; there, an object that is read after a commit is loaded by the reading itself.
    #[track_caller]
    pub fn commit(&mut self) -> impl Future<Output = Result<()>> + Send {
        self.commit_at(Location::caller())
    }

    /// For what commits on behalf of others: recordings name that place.
    #[doc(hidden)]
    pub fn commit_at(&mut self, place: &'static Location<'static>) -> impl Future<Output = Result<()>> + Send {
        self.called_at(place).write_and_commit()
    }

    async fn write_and_commit(&mut self) -> Result<()> {
        self.outside_savepoints("commit")?;
        self.usable()?;
        self.run_before_commit()?;
        self.write_pending().await?;
        if !self.transaction().is_begun() {
            return Ok(());
        }
        self.writing = true;
        let result = self.transaction().commit().await;
        self.done(result)?;
        let age = self.db.expire_on_commit();
        self.identity.committed(age);
        self.run_after_commit();
        Ok(())
    }

    /// Rolls back: every object holds again what it held when the transaction began, without a query. Objects that were
    /// added since are `Transient` and stay readable.
    ///
    /// # Errors
    /// `InvalidRequest` inside a savepoint: return `Err` from it.
    ///
    /// # Cancellation
    /// One that is dropped before its end is still due.
    ///
    /// Source: `Session.rollback`; there, objects are loaded again one by one when they are read.
    pub async fn rollback(&mut self) -> Result<()> {
        self.outside_savepoints("rollback")?;
        self.transaction().rollback().await?;
        self.identity.rolled_back()?;
        self.writing = false;
        self.failed = None;
        self.run_after_rollback();
        Ok(())
    }

    /// Rolls back and lets every object go: all handles are void. The session can be used again.
    ///
    /// # Errors
    /// `InvalidRequest` inside a savepoint: return from it first.
    pub async fn close(&mut self) -> Result<()> {
        self.outside_savepoints("close")?;
        self.transaction().rollback().await?;
        self.let_all_go();
        self.writing = false;
        self.failed = None;
        Ok(())
    }
}
