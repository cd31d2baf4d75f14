//! `Vec<T>`: an array, where the database has arrays. `Vec<u8>` is bytes.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::{
    error::Result,
    value::{
        ColumnType, Type, Value,
        convert::{misfit, unfit},
    },
};

macro_rules! arrays {
    ($($item:ty),+ $(,)?) => {$(
        impl ColumnType for Vec<$item> {
            const TYPE: Type = Type::Array(&<$item as ColumnType>::TYPE);

            fn to_value(&self) -> Value<'_> {
                Value::Array(self.iter().map(ColumnType::to_value).collect())
            }

            fn from_value(value: Value<'_>) -> Result<Self> {
                let Value::Array(items) = value else { return misfit(&value, "an array") };
                let item = |value| match value {
                    Value::Null => Err(unfit("found an array with a NULL in it")),
                    value => <$item as ColumnType>::from_value(value),
                };
                items.into_iter().map(item).collect()
            }

            fn blank() -> Self {
                Vec::new()
            }
        }
    )+};
}

arrays!(bool, i16, i32, i64, f32, f64, String, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>);
#[cfg(feature = "uuid")]
arrays!(uuid::Uuid);
#[cfg(feature = "rust_decimal")]
arrays!(rust_decimal::Decimal);

/// The type of an array as far as its first element shows it.
pub(super) fn natural_type(items: &[Value<'_>]) -> Type {
    Type::Array(match items.first().map(Value::natural_type) {
        Some(Type::Bool) => &Type::Bool,
        Some(Type::Int64) => &Type::Int64,
        Some(Type::Float64) => &Type::Float64,
        Some(Type::Date) => &Type::Date,
        Some(Type::Time) => &Type::Time,
        Some(Type::DateTime) => &Type::DateTime,
        Some(Type::Timestamp) => &Type::Timestamp,
        _ => &Type::Text,
    })
}
