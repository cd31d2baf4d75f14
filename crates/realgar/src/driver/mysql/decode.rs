//! Values on their way in: cells of the server's binary rows, text and bytes borrowed from them.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use mysql_async::{Column, Row as Native, Value as Found, consts::ColumnType};

use crate::{
    error::Result,
    sql::scale,
    value::{ColumnType as _, Row, Value},
};

use super::data;

/// The number of the character set of what is no text.
const BINARY: u16 = 63;

/// A row.
pub(super) struct Cells<'r>(pub(super) &'r Native);

impl Row for Cells<'_> {
    fn name(&self, index: usize) -> Option<&str> {
        self.0.columns_ref().get(index).and_then(|column| str::from_utf8(column.name_ref()).ok())
    }

    #[inline]
    fn get(&self, index: usize) -> Result<Value<'_>> {
        let (Some(column), Some(found)) = (self.0.columns_ref().get(index), self.0.as_ref(index)) else {
            return Err(data(format!("a row has {} values, number {} was asked for", self.0.len(), index + 1)));
        };
        cell(column, found).map_err(|why| unreadable(column, why))
    }

    fn integer(&self, index: usize) -> Result<Option<i64>> {
        match self.get(index)? {
            Value::Null => Ok(None),
            // DIALECT: the sum of integers is a decimal.
            Value::Text(text) if self.0.columns_ref()[index].column_type() == ColumnType::MYSQL_TYPE_NEWDECIMAL => {
                match text.parse() {
                    Ok(value) => Ok(Some(value)),
                    Err(_) => Err(data("found a decimal number where an integer is needed")),
                }
            }
            value => i64::from_value(value).map(Some),
        }
    }
}

#[cold]
fn unreadable(column: &Column, why: &str) -> crate::error::Error {
    data(format!("column `{}` cannot be read: {why}", column.name_str()))
        .way_out("cast it in the statement, for example to char")
}

const NO_DATE: &str = "it is no date of the calendar";

#[inline]
fn cell<'r>(column: &Column, found: &'r Found) -> Result<Value<'r>, &'static str> {
    Ok(match found {
        Found::NULL => Value::Null,
        Found::Int(value) => Value::Int(*value),
        Found::UInt(value) => Value::Int(i64::try_from(*value).map_err(|_| "it is larger than any i64")?),
        Found::Float(value) => Value::Float((*value).into()),
        Found::Double(value) => Value::Float(*value),
        Found::Bytes(bytes) => return text(column, bytes),
        Found::Date(year, month, day, hour, minute, second, micros) => {
            let date = NaiveDate::from_ymd_opt((*year).into(), (*month).into(), (*day).into()).ok_or(NO_DATE)?;
            let time = NaiveTime::from_hms_micro_opt((*hour).into(), (*minute).into(), (*second).into(), *micros);
            let moment: NaiveDateTime = date.and_time(time.ok_or(NO_DATE)?);
            match column.column_type() {
                ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE => Value::Date(date),
                // The session's zone is UTC.
                ColumnType::MYSQL_TYPE_TIMESTAMP | ColumnType::MYSQL_TYPE_TIMESTAMP2 => {
                    Value::Timestamp(DateTime::from_naive_utc_and_offset(moment, chrono::Utc))
                }
                _ => Value::DateTime(moment),
            }
        }
        Found::Time(negative, days, hour, minute, second, micros) => {
            let time = NaiveTime::from_hms_micro_opt((*hour).into(), (*minute).into(), (*second).into(), *micros);
            Value::Time(time.filter(|_| !negative && *days == 0).ok_or("it is no time of a day")?)
        }
    })
}

fn text<'r>(column: &Column, bytes: &'r [u8]) -> Result<Value<'r>, &'static str> {
    let text = || str::from_utf8(bytes).map_err(|_| "it is not UTF-8");
    Ok(match column.column_type() {
        ColumnType::MYSQL_TYPE_NEWDECIMAL | ColumnType::MYSQL_TYPE_DECIMAL => {
            Value::Text(Cow::Borrowed(scale(text()?, column.decimals())))
        }
        ColumnType::MYSQL_TYPE_BIT if bytes.len() <= 8 => {
            let bits = bytes.iter().fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
            Value::Int(i64::try_from(bits).map_err(|_| "it has more bits than an i64")?)
        }
        ColumnType::MYSQL_TYPE_JSON => Value::Text(Cow::Borrowed(text()?)),
        _ if column.character_set() == BINARY => Value::Bytes(Cow::Borrowed(bytes)),
        // A value that stands alone, `SELECT ?`, is a text for the server, even where it was bytes.
        _ => text().map_or(Value::Bytes(Cow::Borrowed(bytes)), |text| Value::Text(Cow::Borrowed(text))),
    })
}
