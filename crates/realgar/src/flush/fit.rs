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

/// The position of the column of this name among these.
pub(super) fn position(mapper: &Mapper, columns: &[Limit], name: &str) -> Option<usize> {
    columns.iter().position(|&(column, _)| mapper.table().columns[column].name == name)
}

/// The object's column, once it is known to fit: what a database would cut, keep or refuse, each in its own way.
#[inline]
pub(super) fn fitting<'i>(
    identity: &'i Identity,
    mapper: &Mapper,
    entity: Entity,
    (column, most): Limit,
) -> Result<Value<'i>> {
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

pub(super) fn key_of(identity: &Identity, entity: Entity, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
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
