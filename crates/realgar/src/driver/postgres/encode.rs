//! Values on their way out: as text, which the server reads by the parameter's own type.

use std::{error::Error, fmt};

use bytes::BytesMut;
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

impl ToSql for Bound<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Text(text) if !text.contains('\0') => out.extend_from_slice(text.as_bytes()),
            other => {
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

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
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
