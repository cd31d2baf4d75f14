//! The oracle: tables as maps, a transaction as a copy of them, objects as rows that are not written yet.
//!
//! It knows nothing of loading, identity maps or statements. [`Model::allows`] says which operations make sense now (the
//! others are never generated, and drop out when a program is shortened); [`Model::apply`] does one and says which error,
//! if any, it must end with.
//!
//! What is left out of programs, since users cannot rely on it either:
//! - operations on objects whose relationships are unclear: `hazy` ones, whose foreign key was written as a column, until
//!   the transaction ends; `stale` ones, whose row another connection changed, until they are met again;
//! - reading where it is unclear whether it flushes, while a flush would do more than write;
//! - one primary key deleted and added in one flush.

mod allowed;
mod apply;
mod flush;
mod relate;
mod tables;
mod transaction;

use std::collections::{BTreeMap, BTreeSet};

pub use self::tables::{Row, Tables};
use crate::schemas::{Rel, Schema, Var};

/// The life of an object that the program has a handle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Pending,
    Persistent,
    /// Its addition was rolled back.
    Transient,
    Deleted,
    Detached,
    /// Another connection deleted its row.
    Gone,
    /// And since then, there were new rows: one of them may have got its key.
    Lost,
}

/// What a rollback returns to.
#[derive(Debug, Clone)]
struct Moment {
    db: Tables,
    life: BTreeMap<Var, Life>,
    hazy: BTreeSet<Var>,
    stale: BTreeMap<Var, Vec<Row>>,
}

#[derive(Debug, Clone)]
pub struct Model {
    pub schema: Schema,
    pub committed: Tables,
    /// What the transaction has written.
    pub db: Tables,
    /// What the objects hold.
    pub memory: Tables,
    pub life: BTreeMap<Var, Life>,
    doomed: BTreeSet<Var>,
    /// Objects with a column that was written since the last flush.
    written: BTreeSet<Var>,
    /// Objects with a relationship that changed since the last flush.
    moved: BTreeSet<Var>,
    /// Objects that left an owner without whom they are deleted.
    left: BTreeSet<(Var, Rel)>,
    /// Foreign keys that were written as columns.
    keyed: BTreeMap<(Var, Rel), Option<Var>>,
    pub hazy: BTreeSet<Var>,
    /// Rows as the session may have known them last.
    pub stale: BTreeMap<Var, Vec<Row>>,
    /// Let go in this transaction, and what their rows held then.
    expunged: BTreeMap<Var, Row>,
    /// The primary keys of association objects whose rows somebody else deleted.
    vanished: BTreeSet<[Option<Var>; 2]>,
    savepoints: Vec<Moment>,
    begin: (BTreeMap<Var, Life>, BTreeMap<Var, Vec<Row>>),
    pub failed: bool,
    /// No transaction is open.
    idle: bool,
    /// Whether there was a flush depends on what was loaded.
    perhaps_flushed: bool,
}

impl Model {
    pub fn new(schema: Schema) -> Model {
        Model {
            schema,
            committed: Tables::default(),
            db: Tables::default(),
            memory: Tables::default(),
            life: BTreeMap::new(),
            doomed: BTreeSet::new(),
            written: BTreeSet::new(),
            moved: BTreeSet::new(),
            left: BTreeSet::new(),
            keyed: BTreeMap::new(),
            hazy: BTreeSet::new(),
            stale: BTreeMap::new(),
            vanished: BTreeSet::new(),
            expunged: BTreeMap::new(),
            savepoints: Vec::new(),
            begin: Default::default(),
            failed: false,
            idle: true,
            perhaps_flushed: false,
        }
    }

    /// Whether the object is one whose place in collections is not looked at: its row is gone, or it is hazy.
    pub fn is_unclear(&self, var: Var) -> bool {
        let settled = matches!(self.life.get(&var), None | Some(Life::Pending | Life::Persistent));
        !settled || self.hazy.contains(&var)
    }

    pub fn is_live(&self, var: Var) -> bool {
        matches!(self.life.get(&var), Some(Life::Pending | Life::Persistent)) && !self.doomed.contains(&var)
    }

    /// Neither the database nor the session knows the name.
    pub fn is_free(&self, var: Var) -> bool {
        let known = |tables: &Tables| tables.rows.contains_key(&var);
        let before = self.savepoints.iter().map(|moment| &moment.db);
        let mut tables = [&self.memory, &self.db, &self.committed].into_iter().chain(before);
        !self.life.contains_key(&var) && !tables.any(known)
    }

    /// Whether a relationship of it changed since the last flush.
    pub fn has_moved(&self, var: Var) -> bool {
        self.moved.contains(&var)
    }

    /// Objects that left an owner without whom they are deleted.
    pub fn left(&self) -> impl Iterator<Item = Var> {
        self.left.iter().map(|&(var, _)| var)
    }

    /// Whether a flush would insert or delete rows.
    pub fn is_waiting(&self) -> bool {
        let orphan = |(var, rel): &(Var, Rel)| self.memory.ends(*var, *rel).is_empty();
        self.is_deleting() || self.left.iter().any(orphan) || self.life.values().any(|&life| life == Life::Pending)
    }

    /// Whether the object, or one that goes with it, has relationships that no flush has written.
    pub fn is_newly_related(&self, var: Var) -> bool {
        let new = |end: Var| self.moved.contains(&end) || self.life.get(&end) == Some(&Life::Pending);
        let ends = |var: Var| var.kind.rels().into_iter().flat_map(move |rel| self.memory.ends(var, rel));
        self.closure(var).into_iter().any(|var| new(var) || ends(var).any(new))
    }

    /// Whether an object is marked for deletion.
    pub fn is_deleting(&self) -> bool {
        !self.doomed.is_empty()
    }

    pub fn in_savepoint(&self) -> bool {
        !self.savepoints.is_empty()
    }

    fn is_persistent(&self, var: Var) -> bool {
        self.life.get(&var) == Some(&Life::Persistent) && !self.doomed.contains(&var)
    }

    fn is_dirty(&self) -> bool {
        !(self.doomed.is_empty() && self.written.is_empty() && self.moved.is_empty() && self.keyed.is_empty())
            || self.life.values().any(|&life| life == Life::Pending)
    }

    /// The object, and what it owns.
    fn closure(&self, var: Var) -> Vec<Var> {
        let mut all = vec![var];
        let mut next = 0;
        while let Some(&owner) = all.get(next) {
            next += 1;
            for rel in owner.kind.rels().into_iter().filter(|rel| rel.shape().delete) {
                all.extend(self.memory.ends(owner, rel));
            }
        }
        all
    }
}
