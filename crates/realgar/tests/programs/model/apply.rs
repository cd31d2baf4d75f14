//! What an operation does to the tables, the objects and what the session knows of them.

use std::collections::BTreeSet;

use realgar::Kind as ErrorKind;

use super::{Life, Model, Moment, Row, Tables};
use crate::{
    program::Op,
    schemas::{Kind, Var},
};

impl Model {
    /// Does an operation that is allowed. Answers the errors of which it must end with one; none: it succeeds.
    pub fn apply(&mut self, op: &Op) -> Vec<ErrorKind> {
        let waiting = self.failed && !matches!(op, Op::Rollback | Op::Close | Op::Undo);
        if waiting {
            return vec![ErrorKind::PendingRollback];
        }
        match op {
            Op::Add(var, value, fields) => {
                self.create(*var, *value);
                for (rel, items) in fields {
                    items.iter().for_each(|&item| self.connect(*var, *rel, item));
                }
            }
            Op::Append(owner, rel, item) => self.connect(*owner, *rel, *item),
            Op::Remove(owner, rel, item) => self.disconnect(*owner, *rel, *item),
            Op::Set(owner, rel, Some(to)) => self.connect(*owner, *rel, *to),
            Op::Set(owner, rel, None) => self.place(*owner, *rel, None),
            Op::Replace(owner, rel, items) => {
                self.perhaps_flush();
                self.replace(*owner, *rel, items);
            }
            Op::Assign(owner, rel, items) => {
                self.replace(*owner, *rel, items);
                return self.flush();
            }
            Op::Write(var, value) => {
                if let Some(row) = self.memory.rows.get_mut(var) {
                    row.value = *value;
                }
                self.written.insert(*var);
            }
            Op::Key(var, rel, to) => {
                self.hazy.insert(*var);
                if !self.moved.contains(var) {
                    self.keyed.insert((*var, *rel), *to);
                }
            }
            Op::Delete(var) => match self.life[var] {
                Life::Persistent | Life::Gone => {
                    self.doomed.insert(*var);
                }
                Life::Deleted => {}
                _ => return vec![ErrorKind::InvalidRequest],
            },
            Op::Again(var) => {
                self.doomed.remove(var);
            }
            Op::Flush => return self.flush(),
            Op::Commit => {
                let errors = self.flush();
                if !errors.is_empty() {
                    return errors;
                }
                self.committed = self.db.clone();
                for life in self.life.values_mut().filter(|life| **life == Life::Deleted) {
                    *life = Life::Detached;
                }
                self.end();
            }
            Op::Rollback => self.roll_back(),
            Op::Close => {
                self.roll_back();
                self.life.clear();
                self.stale.clear();
                self.end();
            }
            Op::Savepoint => {
                let errors = self.flush();
                assert!(errors.is_empty(), "it would not be allowed");
                let (db, life) = (self.db.clone(), self.life.clone());
                self.savepoints.push(Moment { db, life, hazy: self.hazy.clone(), stale: self.stale.clone() });
            }
            Op::Keep => {
                let errors = self.flush();
                let moment = self.savepoints.pop().expect("one is open");
                if !errors.is_empty() {
                    self.restore(moment);
                    return errors;
                }
            }
            Op::Undo => {
                let moment = self.savepoints.pop().expect("one is open");
                self.restore(moment);
                return vec![ErrorKind::InvalidRequest];
            }
            Op::Expire(var) => {
                if self.life[var] == Life::Pending {
                    return vec![ErrorKind::InvalidRequest];
                }
                self.take_back(&BTreeSet::from([*var]));
            }
            Op::ExpireAll => {
                self.take_back(&self.written.clone());
                self.hazy.clear();
            }
            Op::Refresh(var) => {
                self.idle = false;
                if self.life[var] == Life::Gone {
                    return vec![ErrorKind::InvalidRequest];
                }
                self.take_back(&BTreeSet::from([*var]));
                self.meet(*var);
            }
            Op::Expunge(var) => {
                self.idle = false;
                for var in self.closure(*var) {
                    self.life.remove(&var);
                    self.expunged.insert(var, self.db.rows[&var].clone());
                }
            }
            Op::Merge(var, value) => {
                let errors = self.flush();
                if !errors.is_empty() {
                    return errors;
                }
                if self.is_free(*var) {
                    self.create(*var, *value);
                } else {
                    self.meet(*var);
                    self.memory.rows.get_mut(var).expect("its row is there").value = *value;
                    self.written.insert(*var);
                }
            }
            Op::Get(var) => {
                self.perhaps_flush();
                if self.db.rows.contains_key(var) {
                    self.meet(*var);
                }
            }
            // Where the key was written, it is that one that is followed, unless the relationship is loaded.
            Op::Load(var, rel) if self.keyed.contains_key(&(*var, *rel)) => self.perhaps_flush(),
            Op::Load(var, rel) => {
                self.perhaps_flush();
                self.memory.ends(*var, *rel).into_iter().for_each(|item| self.meet_loaded(item));
            }
            Op::Preload(rel) => {
                let errors = self.flush();
                if !errors.is_empty() {
                    return errors;
                }
                let owners: Vec<Var> =
                    self.memory.of(rel.shape().owner).into_iter().filter(|var| self.is_live(*var)).collect();
                for owner in owners {
                    self.memory.ends(owner, *rel).into_iter().for_each(|item| self.meet_loaded(item));
                }
            }
            Op::Query(kind, options) => {
                let errors = self.flush();
                if !errors.is_empty() {
                    return errors;
                }
                self.meet_all(*kind);
                let mut owners = self.db.of(*kind);
                for (rel, _) in options.iter().take_while(|(_, strategy)| strategy.is_eager()) {
                    let ends: BTreeSet<Var> = owners.iter().flat_map(|&owner| self.db.ends(owner, *rel)).collect();
                    ends.iter().for_each(|&end| self.meet_loaded(end));
                    owners = ends;
                }
            }
            Op::Look => {
                self.idle = false;
                self.schema.kinds().iter().for_each(|&kind| self.meet_all(kind));
            }
            Op::OtherWrite(var, value) => self.elsewhere(*var, |row| row.value = *value),
            Op::OtherKey(var, rel, to) => self.elsewhere(*var, |row| row.keys[rel.position()] = *to),
            Op::OtherAdd(var, value, keys) => {
                let mut row = Row { value: *value, keys: [None; 2] };
                row.keys.iter_mut().zip(keys).for_each(|(to, from)| *to = *from);
                self.everywhere(|tables| {
                    tables.rows.insert(*var, row.clone());
                });
            }
            Op::OtherDelete(var) => {
                let keys = self.committed.rows.get(var).map(|row| row.keys);
                self.vanished.extend(keys.filter(|_| var.kind == Kind::Enrolment));
                self.elsewhere(*var, |_| {});
                self.everywhere(|tables| tables.remove(*var));
                if self.life.contains_key(var) {
                    self.life.insert(*var, Life::Gone);
                }
                self.end();
            }
            Op::OtherLink(post, label) => self.everywhere(|tables| {
                tables.links.insert((*post, *label));
            }),
            Op::OtherUnlink(post, label) => self.everywhere(|tables| {
                tables.links.remove(&(*post, *label));
            }),
        }
        Vec::new()
    }

