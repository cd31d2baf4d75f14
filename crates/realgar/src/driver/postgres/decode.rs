//! Values on their way in: cells of the server's binary rows, text and bytes borrowed from them.

use std::{borrow::Cow, error::Error as StdError, fmt::Write};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use tokio_postgres::types::{FromSql, Kind as TypeKind, Type};

use crate::{
    driver::utf8,
    error::{Error, Result},
    value::{ColumnType, Row, Value},
};

use super::{data, encode::NoForm};

/// A row.
pub(super) struct Cells<'r>(pub(super) &'r tokio_postgres::Row);

impl Row for Cells<'_> {
    fn name(&self, index: usize) -> Option<&str> {
        self.0.columns().get(index).map(|column| column.name())
    }

    #[inline]
    fn get(&self, index: usize) -> Result<Value<'_>> {
        match self.0.try_get::<_, Cell<'_>>(index) {
            Ok(Cell(value)) => Ok(value),
            Err(error) => Err(unreadable(self.0, index, &error)),
        }
    }

    #[inline]
    fn integer(&self, index: usize) -> Result<Option<i64>> {
        match self.0.try_get::<_, Usual<i64>>(index) {
            Ok(Usual::Is(value)) => Ok(Some(value)),
            Ok(Usual::Null) => Ok(None),
            _ => self.unusual_integer(index),
        }
    }

    #[inline]
    fn text(&self, index: usize) -> Result<Option<Cow<'_, str>>> {
        match self.0.try_get::<_, Usual<&str>>(index) {
            Ok(Usual::Is(text)) => Ok(Some(Cow::Borrowed(text))),
            Ok(Usual::Null) => Ok(None),
            _ => match self.get(index)? {
                Value::Text(text) => Ok(Some(text)),
                other => String::from_value(other).map(|text| Some(Cow::Owned(text))),
            },
        }
    }
}

impl Cells<'_> {
    #[cold]
    fn unusual_integer(&self, index: usize) -> Result<Option<i64>> {
        match self.get(index)? {
            Value::Null => Ok(None),
            // DIALECT: `sum` of bigints is a numeric.
            Value::Text(text) if is_numeric(self.0, index) => match text.parse() {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(data("found a decimal number where an integer is needed")),
            },
            value => i64::from_value(value).map(Some),
        }
    }
}

/// A cell of the type that is expected, NULL, or something else, of which a [`Value`] is made first.
enum Usual<T> {
    Null,
    Is(T),
    Other,
}

