//! Looks at everything: the tables from another connection, a fresh session, and every way to reach a row in the session
//! at hand.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
};

use realgar::{prelude::*, sql};

use crate::{
    model::{Row, Tables},
    program::Strategy,
    run::{Check, Runner},
    schemas::{Kind, Rel, Schema, Var, blog::*, library::*, school::*, tree::*},
    typed::{Any, Ends, Id, Identifier, Mapped, kind, many, one},
};

/// The tables as another connection sees them.
pub struct Seen {
    pub tables: Tables,
    pub ids: HashMap<Var, Id>,
    /// Foreign keys without a row.
    pub broken: i64,
}

type Line = (String, i64, i64, i64, Option<i64>, Option<i64>);

/// One statement for all tables of the schema.
fn text(schema: Schema) -> String {
    let mut parts = Vec::new();
    for kind in schema.kinds() {
        let mould = kind.mould();
        let [first, second] = [0, 1].map(|key| mould.keys.get(key).copied().unwrap_or("NULL"));
        let (id, also) = if mould.keys.len() == 2 { (first, second) } else { ("id", "0") };
        parts.push(format!("SELECT tag, {id}, {also}, value, {first}, {second} FROM {}", mould.table));
    }
    if schema == Schema::Blog {
        parts.push("SELECT '', post_id, label_id, 0, NULL, NULL FROM post_labels".to_owned());
    }
    parts.push("SELECT 'broken', 0, 0, count(*), NULL, NULL FROM pragma_foreign_key_check".to_owned());
    parts.join(" UNION ALL ")
}

/// Reads all tables.
pub async fn tables(s: &mut Session, schema: Schema) -> realgar::Result<Seen> {
    let lines: Vec<Line> = sql(text(schema)).all(s).await?;
    s.rollback().await?;
    let mut seen = Seen { tables: Tables::default(), ids: HashMap::new(), broken: 0 };
    let vars: BTreeMap<(Kind, Id), Var> =
        lines.iter().filter_map(|line| Var::parse(&line.0).map(|var| ((var.kind, (line.1, line.2)), var))).collect();
    let named = |kind: Kind, id: i64| vars.get(&(kind, (id, 0))).copied();
    for (tag, id, also, value, first, second) in lines {
        if let Some(var) = Var::parse(&tag) {
            seen.ids.insert(var, (id, also));
            let mut keys = [None; 2];
            for (one, key) in var.kind.ones().into_iter().zip([first, second]) {
                keys[one.position()] = key.and_then(|key| named(one.shape().target, key));
            }
            seen.tables.rows.insert(var, Row { value, keys });
        } else if tag == "broken" {
            seen.broken = value;
        } else if let (Some(post), Some(label)) = (named(Kind::Post, id), named(Kind::Label, also)) {
            seen.tables.links.insert((post, label));
        } else {
            seen.broken += 1;
        }
    }
    Ok(seen)
}

/// The tables as a text of few letters: `author0=5 book1=3<author0 post0+label1`.
pub fn shown(tables: &Tables) -> String {
    let mut text = String::new();
    for (var, row) in &tables.rows {
        let _ = write!(text, "{var}={}", row.value);
        row.keys.iter().flatten().for_each(|key| {
            let _ = write!(text, "<{key}");
        });
        text.push(' ');
    }
    for (post, label) in &tables.links {
        let _ = write!(text, "{post}+{label} ");
    }
    text.trim_end().to_owned()
}

/// Ways to reach a row whose object the session knows.
const WAYS: usize = 6;

