//! A row that a driver lends while it walks over a result.

use crate::{
    error::Result,
    value::{Cell, Value},
};

/// One row of a result, by position; it lives as long as the driver stands on it.
pub trait Row {
    /// The cell at this position. Fails with kind `Data` where the database holds what it should not (invalid UTF-8).
    fn get(&self, index: usize) -> Result<Value<'_>>;

    /// The name of the column at this position, where rows have names; `None` behind the last one.
    fn name(&self, _index: usize) -> Option<&str> {
        None
    }
}

impl dyn Row + '_ {
    /// The cell at this position as a Rust value.
    pub fn read<T: Cell>(&self, index: usize) -> Result<T> {
        T::from_cell(self.get(index)?)
    }
}

/// Values that stand for a row: what an object holds, or a test.
impl Row for [Value<'_>] {
    fn get(&self, index: usize) -> Result<Value<'_>> {
        Ok(self[index].borrow())
    }
}