impl<'r> FromSql<'r> for Usual<i64> {
    #[inline]
    fn from_sql(r#type: &Type, raw: &'r [u8]) -> Outcome<Self> {
        Ok(match *r#type {
            Type::INT8 => Usual::Is(i64::from_be_bytes(fixed(raw)?)),
            Type::INT4 => Usual::Is(i32::from_be_bytes(fixed(raw)?).into()),
            _ => Usual::Other,
        })
    }

    #[inline]
    fn from_sql_null(_: &Type) -> Outcome<Self> {
        Ok(Usual::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl<'r> FromSql<'r> for Usual<&'r str> {
    #[inline]
    fn from_sql(r#type: &Type, raw: &'r [u8]) -> Outcome<Self> {
        Ok(match *r#type {
            Type::TEXT | Type::VARCHAR => utf8(raw).map_or(Usual::Other, Usual::Is),
            _ => Usual::Other,
        })
    }

    #[inline]
    fn from_sql_null(_: &Type) -> Outcome<Self> {
        Ok(Usual::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn is_numeric(row: &tokio_postgres::Row, index: usize) -> bool {
    row.columns().get(index).is_some_and(|column| *column.type_() == Type::NUMERIC)
}

#[cold]
fn unreadable(row: &tokio_postgres::Row, index: usize, error: &tokio_postgres::Error) -> Error {
    let Some(column) = row.columns().get(index) else {
        return data(format!("a row has {} values, number {} was asked for", row.len(), index + 1));
    };
    let why = error.source().and_then(|source| source.downcast_ref::<NoForm>()).map_or("it is malformed", |why| why.0);
    data(format!("column `{}` of type {} cannot be read: {why}", column.name(), column.type_()))
        .way_out("cast it in the statement, for example to text")
}

struct Cell<'r>(Value<'r>);

type Outcome<T> = std::result::Result<T, Box<dyn StdError + Sync + Send>>;

impl<'r> FromSql<'r> for Cell<'r> {
    #[inline]
    fn from_sql(r#type: &Type, raw: &'r [u8]) -> Outcome<Self> {
        cell(r#type, raw).map(Cell)
    }

    fn from_sql_null(_: &Type) -> Outcome<Self> {
        Ok(Cell(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true // what cannot be read says so
    }
}

#[inline]
fn fixed<const N: usize>(raw: &[u8]) -> Outcome<[u8; N]> {
    Ok(raw.try_into()?)
}

fn cell<'r>(r#type: &Type, raw: &'r [u8]) -> Outcome<Value<'r>> {
    Ok(match *r#type {
        Type::INT8 => Value::Int(i64::from_be_bytes(fixed(raw)?)),
        Type::INT4 => Value::Int(i32::from_be_bytes(fixed(raw)?).into()),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON | Type::XML => text(raw)?,
        Type::BOOL => Value::Bool(fixed::<1>(raw)? != [0]),
        Type::TIMESTAMPTZ => Value::Timestamp(DateTime::from_naive_utc_and_offset(moment(raw)?, chrono::Utc)),
        Type::TIMESTAMP => Value::DateTime(moment(raw)?),
        Type::FLOAT8 => Value::Float(f64::from_be_bytes(fixed(raw)?)),
        Type::FLOAT4 => Value::Float(f32::from_be_bytes(fixed(raw)?).into()),
        Type::INT2 => Value::Int(i16::from_be_bytes(fixed(raw)?).into()),
        Type::OID => Value::Int(u32::from_be_bytes(fixed(raw)?).into()),
        Type::CHAR => Value::Text(char::from(fixed::<1>(raw)?[0]).to_string().into()),
        Type::BYTEA => Value::Bytes(raw.into()),
        Type::UUID => uuid(fixed(raw)?),
        Type::NUMERIC => Value::Text(numeric(raw)?.into()),
        Type::JSONB => match raw {
            [1, json @ ..] => text(json)?,
            _ => return Err(NoForm("its version is not known").into()),
        },
        Type::DATE => Value::Date(date(i32::from_be_bytes(fixed(raw)?))?),
        Type::TIME => Value::Time(time(i64::from_be_bytes(fixed(raw)?))?),
        Type::VOID => Value::Null,
        _ => match r#type.kind() {
            TypeKind::Enum(_) => text(raw)?,
            TypeKind::Domain(inner) => cell(inner, raw)?,
            TypeKind::Array(item) => Value::Array(array(item, raw)?),
            _ if r#type.name() == "citext" => text(raw)?,
            _ => return Err(NoForm("columns of this type are not mapped").into()),
        },
    })
}

#[inline]
fn text(raw: &[u8]) -> Outcome<Value<'_>> {
    Ok(Value::Text(Cow::Borrowed(utf8(raw).ok_or(NoForm("it is not UTF-8"))?)))
}

/// 32 hexadecimal digits, as an object's cell has them.
fn uuid(raw: [u8; 16]) -> Value<'static> {
    let mut text = String::with_capacity(32);
    let _ = write!(text, "{:032x}", u128::from_be_bytes(raw));
    Value::Text(text.into())
}

const INFINITE: NoForm = NoForm("it is infinite");
const TOO_FAR: NoForm = NoForm("it is too far away");

/// The first day that the server counts.
pub(super) fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

fn date(days: i32) -> Outcome<NaiveDate> {
    if matches!(days, i32::MIN | i32::MAX) {
        return Err(INFINITE.into());
    }
    Ok(TimeDelta::try_days(days.into()).and_then(|days| epoch().checked_add_signed(days)).ok_or(TOO_FAR)?)
}

fn time(micros: i64) -> Outcome<NaiveTime> {
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let seconds = u32::try_from(seconds).map_err(|_| TOO_FAR)?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, rest as u32 * 1_000);
    Ok(time.ok_or(NoForm("it is 24:00, which is no time of a day here"))?)
}

