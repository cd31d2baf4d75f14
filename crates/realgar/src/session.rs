//! The front door: the session, its database, and what is asked through them.
//!
//! | file | what |
//! |---|---|
//! | `db.rs` | `Db`: what a program holds for all its life |
//! | `events.rs` | functions of the user's that run when a session does something |
//! | `verbs.rs` | what changes objects in memory: `add`, `append`, `set`, `remove`, `delete` |
//! | `expression.rs` | columns that become what an SQL expression says |
//! | `merge.rs` | objects from elsewhere: `attach`, `merge` |
//! | `leave.rs` | objects that are read anew or let go: `expire`, `refresh`, `expunge`, `detach` |
//! | `savepoint.rs` | `savepoint`, `no_autoflush` |
//! | `transact.rs` | `transaction`: whole transactions, tried again; isolation |
//! | `read.rs` | what finds and loads: `get`, `load`, `loaded`, `key`, `state` |
//! | `work.rs` | what writes: `flush`, `commit`, `rollback`, `close` |
//! | `select.rs` | how a `Select` is sent: `all`, `first`, `one`, `count`, `fetch` |
//! | `write.rs` | how statements that write are sent |
//! | `stream.rs` | reading in batches |
//! | `raw.rs` | how raw SQL is sent |
//! | `dynamic.rs` | the verbs by name, for models that are not known when the program is compiled |
//! | `history.rs` | what the next flush will do: `pending`, `dirty`, `deleted`, `history` |
//! | `plan.rs` | what a flush would do, without doing it |
//! | `view.rs` | a borrowed lens for rendering |
//! | `tree.rs` | an owned copy of what is loaded |

mod db;
mod dynamic;
mod events;
mod expression;
mod history;
mod leave;
mod merge;
mod plan;
mod raw;
mod read;
mod savepoint;
mod select;
mod signposts;
mod stream;
mod transact;
mod tree;
mod verbs;
mod view;
mod work;
mod write;

use std::{
    fmt,
    ops::{Index, IndexMut},
    panic::Location,
    sync::{Mutex, PoisonError},
};

pub use db::{Builder, Db};
pub use dynamic::{AnyRelationship, Dynamic, DynamicRef};
pub use history::{Attribute, History};
pub use plan::Plan;
pub use select::Fetch;
pub use stream::{Batches, FetchBatches};
pub use view::{View, ViewOne};

use crate::{
    driver::{Recorder, Transaction},
    error::{Error, Kind, Result},
    flush,
    identity::Identity,
    load::Loader,
    mapper::{Handle, Model},
    query::Everywhere,
};

/// Owns the objects of one conversation with the database: one object per row, one transaction at a time.
///
/// `session[handle]` lends `&M` or `&mut M`; plain writes are found by the next flush. Nothing is sent by reading or
/// writing fields: `.await` is a round trip, and only that. The transaction begins with the first statement and ends
/// with [`commit`](Session::commit) or [`rollback`](Session::rollback); dropping the session rolls back, and tells
/// `tracing` (at level info) where something was lost by that without an error.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// let mut s = db.session();
/// let ada = s.add(new!(User { name: "Ada" }));
/// s.commit().await?;
/// s[ada].name.push('!');
/// s.commit().await?;
/// assert_eq!(User::select().one(&mut s).await?, ada);
/// # Ok(()) }
/// ```
///
/// Source: `sqlalchemy.orm.Session`. There the garbage collector decides when an object leaves the session; here the
/// session keeps it.
pub struct Session {
    db: Db,
    identity: Identity,
    /// Reached by `get_mut` only, never locked: it makes the session `Sync`, so that a view may live across an await.
    transaction: Mutex<Transaction>,
    /// Why a rollback must come first.
    failed: Option<String>,
    /// A flush or commit is under way: still set when its future was dropped before its end.
    writing: bool,
    autoflush: bool,
    /// What holds for everything that is loaded.
    everywhere: Everywhere,
    /// How many savepoints are open.
    savepoints: u32,
    place: &'static Location<'static>,
}

impl Session {
    fn new(db: Db, place: &'static Location<'static>, test: bool) -> Session {
        let identity = Identity::new(db.registry().clone(), db.rooms());
        let transaction = Transaction::new(db.engine().clone(), identity.number(), place, test);
        let autoflush = db.autoflush();
        let transaction = Mutex::new(transaction);
        let everywhere = db.everywhere().clone();
        Session { db, identity, transaction, failed: None, writing: false, autoflush, everywhere, savepoints: 0, place }
    }

