//! Values on their way out: as text, which the server reads by the parameter's own type. Integers, numbers and truth values
//! go as they are where the server takes just their type.

use std::{error::Error, fmt};

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{Format, IsNull, ToSql, Type};

use crate::{sql::written, value::Value};

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

/// Whether the value is of this type, and goes as it is.
fn is_plain(value: &Value<'_>, to: &Type) -> bool {
    match value {
        Value::Int(_) => matches!(*to, Type::INT8 | Type::INT4 | Type::INT2),
        Value::Bool(_) => *to == Type::BOOL,
        Value::Float(_) => *to == Type::FLOAT8,
        _ => false,
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.0, to) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT8) => out.put_i64(*value),
            (Value::Int(value), &Type::INT4) => out.put_i32(i32::try_from(*value)?),
            (Value::Int(value), &Type::INT2) => out.put_i16(i16::try_from(*value)?),
            (Value::Bool(value), &Type::BOOL) => out.put_u8((*value).into()),
            (Value::Float(value), &Type::FLOAT8) => out.put_f64(*value),
            (Value::Text(text), _) if !text.contains('\0') => out.extend_from_slice(text.as_bytes()),
            (other, _) => {
                let mut text = String::new();
                written(other, &mut text).map_err(NoForm)?;
                out.extend_from_slice(text.as_bytes());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true // `hint` has looked
    }

    fn encode_format(&self, to: &Type) -> Format {
        if is_plain(self.0, to) { Format::Binary } else { Format::Text }
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
