//! Steps become batches of statements; keys travel from parents to children; row counts are checked.

use std::collections::HashMap;

use crate::{
    driver::Batch,
    error::{Error, Kind, Result},
    flush::{
        Plan, Step, Texts,
        dependency::{Links, Sync},
        texts::Left,
    },
    identity::{Entity, Identity},
    load::{self, Loader},
    mapper::{Mapper, MapperId, Registry, Secondary},
    value::Value,
};

/// Runs the plan's steps, in order.
pub(super) async fn execute(loader: &mut Loader<'_>, texts: &Texts, plan: &Plan<'_>) -> Result<()> {
    let mut waiting = Waiting::new(plan.syncs.values().flatten());
    let mut later = Waiting::new(&plan.later);
    for step in &plan.steps {
        match step {
            Step::Insert(mapper, entities) => insert(loader, texts, *mapper, entities, &mut waiting).await?,
            Step::Update(mapper, entities) => update(loader, texts, *mapper, entities, &mut waiting).await?,
            Step::Later(mapper, entities) => update(loader, texts, *mapper, entities, &mut later).await?,
            Step::Unlink(links) => link(loader, texts, links, false).await?,
            Step::Link(links) => link(loader, texts, links, true).await?,
            Step::Delete(mapper, entities) => delete(loader, texts, *mapper, entities).await?,
        }
    }
    Ok(())
}

/// Keys that are still to be copied, by child.
struct Waiting<'p>(HashMap<Entity, Vec<&'p Sync<'p>>, foldhash::fast::RandomState>);

impl<'p> Waiting<'p> {
    fn new(syncs: impl IntoIterator<Item = &'p Sync<'p>>) -> Self {
        let mut waiting = HashMap::<_, Vec<_>, foldhash::fast::RandomState>::default();
        for sync in syncs {
            waiting.entry(sync.child).or_default().push(sync);
        }
        Waiting(waiting)
    }

    /// Copies the keys of this object's parents into its foreign keys; the parents' rows are there by now.
    fn apply(&mut self, identity: &mut Identity, registry: &Registry, entity: Entity) -> Result<()> {
        let Some(syncs) = self.0.remove(&entity) else { return Ok(()) };
        identity.keep(entity);
        for sync in syncs {
            copy_key(identity, registry, sync)?;
        }
        Ok(())
    }
}

fn copy_key(identity: &mut Identity, registry: &Registry, sync: &Sync<'_>) -> Result<()> {
    let child_side =
        sync.child.mapper == sync.relation.owner && sync.relation.direction == crate::mapper::Direction::ManyToOne;
    for &(ours, theirs) in &sync.relation.pairs {
        let (held, key) = if child_side { (ours, theirs) } else { (theirs, ours) };
        let mapper = registry.mapper(sync.child.mapper);
        let value = match sync.parent {
            Some(parent) => identity.cell(parent, key).into_owned(),
            None => Value::Null,
        };
        let column = &mapper.table().columns[held];
        if value.is_null() && !column.nullable {
            return Err(blanked(identity, mapper, sync, held));
        }
        identity.set_cell(sync.child, held, value)?;
    }
    Ok(())
}

/// A foreign key that takes no NULL lost what it refers to.
fn blanked(identity: &Identity, mapper: &Mapper, sync: &Sync<'_>, column: usize) -> Error {
    let name = mapper.table().columns[column].name;
    let error = if mapper.key.contains(&column) {
        Error::new(
            Kind::Flush,
            format!(
                "tried to blank out the primary-key column `{}::{name}`: nobody is at the end of `{}` now",
                mapper.name(),
                sync.relation.name
            ),
        )
    } else {
        Error::new(
            Kind::NotNullViolation,
            format!("`{}::{name}` takes no NULL, but `{}` has nobody there now", mapper.name(), sync.relation.name),
        )
    };
    error.with_entity(|| identity.describe(sync.child)).way_out(
        "delete the object, give it another owner, or let its relationship cascade: `cascade = \"all, delete-orphan\"`",
    )
}

async fn insert(
    loader: &mut Loader<'_>,
    texts: &Texts,
    mapper: MapperId,
    entities: &[Entity],
    waiting: &mut Waiting<'_>,
) -> Result<()> {
    let mapper = loader.registry.mapper(mapper);
    let dialect = loader.transaction.engine().dialect();
    let identity = &*loader.identity;
    let runs: Vec<&[Entity]> = entities.chunk_by(|&a, &b| leave_the_same(identity, mapper, a, b)).collect();
    for run in runs {
        let left = left(loader.identity, mapper, run[0]);
        let text = texts.insert(mapper, dialect, &left)?;
        let mut batch = Inserts {
            identity: loader.identity,
            registry: loader.registry,
            mapper,
            entities: run,
            left: &left,
            columns: limits(mapper, (0..mapper.table().columns.len()).filter(|column| !left.has(*column))),
            waiting: &mut *waiting,
        };
        loader.transaction.execute_many(&text, &mut batch).await?;
        if !left.others.is_empty() {
            load::columns(loader, mapper.id, run, &left.others).await?;
            run.iter().for_each(|&entity| loader.identity.made(entity, &left.others));
        }
    }
    Ok(())
}

