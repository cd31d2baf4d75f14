//! UPDATE of just what changed; rows whose same columns changed share a statement.

use std::collections::HashMap;

use crate::{
    driver::Batch,
    error::{Error, Kind, Result},
    flush::{
        Texts,
        blame::{Write, blame},
        expressed,
        fit::{Limit, bind, limits, position, row_of},
        waiting::Waiting,
    },
    identity::{Entity, Identity, State},
    load::{self, Loader},
    mapper::{Mapper, MapperId, Registry},
    value::Value,
};

pub(super) async fn update(
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
    let (mut columns, mut position) = (Vec::new(), 0);
    for &entity in entities {
        waiting.apply(loader.identity, loader.registry, entity)?;
        changed(loader.identity, mapper, entity, &mut columns)?;
        if !loader.identity.expressions(entity).is_empty() {
            expressed::update(loader, mapper, entity, &columns).await?;
            continue;
        }
        if columns.is_empty() {
            continue;
        }
        if loader.identity.state(entity) != State::Persistent {
            // Its row is gone: a new object got its key, and must not be written over.
            return check_met(mapper, 0)
                .map_err(|error| blame(loader.identity, loader.registry, entity, Write::Update, error));
        }
        // Mostly they are those of the object before.
        if groups.get(position).is_none_or(|(same, _)| *same != columns) {
            position = *positions.entry(columns.clone()).or_insert_with_key(|columns| {
                groups.push((columns.clone(), Vec::new()));
                groups.len() - 1
            });
        }
        groups[position].1.push(entity);
    }
    for (columns, entities) in groups {
        let text = texts.update(mapper, dialect, &columns, entities.len())?;
        let mut batch = Updates {
            identity: loader.identity,
            registry: loader.registry,
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
fn changed(identity: &mut Identity, mapper: &Mapper, entity: Entity, columns: &mut Vec<u16>) -> Result<()> {
    columns.clear();
    identity.add_changed_columns(entity, columns);
    let unchanged = columns.is_empty() && identity.expressions(entity).is_empty();
    let untouched = mapper.desc.on_update.iter().filter(|&&column| !columns.contains(&(column as u16)));
    let untouched: Vec<usize> = untouched.copied().collect();
    if unchanged || (untouched.is_empty() && mapper.desc.version.is_none()) {
        return Ok(());
    }
    untouched.into_iter().for_each(|column| identity.on_update(entity, column));
    next_version(identity, mapper, entity, entity)?;
    columns.clear();
    identity.add_changed_columns(entity, columns);
    Ok(())
}

/// An object that is written has the version after the one that its row has; `row` has the row.
pub(super) fn next_version(identity: &mut Identity, mapper: &Mapper, row: Entity, object: Entity) -> Result<()> {
    let Some(column) = mapper.desc.version else { return Ok(()) };
    let next = match identity.was(row, column) {
        Value::Int(version) => version.wrapping_add(1),
        _ => 1,
    };
    identity.set_cell(object, column, Value::Int(next))
}

/// An UPDATE of one row that met another number of rows.
pub(super) fn check_met(mapper: &Mapper, affected: u64) -> Result<()> {
    match (affected, mapper.desc.version) {
        (1, _) => Ok(()),
        (_, None) => Err(Error::new(Kind::StaleData, format!("an UPDATE of one row met {affected}"))
            .way_out("somebody deleted the row meanwhile: `session.rollback().await?`, then look with `session.get`")),
        (_, Some(column)) => Err(stale(mapper, column, "an UPDATE", affected)),
    }
}

/// The row has another version than the one that was read, or is gone.
pub(super) fn stale(mapper: &Mapper, column: usize, what: &str, affected: u64) -> Error {
    let name = mapper.table().columns[column].name;
    Error::new(Kind::StaleData, format!("{what} of one row by key and `{}::{name}` met {affected}", mapper.name()))
        .way_out(
            "somebody changed or deleted the row since it was read: `session.rollback().await?`, `session.refresh`, and repeat",
        )
}

struct Updates<'a> {
    identity: &'a mut Identity,
    registry: &'a Registry,
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
        self.columns.iter().try_for_each(|&limit| bind(self.identity, self.mapper, entity, limit, to))?;
        row_of(self.identity, entity, to)
    }

    fn done(&mut self, index: usize, affected: u64, _: i64) -> Result<()> {
        let entity = self.entities[index];
        check_met(self.mapper, affected)?;
        self.identity.updated(entity);
        Ok(())
    }

    fn position(&self, column: &str) -> Option<usize> {
        position(self.mapper, &self.columns, column)
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        blame(self.identity, self.registry, self.entities[index], Write::Update, error)
    }
}