fn moment(raw: &[u8]) -> Outcome<NaiveDateTime> {
    let micros = i64::from_be_bytes(fixed(raw)?);
    if matches!(micros, i64::MIN | i64::MAX) {
        return Err(INFINITE.into());
    }
    let start = epoch().and_time(NaiveTime::MIN);
    Ok(start.checked_add_signed(TimeDelta::microseconds(micros)).ok_or(TOO_FAR)?)
}

/// How many dimensions there are, whether there are NULLs, the elements' type; for each dimension its length and first
/// index; then each element's length and bytes, the length of NULL being negative.
fn array<'r>(item: &Type, raw: &'r [u8]) -> Outcome<Vec<Value<'r>>> {
    const SHORT: NoForm = NoForm("it is malformed");
    fn number(raw: &mut &[u8]) -> Outcome<i32> {
        let (number, rest) = raw.split_first_chunk::<4>().ok_or(SHORT)?;
        *raw = rest;
        Ok(i32::from_be_bytes(*number))
    }
    let mut raw = raw;
    let (dimensions, _, _) = (number(&mut raw)?, number(&mut raw)?, number(&mut raw)?);
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    if dimensions != 1 {
        return Err(NoForm("it has several dimensions").into());
    }
    let (count, _) = (number(&mut raw)?, number(&mut raw)?);
    let mut items = Vec::new();
    for _ in 0..count {
        let Ok(length) = usize::try_from(number(&mut raw)?) else {
            items.push(Value::Null);
            continue;
        };
        let (bytes, rest) = raw.split_at_checked(length).ok_or(SHORT)?;
        raw = rest;
        items.push(cell(item, bytes)?);
    }
    Ok(items)
}

/// A decimal number with every digit: groups of four digits, the weight of the first, the digits behind the point.
fn numeric(raw: &[u8]) -> Outcome<String> {
    const SHORT: NoForm = NoForm("it is malformed");
    let word = |index: usize| -> Outcome<u16> {
        let bytes = raw.get(index * 2..index * 2 + 2).ok_or(SHORT)?;
        Ok(u16::from_be_bytes(fixed(bytes)?))
    };
    let (groups, weight, sign, scale) = (word(0)?, word(1)? as i16, word(2)?, usize::from(word(3)?));
    let mut text = String::with_capacity(usize::from(groups) * 4 + 3);
    match sign {
        0 => {}
        0x4000 => text.push('-'),
        _ => return Err(NoForm("it is no finite number").into()),
    }
    let group = |at: i32| match usize::try_from(at) {
        Ok(at) if at < usize::from(groups) => word(4 + at),
        _ => Ok(0),
    };
    let weight = i32::from(weight);
    if weight < 0 {
        text.push('0');
    }
    for at in 0..=weight {
        let digits = group(at)?;
        let _ = if at == 0 { write!(text, "{digits}") } else { write!(text, "{digits:04}") };
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + scale;
        let mut at = weight + 1;
        while text.len() < end {
            let _ = write!(text, "{:04}", group(at)?);
            at += 1;
        }
        text.truncate(end);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn numbers_keep_every_digit() {
        for (raw, want) in [
            (vec![0, 0, 0, 0], "0"),
            (vec![0, 0, 0, 2], "0.00"),
            (vec![1, 0, 0, 0, 7], "7"),
            (vec![2, 0, 0x4000, 2, 1, 1000], "-1.10"),
            (vec![1, u16::MAX, 0, 4, 5], "0.0005"),
            (vec![1, (-2_i16) as u16, 0, 8, 5], "0.00000005"),
            (vec![2, 1, 0, 0, 12, 34], "120034"),
            (vec![1, 1, 0, 0, 12], "120000"),
            (vec![3, 1, 0, 5, 1, 2, 3450], "10002.34500"),
        ] {
            assert_eq!(numeric(&words(&raw)).unwrap(), want);
        }
        assert!(numeric(&words(&[0, 0, 0xc000, 0])).is_err());
        assert!(numeric(&[0, 1]).is_err());
    }

    #[test]
    fn moments_out_of_reach_are_errors() {
        assert!(moment(&i64::MAX.to_be_bytes()).is_err());
        assert!(moment(&(i64::MAX - 1).to_be_bytes()).is_err());
        assert!(date(i32::MIN).is_err());
        assert!(time(86_400_000_000).is_err());
        assert_eq!(date(0).unwrap().to_string(), "2000-01-01");
    }
}