impl Runner<'_> {
    fn strategy(&mut self) -> Strategy {
        self.turn += 1;
        Strategy::ALL[self.turn % Strategy::ALL.len()]
    }

    /// The session's objects, rows and relationships, each reached in another way than the time before.
    pub async fn look(&mut self, s: &mut Session) -> realgar::Result<Check> {
        let kinds = self.bench.schema.kinds();
        for &kind in kinds {
            kind!(kind, M => {
                let found = M::select().all(s).await?;
                if let Err(what) = self.compare_query(s, kind, found, &[]) {
                    return Ok(Err(what));
                }
            });
        }
        for var in self.model.db.rows.keys().copied().collect::<Vec<_>>() {
            if let Err(what) = kind!(var.kind, M => self.reach::<M>(s, var).await?) {
                return Ok(Err(format!("{var}: {what}")));
            }
            for rel in var.kind.rels() {
                if rel.shape().required && self.model.memory.ends(var, rel).is_empty() {
                    continue;
                }
                if let Err(what) = self.load(s, var, rel).await? {
                    return Ok(Err(what));
                }
            }
        }
        for &kind in kinds {
            for rel in kind.rels() {
                let options = [(rel, self.strategy())];
                kind!(kind, M => {
                    let found = M::along(M::select(), &options).all(s).await?;
                    if let Err(what) = self.compare_query(s, kind, found, &options) {
                        return Ok(Err(format!("{options:?}: {what}")));
                    }
                });
            }
        }
        Ok(Ok(()))
    }

    /// Reaches one row in one of the ways.
    async fn reach<M: Mapped>(&mut self, s: &mut Session, var: Var) -> realgar::Result<Check> {
        self.turn += 1;
        let handle = self.handle::<M>(var);
        let id = s.key(handle)?.to_id();
        let table = var.kind.mould().table;
        let found = match self.turn % WAYS {
            0 => s.get::<M>(M::Key::from_id(id)).await?,
            1 => Some(sql(format!("SELECT * FROM {table} WHERE tag = ?")).bind(var.to_string()).one(s).await?),
            2 => {
                s.refresh(handle).await?;
                Some(handle)
            }
            3 => {
                let (value, keys) = (s[handle].reads(), s[handle].keys());
                let mut object = M::make(var, value);
                keys.into_iter().enumerate().for_each(|(position, key)| object.set_key(position, key));
                object.set_id(id);
                Some(s.merge(object).await?)
            }
            4 => return self.way_back(s, var).await,
            _ => {
                s.expire(handle)?;
                s.get::<M>(M::Key::from_id(id)).await?
            }
        };
        let Some(found) = found else { return Ok(Err("it was not found".to_owned())) };
        Ok(self.meet(s, found).and_then(|met| if met == var { Ok(()) } else { Err(format!("got {met}")) }))
    }

    /// From the object to those it is related to, and back.
    async fn way_back(&mut self, s: &mut Session, var: Var) -> realgar::Result<Check> {
        for rel in var.kind.rels() {
            for end in self.model.memory.ends(var, rel) {
                if let Err(what) = self.load(s, var, rel).await? {
                    return Ok(Err(what));
                }
                if let Err(what) = self.load(s, end, rel.shape().inverse).await? {
                    return Ok(Err(format!("back from {end}: {what}")));
                }
            }
        }
        Ok(Ok(()))
    }

    /// A fresh session sees what is committed, relationships too.
    pub async fn look_fresh(&mut self, s: &mut Session) -> Check {
        for &kind in self.bench.schema.kinds() {
            let rels = kind.rels();
            let rel = rels[self.turn % rels.len()];
            let strategy = self.strategy();
            let found =
                self.fresh(s, kind, rel, strategy).await.map_err(|error| format!("a fresh session: {error}"))?;
            let mut expected: Vec<(Var, Vec<Var>)> = Vec::new();
            for var in self.model.committed.of(kind) {
                expected.push((var, self.model.committed.ends(var, rel).into_iter().collect()));
            }
            if found != expected {
                return Err(format!(
                    "a fresh session must see by {strategy:?} {rel:?}\n{expected:?}\nand sees\n{found:?}"
                ));
            }
        }
        s.rollback().await.map_err(|error| error.to_string())
    }

    async fn fresh(
        &self,
        s: &mut Session,
        kind: Kind,
        rel: Rel,
        strategy: Strategy,
    ) -> realgar::Result<Vec<(Var, Vec<Var>)>> {
        fn var<M: Mapped>(s: &Session, handle: Handle<M>) -> Var {
            Var::parse(s[handle].tag()).expect("each row has a tag")
        }
        let mut found = Vec::new();
        kind!(kind, M => {
            for handle in M::along(M::select(), &[(rel, strategy)]).all(s).await? {
                let owner = M::any(handle);
                let mut ends: Vec<Var> = ends(s, rel, owner).await?;
                ends.sort();
                found.push((var(s, handle), ends));
            }
        });
        found.sort();
        Ok(found)
    }
}

/// Who is at the other end, loaded where it is not yet.
async fn ends(s: &mut Session, rel: Rel, owner: Any) -> realgar::Result<Vec<Var>> {
    fn vars<T: Mapped>(s: &Session, handles: Vec<Handle<T>>) -> Vec<Var> {
        handles.into_iter().map(|handle| Var::parse(s[handle].tag()).expect("each row has a tag")).collect()
    }
    if rel.shape().many {
        many!(rel, M, T, r => {
            let found: Vec<Handle<T>> = s.load(M::of(owner), r).await?;
            Ok(vars(s, found))
        })
    } else {
        one!(rel, M, T, C, r => {
            let _: Option<C> = None;
            let found: Vec<Handle<T>> = s.load(M::of(owner), r).await?.ends();
            Ok(vars(s, found))
        })
    }
}
