//! How Rust types become cells and come back.
//!
//! | Rust | stored as | comes back from | fails with `Data` when |
//! |---|---|---|---|
//! | `bool` | truth value (SQLite: 0, 1) | truth value, integer 0 or 1 | anything else |
//! | `i16`, `i32`, `u32` | integer | integer | it does not fit |
//! | `i64` | integer | integer | |
//! | `f64` | floating point | floating point, integer | |
//! | `f32` | floating point | the same, rounded to it | it is too large |
//! | `String` | text | text | invalid UTF-8 |
//! | `Vec<u8>` | bytes | bytes | |
//! | `NaiveDate`, `NaiveTime`, `NaiveDateTime` | native, or text in ISO 8601 | the same | the text is none |
//! | `DateTime<Utc>` | native, or text in ISO 8601 with its offset | the same; what has no offset counts as UTC | the text is none |
//! | `time::Date`, `Time`, `PrimitiveDateTime`, `OffsetDateTime` | as chrono's | the same; a moment in UTC | it is none, or out of range |
//! | `Uuid` | native, or 32 hexadecimal digits | the same; any usual spelling, 16 bytes | it is none |
//! | `Decimal` | native, or text with every digit | the same; numbers (sums) | it is none, or has more than 28 digits |
//! | `serde_json::Value`, `Json<T>` | native, or text | the same | it is no JSON, or another shape than `T` |
//! | `#[derive(ColumnType)]` on an enum | text: the variant's word; native where it has a name | text | the word is no variant's |
//! | `Vec<T>` of a type above, PostgreSQL only | array | array | an element is NULL, or does not fit |
//! | `#[derive(ColumnType)]` on a newtype | as the type inside | the same | as the type inside |
//! | `Deferred<T>` | as `T`; unloaded: not written | as `T` | as `T` |
//! | `Auto<T>` | as `T`; unset: left to the database | as `T` | as `T` |

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::{
    error::{Error, Kind, Result},
    value::{Row, Type, Value},
};

/// A Rust type that a column can have; `Option<T>` of it is a nullable column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a column",
    note = "columns are bool, i16, i32, i64, u32, f32, f64, String, Vec<u8>, chrono's types, and `Option<_>` of them",
    note = "the features `uuid`, `time`, `rust_decimal` and `serde_json` bring those crates' types and `Json<_>`",
    note = "write `#[derive(ColumnType)]` above an enum without data, or above a struct around one such type"
)]
pub trait ColumnType: Sized + Send + Sync + 'static {
    /// The column's type.
    const TYPE: Type;

    /// The value as a cell, borrowed where it can be.
    fn to_value(&self) -> Value<'_>;

    /// The value from a cell that is not NULL.
    fn from_value(value: Value<'_>) -> Result<Self>;

    /// The value from a row; `None` for NULL.
    #[inline]
    fn read(row: &dyn Row, index: usize) -> Result<Option<Self>> {
        match row.get(index)? {
            Value::Null => Ok(None),
            value => Self::from_value(value).map(Some),
        }
    }

    /// Any value: what a new object holds until the caller's value is set.
    fn blank() -> Self;
}

