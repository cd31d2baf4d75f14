//! Cascades: what travels along a relationship, in SQLAlchemy's words.

/// What travels along a relationship from its owner to the objects at the other end.
///
/// Source: `relationship(cascade=…)` of SQLAlchemy, the same words. A new object nested in another always enters the
/// session with it, so `save-update` has nothing left to switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cascade {
    /// Deleting the owner deletes them.
    pub delete: bool,
    /// Taking one away from its owner deletes it.
    pub delete_orphan: bool,
}

impl Cascade {
    /// The default: `save-update, merge`.
    pub const DEFAULT: Cascade = Cascade { delete: false, delete_orphan: false };

    /// Every word that may stand in `cascade = "…"`.
    pub const WORDS: [&'static str; 8] =
        ["save-update", "merge", "refresh-expire", "expunge", "delete", "all", "delete-orphan", "none"];
}