    /// The database that the session talks to.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Records what this session sends from now on, whatever others send.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// let mut s = db.session();
    /// let recorder = s.recorder();
    /// User::select().all(&mut s).await?;
    /// let sent = &recorder.statements()[0];
    /// assert_eq!(sent.sql, r#"SELECT "user"."id", "user"."name" FROM "user""#);
    /// assert!(sent.place.is_some_and(|place| place.file() == file!()));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn recorder(&mut self) -> Recorder {
        self.transaction().recorder(false)
    }

    /// The same with what is bound. Values of users are then in memory, and wherever the recording is shown; those of
    /// secret columns are not.
    #[must_use]
    pub fn recorder_with_parameters(&mut self) -> Recorder {
        self.transaction().recorder(true)
    }

    /// The program called a verb there: recordings say so.
    fn called_at(&mut self, place: &'static Location<'static>) -> &mut Session {
        self.transaction().called_at(place);
        self
    }

    fn transaction(&mut self) -> &mut Transaction {
        self.transaction.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn parts(&mut self) -> (Loader<'_>, &flush::Texts) {
        let loader = Loader {
            identity: &mut self.identity,
            transaction: self.transaction.get_mut().unwrap_or_else(PoisonError::into_inner),
            registry: self.db.registry(),
            plans: self.db.plans(),
            everywhere: &self.everywhere,
        };
        (loader, self.db.texts())
    }

    fn loader(&mut self) -> Loader<'_> {
        self.parts().0
    }

    /// All handles are void.
    fn let_all_go(&mut self) {
        self.identity.leave(self.db.rooms());
        self.identity = Identity::new(self.db.registry().clone(), self.db.rooms());
    }

    /// What was not committed goes with the session. After an error that is what was told; else somebody may have forgotten.
    fn tell_of_loss(&self) {
        if self.failed.is_some() || self.writing || !tracing::enabled!(target: "realgar", tracing::Level::INFO) {
            return;
        }
        let count = self.identity.uncommitted();
        if count > 0 {
            tracing::info!(
                target: "realgar",
                "the session made at {} was dropped, and with it what was not committed of {count} objects: \
                 `session.commit().await?` keeps it",
                self.place
            );
        }
    }

    /// Fails while a rollback is due.
    fn usable(&self) -> Result<()> {
        let why = match &self.failed {
            Some(why) => why.as_str(),
            None if self.writing => "the future of a flush or commit was dropped before its end",
            None => return Ok(()),
        };
        Err(Error::new(Kind::PendingRollback, format!("a rollback is due: {why}")).way_out(match self.savepoints {
            0 => "call `session.rollback().await?`: objects then hold what they held when the transaction began",
            _ => "return the error from the savepoint: objects then hold what they held when it began",
        }))
    }

    /// What every verb that asks the database does first: check, take over what was written, flush.
    async fn ready(&mut self) -> Result<()> {
        self.usable()?;
        if self.autoflush { self.write_pending().await.map_err(Error::in_autoflush) } else { Ok(()) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.tell_of_loss();
        self.identity.leave(self.db.rooms());
    }
}

impl<M: Model> Index<Handle<M>> for Session {
    type Output = M;

    /// Lends the object. Reading never queries.
    ///
    /// # Panics
    /// For a handle of another session, or of this one before it was closed: [`try_ref`](Session::try_ref) answers an
    /// error instead.
    #[track_caller]
    #[inline]
    fn index(&self, handle: Handle<M>) -> &M {
        match self.identity.lend(handle) {
            Ok(object) => object,
            Err(error) => panic!("{error}"),
        }
    }
}

impl<M: Model> IndexMut<Handle<M>> for Session {
    /// Lends the object for writing; the flush sends the columns that differ afterwards.
    ///
    /// # Panics
    /// As [`Index`] does: [`try_mut`](Session::try_mut) answers an error instead.
    #[track_caller]
    #[inline]
    fn index_mut(&mut self, handle: Handle<M>) -> &mut M {
        match self.identity.lend_mut(handle) {
            Ok(object) => object,
            Err(error) => panic!("{error}"),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("made_at", &self.place.to_string()).finish_non_exhaustive()
    }
}
