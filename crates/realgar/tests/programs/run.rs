//! Drives Realgar through a program, and compares with the oracle after every operation.

use std::{
    collections::{BTreeSet, HashMap},
    pin::Pin,
};

use realgar::{Kind as ErrorKind, prelude::*, sql};

use crate::{
    model::{Life, Model},
    program::{Op, Program},
    schemas::{Kind, Rel, Schema, Var, blog::*, library::*, school::*, tree::*},
    typed::{Any, Ends, Given, Id, Identifier, Mapped, kind, many, one},
};

/// A database in which programs run one after another.
pub struct Bench {
    pub schema: Schema,
    pub db: Db,
    /// Another connection: the same database in memory, a connection of its own to a file.
    pub other: Db,
}

impl Bench {
    /// A database in memory, or in a file.
    pub async fn new(schema: Schema, file: Option<&std::path::Path>) -> realgar::Result<Bench> {
        let models = || match schema {
            Schema::Library => models![Author, Book, Page].to_vec(),
            Schema::Blog => models![Post, Label].to_vec(),
            Schema::Tree => models![Node].to_vec(),
            Schema::School => models![Student, Course, Enrolment].to_vec(),
        };
        let url = file.map_or_else(|| "sqlite::memory:".to_owned(), |file| format!("sqlite:///{}", file.display()));
        let db = Db::connect(&url, models()).await?;
        db.create_all().await?;
        let other = if file.is_some() { Db::connect(&url, models()).await? } else { db.clone() };
        Ok(Bench { schema, db, other })
    }

    /// Empties all tables.
    async fn clear(&self) -> realgar::Result<()> {
        let mut s = self.other.session();
        for &kind in self.schema.kinds().iter().rev() {
            match kind {
                Kind::Post => sql("DELETE FROM post_labels").execute(&mut s).await?,
                Kind::Node => sql("UPDATE nodes SET parent_id = NULL").execute(&mut s).await?,
                _ => 0,
            };
        }
        for &kind in self.schema.kinds().iter().rev() {
            sql(format!("DELETE FROM {}", kind.mould().table)).execute(&mut s).await?;
        }
        s.commit().await
    }
}

/// Where Realgar and the oracle part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The number of the operation.
    pub at: usize,
    pub what: String,
}

/// What can be compared with the reference: the error of each operation that had one, and the tables of each commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    pub errors: Vec<(usize, &'static str)>,
    pub tables: Vec<String>,
}

/// Runs a program.
pub async fn run(bench: &Bench, program: &Program) -> Result<Trace, Mismatch> {
    let failed = |error: realgar::Error| Mismatch { at: 0, what: error.to_string() };
    bench.clear().await.map_err(failed)?;
    let mut runner = Runner {
        bench,
        model: Model::new(program.schema),
        handles: HashMap::new(),
        ids: HashMap::new(),
        trace: Trace::default(),
        turn: 0,
    };
    let mut s = bench.db.session();
    let mut at = 0;
    match runner.block(&mut s, &program.ops, &mut at).await {
        Ok(()) => Ok(runner.trace),
        Err(what) => Err(Mismatch { at, what }),
    }
}

/// What is said where something is not as it must be.
pub(crate) type Check<T = ()> = Result<T, String>;

fn said(error: realgar::Error) -> String {
    format!("an error that nobody expected: {error}")
}

pub(crate) struct Runner<'b> {
    pub bench: &'b Bench,
    pub model: Model,
    pub handles: HashMap<Var, Any>,
    /// The keys of rows, as far as they are known.
    pub ids: HashMap<Var, Id>,
    trace: Trace,
    /// Which way is looked at next.
    pub turn: usize,
}

