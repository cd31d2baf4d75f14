//! What a cell is: the values that travel between Rust, statements and rows, and the types of columns.
//!
//! One enum serves both directions: borrowed while a row is read or a parameter is bound, owned in snapshots and keys.

mod array;
mod auto;
mod convert;
#[cfg(feature = "rust_decimal")]
mod decimal;
mod deferred;
#[cfg(feature = "serde_json")]
mod json;
mod key;
mod narrow;
mod row;
mod secret;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;
mod words;

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

pub use auto::Auto;
pub use convert::{Cell, ColumnType};
pub use deferred::Deferred;
#[cfg(feature = "serde_json")]
pub use json::Json;
pub use key::{Key, KeyCells};
pub use row::Row;
pub use secret::Secret;
pub use words::{Words, text, unknown_word};

/// The type of a column, as Rust sees it; the dialect says how its database spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// `bool`
    Bool,
    /// `i16`
    Int16,
    /// `i32`
    Int32,
    /// `i64`, `u32`
    Int64,
    /// `f32`
    Float32,
    /// `f64`
    Float64,
    /// `String`
    Text,
    /// `Vec<u8>`
    Bytes,
    /// `chrono::NaiveDate`
    Date,
    /// `chrono::NaiveTime`
    Time,
    /// `chrono::NaiveDateTime`: no time zone
    DateTime,
    /// `chrono::DateTime<Utc>`: a moment
    Timestamp,
    /// `uuid::Uuid`
    Uuid,
    /// `rust_decimal::Decimal`
    Decimal,
    /// `serde_json::Value`, `Json<T>`
    Json,
    /// An enum that has a name in the database; text where types have none.
    Enum(&'static Words),
    /// `Vec<T>`, its elements being of this type; not where there are no arrays.
    Array(&'static Type),
}

impl Type {
    /// Whether a single primary key of this type is generated.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self, Type::Int16 | Type::Int32 | Type::Int64)
    }

    /// Whether a row's cell always has the form of an object's: some databases store a moment as text.
    #[must_use]
    pub const fn is_plain(self) -> bool {
        !matches!(self, Type::Bool | Type::Date | Type::Time | Type::DateTime | Type::Timestamp)
    }
}

/// One cell, borrowed from a row or an object, or owned as `Value<'static>`.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// SQL's NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A day.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A day and a time of day, in no particular time zone.
    DateTime(NaiveDateTime),
    /// A moment.
    Timestamp(DateTime<Utc>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// A value of a secret column: sent as what it is, shown as nothing.
    Secret(Secret<'a>),
    /// What has no form that a column could hold, and why: sending it fails with `Data`.
    Invalid(&'static str),
}

impl<'a> Value<'a> {
    /// The same value, borrowing from nothing.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Int(value) => Value::Int(value),
            Value::Float(value) => Value::Float(value),
            Value::Date(value) => Value::Date(value),
            Value::Time(value) => Value::Time(value),
            Value::DateTime(value) => Value::DateTime(value),
            Value::Timestamp(value) => Value::Timestamp(value),
            Value::Array(items) => Value::Array(items.into_iter().map(Value::into_owned).collect()),
            Value::Secret(value) => Value::Secret(value.into_owned()),
            Value::Invalid(reason) => Value::Invalid(reason),
        }
    }

    /// The same value, borrowed from this one.
    #[must_use]
    pub fn borrow(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Bytes(bytes) => Value::Bytes(Cow::Borrowed(bytes)),
            Value::Array(items) => Value::Array(items.iter().map(Value::borrow).collect()),
            Value::Secret(value) => Value::Secret(value.borrow()),
            other => other.clone(),
        }
    }

    /// Whether this is NULL.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The type of a column that such a value comes from, as far as it shows.
    #[must_use]
    pub fn natural_type(&self) -> Type {
        match self {
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int64,
            Value::Float(_) => Type::Float64,
            Value::Bytes(_) => Type::Bytes,
            Value::Date(_) => Type::Date,
            Value::Time(_) => Type::Time,
            Value::DateTime(_) => Type::DateTime,
            Value::Timestamp(_) => Type::Timestamp,
            Value::Null | Value::Text(_) | Value::Invalid(_) => Type::Text,
            Value::Array(items) => array::natural_type(items),
            Value::Secret(value) => value.value().natural_type(),
        }
    }

    /// What sort of value this is, for error texts: never the value itself.
    #[must_use]
    pub fn sort(&self) -> &'static str {
        match self {
            Value::Null => "NULL",
            Value::Bool(_) => "a truth value",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a floating-point number",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Date(_) => "a date",
            Value::Time(_) => "a time of day",
            Value::DateTime(_) => "a date and time",
            Value::Timestamp(_) => "a moment",
            Value::Array(_) => "an array",
            Value::Secret(value) => value.value().sort(),
            Value::Invalid(_) => "what no column can hold",
        }
    }
}

// Equality is identity of what would be stored: NaN equals itself, so an untouched NaN is no change.
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => a == b,
            (Value::Invalid(a), Value::Invalid(b)) => a == b,
            (Value::Secret(a), b) => a.value() == b,
            (a, Value::Secret(b)) => a == b.value(),
            _ => false,
        }
    }
}

impl Eq for Value<'_> {}

impl std::hash::Hash for Value<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        if let Value::Secret(value) = self {
            return value.value().hash(state); // it equals the value without its veil
        }
        std::mem::discriminant(self).hash(state);
        match self {
            Value::Null | Value::Secret(_) => {}
            Value::Bool(value) => value.hash(state),
            Value::Int(value) => value.hash(state),
            Value::Float(value) => value.to_bits().hash(state),
            Value::Text(value) => value.hash(state),
            Value::Bytes(value) => value.hash(state),
            Value::Date(value) => value.hash(state),
            Value::Time(value) => value.hash(state),
            Value::DateTime(value) => value.hash(state),
            Value::Timestamp(value) => value.hash(state),
            Value::Array(items) => items.hash(state),
            Value::Invalid(reason) => reason.hash(state),
        }
    }
}