fn key_is_made(identity: &Identity, mapper: &Mapper, entity: Entity) -> bool {
    mapper.generated.is_some_and(|column| identity.cell(entity, column) == Value::Int(0))
}

/// Whether one INSERT serves both objects.
fn leave_the_same(identity: &Identity, mapper: &Mapper, a: Entity, b: Entity) -> bool {
    key_is_made(identity, mapper, a) == key_is_made(identity, mapper, b)
        && (mapper.made.is_empty() || left(identity, mapper, a).others == left(identity, mapper, b).others)
}

/// What the INSERT of this object leaves to the database.
fn left(identity: &Identity, mapper: &Mapper, entity: Entity) -> Left {
    let unset =
        |&column: &usize| identity.cell(entity, column).is_null() || mapper.table().columns[column].computed.is_some();
    Left {
        key: mapper.generated.filter(|_| key_is_made(identity, mapper, entity)),
        others: mapper.made.iter().copied().filter(unset).collect(),
    }
}

struct Inserts<'a, 'p> {
    identity: &'a mut Identity,
    registry: &'a Registry,
    mapper: &'a Mapper,
    entities: &'a [Entity],
    left: &'a Left,
    columns: Vec<Limit>,
    waiting: &'a mut Waiting<'p>,
}

impl Batch for Inserts<'_, '_> {
    fn len(&self) -> usize {
        self.entities.len()
    }

    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
        let entity = self.entities[index];
        self.waiting.apply(self.identity, self.registry, entity)?;
        self.columns.iter().try_for_each(|&limit| to(fitting(self.identity, self.mapper, entity, limit)?))
    }

    fn done(&mut self, index: usize, _: u64, key: i64) -> Result<()> {
        let entity = self.entities[index];
        if let Some(column) = self.left.key {
            self.identity.set_cell(entity, column, Value::Int(key))?;
        }
        self.identity.inserted(entity, self.left.key.is_some());
        Ok(())
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        error.with_entity(|| self.identity.describe(self.entities[index]))
    }
}

async fn update(
    loader: &mut Loader<'_>,
    texts: &Texts,
    mapper: MapperId,
    entities: &[Entity],
    waiting: &mut Waiting<'_>,
) -> Result<()> {
    let mapper = loader.registry.mapper(mapper);
    let dialect = loader.transaction.engine().dialect();
    // Rows whose same columns changed share a statement.
    let mut groups: Vec<(Vec<u16>, Vec<Entity>)> = Vec::new();
    let mut positions: HashMap<Vec<u16>, usize> = HashMap::new();
    for &entity in entities {
        waiting.apply(loader.identity, loader.registry, entity)?;
        let columns = changed(loader.identity, mapper, entity);
        if columns.is_empty() {
            continue;
        }
        let position = *positions.entry(columns).or_insert_with_key(|columns| {
            groups.push((columns.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[position].1.push(entity);
    }
    for (columns, entities) in groups {
        let text = texts.update(mapper, dialect, &columns)?;
        let mut batch = Updates {
            identity: loader.identity,
            mapper,
            columns: limits(mapper, columns.iter().map(|&column| column as usize)),
            entities: &entities,
        };
        loader.transaction.execute_many(&text, &mut batch).await?;
        if !mapper.computed.is_empty() {
            load::columns(loader, mapper.id, &entities, &mapper.computed).await?;
        }
    }
    Ok(())
}

/// The columns that an UPDATE of this object sends; where there are some, those with `onupdate` come along.
fn changed(identity: &mut Identity, mapper: &Mapper, entity: Entity) -> Vec<u16> {
    let columns = identity.changed_columns(entity);
    let untouched = mapper.desc.on_update.iter().filter(|&&column| !columns.contains(&(column as u16)));
    let untouched: Vec<usize> = untouched.copied().collect();
    if columns.is_empty() || untouched.is_empty() {
        return columns;
    }
    untouched.into_iter().for_each(|column| identity.on_update(entity, column));
    identity.changed_columns(entity)
}

struct Updates<'a> {
    identity: &'a mut Identity,
    mapper: &'a Mapper,
    columns: Vec<Limit>,
    entities: &'a [Entity],
}

impl Batch for Updates<'_> {
    fn len(&self) -> usize {
        self.entities.len()
    }

    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
        let entity = self.entities[index];
        self.columns.iter().try_for_each(|&limit| to(fitting(self.identity, self.mapper, entity, limit)?))?;
        key_of(self.identity, entity, to)
    }

    fn done(&mut self, index: usize, affected: u64, _: i64) -> Result<()> {
        let entity = self.entities[index];
        if affected != 1 {
            return Err(Error::new(Kind::StaleData, format!("an UPDATE of one row met {affected}"))
                .way_out("the row was deleted meanwhile: roll back and load it again"));
        }
        self.identity.updated(entity);
        Ok(())
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        error.with_entity(|| self.identity.describe(self.entities[index]))
    }
}

/// A column's position, and how long its text may be.
type Limit = (usize, Option<u32>);

fn limits(mapper: &Mapper, columns: impl Iterator<Item = usize>) -> Vec<Limit> {
    columns.map(|column| (column, mapper.table().columns[column].length)).collect()
}

/// The object's column, once it is known to fit: what a database would cut, keep or refuse, each in its own way.
#[inline]
fn fitting<'i>(identity: &'i Identity, mapper: &Mapper, entity: Entity, (column, most): Limit) -> Result<Value<'i>> {
    let value = identity.cell(entity, column);
    if most.is_none() && !matches!(value, Value::Invalid(_)) {
        return Ok(value);
    }
    check(value, most).map_err(|error| {
        let name = mapper.table().columns[column].name;
        Error::new(error.kind(), format!("`{}::{name}`: {}", mapper.name(), error.what()))
    })
}

