//! What SQLite can do and how it says it.

use std::{borrow::Cow, fmt::Write};

use crate::{
    sql::dialect::{Dialect, List},
    value::{Type, Value},
};

pub(super) const DIALECT: Dialect = Dialect {
    name: "sqlite",
    quote: '"',
    list: List { one: ("SELECT value FROM json_each(", ")"), several, value: json },
    no_limit: Some("-1"),
    type_name,
    parameters: 32_766,
};

fn type_name(r#type: Type, length: Option<u32>) -> String {
    match (r#type, length) {
        (Type::Text, Some(length)) => format!("VARCHAR({length})"),
        (Type::Text, None) => "VARCHAR".into(),
        (Type::Bool, _) => "BOOLEAN".into(),
        // DIALECT: only the word INTEGER makes a primary key the row's own number.
        (Type::Int32 | Type::Int64, _) => "INTEGER".into(),
        (Type::Float64, _) => "FLOAT".into(),
        (Type::Bytes, _) => "BLOB".into(),
        (Type::Date, _) => "DATE".into(),
        (Type::Time, _) => "TIME".into(),
        (Type::DateTime | Type::Timestamp, _) => "DATETIME".into(),
    }
}

fn several(position: usize) -> String {
    format!("json_extract(value, '$[{position}]')")
}

/// The values as a JSON array, or as an array of arrays for several columns.
fn json(values: &[Value<'_>], columns: usize) -> Option<Value<'static>> {
    let mut text = String::with_capacity(values.len() * 8 + 2);
    text.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        if columns > 1 && index % columns == 0 {
            text.push('[');
        }
        json_value(value, &mut text)?;
        if columns > 1 && index % columns == columns - 1 {
            text.push(']');
        }
    }
    text.push(']');
    Some(Value::Text(Cow::Owned(text)))
}

fn json_value(value: &Value<'_>, out: &mut String) -> Option<()> {
    match stored(value.borrow()) {
        Value::Null => out.push_str("null"),
        Value::Int(value) => write!(out, "{value}").ok()?,
        // DIALECT: JSON has no NaN and no infinity.
        Value::Float(value) if value.is_finite() => write!(out, "{value:?}").ok()?,
        // DIALECT: text from JSON ends at a NUL.
        Value::Text(text) if !text.contains('\0') => json_text(&text, out),
        _ => return None,
    }
    Some(())
}

fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", control as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// The value as SQLite stores it: it knows NULL, integers, floating point, text and bytes only.
///
/// Moments are text in ISO 8601 with six digits of a second (nine where needed), so that text order is time order.
pub fn stored(value: Value<'_>) -> Value<'_> {
    use chrono::{NaiveDateTime, NaiveTime, Timelike};

    fn fraction(time: &impl Timelike) -> &'static str {
        if time.nanosecond().is_multiple_of(1_000) { "%.6f" } else { "%.9f" }
    }
    fn time(time: NaiveTime) -> String {
        time.format(&format!("%H:%M:%S{}", fraction(&time))).to_string()
    }
    fn moment(moment: NaiveDateTime) -> String {
        moment.format(&format!("%Y-%m-%d %H:%M:%S{}", fraction(&moment))).to_string()
    }

    let text = match value {
        Value::Bool(value) => return Value::Int(i64::from(value)),
        Value::Date(value) => value.format("%Y-%m-%d").to_string(),
        Value::Time(value) => time(value),
        Value::DateTime(value) => moment(value),
        Value::Timestamp(value) => moment(value.naive_utc()) + "+00:00",
        other => return other,
    };
    Value::Text(Cow::Owned(text))
}