impl Runner<'_> {
    /// Runs operations to the end of the program, or of the savepoint.
    fn block<'a>(
        &'a mut self,
        s: &'a mut Session,
        ops: &'a [Op],
        at: &'a mut usize,
    ) -> Pin<Box<dyn Future<Output = Check> + 'a>> {
        Box::pin(async move {
            while let Some(op) = ops.get(*at) {
                match op {
                    Op::Savepoint => self.savepoint(s, ops, at).await?,
                    Op::Keep | Op::Undo => return Ok(()),
                    op => self.step(s, op, *at).await?,
                }
                *at += 1;
            }
            Ok(())
        })
    }

    async fn savepoint(&mut self, s: &mut Session, ops: &[Op], at: &mut usize) -> Check {
        self.model.apply(&Op::Savepoint);
        *at += 1;
        let mut inside = Ok(());
        let result = s.savepoint(async |s| {
            inside = self.block(s, ops, at).await;
            match ops.get(*at) {
                Some(Op::Keep) if inside.is_ok() => Ok(()),
                // A commit is no matter of a savepoint: an error for the asking.
                _ => s.commit().await,
            }
        });
        let result = result.await;
        inside?;
        let end = ops.get(*at).unwrap_or(&Op::Undo);
        let expected = self.model.apply(end);
        self.judge(*at, &expected, result.map(drop))?;
        self.in_step(s)
    }

    async fn step(&mut self, s: &mut Session, op: &Op, at: usize) -> Check {
        let before = self.model.clone();
        let expected = self.model.apply(op);
        let outcome = self.perform(s, op, &before, expected.is_empty()).await;
        let outcome = match outcome {
            Ok(compared) => {
                compared?;
                Ok(())
            }
            Err(error) => Err(error),
        };
        let failed = outcome.is_err();
        self.judge(at, &expected, outcome)?;
        if failed {
            return Ok(());
        }
        if matches!(op, Op::Commit | Op::Rollback | Op::Close) {
            self.compare_tables().await?;
            self.in_step(s)?;
        }
        Ok(())
    }

    /// The operation ended as it must.
    fn judge(&mut self, at: usize, expected: &[ErrorKind], outcome: realgar::Result<()>) -> Check {
        match outcome {
            Ok(()) if expected.is_empty() => Ok(()),
            Ok(()) => Err(format!("expected {expected:?}, and it succeeded")),
            Err(error) if expected.contains(&error.kind()) => {
                self.trace.errors.push((at, error.kind().reference()));
                Ok(())
            }
            Err(error) if expected.is_empty() => Err(said(error)),
            Err(error) => Err(format!("expected {expected:?}, and got {:?}: {error}", error.kind())),
        }
    }

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

    fn given(&self, vars: &[Var]) -> Vec<Given> {
        vars.iter().map(|&var| (var, self.handles.get(&var).copied())).collect()
    }

    fn build<M: Mapped>(&self, var: Var, value: i64, fields: &[(Rel, Vec<Var>)]) -> M {
        let mut object = M::make(var, value);
        fields.iter().for_each(|(rel, items)| object.carry(*rel, self.given(items)));
        object
    }

    /// The handles of objects that were new in a field.
    fn meet_nested(&mut self, s: &Session, owner: Var, rel: Rel) -> Check {
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

    fn learn_ids(&mut self, s: &Session) {
        for var in self.handles.keys().copied().collect::<Vec<_>>() {
            kind!(var.kind, M => self.learn_id::<M>(s, var));
        }
    }

    fn id(&mut self, s: &Session, var: Var) -> Check<Id> {
        kind!(var.kind, M => self.learn_id::<M>(s, var));
        self.ids.get(&var).copied().ok_or_else(|| format!("nobody knows the key of {var}"))
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

    /// Does the operation. The outer result is Realgar's, the inner one that of the comparison.
    async fn perform(&mut self, s: &mut Session, op: &Op, before: &Model, succeeds: bool) -> realgar::Result<Check> {
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
                    let field: C = crate::typed::field(items);
                    s.set(self.handle::<M>(*owner), r, field)?;
                });
                if to.is_some() {
                    return Ok(self.meet_nested(s, *owner, *rel));
                }
            }
            Op::Replace(owner, rel, items) => {
                let given = self.given(items);
                many!(*rel, M, T, r => {
                    let field: Many<T> = crate::typed::field(given);
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

    fn compare_found<M: Mapped>(&mut self, s: &Session, var: Var, found: Option<Handle<M>>) -> Check {
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

    pub fn compare_query<M: Mapped>(
        &mut self,
        s: &Session,
        kind: Kind,
        found: Vec<Handle<M>>,
        options: &[(Rel, crate::program::Strategy)],
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

    /// Another connection commits a change.
    async fn elsewhere(&mut self, s: &Session, op: &Op) -> realgar::Result<Check> {
        self.learn_ids(s);
        let mut other = self.bench.other.session();
        let known = |var: &Var| match self.ids.get(var) {
            Some(id) => Ok(id.0),
            None => Err(format!("nobody knows the key of {var}")),
        };
        let statement = match op {
            Op::OtherWrite(var, value) => {
                Ok(sql(format!("UPDATE {} SET value = ? WHERE tag = ?", var.kind.mould().table))
                    .bind(*value)
                    .bind(var.to_string()))
            }
            Op::OtherKey(var, rel, to) => to.as_ref().map(known).transpose().map(|key| {
                let (table, column) = (var.kind.mould().table, var.kind.mould().keys[rel.position()]);
                sql(format!("UPDATE {table} SET {column} = ? WHERE tag = ?")).bind(key).bind(var.to_string())
            }),
            Op::OtherAdd(var, value, keys) => {
                // A key of its own: that of a row that is gone would make it the same row to the session.
                let number = self.ids.values().map(|id| id.0).max().unwrap_or(0) / 1000 * 1000 + 1000;
                let id: &[&str] = if var.kind == Kind::Enrolment { &[] } else { &["id"] };
                let columns: Vec<&str> = [&["tag", "value"], var.kind.mould().keys, id].concat();
                let places = vec!["?"; columns.len()].join(", ");
                let text = format!("INSERT INTO {} ({}) VALUES ({places})", var.kind.mould().table, columns.join(", "));
                keys.iter()
                    .try_fold(sql(text).bind(var.to_string()).bind(*value), |statement, key| {
                        Ok(statement.bind(key.as_ref().map(known).transpose()?))
                    })
                    .map(|statement| if id.is_empty() { statement } else { statement.bind(number) })
            }
            Op::OtherDelete(var) => {
                Ok(sql(format!("DELETE FROM {} WHERE tag = ?", var.kind.mould().table)).bind(var.to_string()))
            }
            Op::OtherLink(post, label) => known(post).and_then(|post| {
                Ok(sql("INSERT INTO post_labels (post_id, label_id) VALUES (?, ?)").bind(post).bind(known(label)?))
            }),
            Op::OtherUnlink(post, label) => known(post).and_then(|post| {
                Ok(sql("DELETE FROM post_labels WHERE post_id = ? AND label_id = ?").bind(post).bind(known(label)?))
            }),
            _ => unreachable!("all others are the session's own"),
        };
        match statement {
            Ok(statement) => statement.execute(&mut other).await?,
            Err(what) => return Ok(Err(what)),
        };
        other.commit().await?;
        drop(other);
        Ok(self.compare_tables().await)
    }

    /// Another connection sees what the oracle says is committed, and no foreign key hangs in the air.
    async fn compare_tables(&mut self) -> Check {
        let mut other = self.bench.other.session();
        let seen = crate::look::tables(&mut other, self.bench.schema).await.map_err(said)?;
        self.ids.retain(|var, _| self.model.life.contains_key(var));
        self.ids.extend(seen.ids);
        if seen.broken > 0 {
            return Err(format!("{} foreign keys hang in the air", seen.broken));
        }
        if seen.tables != self.model.committed {
            return Err(format!(
                "the tables must hold\n{}\nand hold\n{}",
                crate::look::shown(&self.model.committed),
                crate::look::shown(&seen.tables)
            ));
        }
        self.trace.tables.push(crate::look::shown(&seen.tables));
        self.look_fresh(&mut other).await
    }

    /// Every object is where it must be in its life, and holds what it must.
    fn in_step(&mut self, s: &Session) -> Check {
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
            if value != row.value && stale.is_none_or(|stale| stale.value != value) {
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
}

fn quietly<T>(error: realgar::Error) -> Result<Vec<T>, String> {
    // Queued in a collection that is not loaded: its handle comes with the first query.
    if error.kind() == ErrorKind::NotLoaded { Ok(Vec::new()) } else { Err(said(error)) }
}

pub fn names(vars: &BTreeSet<Var>) -> String {
    let names: Vec<String> = vars.iter().map(Var::to_string).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
