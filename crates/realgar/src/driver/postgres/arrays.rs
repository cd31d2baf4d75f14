//! A column of many rows as one parameter: an array in the server's own form, or as text where it has none here.

use std::{error::Error as StdError, fmt};

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{Format, IsNull, Kind as TypeKind, ToSql, Type};

use crate::{
    sql::{array_element, written},
    value::Value,
};

use super::encode::Plain;

/// Types of elements that go in the server's own form.
const OWN: [Type; 8] =
    [Type::TEXT, Type::INT8, Type::BOOL, Type::FLOAT8, Type::BYTEA, Type::DATE, Type::TIMESTAMP, Type::TIMESTAMPTZ];

/// An array that grows by one element for each row.
pub(super) struct Array {
    /// The type of its elements; `None`: it is a text.
    item: Option<Type>,
    count: i32,
    nulls: bool,
    elements: Vec<u8>,
    text: String,
}

/// Why an element cannot be added.
pub(super) enum Unfit {
    /// It has no form.
    Never(&'static str),
    /// It is not of the array's type, so the array must be made as text.
    Here,
}

impl Array {
    /// An empty one for a parameter of this type.
    pub(super) fn new(to: Option<&Type>) -> Array {
        let item = match to.map(Type::kind) {
            Some(TypeKind::Array(item)) if OWN.contains(item) => Some(item.clone()),
            _ => None,
        };
        Array { item, count: 0, nulls: false, elements: Vec::new(), text: String::new() }
    }

    pub(super) fn push(&mut self, value: &Value<'_>) -> Result<(), Unfit> {
        if let Value::Secret(secret) = value {
            return self.push(secret.value());
        }
        self.count += 1;
        let out = &mut self.elements;
        let Some(item) = &self.item else {
            self.text.push(if self.count == 1 { '{' } else { ',' });
            return array_element(value, &mut self.text).map_err(Unfit::Never);
        };
        let plain = match value {
            Value::Null => {
                self.nulls = true;
                out.put_i32(-1);
                return Ok(());
            }
            Value::Text(text) if *item == Type::TEXT && !text.contains('\0') => Plain::Bytes(text.as_bytes()),
            other if *item == Type::TEXT => {
                self.text.clear();
                written(other, &mut self.text).map_err(Unfit::Never)?;
                Plain::Bytes(self.text.as_bytes())
            }
            other => Plain::of(other, item).ok_or(Unfit::Here)?,
        };
        out.put_i32(i32::try_from(plain.len()).map_err(|_| Unfit::Here)?);
        plain.put(out);
        Ok(())
    }
}

// The driver below us logs parameters by their Debug form.
impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("?")
    }
}

impl ToSql for Array {
    /// How many dimensions there are, whether there are NULLs, the elements' type; their count and the first index; each
    /// element with its length before it, that of NULL being negative.
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        out.reserve(self.elements.len() + self.text.len() + 20);
        match &self.item {
            Some(item) => {
                for number in [1, self.nulls.into(), item.oid().cast_signed(), self.count, 1] {
                    out.put_i32(number);
                }
                out.put_slice(&self.elements);
            }
            None => {
                out.put_slice(self.text.as_bytes());
                out.put_u8(b'}');
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true // it was made for the parameter
    }

    fn encode_format(&self, _: &Type) -> Format {
        if self.item.is_some() { Format::Binary } else { Format::Text }
    }

    fn to_sql_checked(&self, r#type: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.to_sql(r#type, out)
    }
}
