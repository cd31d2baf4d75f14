//! What is bound must fit: a database would cut, keep or refuse it, each in its own way.

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity},
    mapper::Mapper,
    value::Value,
};

/// A column's position, and how long its text may be.
pub(super) type Limit = (usize, Option<u32>);

pub(super) fn limits(mapper: &Mapper, columns: impl Iterator<Item = usize>) -> Vec<Limit> {
    columns.map(|column| (column, mapper.table().columns[column].length)).collect()
}

#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
/// The position of the column of this name among these.
pub(super) fn position(mapper: &Mapper, columns: &[Limit], name: &str) -> Option<usize> {
    columns.iter().position(|&(column, _)| mapper.table().columns[column].name == name)
}

/// Binds the object's column, once it is known to fit. An error, the driver's own too, names the column.
#[inline]
pub(super) fn bind(
    identity: &Identity,
    mapper: &Mapper,
    entity: Entity,
    (column, most): Limit,
    to: &mut dyn FnMut(Value<'_>) -> Result<()>,
) -> Result<()> {
    let value = identity.cell(entity, column);
    let checked = most.is_some() || matches!(value, Value::Invalid(_));
    let fits = if checked { check(&value, most) } else { Ok(()) };
    match fits.and_then(|()| to(value)) {
        Ok(()) => Ok(()),
        Err(error) => Err(name(error, mapper, column)),
    }
}

#[cold]
fn name(error: Error, mapper: &Mapper, column: usize) -> Error {
    error.about(format!("`{}::{}`", mapper.name(), mapper.table().columns[column].name))
}

/// Whether a value fits a column; the error names it.
pub fn fits(mapper: &Mapper, column: usize, value: &Value<'_>) -> Result<()> {
    check(value, mapper.table().columns[column].length).map_err(|error| name(error, mapper, column))
}

fn check(value: &Value<'_>, length: Option<u32>) -> Result<()> {
    let text = match value {
        Value::Invalid(reason) => return Err(Error::new(Kind::Data, *reason)),
        Value::Secret(secret) => secret.value(),
        other => other,
    };
    let (Value::Text(text), Some(most)) = (text, length) else { return Ok(()) };
    // No text has more characters than bytes, so most need no counting.
    if text.len() > most as usize {
        let found = text.chars().count();
        if found > most as usize {
            return Err(Error::new(Kind::Data, format!("a text of {found} characters, {most} are the most"))
                .way_out("shorten it, or raise `length` in the model and in the table"));
        }
    }
    Ok(())
}

/// By what an UPDATE or DELETE finds the object's row: the key, and the version that was read.
pub(super) fn row_of(identity: &Identity, entity: Entity, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
    let mapper = identity.mapper(entity);
    for &column in &mapper.key {
        let value = identity.was(entity, column);
        if value.is_null() {
            return Err(no_key());
        }
        to(if mapper.table().columns[column].secret { value.veil() } else { value })?;
    }
    mapper.desc.version.map_or(Ok(()), |version| to(identity.was(entity, version)))
}

#[cold]
fn no_key() -> Error {
    Error::new(Kind::Flush, "an object with a row has no complete primary key")
        .way_out("set every column of its key: a row is found by them")
}
