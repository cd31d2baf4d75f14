//! What SQLite can do and how it says it.

use std::{borrow::Cow, cmp::Ordering, fmt::Write};

use crate::{
    sql::dialect::{AddKey, Batches, Dialect, List, OnConflict, Returning, Tables},
    value::{Type, Value},
};

pub(super) const DIALECT: Dialect = Dialect {
    name: "sqlite",
    quote: '"',
    numbered: false,
    list: List { around: each, value: json },
    keys: 500,
    no_limit: Some("-1"),
    spread_lists: false,
    type_name,
    cast_name: |to| type_name(to, None),
    tables: Tables {
        // DIALECT: a single INTEGER key is the row's own number.
        generated: "",
        options: "",
        keyed_length: None,
        default: super::default_of,
        computed_not_null: true,
        inner_indexes: false,
        set_default: true,
        add_key: AddKey::Block,
        forward_keys: true,
        drops_together: false,
        drop_circle: "",
    },
    default_row: " DEFAULT VALUES",
    last_key: None,
    concat_function: false,
    quotient: "/",
    limit_in_list: true,
    lock_timeout: None,
    parameters: 32_766,
    name_length: usize::MAX,
    batches: Batches::Rows,
    like_escapes: false,
    bare_places: false,
    deferrable: true,
    wide_sums: false,
    returning: Returning { insert: true, update: true, delete: true },
    on_conflict: OnConflict::Columns,
    nulls_first: true,
    // PARITY: as with SQLAlchemy, FOR UPDATE is left out: a writer locks the whole database.
    row_locks: None,
    own_types: false,
};

fn type_name(r#type: Type, length: Option<u32>) -> String {
    match (r#type, length) {
        (Type::Text | Type::Enum(_), Some(length)) => format!("VARCHAR({length})"),
        (Type::Text | Type::Enum(_), None) => "VARCHAR".into(),
        (Type::Array(_), _) => "ARRAY".into(), // refused before
        (Type::Bool, _) => "BOOLEAN".into(),
        // DIALECT: only the word INTEGER makes a primary key the row's own number.
        (Type::Int16 | Type::Int32 | Type::Int64, _) => "INTEGER".into(),
        (Type::Float32 | Type::Float64, _) => "FLOAT".into(),
        (Type::Bytes, _) => "BLOB".into(),
        (Type::Date, _) => "DATE".into(),
        (Type::Time, _) => "TIME".into(),
        (Type::DateTime | Type::Timestamp, _) => "DATETIME".into(),
        // PARITY: as SQLAlchemy spells it where a database has no type for it.
        (Type::Uuid, _) => "CHAR(32)".into(),
        // DIALECT: a column whose type says TEXT keeps every digit; the collation compares them as numbers.
        (Type::Decimal, _) => format!("DECIMAL_TEXT COLLATE {DECIMAL_COLLATION}"),
        // DIALECT: the word JSON alone would make numbers of texts that look like some.
        (Type::Json, _) => "JSON_TEXT".into(),
    }
}

/// The collation of decimal numbers, which every connection has.
pub const DECIMAL_COLLATION: &str = "REALGAR_DECIMAL";

/// The order of decimal numbers written as text: `9.5` before `10`, `1.1` equal to `1.10`. What is no number comes last.
pub fn decimal_order(left: &str, right: &str) -> Ordering {
    match (Digits::of(left), Digits::of(right)) {
        (Some(left), Some(right)) => left.order(&right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

/// A decimal number's digits, without zeros that say nothing.
struct Digits<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Digits<'a> {
    fn of(text: &'a str) -> Option<Digits<'a>> {
        let (minus, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if !all().all(|digit| digit.is_ascii_digit()) || all().next().is_none() {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        Some(Digits { negative: minus && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }

    fn order(&self, other: &Digits<'_>) -> Ordering {
        let size = self.whole.len().cmp(&other.whole.len());
        let size = size.then_with(|| self.whole.cmp(other.whole)).then_with(|| self.fraction.cmp(other.fraction));
        match (self.negative, other.negative) {
            (false, false) => size,
            (true, true) => size.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

fn each(types: &[Type]) -> (String, Cow<'static, str>) {
    let several = |position: usize| format!("json_extract(value, '$[{position}]')");
    let columns = match types.len() {
        0 | 1 => "value".to_owned(),
        count => (0..count).map(several).collect::<Vec<_>>().join(", "),
    };
    (format!(" IN (SELECT {columns} FROM json_each("), "))".into())
}

/// The values as a JSON array, or as an array of arrays for several columns.
fn json(values: &[Value<'_>], columns: usize) -> Option<Value<'static>> {
    let secret = values.iter().any(|value| matches!(value, Value::Secret(_)));
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
    let list = Value::Text(Cow::Owned(text));
    Some(if secret { list.veil() } else { list })
}

fn json_value(value: &Value<'_>, out: &mut String) -> Option<()> {
    match stored(value.borrow().reveal()) {
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

pub(super) fn json_text(text: &str, out: &mut String) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_numbers_have_the_order_of_numbers() {
        let ascending = ["-10.5", "-9", "-0.01", "0", "0.009", "0.01", "1.1", "1.11", "9.5", "10", "100", "x"];
        for pair in ascending.windows(2) {
            assert_eq!(decimal_order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(decimal_order(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (left, right) in [("1.1", "1.10"), ("-0.0", "0"), ("007", "7"), ("7.", "7")] {
            assert_eq!(decimal_order(left, right), Ordering::Equal, "{left} {right}");
        }
    }
}