/// What a model's field can hold: a [`ColumnType`], or `Option` of one where the column takes NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a column",
    note = "columns are bool, i16, i32, i64, u32, f32, f64, String, Vec<u8>, chrono's types, and `Option<_>` of them",
    note = "the features `uuid`, `time`, `rust_decimal` and `serde_json` bring those crates' types and `Json<_>`",
    note = "write `#[derive(ColumnType)]` above an enum without data, or above a struct around one such type",
    note = "a relationship is a `Many<Post>`, `One<User>` or `One<Option<User>>`"
)]
pub trait Cell: Sized + Send + Sync + 'static {
    /// The type without `Option`.
    type Inner: ColumnType;

    /// The column's type.
    const TYPE: Type = <Self::Inner as ColumnType>::TYPE;

    /// Whether the column takes NULL.
    const NULLABLE: bool;

    /// Whether the database makes the value where a new object has none: `Auto<T>`.
    const AUTO: bool = false;

    /// Whether queries leave the column in the database until it is asked for: `Deferred<T>`.
    const DEFERRED: bool = false;

    /// The field as a cell.
    fn to_cell(&self) -> Value<'_>;

    /// The field from a cell.
    fn from_cell(value: Value<'_>) -> Result<Self>;

    /// The field from a row.
    #[inline]
    fn read(row: &dyn Row, index: usize) -> Result<Self> {
        Self::from_cell(row.get(index)?)
    }

    /// The field from a row of its table; an error names the column.
    #[inline]
    fn read_column(row: &dyn Row, at: usize, column: usize, names: &'static [&'static str; 2]) -> Result<Self> {
        match Self::read(row, at + column) {
            Ok(value) => Ok(value),
            Err(error) => Err(name_column(error, names)),
        }
    }

    /// Any value: what a new object holds until the caller's value is set.
    fn blank() -> Self;
}

#[cold]
fn name_column(error: Error, [table, column]: &[&'static str; 2]) -> Error {
    error.with_entity(|| format!("column `{column}` of table `{table}`"))
}

#[cold]
fn missing<T>() -> Result<T> {
    Err(Error::new(Kind::Data, "NULL where a value is needed")
        .way_out("make the field an `Option`, or give the row a value and make the column NOT NULL"))
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> Cell for T {
    type Inner = T;
    const NULLABLE: bool = false;

    #[inline]
    fn to_cell(&self) -> Value<'_> {
        self.to_value()
    }

    #[inline]
    fn from_cell(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Null => missing(),
            value => T::from_value(value),
        }
    }

    #[inline]
    fn read(row: &dyn Row, index: usize) -> Result<Self> {
        match T::read(row, index) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => missing(),
            Err(error) => Err(error),
        }
    }

    fn blank() -> Self {
        T::blank()
    }
}

impl<T: ColumnType> Cell for Option<T> {
    type Inner = T;
    const NULLABLE: bool = true;

    #[inline]
    fn to_cell(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    #[inline]
    fn from_cell(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    #[inline]
    fn read(row: &dyn Row, index: usize) -> Result<Self> {
        T::read(row, index)
    }

    fn blank() -> Self {
        None
    }
}

impl Value<'_> {
    /// A row's cell in the form that an object's has: keys are compared across the two, and some databases store a
    /// moment as text and a truth value as a number.
    #[inline]
    pub fn as_type(self, r#type: Type) -> Result<Self> {
        if r#type.is_plain() || self.is_null() { Ok(self) } else { self.converted(r#type) }
    }

    fn converted(self, r#type: Type) -> Result<Self> {
        match r#type {
            Type::Bool => bool::from_value(self).map(Value::Bool),
            Type::Date => NaiveDate::from_value(self).map(Value::Date),
            Type::Time => NaiveTime::from_value(self).map(Value::Time),
            Type::DateTime => NaiveDateTime::from_value(self).map(Value::DateTime),
            Type::Timestamp => DateTime::from_value(self).map(Value::Timestamp),
            _ => Ok(self),
        }
    }
}

#[cold]
pub(super) fn misfit<T>(found: &Value<'_>, wanted: &str) -> Result<T> {
    Err(unfit(format!("found {} where {wanted} is needed", found.sort())))
}

/// The error for a cell that its field cannot hold.
#[cold]
pub(super) fn unfit(what: impl Into<String>) -> Error {
    Error::new(Kind::Data, what).way_out("mend the row, or give the field a type that holds what is there")
}

impl ColumnType for bool {
    const TYPE: Type = Type::Bool;

    fn to_value(&self) -> Value<'_> {
        Value::Bool(*self)
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Bool(value) => Ok(value),
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            other => misfit(&other, "a truth value"),
        }
    }

    fn blank() -> Self {
        false
    }
}

