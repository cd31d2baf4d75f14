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

use std::collections::{BTreeMap, BTreeSet};

use realgar::Kind as ErrorKind;

use crate::{
    program::Op,
    schemas::{Kind, Rel, Schema, Var},
};

/// What the tables hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    pub rows: BTreeMap<Var, Row>,
    /// The association table of the blog: a post and a label.
    pub links: BTreeSet<(Var, Var)>,
}

/// A row; its foreign keys as the rows that they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub value: i64,
    pub keys: [Option<Var>; 2],
}

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

/// What a flush comes to.
enum Outcome {
    Done { memory: Tables, deleted: BTreeSet<Var>, forgotten: BTreeSet<Var> },
    Fails(Vec<ErrorKind>),
    Unclear,
}

impl Tables {
    /// Who is at the other end.
    pub fn ends(&self, var: Var, rel: Rel) -> BTreeSet<Var> {
        match rel {
            Rel::PostLabels => self.links.iter().filter(|link| link.0 == var).map(|link| link.1).collect(),
            Rel::LabelPosts => self.links.iter().filter(|link| link.1 == var).map(|link| link.0).collect(),
            _ if rel.shape().many => {
                let (target, position) = (rel.shape().target, rel.shape().inverse.position());
                let holds = |(other, row): &(&Var, &Row)| other.kind == target && row.keys[position] == Some(var);
                self.rows.iter().filter(holds).map(|(&other, _)| other).collect()
            }
            _ => self.rows.get(&var).and_then(|row| row.keys[rel.position()]).into_iter().collect(),
        }
    }

    pub fn of(&self, kind: Kind) -> BTreeSet<Var> {
        self.rows.keys().copied().filter(|var| var.kind == kind).collect()
    }

    fn remove(&mut self, var: Var) {
        self.rows.remove(&var);
        self.links.retain(|&(post, label)| post != var && label != var);
    }
}

fn link(owner: Var, item: Var) -> (Var, Var) {
    if owner.kind == Kind::Post { (owner, item) } else { (item, owner) }
}

