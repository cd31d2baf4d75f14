//! The objects of one session: slots, keys, life states, relationship state, old values, history.
//!
//! | file | what |
//! |---|---|
//! | `arena.rs` | the slots of one model; a row becomes an object |
//! | `keys.rs`, `integers.rs` | from keys to slots |
//! | `state.rs` | the life of an object |
//! | `related.rs` | what is known of one relationship of one object, and what changed in it |
//! | `sync.rs` | both sides of a relationship in step |
//! | `parents.rs` | what may be related: `validate`, `single_parent` |
//! | `expressions.rs` | columns that become what an SQL expression says |
//! | `hooks.rs` | functions of the user's run for objects; columns are validated |
//! | `adopt.rs` | new objects move in, with everything nested in them |
//! | `copies.rs` | copies of columns, packed |
//! | `kept.rs` | of which objects there are copies |
//! | `history.rs` | old values: why an UPDATE is sent |
//! | `leave.rs` | objects that are read anew, are let go, or come in with a row |
//! | `batch.rs` | what a stream of batches lets go |
//! | `rooms.rs` | the room that ended sessions leave to others |
//! | `undo.rs` | what commit and rollback make of all this |
//! | `trial.rs` | a flush is foreseen, and nothing of it stays |
//! | `peers.rs` | which objects came from the same query |
//!
//! INVARIANT: no two live slots of a session share an identity; a handle never reaches an object of another session or
//! round. Nothing here sends a statement.

mod adopt;
mod arena;
mod batch;
mod copies;
mod expressions;
mod history;
mod hooks;
mod integers;
mod kept;
mod keys;
mod leave;
mod parents;
mod peers;
mod related;
mod rooms;
mod state;
mod sync;
mod trial;
mod undo;

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub use arena::Entity;
use arena::{Arena, Meta};
pub use copies::Old;
pub use peers::{Reading, Reason};
pub use related::{Related, Was};
pub use rooms::Rooms;
pub use state::State;
pub use undo::Undo;

use crate::{
    error::{Error, Kind, Result},
    mapper::{AnyHandle, Handle, Mapper, MapperId, Model, Object, Owner, Registry, Store},
    query::{FromRow, Term},
    value::{Key, Value},
};

/// A number for every session (and every life of one): handles of others are told apart by it.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// The objects of one session.
pub struct Identity {
    number: u64,
    registry: Arc<Registry>,
    arenas: Vec<Arena>,
    /// Objects whose epoch is older are aged: the next row that meets them brings new values.
    epoch: u32,
    /// New objects, in the order in which they were added.
    pending: Vec<(Entity, &'static Location<'static>)>,
    /// Objects that were lent for writing since the last flush.
    touched: Vec<Entity>,
    /// Columns that the next flush sets to what an SQL expression says.
    expressions: HashMap<Entity, Vec<(usize, Term)>>,
    /// Relationships whose contents changed since the last flush.
    changed: Vec<(Entity, u16)>,
    /// Objects marked for deletion.
    doomed: Vec<Entity>,
    /// Objects that left a collection whose cascade has delete-orphan; whose it was, and which one.
    orphans: Vec<(Entity, Entity, u16)>,
    undo: Vec<Undo>,
    /// While a savepoint is open, the relationships whose state was written: its rollback unloads them.
    written: Vec<(Entity, u16)>,
    savepoints: u32,
    /// How often a relationship was loaded for a single object.
    single_loads: HashMap<(MapperId, u16), u32>,
    /// What `add` could not report: handles of other sessions inside new objects.
    problems: Vec<Error>,
    /// What came in with rows since a stream asked for it, slot and round; `None`: nobody asked.
    arrivals: Option<Vec<(Entity, u32)>>,
    /// The objects that a query with `populate_existing` has met.
    populated: HashSet<Entity, foldhash::fast::RandomState>,
}

impl Identity {
    /// No objects yet, in a room that others may have left.
    #[must_use]
    pub fn new(registry: Arc<Registry>, rooms: &Rooms) -> Identity {
        Identity {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            arenas: rooms.take(&registry),
            registry,
            epoch: 1,
            pending: Vec::new(),
            touched: Vec::new(),
            expressions: HashMap::new(),
            changed: Vec::new(),
            doomed: Vec::new(),
            orphans: Vec::new(),
            undo: Vec::new(),
            written: Vec::new(),
            savepoints: 0,
            single_loads: HashMap::new(),
            problems: Vec::new(),
            arrivals: None,
            populated: HashSet::default(),
        }
    }

