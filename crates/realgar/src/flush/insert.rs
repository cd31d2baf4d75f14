//! INSERT: what the database makes is left out, and read back where the session cannot know it.

use crate::{
    driver::Batch,
    error::{Error, Result},
    flush::{
        Texts,
        blame::{Write, blame},
        expressed,
        fit::{Limit, bind, limits, position},
        texts::Left,
        waiting::Waiting,
    },
    identity::{Entity, Identity},
    load::{self, Loader},
    mapper::{Mapper, MapperId, Registry},
    sql::Batches,
    value::Value,
};

pub(super) async fn insert(
    loader: &mut Loader<'_>,
    texts: &Texts,
    mapper: MapperId,
    entities: &[Entity],
    waiting: &mut Waiting<'_>,
) -> Result<()> {
    let mapper = loader.registry.mapper(mapper);
    let dialect = loader.transaction.engine().dialect();
    let identity = &*loader.identity;
    let mut runs: Vec<&[Entity]> = entities.chunk_by(|&a, &b| leave_the_same(identity, mapper, a, b)).collect();
    if dialect.batches != Batches::Rows {
        runs = runs.into_iter().flat_map(|run| waiting.pieces(run)).collect();
    }
    for run in runs {
        let left = left(loader.identity, mapper, run[0]);
        if !loader.identity.expressions(run[0]).is_empty() {
            ready(loader.identity, loader.registry, mapper, run[0], waiting)?;
            expressed::insert(loader, mapper, run[0], &left).await?;
            continue;
        }
        let text = texts.insert(mapper, dialect, &left, run.len())?;
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

/// The object takes its parents' keys and its first version.
fn ready(
    identity: &mut Identity,
    registry: &Registry,
    mapper: &Mapper,
    entity: Entity,
    waiting: &mut Waiting<'_>,
) -> Result<()> {
    waiting.apply(identity, registry, entity)?;
    mapper.desc.version.map_or(Ok(()), |version| identity.set_cell(entity, version, Value::Int(1)))
}

fn key_is_made(identity: &Identity, mapper: &Mapper, entity: Entity) -> bool {
    mapper.generated.is_some_and(|column| identity.cell(entity, column) == Value::Int(0))
}

/// Whether one INSERT serves both objects.
fn leave_the_same(identity: &Identity, mapper: &Mapper, a: Entity, b: Entity) -> bool {
    let plain = |entity| identity.expressions(entity).is_empty();
    (plain(a) && plain(b))
        && key_is_made(identity, mapper, a) == key_is_made(identity, mapper, b)
        && (mapper.made.is_empty() || left(identity, mapper, a).others == left(identity, mapper, b).others)
}

/// What the INSERT of this object leaves to the database.
pub(super) fn left(identity: &Identity, mapper: &Mapper, entity: Entity) -> Left {
    let said = |column| identity.expressions(entity).iter().any(|&(other, _)| other == column);
    let unset = |&column: &usize| {
        let null = identity.cell(entity, column).is_null() && !said(column);
        null || mapper.table().columns[column].computed.is_some()
    };
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
        ready(self.identity, self.registry, self.mapper, entity, self.waiting)?;
        self.columns.iter().try_for_each(|&limit| bind(self.identity, self.mapper, entity, limit, to))
    }

    fn done(&mut self, index: usize, _: u64, key: i64) -> Result<()> {
        let entity = self.entities[index];
        if let Some(column) = self.left.key {
            self.identity.set_cell(entity, column, Value::Int(key))?;
        }
        self.identity.inserted(entity, self.left.key.is_some());
        Ok(())
    }

    fn wants_keys(&self) -> bool {
        self.left.key.is_some()
    }

    fn position(&self, column: &str) -> Option<usize> {
        position(self.mapper, &self.columns, column)
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        blame(self.identity, self.registry, self.entities[index], Write::Insert, error)
    }
}
