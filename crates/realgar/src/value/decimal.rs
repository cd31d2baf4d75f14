//! `Decimal`: native where the database has one, else text with every digit.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};

use crate::{
    error::Result,
    value::{
        ColumnType, Type, Value,
        convert::{misfit, unfit},
    },
};

impl ColumnType for Decimal {
    const TYPE: Type = Type::Decimal;

    fn to_value(&self) -> Value<'_> {
        Value::Text(self.to_string().into())
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        let found = match &value {
            Value::Text(text) => Decimal::from_str_exact(text).ok(),
            Value::Int(value) => Some(Decimal::from(*value)),
            // DIALECT: what SQLite computes from such text (`sum`) is a floating-point number.
            Value::Float(value) => Decimal::from_f64(*value),
            other => return misfit(other, "a decimal number"),
        };
        found.ok_or_else(|| unfit(format!("found {} that is no decimal number of at most 28 digits", value.sort())))
    }

    fn blank() -> Self {
        Decimal::ZERO
    }
}