    /// Drops all objects and leaves the room for them to others.
    pub fn leave(&mut self, rooms: &Rooms) {
        rooms.keep(std::mem::take(&mut self.arenas));
    }

    /// The session's number, which its handles carry.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whose the objects of this mapper are, for their handles.
    #[must_use]
    pub fn owner(&self, mapper: MapperId) -> Owner {
        Owner::new(self.number, mapper)
    }

    /// The mapper of an object.
    #[must_use]
    pub fn mapper(&self, entity: Entity) -> &Mapper {
        self.registry.mapper(entity.mapper)
    }

    /// A mapper by its position.
    #[must_use]
    pub fn mapper_of(&self, mapper: MapperId) -> &Mapper {
        self.registry.mapper(mapper)
    }

    fn arena(&self, mapper: MapperId) -> &Arena {
        &self.arenas[mapper.0 as usize]
    }

    fn arena_mut(&mut self, mapper: MapperId) -> &mut Arena {
        &mut self.arenas[mapper.0 as usize]
    }

    fn meta(&self, entity: Entity) -> &Meta {
        &self.arena(entity.mapper).metas[entity.slot as usize]
    }

    fn meta_mut(&mut self, entity: Entity) -> &mut Meta {
        &mut self.arena_mut(entity.mapper).metas[entity.slot as usize]
    }

    /// The object behind a handle; `DetachedInstance` when it belongs to another session or was let go.
    #[inline]
    pub fn entity<M: Model>(&self, handle: Handle<M>) -> Result<Entity> {
        self.any_entity(handle.erase())
    }

    /// The object behind a handle without its type.
    #[inline]
    pub fn any_entity(&self, handle: AnyHandle) -> Result<Entity> {
        match self.arena_of(handle) {
            Some(_) => Ok(Entity { mapper: handle.owner.mapper(), slot: handle.slot }),
            None => Err(self.foreign(handle)),
        }
    }

    /// Where the object behind a handle is, if it is here.
    #[inline]
    fn arena_of(&self, handle: AnyHandle) -> Option<&Arena> {
        let arena = self.arenas.get(handle.owner.mapper().0 as usize)?;
        let meta = arena.metas.get(handle.slot as usize)?;
        (handle.owner.session() == self.number && meta.round == handle.round).then_some(arena)
    }

    #[cold]
    fn foreign(&self, handle: AnyHandle) -> Error {
        let ours = handle.owner.session() == self.number;
        if ours && let Err(unknown) = self.registry.by_model(handle.model) {
            return unknown;
        }
        let whose = match ours {
            true => "whose object the session let go: `expunge`, `detach`",
            false => "that belongs to another session, or to this one before `close` or `expunge_all`",
        };
        Error::new(Kind::DetachedInstance, format!("a handle of `{}` {whose}", handle.model.name())).way_out(
            "get the object in this session, with `session.get(key).await?` or a query; between sessions travel keys and trees",
        )
    }

    /// The handle of an object.
    #[must_use]
    pub fn handle<M: Model>(&self, slot: u32) -> Handle<M> {
        let mapper = self.registry.by_type(TypeId::of::<M>()).unwrap_or(Owner::NOBODY);
        let round = self.arenas.get(mapper.0 as usize).map_or(0, |arena| arena.metas[slot as usize].round);
        Handle::new(slot, round, self.owner(mapper))
    }

    /// The handle of an object, without its type.
    #[must_use]
    pub fn any_handle(&self, entity: Entity) -> AnyHandle {
        let (slot, round, model) = (entity.slot, self.meta(entity).round, self.mapper(entity).desc);
        AnyHandle { slot, round, owner: self.owner(entity.mapper), model }
    }

    /// The handles of objects of one model.
    pub fn handles<M: Model>(&self, slots: &[u32]) -> Result<Vec<Handle<M>>> {
        let mapper = self.registry.by_type(TypeId::of::<M>())?;
        let (metas, owner) = (&self.arena(mapper).metas, self.owner(mapper));
        Ok(slots.iter().map(|&slot| Handle::new(slot, metas[slot as usize].round, owner)).collect())
    }

