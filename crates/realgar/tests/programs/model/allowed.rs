//! Which operations make sense now: the others are never generated, and drop out when a program is shortened.

use std::collections::{BTreeMap, BTreeSet};

use super::{Life, Model, Row, flush::Outcome};
use crate::{
    program::Op,
    schemas::{Kind, Rel, Schema, Var},
};

impl Model {
    /// Whether the operation makes sense now.
    pub fn allows(&self, op: &Op) -> bool {
        self.makes_sense(op) && self.stays_unique(op)
    }

    fn makes_sense(&self, op: &Op) -> bool {
        if self.failed {
            return match op {
                Op::Rollback | Op::Close | Op::Commit => !self.in_savepoint(),
                Op::Undo => self.in_savepoint(),
                Op::Query(_, options) => options.is_empty(),
                _ => false,
            };
        }
        let clear = self.hazy.is_empty();
        match op {
            Op::Add(var, _, fields) => {
                let mut seen = BTreeSet::from([*var]);
                let fits = |(rel, items): &(Rel, Vec<Var>)| {
                    (rel.shape().many || items.len() == 1)
                        && rel.shape().owner == var.kind
                        && items.iter().all(|&item| seen.insert(item) && self.can_place(*var, *rel, item))
                };
                self.is_free(*var) && (clear || fields.is_empty()) && fields.iter().all(fits)
            }
            Op::Append(owner, rel, item) => {
                clear
                    && rel.shape().many
                    && self.is_live(*owner)
                    && self.can_place(*owner, *rel, *item)
                    && !self.memory.ends(*owner, *rel).contains(item)
            }
            Op::Remove(owner, rel, item) => {
                clear
                    && self.is_live(*owner)
                    && self.memory.ends(*owner, *rel).contains(item)
                    && self.is_live(*item)
                    && !self.stale.contains_key(item)
            }
            Op::Set(owner, rel, to) => {
                let movable = clear && !rel.shape().many && self.is_live(*owner) && self.can_move(*owner, *rel);
                movable
                    && match to {
                        Some(to) => self.can_place(*owner, *rel, *to),
                        None => !rel.shape().required,
                    }
            }
            Op::Replace(owner, rel, items) => self.can_replace(*owner, *rel, items) && self.is_plain(),
            Op::Assign(owner, rel, items) => {
                let after = || {
                    let mut after = self.clone();
                    after.replace(*owner, *rel, items);
                    after.flush_is_clear()
                };
                self.can_replace(*owner, *rel, items) && after()
            }
            Op::Write(var, value) => {
                let known = self.stale.get(var);
                match self.life.get(var) {
                    Some(Life::Pending | Life::Persistent | Life::Gone) => {
                        known.is_none_or(|rows| rows.iter().all(|row| row.value != *value))
                    }
                    _ => false,
                }
            }
            Op::Key(var, rel, to) => {
                let held = self.db.rows.get(var).map(|row| row.keys[rel.position()]);
                let now = self.memory.rows.get(var).map(|row| row.keys[rel.position()]);
                let wins = held != now;
                let fits = match to {
                    Some(to) => self.is_persistent(*to) && to.kind == rel.shape().target,
                    None => !rel.shape().required,
                };
                fits && self.is_live(*var)
                    && !rel.shape().in_key
                    && !self.perhaps_flushed
                    && !self.stale.contains_key(var)
                    && (!self.moved.contains(var) || wins)
                    && self.doomed.is_empty()
                    && self.left.is_empty()
            }
            Op::Delete(var) => match self.life.get(var) {
                Some(Life::Persistent) => clear && !self.doomed.contains(var),
                Some(Life::Pending) => !self.perhaps_flushed,
                Some(Life::Lost) | None => false,
                Some(_) => true,
            },
            Op::Again(var) => self.doomed.contains(var) && self.life.get(var) == Some(&Life::Persistent),
            Op::Flush => self.flush_is_clear(),
            Op::Commit => !self.in_savepoint() && self.flush_is_clear(),
            Op::Rollback | Op::Close => !self.in_savepoint(),
            Op::Savepoint => {
                self.savepoints.len() < 2 && (!self.is_dirty() || matches!(self.outcome(), Outcome::Done { .. }))
            }
            Op::Keep => self.in_savepoint() && self.flush_is_clear(),
            Op::Undo => self.in_savepoint(),
            Op::Expire(var) => match self.life.get(var) {
                Some(Life::Persistent) => self.nothing_but_writes(Some(*var)) && !self.hazy.contains(var),
                Some(Life::Pending) => !self.perhaps_flushed,
                _ => false,
            },
            Op::ExpireAll => self.nothing_but_writes(None),
            Op::Refresh(var) => match self.life.get(var) {
                Some(Life::Persistent) => self.nothing_but_writes(Some(*var)) && !self.hazy.contains(var),
                Some(Life::Gone) => !self.is_dirty(),
                _ => false,
            },
            Op::Expunge(var) => {
                clear && self.is_persistent(*var) && !self.is_dirty() && !self.perhaps_flushed && self.is_whole(*var)
            }
            Op::Merge(var, _) => {
                let whole = var.kind.ones().iter().all(|one| !one.shape().required);
                let fresh = self.is_free(*var) && whole;
                let known = matches!(self.life.get(var), None | Some(Life::Persistent)) && self.row_is_known(*var);
                (fresh || known && !self.doomed.contains(var) && !self.hazy.contains(var)) && self.merges(*var)
            }
            Op::Get(var) => {
                let known = matches!(self.life.get(var), None | Some(Life::Persistent | Life::Gone | Life::Deleted));
                // An association object that has moved is asked for by the key that it had: the flush takes it away.
                let (now, was) = (self.memory.rows.get(var), self.db.rows.get(var));
                let moved = var.kind == Kind::Enrolment && now.zip(was).is_some_and(|(now, was)| now.keys != was.keys);
                let row = self.row_is_known(*var) || self.committed.rows.contains_key(var);
                known && row && !moved && self.is_plain()
            }
            Op::Load(var, rel) => {
                self.is_live(*var)
                    && self.is_plain()
                    && rel.shape().owner == var.kind
                    && !(rel.shape().required && self.memory.ends(*var, *rel).is_empty())
            }
            Op::Preload(_) => self.flush_is_clear(),
            Op::Query(kind, _) => self.schema.kinds().contains(kind) && self.flush_is_clear(),
            Op::Look => !self.is_dirty(),
            Op::OtherWrite(var, _) => self.is_other(*var),
            Op::OtherKey(var, rel, to) => {
                let fits = match to {
                    Some(to) => self.committed.rows.contains_key(to) && to.kind == rel.shape().target,
                    None => !rel.shape().required,
                };
                fits && self.is_other(*var) && !rel.shape().in_key
            }
            Op::OtherAdd(var, _, keys) => {
                let ones = var.kind.ones();
                let fits = |(one, key): (&Rel, &Option<Var>)| match key {
                    Some(key) => self.committed.rows.contains_key(key) && key.kind == one.shape().target,
                    None => !one.shape().required,
                };
                let pair = |row: &Row| row.keys.iter().zip(keys).all(|(a, b)| a == b);
                let used = ones.len() == 2
                    && self.committed.rows.iter().any(|(other, row)| other.kind == var.kind && pair(row));
                let gone = |(other, life): (&Var, &Life)| other.kind == Kind::Enrolment && *life == Life::Gone;
                self.idle
                    && !self.is_dirty()
                    && !(ones.len() == 2 && self.life.iter().any(gone))
                    && self.is_free(*var)
                    && ones.len() == keys.len()
                    && ones.iter().zip(keys).all(fits)
                    && !used
            }
            Op::OtherDelete(var) => {
                let named = self.committed.rows.values().any(|row| row.keys.contains(&Some(*var)));
                let linked = self.committed.links.iter().any(|link| link.0 == *var || link.1 == *var);
                self.is_other(*var) && !named && !linked
            }
            Op::OtherLink(post, label) => {
                self.is_other(*post) && self.is_other(*label) && !self.committed.links.contains(&(*post, *label))
            }
            Op::OtherUnlink(post, label) => self.is_other(*post) && self.committed.links.contains(&(*post, *label)),
        }
    }

