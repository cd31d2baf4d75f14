//! Some columns of objects that are known and have rows: what the database made of them. Nothing else of them changes.

use std::collections::HashMap;

use crate::{
    error::{Error, Kind, Result},
    identity::Entity,
    load::{Loader, strategy::gone},
    mapper::MapperId,
    query::columns_by_key,
    value::{Key, Row, Value},
};

/// The objects take these columns from their rows, 500 objects a statement. What they held before is overwritten.
pub async fn columns(loader: &mut Loader<'_>, mapper: MapperId, entities: &[Entity], columns: &[usize]) -> Result<()> {
    for chunk in entities.chunks(loader.keys()) {
        let keys: Vec<Key> = chunk.iter().filter_map(|&entity| loader.identity.key(entity)).collect();
        let values: Vec<Value<'_>> = keys.iter().flat_map(|key| loader.key(mapper, key)).collect();
        let width = loader.registry.mapper(mapper).key.len();
        match loader.list(&values, width) {
            Ok(list) if chunk.len() > 1 => fetch(loader, mapper, chunk, columns, &[list]).await?,
            // One object; or keys of a type that makes no list, one by one.
            _ => {
                for (entity, key) in chunk.iter().zip(values.chunks(width)) {
                    fetch(loader, mapper, &[*entity], columns, key).await?;
                }
            }
        }
    }
    Ok(())
}

async fn fetch(
    loader: &mut Loader<'_>,
    mapper: MapperId,
    entities: &[Entity],
    columns: &[usize],
    params: &[Value<'_>],
) -> Result<()> {
    let dialect = loader.transaction.engine().dialect();
    let sql = columns_by_key(loader.registry, dialect, mapper, columns, entities.len() > 1)?;
    let (table, key) = (loader.registry.mapper(mapper).table(), &loader.registry.mapper(mapper).key);
    let mut missing = entities.len();
    let mut by_key: HashMap<Key, Entity, foldhash::fast::RandomState> = HashMap::default();
    if let [_, _, ..] = entities {
        by_key.extend(entities.iter().filter_map(|&entity| Some((loader.identity.key(entity)?, entity))));
    }
    let identity = &mut *loader.identity;
    let mut take = |row: &dyn Row| {
        let entity = match entities {
            [one] => *one,
            _ => {
                let cell = |(at, &column): (usize, &usize)| row.get(at)?.as_type(table.columns[column].r#type);
                let key: Vec<Value<'_>> = key.iter().enumerate().map(cell).collect::<Result<_>>()?;
                let key = Key::new(key).and_then(|key| by_key.get(&key).copied());
                key.ok_or_else(|| Error::bug("a row answers for a key that nobody asked for"))?
            }
        };
        missing -= 1;
        let mut columns = columns.iter().enumerate();
        columns.try_for_each(|(at, &column)| identity.take_column(entity, column, row.get(key.len() + at)?))
    };
    loader.transaction.select(&sql, params, &mut take).await?;
    match missing {
        0 => Ok(()),
        _ => match entities {
            [one] => Err(gone(loader.identity, *one)),
            _ => Err(Error::new(Kind::ObjectDeleted, format!("{missing} of {} rows are gone", entities.len()))
                .with_entity(|| loader.registry.mapper(mapper).name().to_owned())
                .way_out("they were deleted meanwhile: roll back and load the objects again")),
        },
    }
}