/// Whose foreign key holds it, whose key that is, and the relationship on the side of the foreign key.
fn sides(owner: Var, rel: Rel, item: Var) -> (Var, Var, Rel) {
    if rel.shape().many { (item, owner, rel.shape().inverse) } else { (owner, item, rel) }
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

    /// Whether it makes no difference when the flush comes.
    fn is_plain(&self) -> bool {
        let orphan = |(var, rel): &(Var, Rel)| self.memory.ends(*var, *rel).is_empty();
        !self.is_dirty()
            || self.doomed.is_empty()
                && !self.life.values().any(|&life| life == Life::Pending)
                && !self.left.iter().any(orphan)
                && matches!(self.outcome(), Outcome::Done { .. })
    }

    fn flush_is_clear(&self) -> bool {
        !self.is_dirty() || !matches!(self.outcome(), Outcome::Unclear)
    }

    /// Whether the object can be given another place along this relationship, which has its foreign key.
    fn can_move(&self, var: Var, rel: Rel) -> bool {
        let owner = self.memory.rows.get(&var).and_then(|row| row.keys[rel.position()]);
        self.is_live(var) && !self.stale.contains_key(&var) && owner.is_none_or(|owner| self.life.contains_key(&owner))
    }

    /// Whether the item can be put at this place: new, or known and not there yet.
    fn can_place(&self, owner: Var, rel: Rel, item: Var) -> bool {
        if rel.shape().owner != owner.kind || rel.shape().target != item.kind || owner == item && self.is_free(item) {
            return false;
        }
        if rel.is_many_to_many() {
            return self.is_free(item) || self.is_live(item) && !self.memory.links.contains(&link(owner, item));
        }
        let (_, _, one) = sides(owner, rel, item);
        let movable = if rel.shape().many { self.is_free(item) || self.can_move(item, one) } else { true };
        let known = rel.shape().many || self.is_free(item) || self.is_live(item);
        movable && known
    }

    /// No association object has the primary key that another one has or had.
    fn keys_are_unique(&self) -> bool {
        let whole = |(var, row): (&Var, &Row)| (var.kind == Kind::Enrolment).then_some((*var, row.keys));
        let mut held: BTreeMap<[Option<Var>; 2], Var> = BTreeMap::new();
        let all = self.db.rows.iter().chain(&self.memory.rows).filter_map(whole);
        let mut all = all.filter(|(_, keys)| !keys.contains(&None));
        all.all(|(var, keys)| !self.vanished.contains(&keys) && *held.entry(keys).or_insert(var) == var)
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

    fn row_is_known(&self, var: Var) -> bool {
        self.db.rows.contains_key(&var)
    }

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

    fn is_other(&self, var: Var) -> bool {
        self.idle && !self.is_dirty() && self.committed.rows.contains_key(&var)
    }

    fn can_replace(&self, owner: Var, rel: Rel, items: &[Var]) -> bool {
        if !self.hazy.is_empty() || !rel.shape().many || !self.is_live(owner) || rel.shape().owner != owner.kind {
            return false;
        }
        let before = self.memory.ends(owner, rel);
        let mut seen = BTreeSet::new();
        let known = |item: &Var| self.is_live(*item) && !self.stale.contains_key(item);
        before.iter().all(known)
            && items
                .iter()
                .all(|&item| seen.insert(item) && (before.contains(&item) || self.can_place(owner, rel, item)))
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

    fn merges(&self, var: Var) -> bool {
        if !self.is_dirty() {
            return true;
        }
        match self.outcome() {
            Outcome::Done { deleted, .. } => !deleted.contains(&var),
            Outcome::Fails(_) => true,
            Outcome::Unclear => false,
        }
    }

    fn outcome(&self) -> Outcome {
        let mut memory = self.memory.clone();
        let mut doomed: Vec<Var> = self.doomed.iter().copied().collect();
        let mut forgotten = BTreeSet::new();
        for &(var, rel) in self.left.iter().filter(|(var, rel)| self.memory.ends(*var, *rel).is_empty()) {
            match self.life.get(&var) {
                Some(Life::Pending) => self.forget(var, &mut forgotten),
                _ if !doomed.contains(&var) => doomed.push(var),
                _ => {}
            }
            let _ = rel;
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

    fn flush(&mut self) -> Vec<ErrorKind> {
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

    fn settle(&mut self) {
        self.doomed.clear();
        self.written.clear();
        self.moved.clear();
        self.left.clear();
        self.keyed.clear();
        self.perhaps_flushed = false;
    }

    fn restore(&mut self, moment: Moment) {
        for (var, life) in &mut self.life {
            let row = moment.db.rows.get(var);
            let before = moment.life.get(var).copied().filter(|life| *life != Life::Pending);
            *life = match (row, *life) {
                (_, Life::Lost) => Life::Lost,
                (Some(_), _) => Life::Persistent,
                (None, _) => before.unwrap_or(Life::Transient),
            };
            // Met again, it took what was not committed, and nothing takes that back.
            let met = self.expunged.get(var).filter(|met| row.is_some_and(|row| row != *met));
            if let Some(met) = met {
                self.stale.entry(*var).or_default().push(met.clone());
            }
        }
        (self.db, self.memory) = (moment.db.clone(), moment.db);
        self.hazy = moment.hazy;
        for (var, rows) in moment.stale {
            self.stale.entry(var).or_default().extend(rows);
        }
        self.failed = false;
        self.settle();
    }

    /// The transaction is over.
    fn end(&mut self) {
        self.hazy.clear();
        self.expunged.clear();
        self.begin = (self.life.clone(), self.stale.clone());
        self.idle = true;
    }

    fn roll_back(&mut self) {
        let (life, stale) = self.begin.clone();
        self.restore(Moment { db: self.committed.clone(), life, hazy: BTreeSet::new(), stale });
        self.savepoints.clear();
        self.end();
    }

    fn meet(&mut self, var: Var) {
        self.stale.remove(&var);
        self.life.entry(var).or_insert(Life::Persistent);
    }

    fn meet_all(&mut self, kind: Kind) {
        self.db.of(kind).into_iter().for_each(|var| self.meet(var));
    }

    fn create(&mut self, var: Var, value: i64) {
        self.memory.rows.insert(var, Row { value, keys: [None; 2] });
        self.life.insert(var, Life::Pending);
    }

    fn connect(&mut self, owner: Var, rel: Rel, item: Var) {
        if self.is_free(item) {
            self.create(item, 0);
        }
        if rel.is_many_to_many() {
            self.memory.links.insert(link(owner, item));
            self.moved.extend([owner, item]);
            return;
        }
        let (child, parent, one) = sides(owner, rel, item);
        self.place(child, one, Some(parent));
    }

    fn place(&mut self, child: Var, one: Rel, parent: Option<Var>) {
        let row = self.memory.rows.get_mut(&child).expect("the object is live");
        let before = std::mem::replace(&mut row.keys[one.position()], parent);
        if before.is_some() && before != parent && one.shape().inverse.shape().orphan {
            self.left.insert((child, one));
        }
        self.moved.insert(child);
    }

    fn disconnect(&mut self, owner: Var, rel: Rel, item: Var) {
        if rel.is_many_to_many() {
            self.memory.links.remove(&link(owner, item));
            self.moved.extend([owner, item]);
        } else {
            let (child, _, one) = sides(owner, rel, item);
            self.place(child, one, None);
        }
    }

    fn replace(&mut self, owner: Var, rel: Rel, items: &[Var]) {
        let before = self.memory.ends(owner, rel);
        before.iter().filter(|item| !items.contains(item)).for_each(|&item| self.disconnect(owner, rel, item));
        items.iter().filter(|item| !before.contains(item)).for_each(|&item| self.connect(owner, rel, item));
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