    /// The unflushed writes of these are forgotten.
    fn take_back(&mut self, vars: &BTreeSet<Var>) {
        for var in vars {
            if let (Some(row), Some(held)) = (self.memory.rows.get_mut(var), self.db.rows.get(var)) {
                row.value = held.value;
            }
            self.written.remove(var);
        }
    }

    /// Something that flushes only where it has to ask the database.
    fn perhaps_flush(&mut self) {
        self.idle = false;
        self.perhaps_flushed |= self.is_dirty();
    }

    fn meet(&mut self, var: Var) {
        self.stale.remove(&var);
        self.life.entry(var).or_insert(Life::Persistent);
    }

    fn meet_all(&mut self, kind: Kind) {
        self.db.of(kind).into_iter().for_each(|var| self.meet(var));
    }

    /// Loaded: met where it has a row. A loaded collection is not read again, so what is stale may stay so.
    fn meet_loaded(&mut self, var: Var) {
        if self.db.rows.contains_key(&var) {
            self.life.entry(var).or_insert(Life::Persistent);
        }
    }

    fn everywhere(&mut self, change: impl Fn(&mut Tables)) {
        [&mut self.committed, &mut self.db, &mut self.memory].into_iter().for_each(change);
    }

    fn elsewhere(&mut self, var: Var, change: impl Fn(&mut Row)) {
        if self.life.contains_key(&var) {
            let row = self.committed.rows[&var].clone();
            self.stale.entry(var).or_default().push(row);
        }
        self.everywhere(|tables| tables.rows.get_mut(&var).into_iter().for_each(&change));
        self.end();
    }
}
