//! The handles and the keys of a program's objects, as the session gives them out.

use std::collections::BTreeSet;

use realgar::{Kind as ErrorKind, prelude::*};

use super::{Check, Runner, said};
use crate::{
    schemas::{Kind, Rel, Var, blog::*, library::*, school::*, tree::*},
    typed::{Ends, Given, Id, Identifier, Mapped, kind, many, one},
};

impl Runner<'_> {
    pub fn handle<M: Mapped>(&self, var: Var) -> Handle<M> {
        M::of(*self.handles.get(&var).unwrap_or_else(|| panic!("{var} has no handle")))
    }

    /// A handle came out of the session: it is the one that its object always had.
    pub fn meet<M: Mapped>(&mut self, s: &Session, handle: Handle<M>) -> Check<Var> {
        let object = s.try_ref(handle).map_err(said)?;
        let var = Var::parse(object.tag()).ok_or("a row without a tag")?;
        let known = *self.handles.entry(var).or_insert_with(|| M::any(handle));
        if known == M::any(handle) { Ok(var) } else { Err(format!("{var} has two handles: {known:?}, {handle:?}")) }
    }

    pub fn meet_all<M: Mapped>(&mut self, s: &Session, handles: Vec<Handle<M>>) -> Check<BTreeSet<Var>> {
        let number = handles.len();
        let vars = handles.into_iter().map(|handle| self.meet(s, handle)).collect::<Check<BTreeSet<Var>>>()?;
        if vars.len() == number { Ok(vars) } else { Err(format!("one of {vars:?} came twice")) }
    }

    pub(super) fn given(&self, vars: &[Var]) -> Vec<Given> {
        vars.iter().map(|&var| (var, self.handles.get(&var).copied())).collect()
    }

    /// The handles of objects that were new in a field.
    pub(super) fn meet_nested(&mut self, s: &Session, owner: Var, rel: Rel) -> Check {
        if rel.shape().many {
            many!(rel, M, T, r => {
                let found = s.loaded(self.handle::<M>(owner), r).or_else(quietly)?;
                self.meet_all::<T>(s, found)?;
            });
        } else {
            one!(rel, M, T, C, r => {
                let found: Vec<Handle<T>> = s.loaded(self.handle::<M>(owner), r).map_err(said)?.ends();
                let _: Option<C> = None;
                self.meet_all::<T>(s, found)?;
            });
        }
        Ok(())
    }

    fn learn_id<M: Mapped>(&mut self, s: &Session, var: Var) {
        if let Some(&any) = self.handles.get(&var)
            && let Ok(key) = s.key(M::of(any))
        {
            self.ids.insert(var, key.to_id());
        }
    }

    pub(super) fn learn_ids(&mut self, s: &Session) {
        for var in self.handles.keys().copied().collect::<Vec<_>>() {
            kind!(var.kind, M => self.learn_id::<M>(s, var));
        }
    }

    pub(super) fn id(&mut self, s: &Session, var: Var) -> Check<Id> {
        kind!(var.kind, M => self.learn_id::<M>(s, var));
        self.ids.get(&var).copied().ok_or_else(|| format!("nobody knows the key of {var}"))
    }
}

fn quietly<T>(error: realgar::Error) -> Result<Vec<T>, String> {
    // Queued in a collection that is not loaded: its handle comes with the first query.
    if error.kind() == ErrorKind::NotLoaded { Ok(Vec::new()) } else { Err(said(error)) }
}