    /// The rows that are these objects, in order.
    #[must_use]
    pub fn rows<R: FromRow>(&self, mapper: MapperId, slots: &[u32]) -> Vec<R> {
        let (metas, owner) = (&self.arena(mapper).metas, self.owner(mapper));
        let mut rows = Vec::with_capacity(slots.len());
        rows.extend(slots.iter().filter_map(|&slot| R::from_object(slot, metas[slot as usize].round, owner)));
        rows
    }

    /// Lends an object for reading.
    #[inline]
    pub fn lend<M: Model>(&self, handle: Handle<M>) -> Result<&M> {
        let ticket = handle.erase();
        let Some(arena) = self.arena_of(ticket) else { return Err(self.foreign(ticket)) };
        let objects: &dyn Any = &*arena.objects;
        let store = objects.downcast_ref::<Store<M>>().ok_or_else(|| Error::bug("a store of another model"))?;
        Ok(store.get(ticket.slot))
    }

    /// Lends an object for writing, and keeps its old values for the flush.
    #[inline]
    pub fn lend_mut<M: Model>(&mut self, handle: Handle<M>) -> Result<&mut M> {
        let entity = self.entity(handle)?;
        self.touch(entity);
        let objects: &mut dyn Any = &mut *self.arena_mut(entity.mapper).objects;
        let store = objects.downcast_mut::<Store<M>>().ok_or_else(|| Error::bug("a store of another model"))?;
        Ok(store.get_mut(entity.slot))
    }

