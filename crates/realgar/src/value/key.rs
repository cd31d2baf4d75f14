//! Primary keys as values: what the identity map is keyed by.

use crate::{
    error::Result,
    value::{Row, Type, Value},
};

/// The primary key of a row. One integer, the common case, needs no allocation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A single integer column.
    Int(i64),
    /// Any other column, or several in primary-key order.
    Values(Box<[Value<'static>]>),
}

/// The cells of a row that hold a key.
#[derive(Debug)]
pub struct KeyCells {
    /// Where they are, and their types.
    cells: Vec<(usize, Type)>,
    /// Whether it is one integer.
    integer: bool,
}

impl KeyCells {
    /// A key in these cells, which are of these types.
    #[must_use]
    pub fn new(cells: impl IntoIterator<Item = (usize, Type)>) -> KeyCells {
        let cells: Vec<_> = cells.into_iter().collect();
        KeyCells { integer: matches!(cells[..], [(_, r#type)] if r#type.is_integer()), cells }
    }

    /// The key that a row holds, whose columns begin at `at`; `None` when a part of it is NULL.
    #[inline]
    pub fn read(&self, row: &dyn Row, at: usize) -> Result<Option<Key>> {
        if self.integer {
            return Ok(row.integer(at + self.cells[0].0)?.map(Key::Int));
        }
        let values = self.cells.iter().map(|&(cell, r#type)| row.get(at + cell)?.as_type(r#type));
        Ok(Key::new(values.collect::<Result<Vec<_>>>()?))
    }
}

impl Key {
    /// The key made of these values; `None` when one of them is NULL, since such a row has no identity.
    #[inline]
    pub fn new<'v>(values: impl IntoIterator<Item = Value<'v>>) -> Option<Key> {
        let mut values = values.into_iter();
        let first = values.next()?;
        if first.is_null() {
            return None;
        }
        match (first.reveal(), values.next()) {
            (Value::Int(key), None) => Some(Key::Int(key)),
            (first, second) => {
                let all = std::iter::once(first).chain(second).chain(values).map(|value| value.reveal().into_owned());
                let all: Box<[_]> = all.collect();
                (!all.iter().any(Value::is_null)).then_some(Key::Values(all))
            }
        }
    }

    /// The key made of one value; `None` for NULL.
    #[inline]
    #[must_use]
    pub fn single(value: Value<'_>) -> Option<Key> {
        match value {
            Value::Int(key) => Some(Key::Int(key)),
            other => Key::new([other]),
        }
    }

    /// The value of the key's column at this position.
    #[must_use]
    pub fn get(&self, index: usize) -> Value<'_> {
        match self {
            Key::Int(key) => Value::Int(*key),
            Key::Values(values) => values[index].borrow(),
        }
    }

    /// How many columns the key has.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // a key has at least one column
    pub fn len(&self) -> usize {
        match self {
            Key::Int(_) => 1,
            Key::Values(values) => values.len(),
        }
    }

    /// The key's values in primary-key order.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }
}
