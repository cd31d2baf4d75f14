//! Performs an operation on the session at hand.

use std::collections::BTreeSet;

use realgar::prelude::*;

use super::{Check, Runner};
use crate::{
    model::Model,
    program::Op,
    schemas::{Kind, Rel, Var, blog::*, library::*, school::*, tree::*},
    typed::{Ends, Identifier, Mapped, field, kind, many, one},
};

impl Runner<'_> {
    /// Does the operation. The outer result is Realgar's, the inner one that of the comparison.
    pub(super) async fn perform(
        &mut self,
        s: &mut Session,
        op: &Op,
        before: &Model,
        succeeds: bool,
    ) -> realgar::Result<Check> {
        match op {
            Op::Add(var, value, fields) => {
                kind!(var.kind, M => {
                    let object = self.build::<M>(*var, *value, fields);
                    let handle = s.add(object);
                    self.handles.insert(*var, M::any(handle));
                });
                for (rel, _) in fields {
                    if let Err(what) = self.meet_nested(s, *var, *rel) {
                        return Ok(Err(what));
                    }
                }
            }
            Op::Append(owner, rel, item) => many!(*rel, M, T, r => {
                let given = self.given(&[*item]).remove(0);
                let item: realgar::Item<T> = match given {
                    (_, Some(any)) => T::of(any).into(),
                    (var, None) => T::make(var, 0).into(),
                };
                let handle = s.append(self.handle::<M>(*owner), r, item)?;
                return Ok(self.meet(s, handle).map(drop));
            }),
            Op::Remove(owner, rel, item) => {
                many!(*rel, M, T, r => s.remove(self.handle::<M>(*owner), r, self.handle::<T>(*item))?)
            }
            Op::Set(owner, rel, to) => {
                let items = self.given(to.as_slice());
                one!(*rel, M, T, C, r => {
                    let _: Option<T> = None;
                    let field: C = field(items);
                    s.set(self.handle::<M>(*owner), r, field)?;
                });
                if to.is_some() {
                    return Ok(self.meet_nested(s, *owner, *rel));
                }
            }
            Op::Replace(owner, rel, items) => {
                let given = self.given(items);
                many!(*rel, M, T, r => {
                    let field: Many<T> = field(given);
                    s.replace(self.handle::<M>(*owner), r, field).await?;
                });
                return Ok(self.meet_nested(s, *owner, *rel));
            }
            Op::Assign(owner, rel, items) => {
                let given = self.given(items);
                kind!(owner.kind, M => s.try_mut(self.handle::<M>(*owner))?.carry(*rel, given));
                let flushed = s.flush().await;
                if let Err(what) = self.meet_nested(s, *owner, *rel) {
                    return Ok(Err(what));
                }
                flushed?;
            }
            Op::Write(var, value) => kind!(var.kind, M => *s.try_mut(self.handle::<M>(*var))?.value() = *value),
            Op::Key(var, rel, to) => {
                let key = match to.map(|to| self.id(s, to)).transpose() {
                    Ok(id) => id.map(|id| id.0),
                    Err(what) => return Ok(Err(what)),
                };
                kind!(var.kind, M => s.try_mut(self.handle::<M>(*var))?.set_key(rel.position(), key));
            }
            Op::Delete(var) => kind!(var.kind, M => s.delete(self.handle::<M>(*var))?),
            Op::Again(var) => kind!(var.kind, M => s.add_again(self.handle::<M>(*var))?),
            Op::Flush => s.flush().await?,
            Op::Commit => s.commit().await?,
            Op::Rollback => s.rollback().await?,
            Op::Close => {
                s.close().await?;
                self.handles.clear();
            }
            Op::Savepoint | Op::Keep | Op::Undo => unreachable!("they are no steps"),
            Op::Expire(var) => kind!(var.kind, M => s.expire(self.handle::<M>(*var))?),
            Op::ExpireAll => s.expire_all()?,
            Op::Refresh(var) => {
                kind!(var.kind, M => s.refresh(self.handle::<M>(*var)).await?);
                return Ok(self.compare_object(s, *var));
            }
            Op::Expunge(var) => return self.expunge(s, *var, before).await,
            Op::Merge(var, value) => return self.merge(s, *var, *value).await,
            Op::Get(var) => {
                let id = match self.id(s, *var) {
                    Ok(id) => id,
                    Err(what) => return Ok(Err(what)),
                };
                kind!(var.kind, M => {
                    let found = s.get::<M>(<M as realgar::Model>::Key::from_id(id)).await?;
                    return Ok(self.compare_found(s, *var, found));
                });
            }
            Op::Load(var, rel) => return self.load(s, *var, *rel).await,
            Op::Preload(rel) => return self.preload(s, *rel, before).await,
            Op::Query(kind, options) => kind!(*kind, M => {
                let found = M::along(M::select(), options).all(s).await?;
                return Ok(if succeeds { self.compare_query(s, *kind, found, options) } else { Ok(()) });
            }),
            Op::Look => return self.look(s).await,
            Op::OtherWrite(..)
            | Op::OtherKey(..)
            | Op::OtherAdd(..)
            | Op::OtherDelete(..)
            | Op::OtherLink(..)
            | Op::OtherUnlink(..) => return self.elsewhere(s, op).await,
        }
        Ok(Ok(()))
    }

    fn build<M: Mapped>(&self, var: Var, value: i64, fields: &[(Rel, Vec<Var>)]) -> M {
        let mut object = M::make(var, value);
        fields.iter().for_each(|(rel, items)| object.carry(*rel, self.given(items)));
        object
    }

    pub async fn load(&mut self, s: &mut Session, var: Var, rel: Rel) -> realgar::Result<Check> {
        let compare = |this: &mut Self, found: Check<BTreeSet<Var>>| this.compare_ends(var, rel, &found?);
        if rel.shape().many {
            many!(rel, M, T, r => {
                let found = s.load(self.handle::<M>(var), r).await?;
                let found = self.meet_all::<T>(s, found);
                Ok(compare(self, found))
            })
        } else {
            one!(rel, M, T, C, r => {
                let found: Vec<Handle<T>> = s.load(self.handle::<M>(var), r).await?.ends();
                let _: Option<C> = None;
                let found = self.meet_all::<T>(s, found);
                Ok(compare(self, found))
            })
        }
    }

    async fn preload(&mut self, s: &mut Session, rel: Rel, before: &Model) -> realgar::Result<Check> {
        let kind = rel.shape().owner;
        let mut owners: Vec<Var> = self.handles.keys().copied().filter(|var| var.kind == kind).collect();
        owners.retain(|&var| before.is_live(var));
        owners.sort();
        if rel.shape().many {
            many!(rel, M, T, r => {
                let _: Option<T> = None;
                let handles: Vec<Handle<M>> = owners.iter().map(|&var| self.handle(var)).collect();
                s.preload(&handles, r).await?;
            });
        } else {
            one!(rel, M, T, C, r => {
                let _: Option<(C, T)> = None;
                let handles: Vec<Handle<M>> = owners.iter().map(|&var| self.handle(var)).collect();
                s.preload(&handles, r).await?;
            });
        }
        Ok(owners.into_iter().try_for_each(|owner| self.compare_loaded(s, owner, rel)))
    }

    async fn merge(&mut self, s: &mut Session, var: Var, value: i64) -> realgar::Result<Check> {
        s.flush().await?; // the key of a new row is known, and so is where it belongs
        self.learn_ids(s);
        let mut ids = Vec::new();
        let row = self.model.db.rows.get(&var).cloned();
        if let Some(row) = &row {
            for (position, key) in row.keys.iter().enumerate() {
                ids.push((position, key.map(|key| self.ids[&key].0)));
            }
        }
        kind!(var.kind, M => {
            let mut object = M::make(var, value);
            if row.is_some() {
                ids.iter().take(var.kind.ones().len()).for_each(|&(position, id)| object.set_key(position, id));
                let id = match self.id(s, var) {
                    Ok(id) => id,
                    Err(what) => return Ok(Err(what)),
                };
                object.set_id(id);
            }
            let merged = s.merge(object).await?;
            Ok(self.meet(s, merged).and_then(|met| if met == var { Ok(()) } else { Err(format!("merged {var}, got {met}")) }))
        })
    }

    /// Everything that goes with the object is loaded first, so that it is clear who goes.
    async fn expunge(&mut self, s: &mut Session, var: Var, before: &Model) -> realgar::Result<Check> {
        self.learn_ids(s);
        let gone: Vec<Var> = before.life.keys().copied().filter(|var| !self.model.life.contains_key(var)).collect();
        for &owner in gone.iter().filter(|&&var| before.is_live(var)) {
            for rel in owner.kind.rels().into_iter().filter(|rel| rel.shape().delete) {
                many!(rel, M, T, r => {
                    let found: Vec<Handle<T>> = s.load(self.handle::<M>(owner), r).await?;
                    drop(found);
                });
            }
        }
        kind!(var.kind, M => s.expunge(self.handle::<M>(var))?);
        for var in gone {
            let any = self.handles.remove(&var);
            let void = kind!(var.kind, M => any.is_none_or(|any| s.try_ref(M::of(any)).is_err()));
            if !void && before.is_live(var) {
                return Ok(Err(format!("{var} was to be let go, and is still there")));
            }
        }
        Ok(Ok(()))
    }
}
