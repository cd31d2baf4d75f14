//! `Uuid`: native where the database has one, else 32 hexadecimal digits.
//!
//! PARITY: SQLAlchemy's `Uuid` stores the same text, so rows of either are found by the other. Other spellings are read,
//! but do not equal ours in a query.

use uuid::Uuid;

use crate::{
    error::Result,
    value::{
        ColumnType, Type, Value,
        convert::{misfit, unfit},
    },
};

impl ColumnType for Uuid {
    const TYPE: Type = Type::Uuid;

    fn to_value(&self) -> Value<'_> {
        Value::Text(self.simple().to_string().into())
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        let found = match &value {
            Value::Text(text) => Uuid::try_parse(text).ok(),
            Value::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
            other => return misfit(other, "a UUID"),
        };
        found.ok_or_else(|| unfit(format!("found {} that is no UUID", value.sort())))
    }

    fn blank() -> Self {
        Uuid::nil()
    }
}
