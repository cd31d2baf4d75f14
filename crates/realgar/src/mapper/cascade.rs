//! Cascades: what travels along a relationship, in SQLAlchemy's words; and what a deletion leaves to the database.

/// What travels along a relationship from its owner to the objects at the other end.
///
/// Source: `relationship(cascade=…)` of SQLAlchemy, the same words; naming some replaces the default.
// One flag for each word: they are read one by one.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cascade {
    /// Objects enter the session with their owner.
    ///
    /// PARITY: a new object nested in another is owned by it, so it enters the session with it whatever is said here.
    pub save_update: bool,
    /// Merging the owner merges them.
    pub merge: bool,
    /// Expiring or refreshing the owner does the same to them.
    pub refresh_expire: bool,
    /// Letting the owner go lets them go.
    pub expunge: bool,
    /// Deleting the owner deletes them.
    pub delete: bool,
    /// Taking one away from its owner deletes it.
    pub delete_orphan: bool,
}

impl Cascade {
    /// `none`: nothing travels.
    pub const NONE: Cascade = Cascade {
        save_update: false,
        merge: false,
        refresh_expire: false,
        expunge: false,
        delete: false,
        delete_orphan: false,
    };

    /// The default: `save-update, merge`.
    pub const DEFAULT: Cascade = Cascade { save_update: true, merge: true, ..Cascade::NONE };

    /// `all`: everything but `delete-orphan`.
    pub const ALL: Cascade = Cascade { refresh_expire: true, expunge: true, delete: true, ..Cascade::DEFAULT };

    /// Every word that may stand in `cascade = "…"`.
    pub const WORDS: [&'static str; 8] =
        ["save-update", "merge", "refresh-expire", "expunge", "delete", "all", "delete-orphan", "none"];

    /// What is left of it where nothing is written: `viewonly`.
    #[must_use]
    pub(super) fn without_writes(self) -> Cascade {
        Cascade { save_update: false, delete: false, delete_orphan: false, ..self }
    }
}

/// What deleting the owner leaves to the database's `ON DELETE`.
///
/// Source: `relationship(passive_deletes=…)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PassiveDeletes {
    /// Nothing: what is not loaded is loaded, and then deleted or let go row by row.
    #[default]
    No,
    /// What is not loaded.
    Unloaded,
    /// Everything, loaded or not.
    All,
}
