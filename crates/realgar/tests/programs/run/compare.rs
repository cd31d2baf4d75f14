//! Compares what the session holds and the tables hold with the oracle.

use std::collections::BTreeSet;

use realgar::prelude::*;

use super::{Check, Runner, said};
use crate::{
    look,
    model::Life,
    program::Strategy,
    schemas::{Kind, Rel, Var, blog::*, library::*, school::*, tree::*},
    typed::{Ends, Mapped, kind, many, one},
};

impl Runner<'_> {
    /// Every object is where it must be in its life, and holds what it must.
    pub(super) fn in_step(&mut self, s: &Session) -> Check {
        for (&var, &life) in &self.model.life.clone() {
            let state = kind!(var.kind, M => s.state(self.handle::<M>(var)).map_err(said)?);
            let expected = match life {
                Life::Pending => State::Pending,
                Life::Persistent | Life::Gone => State::Persistent,
                Life::Lost => continue,
                Life::Transient => State::Transient,
                Life::Deleted => State::Deleted,
                Life::Detached => State::Detached,
            };
            if state != expected {
                return Err(format!("{var} must be {expected:?}, and is {state:?}"));
            }
            if life == Life::Persistent {
                self.compare_object(s, var)?;
            }
        }
        Ok(())
    }

    /// The columns are right, as far as the session can know.
    pub fn compare_object(&self, s: &Session, var: Var) -> Check {
        let Some(row) = self.model.memory.rows.get(&var) else { return Ok(()) };
        kind!(var.kind, M => {
            let object = s.try_ref(self.handle::<M>(var)).map_err(said)?;
            let stale = self.model.stale.get(&var);
            let value = object.reads();
            if value != row.value && stale.is_none_or(|rows| rows.iter().all(|row| row.value != value)) {
                return Err(format!("{var}.value must be {}, and is {value}", row.value));
            }
            if stale.is_some() || self.model.hazy.contains(&var) || self.model.has_moved(var) {
                return Ok(());
            }
            let keys = object.keys();
            for (position, key) in keys.iter().enumerate() {
                let expected = row.keys[position].map(|owner| self.ids.get(&owner).map(|id| id.0));
                let right = match expected {
                    None => key.is_none(),
                    Some(None) => key.is_some(),
                    Some(expected) => *key == expected,
                };
                if !right {
                    return Err(format!("{var} must refer to {:?}, and has the key {key:?}", row.keys[position]));
                }
            }
            Ok(())
        })
    }

    pub(super) fn compare_found<M: Mapped>(&mut self, s: &Session, var: Var, found: Option<Handle<M>>) -> Check {
        let exists = self.model.db.rows.contains_key(&var);
        match found {
            Some(handle) if exists => {
                let met = self.meet(s, handle)?;
                if met == var { self.compare_object(s, var) } else { Err(format!("asked for {var}, got {met}")) }
            }
            // The database may have given its key to another row.
            Some(handle) if self.meet(s, handle)? != var => Ok(()),
            Some(_) => Err(format!("{var} has no row, and was found")),
            None if exists => Err(format!("{var} was not found")),
            None => Ok(()),
        }
    }

    pub fn compare_query<M: Mapped>(
        &mut self,
        s: &Session,
        kind: Kind,
        found: Vec<Handle<M>>,
        options: &[(Rel, Strategy)],
    ) -> Check {
        let expected = self.model.db.of(kind);
        let mut owners = self.meet_all(s, found)?;
        if owners != expected {
            return Err(format!("a query must find {}, and finds {}", names(&expected), names(&owners)));
        }
        owners.iter().try_for_each(|&var| self.compare_object(s, var))?;
        for &(rel, _) in options.iter().take_while(|(_, strategy)| strategy.is_eager()) {
            let mut ends = BTreeSet::new();
            for owner in owners {
                self.compare_loaded(s, owner, rel)?;
                if self.model.hazy.contains(&owner) {
                    continue;
                }
                ends.extend(self.model.db.ends(owner, rel).into_iter().filter(|&end| !self.model.is_unclear(end)));
            }
            owners = ends;
        }
        Ok(())
    }

    /// What is loaded is right.
    pub fn compare_loaded(&mut self, s: &Session, var: Var, rel: Rel) -> Check {
        let found = if rel.shape().many {
            many!(rel, M, T, r => {
                let found = s.loaded(self.handle::<M>(var), r).map_err(said)?;
                self.meet_all::<T>(s, found)?
            })
        } else if rel.shape().required && self.model.memory.ends(var, rel).is_empty() {
            return Ok(());
        } else {
            one!(rel, M, T, C, r => {
                let found: Vec<Handle<T>> = s.loaded(self.handle::<M>(var), r).map_err(said)?.ends();
                let _: Option<C> = None;
                self.meet_all::<T>(s, found)?
            })
        };
        self.compare_ends(var, rel, &found)
    }

    /// What is at the other end, compared with the oracle.
    pub fn compare_ends(&self, var: Var, rel: Rel, found: &BTreeSet<Var>) -> Check {
        if !rel.shape().many && self.model.hazy.contains(&var) {
            return Ok(());
        }
        let clear = |vars: &BTreeSet<Var>| -> BTreeSet<Var> {
            vars.iter().copied().filter(|&var| !self.model.is_unclear(var)).collect()
        };
        let (expected, found) = (clear(&self.model.memory.ends(var, rel)), clear(found));
        if expected == found {
            return Ok(());
        }
        Err(format!("{var}.{} must hold {}, and holds {}", rel.shape().name, names(&expected), names(&found)))
    }

    /// Another connection sees what the oracle says is committed, and no foreign key hangs in the air.
    pub(super) async fn compare_tables(&mut self) -> Check {
        let mut other = self.bench.other.session();
        let seen = look::tables(&mut other, self.bench.schema).await.map_err(said)?;
        self.ids.retain(|var, _| self.model.life.contains_key(var));
        self.ids.extend(seen.ids);
        if seen.broken > 0 {
            return Err(format!("{} foreign keys hang in the air", seen.broken));
        }
        if seen.tables != self.model.committed {
            return Err(format!(
                "the tables must hold\n{}\nand hold\n{}",
                look::shown(&self.model.committed),
                look::shown(&seen.tables)
            ));
        }
        self.trace.tables.push(look::shown(&seen.tables));
        self.look_fresh(&mut other).await
    }
}

fn names(vars: &BTreeSet<Var>) -> String {
    let names: Vec<String> = vars.iter().map(Var::to_string).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