    /// The same, once this is done.
    fn stays_unique(&self, op: &Op) -> bool {
        if self.schema != Schema::School || self.failed {
            return true;
        }
        let mut after = self.clone();
        match op {
            Op::Assign(owner, rel, items) => after.replace(*owner, *rel, items),
            Op::Add(..) | Op::Append(..) | Op::Set(..) | Op::Replace(..) => drop(after.apply(op)),
            _ => return true,
        }
        after.keys_are_unique()
    }

    /// No association object has the primary key that another one has or had.
    fn keys_are_unique(&self) -> bool {
        let whole = |(var, row): (&Var, &Row)| (var.kind == Kind::Enrolment).then_some((*var, row.keys));
        let mut held: BTreeMap<[Option<Var>; 2], Var> = BTreeMap::new();
        let all = self.db.rows.iter().chain(&self.memory.rows).filter_map(whole);
        let mut all = all.filter(|(_, keys)| !keys.contains(&None));
        all.all(|(var, keys)| !self.vanished.contains(&keys) && *held.entry(keys).or_insert(var) == var)
    }

    fn row_is_known(&self, var: Var) -> bool {
        self.db.rows.contains_key(&var)
    }

    fn is_other(&self, var: Var) -> bool {
        self.idle && !self.is_dirty() && self.committed.rows.contains_key(&var)
    }

    /// What is unflushed is writes of columns, of this object alone.
    fn nothing_but_writes(&self, of: Option<Var>) -> bool {
        let alone = of.is_none_or(|of| self.written.iter().all(|&written| written == of));
        let gone = self.written.iter().any(|var| self.life[var] != Life::Persistent);
        alone
            && !gone
            && !self.perhaps_flushed
            && self.doomed.is_empty()
            && self.moved.is_empty()
            && self.keyed.is_empty()
            && !self.life.values().any(|&life| life == Life::Pending)
    }

    /// Whether everything that goes with the object is as the session knows it, and stays when the transaction does not.
    fn is_whole(&self, var: Var) -> bool {
        let whole = |var: &Var| self.is_persistent(*var) && !self.stale.contains_key(var);
        // A collection may still hold what was deleted, and would let it go, too.
        // What is met again in a savepoint keeps what it met there.
        let same = |var: &Var| self.savepoints.iter().all(|moment| moment.db.rows.get(var) == self.db.rows.get(var));
        !self.life.values().any(|&life| life == Life::Deleted)
            && self.closure(var).iter().all(|var| whole(var) && same(var) && self.committed.rows.contains_key(var))
    }
}