    /// One column of an object.
    #[must_use]
    pub fn cell(&self, entity: Entity, column: usize) -> Value<'_> {
        self.arena(entity.mapper).objects.cell(entity.slot, column)
    }

    /// Columns of an object that a query compares with; an object without a row is an error.
    pub fn cells(&self, handle: AnyHandle, columns: &[usize]) -> Result<Vec<Value<'static>>> {
        let entity = self.any_entity(handle)?;
        let state = self.state(entity);
        if matches!(state, State::Pending | State::Transient) {
            return Err(Error::new(Kind::InvalidRequest, "a query compares with an object that has no row")
                .with_entity(|| self.describe(entity))
                .way_out(state.way_to_a_row()));
        }
        Ok(columns.iter().map(|&column| self.cell(entity, column).into_owned()).collect())
    }

    /// Sets one column of an object, without keeping the old value.
    pub fn set_cell(&mut self, entity: Entity, column: usize, value: Value<'_>) -> Result<()> {
        self.arena_mut(entity.mapper).objects.set_cell(entity.slot, column, value)
    }

    /// A copy of an object's columns, with these relationship fields filled in.
    pub fn tree(&self, entity: Entity, fields: Vec<(usize, Vec<Box<dyn Object>>)>) -> Result<Box<dyn Object>> {
        self.arena(entity.mapper).objects.tree(entity.slot, fields)
    }

    /// The key that an object's row has: before a change that was not flushed yet.
    #[must_use]
    pub fn key(&self, entity: Entity) -> Option<Key> {
        let arena = self.arena(entity.mapper);
        let old = arena.old(entity.slot);
        let value = |&column: &usize| match old {
            Some(old) => old.get(column),
            None => arena.objects.cell(entity.slot, column),
        };
        match &*arena.key {
            [column] => Key::single(value(column)),
            columns => Key::new(columns.iter().map(value)),
        }
    }

    /// The known object with this key.
    #[must_use]
    pub fn find(&self, mapper: MapperId, key: &Key) -> Option<Entity> {
        self.arena(mapper).find(key).map(|slot| Entity { mapper, slot })
    }

    /// The object at the other end of a foreign key, where it is known: no statement is needed then.
    ///
    /// `Some(None)` when the key is NULL; `None` when only the database can tell.
    #[must_use]
    pub fn referred(&self, entity: Entity, relation: &crate::mapper::Relation) -> Option<Option<u32>> {
        let mut columns = relation.pairs.iter();
        if columns.clone().all(|&(ours, _)| self.cell(entity, ours).is_null()) {
            return Some(None);
        }
        let target = self.registry.mapper(relation.target);
        let by_key = relation.pairs.len() == target.key.len() && columns.all(|(_, theirs)| target.key.contains(theirs));
        if !by_key {
            return None; // a unique column that is no key: the identity map cannot tell
        }
        let value = |key: &usize| {
            let ours = relation.pairs.iter().find(|(_, theirs)| theirs == key).map_or(0, |&(ours, _)| ours);
            self.cell(entity, ours)
        };
        let key = Key::new(target.key.iter().map(value))?;
        self.arena(relation.target).find(&key).map(Some)
    }

    /// The life state of an object.
    #[must_use]
    pub fn state(&self, entity: Entity) -> State {
        self.meta(entity).state
    }

    /// The object, unless its row was deleted: whatever is related to it then would be lost.
    pub fn with_row(&self, entity: Entity) -> Result<Entity> {
        match self.state(entity) {
            State::Transient | State::Pending | State::Persistent => Ok(entity),
            state => Err(Error::new(Kind::InvalidRequest, "the row of this object was deleted")
                .with_entity(|| self.describe(entity))
                .way_out(state.way_to_a_row())),
        }
    }

    /// Whether the database may know better than the object: after commit, rollback or `expire`.
    #[must_use]
    pub fn is_aged(&self, entity: Entity) -> bool {
        let meta = self.meta(entity);
        meta.epoch != self.epoch && meta.state == State::Persistent
    }

    /// Whether a flush could have anything to do.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !(self.pending.is_empty()
            && self.touched.is_empty()
            && self.changed.is_empty()
            && self.doomed.is_empty()
            && self.problems.is_empty())
    }

    /// Marks a persistent object for deletion.
    pub fn doom(&mut self, entity: Entity) {
        let meta = self.meta_mut(entity);
        if !std::mem::replace(&mut meta.doomed, true) {
            self.doomed.push(entity);
        }
    }

    /// Counts loads of a relationship for a single object.
    pub fn count_single_load(&mut self, mapper: MapperId, relation: u16) -> u32 {
        let count = self.single_loads.entry((mapper, relation)).or_default();
        *count += 1;
        *count
    }

    /// Takes the mark back.
    pub fn spare(&mut self, entity: Entity) {
        self.meta_mut(entity).doomed = false;
        self.doomed.retain(|doomed| *doomed != entity);
    }

    /// Whether an object is marked for deletion.
    #[must_use]
    pub fn is_doomed(&self, entity: Entity) -> bool {
        self.meta(entity).doomed
    }

    /// The objects marked for deletion.
    #[must_use]
    pub fn doomed(&self) -> &[Entity] {
        &self.doomed
    }

    /// New objects, in the order in which they were added.
    #[must_use]
    pub fn pending(&self) -> &[(Entity, &'static Location<'static>)] {
        &self.pending
    }

    /// The relationships whose contents changed since the last flush.
    #[must_use]
    pub fn changed(&self) -> &[(Entity, u16)] {
        &self.changed
    }

    /// Objects that left a collection whose cascade has delete-orphan; whose it was, and which one.
    pub fn take_orphans(&mut self) -> Vec<(Entity, Entity, u16)> {
        std::mem::take(&mut self.orphans)
    }

    /// What `add` could not report, and the next flush will.
    #[must_use]
    pub fn problem(&self) -> Option<&Error> {
        self.problems.first()
    }

    /// What `add` could not report.
    pub fn take_problem(&mut self) -> Option<Error> {
        (!self.problems.is_empty()).then(|| self.problems.remove(0))
    }

    /// An object in words: `User(id = 42)`, `User (pending, added at src/main.rs:7)`, or `User (transient)`.
    #[must_use]
    pub fn describe(&self, entity: Entity) -> String {
        let mapper = self.mapper(entity);
        let place = self.pending.iter().find(|(pending, _)| *pending == entity);
        if let Some((_, place)) = place {
            return format!("{} (pending, added at {place})", mapper.name());
        }
        match self.key(entity) {
            Some(key) if self.state(entity) != State::Transient => identified(mapper, key.values()),
            _ => format!("{} (transient)", mapper.name()),
        }
    }

    /// A key in words: `User(id = 42)`.
    #[must_use]
    pub fn describe_key(&self, mapper: MapperId, key: &Key) -> String {
        identified(self.registry.mapper(mapper), key.values())
    }
}

fn identified<'v>(mapper: &Mapper, key: impl Iterator<Item = Value<'v>>) -> String {
    let parts = mapper.key.iter().zip(key).map(|(&position, value)| {
        let column = &mapper.table().columns[position];
        let shown = match value {
            _ if column.secret => "[secret]".to_owned(),
            Value::Int(value) => value.to_string(),
            Value::Text(text) => format!("{text:?}"),
            other => other.sort().to_owned(),
        };
        format!("{} = {shown}", column.name)
    });
    format!("{}({})", mapper.name(), parts.collect::<Vec<_>>().join(", "))
}