impl ColumnType for i64 {
    const TYPE: Type = Type::Int64;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Int(*self)
    }

    #[inline]
    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Int(value) => Ok(value),
            other => misfit(&other, "an integer"),
        }
    }

    #[inline]
    fn read(row: &dyn Row, index: usize) -> Result<Option<Self>> {
        row.integer(index)
    }

    fn blank() -> Self {
        0
    }
}

impl ColumnType for i32 {
    const TYPE: Type = Type::Int32;

    fn to_value(&self) -> Value<'_> {
        Value::Int(i64::from(*self))
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Int(value) => i32::try_from(value).map_err(|_| {
                Error::new(Kind::Data, "an integer that does not fit 32 bits").way_out("make the field an `i64`")
            }),
            other => misfit(&other, "an integer"),
        }
    }

    fn blank() -> Self {
        0
    }
}

impl ColumnType for f64 {
    const TYPE: Type = Type::Float64;

    fn to_value(&self) -> Value<'_> {
        Value::Float(*self)
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Float(value) => Ok(value),
            #[allow(clippy::cast_precision_loss)] // databases hand out whole numbers as integers
            Value::Int(value) => Ok(value as f64),
            other => misfit(&other, "a number"),
        }
    }

    fn blank() -> Self {
        0.0
    }
}

impl ColumnType for String {
    const TYPE: Type = Type::Text;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }

    #[inline]
    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Text(value) => Ok(value.into_owned()),
            other => misfit(&other, "text"),
        }
    }

    #[inline]
    fn read(row: &dyn Row, index: usize) -> Result<Option<Self>> {
        match row.text(index) {
            Ok(Some(text)) => Ok(Some(text.into_owned())),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn blank() -> Self {
        String::new()
    }
}

impl ColumnType for Vec<u8> {
    const TYPE: Type = Type::Bytes;

    fn to_value(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        match value {
            Value::Bytes(value) => Ok(value.into_owned()),
            other => misfit(&other, "bytes"),
        }
    }

    fn blank() -> Self {
        Vec::new()
    }
}

/// A type of chrono: native where the database has one, ISO 8601 text where it has none.
macro_rules! moment {
    ($type:ty, $variant:ident, $wanted:literal, $parse:expr, $naive:expr) => {
        impl ColumnType for $type {
            const TYPE: Type = Type::$variant;

            fn to_value(&self) -> Value<'_> {
                Value::$variant(*self)
            }

            fn from_value(value: Value<'_>) -> Result<Self> {
                match value {
                    Value::$variant(value) => Ok(value),
                    Value::Text(text) => {
                        let parse: fn(&str) -> Option<$type> = $parse;
                        parse(&text).ok_or_else(|| unfit(concat!("found text that is not ", $wanted)))
                    }
                    other => {
                        let naive: fn(&Value<'_>) -> Option<$type> = $naive;
                        naive(&other).map_or_else(|| misfit(&other, $wanted), Ok)
                    }
                }
            }

            fn blank() -> Self {
                <$type>::default()
            }
        }
    };
}

moment!(NaiveDate, Date, "a date", |text| text.parse().ok(), |_| None);
moment!(NaiveTime, Time, "a time of day", |text| text.parse().ok(), |_| None);
moment!(NaiveDateTime, DateTime, "a date and time", naive, |_| None);
moment!(DateTime<Utc>, Timestamp, "a moment", moment, |value| match value {
    // Where a database has no type for moments, they are stored in UTC.
    Value::DateTime(naive) => Some(naive.and_utc()),
    _ => None,
});

fn moment(text: &str) -> Option<DateTime<Utc>> {
    // The second form is for years that RFC 3339 has no room for.
    let with_offset = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%:z"))
        .map(|moment| moment.to_utc());
    with_offset.ok().or_else(|| naive(text).map(|naive| naive.and_utc()))
}

fn naive(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}
