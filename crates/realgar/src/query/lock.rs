//! Row locks: `with_for_update`.

use crate::{
    query::{IntoTable, Seen, Select},
    sql::Patience,
};

/// A lock on the rows that a query answers, until the transaction ends: `Lock::update().skip_locked()`.
///
/// ```
/// # use realgar::{Lock, prelude::*};
/// # #[derive(Model)] #[model(table = "jobs")] struct Job { #[column(primary_key)] id: i64, #[column(default = false)] done: bool }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![Job]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// let next = Job::select().filter(!Job::done).with_lock(Lock::update().skip_locked()).first(&mut s).await?;
/// assert!(next.is_none());
/// # Ok(()) }
/// ```
///
/// Source: the arguments of `with_for_update`.
#[derive(Debug, Clone)]
#[must_use = "a lock does nothing until a select has it: `.with_lock(…)`"]
pub struct Lock {
    pub(super) read: bool,
    pub(super) wait: Patience,
    pub(super) of: Vec<Seen>,
}

impl Lock {
    /// Nobody else may change or lock the rows: `FOR UPDATE`.
    pub fn update() -> Lock {
        Lock { read: false, wait: Patience::Endless, of: Vec::new() }
    }

    /// Nobody else may change the rows: `FOR SHARE`.
    pub fn read() -> Lock {
        Lock { read: true, ..Lock::update() }
    }

    /// A row that somebody else has locked is an error (`Timeout`) instead of being waited for.
    pub fn nowait(mut self) -> Lock {
        self.wait = Patience::None;
        self
    }

    /// Rows that somebody else has locked are left out.
    pub fn skip_locked(mut self) -> Lock {
        self.wait = Patience::SkipLocked;
        self
    }

    /// Only rows of this table are locked, where the query joins several. Called again, it adds one.
    pub fn of(mut self, table: impl IntoTable) -> Lock {
        self.of.push(table.into_table());
        self
    }
}

impl<R> Select<R> {
    /// Locks the rows until the transaction ends: nobody else may change or lock them.
    ///
    /// SQLite locks no rows: there the query is sent without; `?begin=immediate` in the URL lets one writer in at a
    /// time. What is loaded with the query by further statements is not locked. What the session knows keeps its values:
    /// [`populate_existing`](Select::populate_existing) takes those of the locked rows.
    ///
    /// Source: `Select.with_for_update`.
    pub fn with_for_update(self) -> Self {
        self.with_lock(Lock::update())
    }

    /// Locks the rows in another way: see [`Lock`].
    ///
    /// # Errors
    /// `InvalidRequest` for a lock `of` a table that is not part of the select; `Unsupported` where the database cannot
    /// lock rows of some tables only.
    pub fn with_lock(mut self, lock: Lock) -> Self {
        self.query_mut().lock = Some(lock);
        self
    }
}
