//! What a transaction is asked to be: how much it sees of others, whether it may write.

/// How much a transaction sees of those beside it.
///
/// Source: `isolation_level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// What others have written, committed or not; PostgreSQL gives `ReadCommitted`.
    ReadUncommitted,
    /// What others have committed before each statement.
    ReadCommitted,
    /// What was committed before the transaction's first statement.
    RepeatableRead,
    /// As if transactions ran one after another; whoever would see otherwise gets a `SerializationFailure`.
    Serializable,
}

/// What a transaction is asked to be; what is not said is the database's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Characteristics {
    /// How much it sees of others.
    pub isolation: Option<Isolation>,
    /// Whether it only reads.
    pub read_only: bool,
    /// Whether it waits for a moment at which it can neither fail nor hold up others.
    pub deferrable: bool,
}

#[cfg_attr(not(any(feature = "postgres", feature = "mysql")), allow(dead_code))]
impl Isolation {
    /// Its words in SQL.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Isolation::ReadUncommitted => "READ UNCOMMITTED",
            Isolation::ReadCommitted => "READ COMMITTED",
            Isolation::RepeatableRead => "REPEATABLE READ",
            Isolation::Serializable => "SERIALIZABLE",
        }
    }
}

impl Characteristics {
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    /// `BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE`
    pub(super) fn begin(&self) -> String {
        let level = self.isolation.map(|isolation| format!("ISOLATION LEVEL {}", isolation.words()));
        let read_only = self.read_only.then(|| "READ ONLY".to_owned());
        let deferrable = self.deferrable.then(|| "DEFERRABLE".to_owned());
        let modes: Vec<String> = [level, read_only, deferrable].into_iter().flatten().collect();
        if modes.is_empty() { "BEGIN".to_owned() } else { format!("BEGIN {}", modes.join(", ")) }
    }
}
