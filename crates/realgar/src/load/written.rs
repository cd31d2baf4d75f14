//! Rows that a statement of the user's wrote: they become objects, and known objects are kept in step.

use crate::{
    error::Result,
    identity::{Entity, Identity, Reason},
    load::{
        Loader,
        rows::{OnTaken, Reader, finish},
    },
    mapper::MapperId,
    query::Compiled,
    value::{Key, Row, Value},
};

/// What a statement did to the rows that it answers.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Whose rows they are.
    pub mapper: MapperId,
    /// The key's columns and those that were written, as they stand behind the others; none: nobody is kept in step.
    pub columns: &'a [usize],
    /// Whether the rows are gone.
    pub deleted: bool,
}

/// Sends a statement that answers rows; says how many there were.
pub async fn run_written(
    loader: &mut Loader<'_>,
    compiled: &Compiled,
    step: Step<'_>,
    on_row: OnTaken<'_>,
) -> Result<u64> {
    let mut reader = Reader::new(loader.identity, compiled, Reason::Query);
    let registry = loader.registry;
    let identity = &mut *loader.identity;
    let key = &registry.mapper(step.mapper).key;
    let each = &mut |row: &dyn Row| {
        reader.row(identity, row, on_row)?;
        match step.columns {
            [] => Ok(()),
            _ => keep(identity, step, key, row, compiled.extra_at),
        }
    };
    let rows = loader.transaction.query(&compiled.sql.text, &compiled.sql.params, each).await?;
    let mut jobs = reader.finish(loader);
    if !step.deleted {
        finish(loader, &mut jobs).await?;
    }
    Ok(rows)
}

/// The object of a row, where it is known, becomes what the row is.
fn keep(identity: &mut Identity, step: Step<'_>, key: &[usize], row: &dyn Row, at: usize) -> Result<()> {
    let table = identity.mapper_of(step.mapper).table();
    let cell = |index: usize| row.get(at + index)?.as_type(table.columns[step.columns[index]].r#type);
    let values: Vec<Value<'_>> = (0..key.len()).map(cell).collect::<Result<_>>()?;
    let known = Key::new(values).and_then(|key| identity.find(step.mapper, &key));
    let Some(entity) = known else { return Ok(()) };
    if step.deleted {
        identity.deleted(entity);
        return Ok(());
    }
    let written = step.columns.iter().enumerate().skip(key.len());
    let written: Vec<(usize, Value<'_>)> =
        written.map(|(index, &column)| Ok((column, row.get(at + index)?))).collect::<Result<_>>()?;
    identity.rewritten(Entity { mapper: step.mapper, slot: entity.slot }, &written)
}
