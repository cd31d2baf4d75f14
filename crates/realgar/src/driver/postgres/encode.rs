//! Values on their way out: in the server's own form where it takes just their type; else as text, which it reads by the
//! parameter's own type.

use std::{error::Error, fmt};

use bytes::{BufMut, BytesMut};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use tokio_postgres::types::{Format, IsNull, ToSql, Type};

use crate::{sql::written, value::Value};

use super::decode::epoch;

/// A value as a parameter.
pub(super) struct Bound<'v>(pub(super) &'v Value<'v>);

/// A value that has no form; the text is shown.
#[derive(Debug)]
pub(super) struct NoForm(pub(super) &'static str);

impl fmt::Display for NoForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for NoForm {}

// The driver below us logs parameters by their Debug form.
impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("?")
    }
}

/// A value in the server's own form.
#[derive(Clone, Copy)]
pub(super) enum Plain<'v> {
    I16(i16),
    I32(i32),
    I64(i64),
    F64(f64),
    Bool(bool),
    Bytes(&'v [u8]),
}

impl<'v> Plain<'v> {
    /// The value, where it is just of this type; text is not among them.
    pub(super) fn of(value: &'v Value<'_>, to: &Type) -> Option<Plain<'v>> {
        match (value, to) {
            (Value::Int(value), &Type::INT8) => Some(Plain::I64(*value)),
            (Value::Int(value), &Type::INT4) => i32::try_from(*value).ok().map(Plain::I32),
            (Value::Int(value), &Type::INT2) => i16::try_from(*value).ok().map(Plain::I16),
            (Value::Float(value), &Type::FLOAT8) => Some(Plain::F64(*value)),
            (Value::Bool(value), &Type::BOOL) => Some(Plain::Bool(*value)),
            (Value::Bytes(value), &Type::BYTEA) => Some(Plain::Bytes(value)),
            (Value::Date(value), &Type::DATE) => days(*value).map(Plain::I32),
            (Value::DateTime(value), &Type::TIMESTAMP) => micros(*value).map(Plain::I64),
            (Value::Timestamp(value), &Type::TIMESTAMPTZ) => micros(value.naive_utc()).map(Plain::I64),
            _ => None,
        }
    }

    pub(super) fn put(self, out: &mut impl BufMut) {
        match self {
            Plain::I16(value) => out.put_i16(value),
            Plain::I32(value) => out.put_i32(value),
            Plain::I64(value) => out.put_i64(value),
            Plain::F64(value) => out.put_f64(value),
            Plain::Bool(value) => out.put_u8(value.into()),
            Plain::Bytes(value) => out.put_slice(value),
        }
    }

    /// How many bytes it takes.
    pub(super) fn len(self) -> usize {
        match self {
            Plain::I16(_) => 2,
            Plain::I32(_) => 4,
            Plain::I64(_) | Plain::F64(_) => 8,
            Plain::Bool(_) => 1,
            Plain::Bytes(value) => value.len(),
        }
    }
}

/// Days since the server's epoch, where it knows them; what is far away goes as text, for the server to judge.
fn days(date: NaiveDate) -> Option<i32> {
    let near = (1..10_000).contains(&date.year());
    near.then(|| i32::try_from((date - epoch()).num_days()).ok()).flatten()
}

/// Microseconds since the server's epoch; finer parts are cut off, as in text. A leap second goes as text, too.
fn micros(moment: NaiveDateTime) -> Option<i64> {
    let near = (1..10_000).contains(&moment.year()) && moment.nanosecond() < 1_000_000_000;
    let since = moment.and_utc().timestamp_micros() - epoch().and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    near.then_some(since)
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Text(text) if !text.contains('\0') => out.extend_from_slice(text.as_bytes()),
            other => match Plain::of(other, to) {
                Some(plain) => plain.put(out),
                None => {
                    let mut text = String::new();
                    written(other, &mut text).map_err(NoForm)?;
                    out.extend_from_slice(text.as_bytes());
                }
            },
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true // `hint` has looked
    }

    fn encode_format(&self, to: &Type) -> Format {
        if Plain::of(self.0, to).is_some() { Format::Binary } else { Format::Text }
    }

    fn to_sql_checked(&self, r#type: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(r#type, out)
    }
}

/// The type to ask for where the server wants one that the value is not of: `age + 1.5`, `CASE … THEN 1`, a number that
/// is too large for the column it is compared with. `UNKNOWN` where the server's own choice will do.
pub(super) fn hint(value: &Value<'_>, to: &Type) -> Type {
    let number = matches!(*to, Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC);
    let fits = match value {
        Value::Secret(secret) => return hint(secret.value(), to),
        Value::Null | Value::Text(_) | Value::Array(_) | Value::Invalid(_) => true,
        Value::Bool(_) => *to == Type::BOOL,
        Value::Int(value) => match *to {
            Type::INT2 => i16::try_from(*value).is_ok(),
            Type::INT4 => i32::try_from(*value).is_ok(),
            Type::OID => u32::try_from(*value).is_ok(),
            _ => *to == Type::INT8 || number,
        },
        Value::Float(_) => number,
        Value::Bytes(_) => *to == Type::BYTEA,
        Value::Date(_) => *to == Type::DATE,
        Value::Time(_) => *to == Type::TIME,
        Value::DateTime(_) => *to == Type::TIMESTAMP,
        Value::Timestamp(_) => *to == Type::TIMESTAMPTZ,
    };
    match value {
        _ if fits => Type::UNKNOWN,
        Value::Bool(_) => Type::BOOL,
        Value::Int(_) => Type::INT8,
        Value::Float(_) => Type::FLOAT8,
        Value::Bytes(_) => Type::BYTEA,
        Value::Date(_) => Type::DATE,
        Value::Time(_) => Type::TIME,
        Value::DateTime(_) => Type::TIMESTAMP,
        Value::Timestamp(_) => Type::TIMESTAMPTZ,
        Value::Null | Value::Text(_) | Value::Array(_) | Value::Invalid(_) | Value::Secret(_) => Type::UNKNOWN,
    }
}
