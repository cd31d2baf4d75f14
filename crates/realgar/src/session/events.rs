//! Functions of the user's that run when a session writes, ends its transaction, or does something to an object.

use std::{fmt, sync::Arc};

use crate::{
    error::Result,
    mapper::{Hook, Model, Moment},
    session::{Builder, Session},
};

type Before = Arc<dyn Fn(&mut Session) -> Result<()> + Send + Sync>;
type After = Arc<dyn Fn(&Session) + Send + Sync>;

/// What runs for sessions, in the order in which it was given.
#[derive(Clone, Default)]
pub(super) struct Events {
    before_flush: Vec<Before>,
    before_commit: Vec<Before>,
    after_flush: Vec<After>,
    after_commit: Vec<After>,
    after_rollback: Vec<After>,
}

impl Session {
    /// What the user's functions want to do before a flush; only they know whether there is something to flush.
    pub(super) fn run_before_flush(&mut self) -> Result<()> {
        let db = self.db.clone();
        db.events().before_flush.iter().try_for_each(|run| run(self))
    }

    pub(super) fn run_before_commit(&mut self) -> Result<()> {
        let db = self.db.clone();
        db.events().before_commit.iter().try_for_each(|run| run(self))
    }

    pub(super) fn run_after_flush(&self) {
        self.db.events().after_flush.iter().for_each(|run| run(self));
    }

    pub(super) fn run_after_commit(&self) {
        self.db.events().after_commit.iter().for_each(|run| run(self));
    }

    pub(super) fn run_after_rollback(&self) {
        self.db.events().after_rollback.iter().for_each(|run| run(self));
    }
}

/// Events: functions that run for every session of the database, in the order in which they were given.
///
/// They are plain functions, called by the session; nothing can be awaited in them. What a function *before* something
/// refuses, does not happen: its error is that of the flush or commit. A model that the database does not know is an
/// `InvalidRequest` of `connect`.
///
/// ```
/// # use realgar::prelude::*;
/// #[derive(Model)]
/// struct User {
///     #[column(primary_key)]
///     id: i64,
///     email: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// let db = Db::builder(models![User])
///     .before_insert(|user: &mut User| {
///         user.email = user.email.to_lowercase();
///         Ok(())
///     })
///     .after_insert(|user: &User| println!("{} is user {}", user.email, user.id))
///     .connect("sqlite::memory:")
///     .await?;
/// db.create_all().await?;
/// let mut s = db.session();
/// let ada = s.add(new!(User { email: "Ada@Example.org" }));
/// s.commit().await?;
/// assert_eq!(s[ada].email, "ada@example.org");
/// # Ok(()) }
/// ```
///
/// Source: `event.listen` with SQLAlchemy's mapper and session events. There, a listener may also send statements.
impl Builder {
    /// Runs before the INSERT of each new object, which can still be changed. Foreign keys of new owners are set later.
    pub fn before_insert<M: Model>(self, run: impl Fn(&mut M) -> Result<()> + Send + Sync + 'static) -> Self {
        self.hook::<M>(Moment::BeforeInsert, Hook::new(run))
    }

    /// Runs after the INSERT of each new object: its key is there.
    pub fn after_insert<M: Model>(self, run: impl Fn(&M) + Send + Sync + 'static) -> Self {
        self.looking(Moment::AfterInsert, run)
    }

    /// Runs before the UPDATE of each object that was lent for writing, which can still be changed; also where nothing
    /// differs in the end, and no UPDATE is sent.
    pub fn before_update<M: Model>(self, run: impl Fn(&mut M) -> Result<()> + Send + Sync + 'static) -> Self {
        self.hook::<M>(Moment::BeforeUpdate, Hook::new(run))
    }

    /// Runs after the UPDATE of each object that was lent for writing.
    pub fn after_update<M: Model>(self, run: impl Fn(&M) + Send + Sync + 'static) -> Self {
        self.looking(Moment::AfterUpdate, run)
    }

    /// Runs before the DELETE of each object, also of those that a cascade reaches.
    pub fn before_delete<M: Model>(self, run: impl Fn(&M) -> Result<()> + Send + Sync + 'static) -> Self {
        self.hook::<M>(Moment::BeforeDelete, Hook::new(move |object: &mut M| run(object)))
    }

    /// Runs after the DELETE of each object.
    pub fn after_delete<M: Model>(self, run: impl Fn(&M) + Send + Sync + 'static) -> Self {
        self.looking(Moment::AfterDelete, run)
    }

    /// Runs for each row that becomes an object which the session did not hold. What it changes is no change of the row.
    pub fn on_load<M: Model>(self, run: impl Fn(&mut M) + Send + Sync + 'static) -> Self {
        self.hook::<M>(
            Moment::Load,
            Hook::new(move |object: &mut M| {
                run(object);
                Ok(())
            }),
        )
    }

    /// Runs before each flush that has something to do. It can add, change and delete objects, which the flush then writes;
    /// [`pending`](Session::pending), [`dirty`](Session::dirty) and [`deleted`](Session::deleted) say what is there.
    pub fn before_flush(mut self, run: impl Fn(&mut Session) -> Result<()> + Send + Sync + 'static) -> Self {
        self.events.before_flush.push(Arc::new(run));
        self
    }

    /// Runs after each flush that wrote something.
    pub fn after_flush(mut self, run: impl Fn(&Session) + Send + Sync + 'static) -> Self {
        self.events.after_flush.push(Arc::new(run));
        self
    }

    /// Runs before each commit, before what is pending is flushed.
    pub fn before_commit(mut self, run: impl Fn(&mut Session) -> Result<()> + Send + Sync + 'static) -> Self {
        self.events.before_commit.push(Arc::new(run));
        self
    }

    /// Runs after each commit that ended a transaction.
    pub fn after_commit(mut self, run: impl Fn(&Session) + Send + Sync + 'static) -> Self {
        self.events.after_commit.push(Arc::new(run));
        self
    }

    /// Runs after each rollback that was asked for.
    pub fn after_rollback(mut self, run: impl Fn(&Session) + Send + Sync + 'static) -> Self {
        self.events.after_rollback.push(Arc::new(run));
        self
    }

    fn looking<M: Model>(self, moment: Moment, run: impl Fn(&M) + Send + Sync + 'static) -> Self {
        self.hook::<M>(
            moment,
            Hook::new(move |object: &mut M| {
                run(object);
                Ok(())
            }),
        )
    }

    fn hook<M: Model>(mut self, moment: Moment, hook: Hook) -> Self {
        self.hooks.push((M::MODEL, moment, hook));
        self
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}
