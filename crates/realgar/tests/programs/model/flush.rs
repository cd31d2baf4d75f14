//! What a flush comes to: what it writes and deletes, how it fails, or that nobody can tell.

use std::collections::BTreeSet;

use realgar::Kind as ErrorKind;

use super::{Life, Model, Tables};
use crate::schemas::{Kind, Rel, Var};

/// What a flush comes to.
pub(super) enum Outcome {
    Done { memory: Tables, deleted: BTreeSet<Var>, forgotten: BTreeSet<Var> },
    Fails(Vec<ErrorKind>),
    Unclear,
}

impl Model {
    pub(super) fn flush(&mut self) -> Vec<ErrorKind> {
        self.idle = false;
        if self.is_dirty() {
            let new: BTreeSet<Kind> =
                self.life.iter().filter(|(_, life)| **life == Life::Pending).map(|(var, _)| var.kind).collect();
            let lost = self.life.iter_mut().filter(|(var, life)| **life == Life::Gone && new.contains(&var.kind));
            lost.for_each(|(_, life)| *life = Life::Lost);
            match self.outcome() {
                Outcome::Done { memory, deleted, forgotten } => {
                    (self.db, self.memory) = (memory.clone(), memory);
                    for (var, life) in &mut self.life {
                        match life {
                            Life::Pending if forgotten.contains(var) => *life = Life::Transient,
                            Life::Pending => *life = Life::Persistent,
                            Life::Persistent | Life::Gone if deleted.contains(var) => *life = Life::Deleted,
                            Life::Lost => {}
                            _ => {}
                        }
                    }
                    self.stale.retain(|var, _| !deleted.contains(var));
                }
                Outcome::Fails(kinds) => {
                    self.failed = true;
                    return kinds;
                }
                Outcome::Unclear => unreachable!("such an operation is not allowed"),
            }
        }
        self.settle();
        Vec::new()
    }

    pub(super) fn settle(&mut self) {
        self.doomed.clear();
        self.written.clear();
        self.moved.clear();
        self.left.clear();
        self.keyed.clear();
        self.perhaps_flushed = false;
    }

    /// Whether it makes no difference when the flush comes.
    pub(super) fn is_plain(&self) -> bool {
        let orphan = |(var, rel): &(Var, Rel)| self.memory.ends(*var, *rel).is_empty();
        !self.is_dirty()
            || self.doomed.is_empty()
                && !self.life.values().any(|&life| life == Life::Pending)
                && !self.left.iter().any(orphan)
                && matches!(self.outcome(), Outcome::Done { .. })
    }

    pub(super) fn flush_is_clear(&self) -> bool {
        !self.is_dirty() || !matches!(self.outcome(), Outcome::Unclear)
    }

    pub(super) fn merges(&self, var: Var) -> bool {
        if !self.is_dirty() {
            return true;
        }
        match self.outcome() {
            Outcome::Done { deleted, .. } => !deleted.contains(&var),
            Outcome::Fails(_) => true,
            Outcome::Unclear => false,
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        let mut memory = self.memory.clone();
        let mut doomed: Vec<Var> = self.doomed.iter().copied().collect();
        let mut forgotten = BTreeSet::new();
        for &(var, _) in self.left.iter().filter(|(var, rel)| self.memory.ends(*var, *rel).is_empty()) {
            match self.life.get(&var) {
                Some(Life::Pending) => self.forget(var, &mut forgotten),
                _ if !doomed.contains(&var) => doomed.push(var),
                _ => {}
            }
        }
        let mut next = 0;
        while let Some(&owner) = doomed.get(next) {
            next += 1;
            for rel in owner.kind.rels().into_iter().filter(|rel| rel.shape().many && !rel.is_many_to_many()) {
                for item in self.memory.ends(owner, rel) {
                    if !rel.shape().delete {
                        let row = memory.rows.get_mut(&item).expect("it is at the end of a relationship");
                        row.keys[rel.shape().inverse.position()] = None;
                    } else if self.life.get(&item) == Some(&Life::Pending) {
                        self.forget(item, &mut forgotten);
                    } else if !doomed.contains(&item) {
                        doomed.push(item);
                    }
                }
            }
        }
        let deleted: BTreeSet<Var> = doomed.iter().copied().collect();
        deleted.iter().chain(&forgotten).for_each(|&var| memory.remove(var));
        let lost = |key: &Option<Var>| key.is_some_and(|key| forgotten.contains(&key));
        if memory.rows.values().any(|row| row.keys.iter().any(lost)) {
            return Outcome::Unclear;
        }
        let mut errors = Vec::new();
        for (var, row) in &memory.rows {
            for one in
                var.kind.ones().into_iter().filter(|one| one.shape().required && row.keys[one.position()].is_none())
            {
                if self.keyed.get(&(*var, one)).is_none_or(Option::is_none) {
                    errors.extend([ErrorKind::ForeignKeyViolation, ErrorKind::NotNullViolation]);
                    errors.extend(one.shape().in_key.then_some(ErrorKind::Flush));
                }
            }
        }
        let is_gone = |var: &Var| matches!(self.life[var], Life::Gone | Life::Lost);
        if self.written.iter().any(|var| is_gone(var) && !self.doomed.contains(var)) {
            errors.push(ErrorKind::StaleData);
        }
        if self.perhaps_flushed && deleted.len() > 1 && deleted.iter().any(|var| self.moved.contains(var)) {
            return Outcome::Unclear; // a circle of rows that go is one as the database has them, whatever that is
        }
        if self.is_circular(&memory, &deleted) {
            errors.push(ErrorKind::CircularDependency);
        }
        if !errors.is_empty() {
            return Outcome::Fails(errors);
        }
        for (&(var, rel), to) in &self.keyed {
            if let Some(row) = memory.rows.get_mut(&var) {
                row.keys[rel.position()] = *to;
            }
        }
        Outcome::Done { memory, deleted, forgotten }
    }

    /// New rows need one another's keys, or rows that go still hold them.
    fn is_circular(&self, memory: &Tables, deleted: &BTreeSet<Var>) -> bool {
        let is_new = |var: &Var| self.life.get(var) == Some(&Life::Pending);
        let around = |tables: &Tables, start: Var, among: &dyn Fn(&Var) -> bool| {
            let mut at = start;
            for length in 1..=tables.rows.len() {
                match tables.rows.get(&at).and_then(|row| row.keys[0]).filter(|next| among(next)) {
                    Some(next) if next == start => return Some(length),
                    Some(next) => at = next,
                    None => return None,
                }
            }
            None
        };
        let new = memory.rows.keys().filter(|var| is_new(var)).any(|&var| around(memory, var, &is_new).is_some());
        let going = |var: &Var| deleted.contains(var);
        new || deleted.iter().any(|&var| around(&self.db, var, &going).is_some_and(|length| length > 1))
    }

    /// A new object that left its owner is never inserted, and neither is what it owns.
    fn forget(&self, var: Var, forgotten: &mut BTreeSet<Var>) {
        if self.life.get(&var) == Some(&Life::Pending) && forgotten.insert(var) {
            for rel in var.kind.rels().into_iter().filter(|rel| rel.shape().delete) {
                self.memory.ends(var, rel).into_iter().for_each(|item| self.forget(item, forgotten));
            }
        }
    }
}
