//! UPDATE of just what changed; rows whose same columns changed share a statement.

use std::collections::HashMap;

use crate::{
    driver::Batch,
    error::{Error, Kind, Result},
    flush::{
        Texts,
        fit::{Limit, fitting, key_of, limits, position},
        waiting::Waiting,
    },
    identity::{Entity, Identity},
    load::{self, Loader},
    mapper::{Mapper, MapperId},
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

    fn position(&self, column: &str) -> Option<usize> {
        position(self.mapper, &self.columns, column)
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        error.with_entity(|| self.identity.describe(self.entities[index]))
    }
}
