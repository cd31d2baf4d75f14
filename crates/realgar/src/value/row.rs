//! A row that a driver lends while it walks over a result.

use std::borrow::Cow;

use crate::{
    error::Result,
    value::{Cell, ColumnType, Value},
};

/// One row of a result, by position; it lives as long as the driver stands on it.
pub trait Row {
    /// The cell at this position. Fails with kind `Data` where the database holds what it should not (invalid UTF-8).
    fn get(&self, index: usize) -> Result<Value<'_>>;

    /// The integer at this position; `None` for NULL. The same as `get`, without a [`Value`] between: rows are mostly
    /// integers and text, and this is where loading spends its time.
    fn integer(&self, index: usize) -> Result<Option<i64>> {
        match self.get(index)? {
            Value::Null => Ok(None),
            value => i64::from_value(value).map(Some),
        }
    }

    /// The text at this position; `None` for NULL.
    fn text(&self, index: usize) -> Result<Option<Cow<'_, str>>> {
        match self.get(index)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => String::from_value(other).map(|text| Some(Cow::Owned(text))),
        }
    }

    /// The name of the column at this position, where rows have names; `None` behind the last one.
    fn name(&self, _index: usize) -> Option<&str> {
        None
    }
}

impl dyn Row + '_ {
    /// The cell at this position as a Rust value.
    pub fn read<T: Cell>(&self, index: usize) -> Result<T> {
        T::read(self, index)
    }
}

/// Values that stand for a row: what an object holds, or a test.
impl Row for [Value<'_>] {
    fn get(&self, index: usize) -> Result<Value<'_>> {
        Ok(self[index].borrow())
    }
}
