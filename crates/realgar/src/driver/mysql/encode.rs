//! Values on their way out: each in the binary form of its own type.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use mysql_async::Value as Native;

use crate::{error::Result, sql::sendable, value::Value};

use super::data;

/// What is left of the largest packet for the values; the rest says what they are.
const BESIDE: usize = 4_096;

/// The values as parameters. `Data` for one that has no form, and where they are more than a packet holds: the server
/// would close the connection.
pub(super) fn bound(values: &[Value<'_>], packet: usize) -> Result<Vec<Native>> {
    let values: Vec<Native> = values.iter().map(parameter).collect::<Result<_>>()?;
    let size = values.iter().map(size).sum::<usize>() + BESIDE;
    if size > packet {
        return Err(data(format!("values of {size} bytes in one statement, the server takes {packet}"))
            .way_out("write less at once, or raise the server's `max_allowed_packet`"));
    }
    Ok(values)
}

/// How many bytes of a packet a value takes, its type's included.
pub(super) fn size(value: &Native) -> usize {
    match value {
        Native::Bytes(bytes) => bytes.len() + 11,
        _ => 15,
    }
}

pub(super) fn parameter(value: &Value<'_>) -> Result<Native> {
    Ok(match sendable(value.borrow()).map_err(data)? {
        Value::Int(value) => Native::Int(value),
        Value::Float(value) => Native::Double(value),
        Value::Text(text) => Native::Bytes(text.into_owned().into_bytes()),
        Value::Bytes(bytes) => Native::Bytes(bytes.into_owned()),
        Value::Date(date) => moment(date, NaiveTime::MIN),
        Value::DateTime(value) => moment(value.date(), value.time()),
        Value::Time(time) => {
            Native::Time(false, 0, small(time.hour()), small(time.minute()), small(time.second()), micros(time))
        }
        // `sendable` answers none of these but NULL.
        Value::Null | Value::Bool(_) | Value::Timestamp(_) | Value::Array(_) | Value::Secret(_) | Value::Invalid(_) => {
            Native::NULL
        }
    })
}

fn moment(date: NaiveDate, time: NaiveTime) -> Native {
    let year = u16::try_from(date.year()).unwrap_or_default(); // `sendable` has looked
    let (month, day) = (small(date.month()), small(date.day()));
    Native::Date(year, month, day, small(time.hour()), small(time.minute()), small(time.second()), micros(time))
}

/// Parts of a date, none of which is larger than 60.
fn small(part: u32) -> u8 {
    u8::try_from(part).unwrap_or_default()
}

fn micros(time: NaiveTime) -> u32 {
    time.nanosecond() / 1_000
}