fn check(value: Value<'_>, length: Option<u32>) -> Result<Value<'_>> {
    let text = match &value {
        Value::Invalid(reason) => return Err(Error::new(Kind::Data, *reason)),
        Value::Secret(secret) => secret.value(),
        other => other,
    };
    let (Value::Text(text), Some(most)) = (text, length) else { return Ok(value) };
    // No text has more characters than bytes, so most need no counting.
    if text.len() > most as usize {
        let found = text.chars().count();
        if found > most as usize {
            return Err(Error::new(Kind::Data, format!("a text of {found} characters, {most} are the most")));
        }
    }
    Ok(value)
}

fn key_of(identity: &Identity, entity: Entity, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
    let mapper = identity.mapper(entity);
    let secret = |index: usize| mapper.table().columns[mapper.key[index]].secret;
    match identity.key(entity) {
        Some(key) => {
            let mut values = key.values().enumerate();
            values.try_for_each(|(index, value)| to(if secret(index) { value.veil() } else { value }))
        }
        None => Err(Error::new(Kind::Flush, "an object with a row has no complete primary key")),
    }
}

async fn delete(loader: &mut Loader<'_>, texts: &Texts, mapper: MapperId, entities: &[Entity]) -> Result<()> {
    let mapper = loader.registry.mapper(mapper);
    let text = texts.delete(mapper, loader.transaction.engine().dialect())?;
    let mut batch = Deletes { identity: loader.identity, entities };
    loader.transaction.execute_many(&text, &mut batch).await
}

struct Deletes<'a> {
    identity: &'a mut Identity,
    entities: &'a [Entity],
}

impl Batch for Deletes<'_> {
    fn len(&self) -> usize {
        self.entities.len()
    }

    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
        key_of(self.identity, self.entities[index], to)
    }

    fn done(&mut self, index: usize, affected: u64, _: i64) -> Result<()> {
        if affected != 1 {
            // PARITY: the row is gone, which is what was wanted; the reference warns.
            tracing::warn!(target: "realgar", "a DELETE of {} met {affected} rows", self.identity.describe(self.entities[index]));
        }
        self.identity.deleted(self.entities[index]);
        Ok(())
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        error.with_entity(|| self.identity.describe(self.entities[index]))
    }
}

async fn link(loader: &mut Loader<'_>, texts: &Texts, links: &Links<'_>, add: bool) -> Result<()> {
    let Some(secondary) = &links.relation.secondary else { return Ok(()) };
    let dialect = loader.transaction.engine().dialect();
    let text = if add { texts.link(secondary, dialect)? } else { texts.unlink(secondary, dialect)? };
    let pairs = if add { &links.added } else { &links.removed };
    let near = |slot| Entity { mapper: links.relation.owner, slot };
    let far = |slot| Entity { mapper: links.relation.target, slot };
    let pairs: Vec<(Entity, Entity)> = pairs.iter().map(|&(a, b)| (near(a), far(b))).collect();
    let mut batch = LinkRows { identity: loader.identity, secondary, pairs: &pairs, add };
    loader.transaction.execute_many(&text, &mut batch).await
}

struct LinkRows<'a> {
    identity: &'a Identity,
    secondary: &'a Secondary,
    pairs: &'a [(Entity, Entity)],
    add: bool,
}

impl Batch for LinkRows<'_> {
    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
        let (near, far) = self.pairs[index];
        self.secondary.near.iter().try_for_each(|&(column, _)| to(self.identity.cell(near, column)))?;
        self.secondary.far.iter().try_for_each(|&(column, _)| to(self.identity.cell(far, column)))
    }

    fn done(&mut self, _: usize, affected: u64, _: i64) -> Result<()> {
        if affected == 1 {
            return Ok(());
        }
        let (table, what) =
            (self.secondary.table.name, if self.add { "an INSERT into" } else { "a DELETE of one row of" });
        Err(Error::new(Kind::StaleData, format!("{what} `{table}` met {affected} rows"))
            .way_out("the association changed meanwhile: roll back and load it again"))
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        let (near, far) = self.pairs[index];
        error.with_entity(|| format!("{} and {}", self.identity.describe(near), self.identity.describe(far)))
    }
}
