//! The life of an object, in SQLAlchemy's words.

/// Where an object is in its life.
///
/// | state | becomes | when |
/// |---|---|---|
/// | `Transient` | `Pending` | `add_again`: its addition was rolled back before |
/// | `Pending` | `Persistent` | flush: its row was inserted |
/// | `Pending` | `Transient` | rollback, or delete before it was ever flushed |
/// | `Persistent` | `Deleted` | flush: its row was deleted |
/// | `Persistent` | `Transient` | rollback, when its row was inserted in the same transaction |
/// | `Deleted` | `Persistent` | rollback |
/// | `Deleted` | `Detached` | commit |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// No row, and none will be made.
    Transient,
    /// No row yet; the next flush inserts it.
    Pending,
    /// It has a row.
    Persistent,
    /// Its row was deleted in this transaction.
    Deleted,
    /// Its row is gone.
    Detached,
}

impl State {
    /// What brings an object that is in this state a row.
    #[must_use]
    pub(crate) fn way_to_a_row(self) -> &'static str {
        match self {
            State::Transient => "`session.add_again(…)?` takes it in again, and a flush inserts it",
            State::Pending | State::Persistent => "`session.flush().await?` inserts it",
            State::Deleted => "a rollback brings it back; else add a new object with its values",
            State::Detached => "add a new object with its values",
        }
    }
}
