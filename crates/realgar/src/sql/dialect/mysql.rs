//! What MySQL and MariaDB can do and how they say it. They are two dialects with much in common.

use std::{borrow::Cow, fmt::Write};

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::{
    sql::dialect::{AddKey, Batches, Dialect, List, OnConflict, Returning, RowLocks, Tables},
    value::{Type, Value},
};

/// How long a text or bytes without length may be where they have a key or index.
const KEYED_LENGTH: u32 = 255;

/// How many digits behind the point a decimal has: as many as `Decimal` can have.
const SCALE: u8 = 28;

/// DIALECT: texts are compared letter by letter, as other databases do: `nopad` minds blanks at the end, `bin` the case.
pub(super) const MARIADB: Dialect = Dialect {
    name: "mariadb",
    tables: Tables {
        options: " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        computed_not_null: false,
        add_key: AddKey::IfNotExists,
        // DIALECT: one DROP TABLE drops one table after the other, and minds the keys between them.
        drop_circle: "SET STATEMENT foreign_key_checks = 0 FOR ",
        ..MYSQL.tables
    },
    returning: Returning { insert: true, update: false, delete: true },
    last_key: None,
    row_locks: Some(RowLocks { read: "LOCK IN SHARE MODE", of: false }),
    ..MYSQL
};

pub(super) const MYSQL: Dialect = Dialect {
    name: "mysql",
    quote: '`',
    numbered: false,
    list: List { around, value: list },
    keys: 10_000,
    no_limit: Some("18446744073709551615"),
    spread_lists: true,
    type_name,
    cast_name,
    tables: Tables {
        generated: " AUTO_INCREMENT",
        options: " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        keyed_length: Some(KEYED_LENGTH),
        default,
        computed_not_null: true,
        // DIALECT: an index cannot be made "if not exists", a table can.
        inner_indexes: true,
        set_default: false,
        add_key: AddKey::Fails("1826"),
        forward_keys: false,
        drops_together: true,
        drop_circle: "",
    },
    default_row: " () VALUES ()",
    last_key: Some("SELECT LAST_INSERT_ID()"),
    concat_function: true,
    quotient: "DIV",
    limit_in_list: false,
    lock_timeout: Some("1205"),
    parameters: 65_535,
    name_length: 64,
    batches: Batches::Values,
    like_escapes: true,
    bare_places: false,
    deferrable: false,
    // DIALECT: sums of integers and means are decimals.
    wide_sums: true,
    returning: Returning { insert: false, update: false, delete: false },
    on_conflict: OnConflict::AnyKey,
    nulls_first: true,
    row_locks: Some(RowLocks { read: "FOR SHARE", of: true }),
    own_types: false,
};

fn type_name(r#type: Type, length: Option<u32>) -> String {
    let word = match (r#type, length) {
        // DIALECT: a row has 65,535 bytes for all its columns; what is stored beside it has no such limit.
        (Type::Text | Type::Enum(_), Some(length)) if length <= 4_000 => return format!("VARCHAR({length})"),
        (Type::Text | Type::Enum(_), _) => "LONGTEXT",
        (Type::Array(_), _) => "ARRAY", // refused before
        (Type::Bytes, Some(length)) => return format!("VARBINARY({length})"),
        (Type::Bytes, None) => "LONGBLOB",
        (Type::Bool, _) => "BOOLEAN",
        (Type::Int16, _) => "SMALLINT",
        (Type::Int32, _) => "INTEGER",
        (Type::Int64, _) => "BIGINT",
        (Type::Float32, _) => "FLOAT",
        (Type::Float64, _) => "DOUBLE",
        (Type::Date, _) => "DATE",
        (Type::Time, _) => "TIME(6)",
        // DIALECT: TIMESTAMP ends in 2038; moments are stored in UTC.
        (Type::DateTime | Type::Timestamp, _) => "DATETIME(6)",
        // DIALECT: MySQL has no UUID; MariaDB's has an order of its own, and is not in all versions.
        (Type::Uuid, _) => "CHAR(32)",
        (Type::Decimal, _) => return format!("DECIMAL(57, {SCALE})"),
        (Type::Json, _) => "JSON",
    };
    word.to_owned()
}

fn cast_name(to: Type) -> String {
    let word = match to {
        Type::Bool | Type::Int16 | Type::Int32 | Type::Int64 => "SIGNED",
        Type::Float32 | Type::Float64 => "DOUBLE",
        Type::Text | Type::Enum(_) | Type::Array(_) | Type::Uuid | Type::Json => "CHAR",
        Type::Bytes => "BINARY",
        Type::Decimal | Type::Date | Type::Time | Type::DateTime | Type::Timestamp => return type_name(to, None),
    };
    word.to_owned()
}

/// DIALECT: any column can have a default in parentheses; a text without length can have no other. The clock has to be
/// asked for parts of a second.
fn default(sql: &str) -> String {
    match sql.to_ascii_uppercase().as_str() {
        "CURRENT_TIMESTAMP" | "CURRENT_TIMESTAMP()" | "NOW()" => "CURRENT_TIMESTAMP(6)".to_owned(),
        "NULL" => "NULL".to_owned(),
        _ => format!("({sql})"),
    }
}

/// How many of a decimal's digits behind the point are its own: the column fills up to [`SCALE`] with zeros.
pub fn scale(text: &str, decimals: u8) -> &str {
    if decimals < SCALE || !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.')
}

/// The longest text and bytes that an index can hold.
const INDEXED: usize = 768;
const INDEXED_BYTES: usize = 3_072;

/// `BIGINT PATH '$[0]'`: a column of a list of rows in JSON; whether it is part of a key that is looked up.
///
/// DIALECT: MariaDB finds nothing by several columns of which one is a LONGTEXT.
fn json_column(r#type: Type, path: &str, looked_up: bool) -> String {
    let name = match r#type {
        Type::Bool | Type::Int16 | Type::Int32 | Type::Int64 => "BIGINT".to_owned(),
        Type::Float32 | Type::Float64 => "DOUBLE".to_owned(),
        // Bytes travel as hexadecimal digits.
        Type::Bytes if looked_up => format!("VARCHAR({})", 2 * INDEXED_BYTES),
        Type::Text | Type::Enum(_) if looked_up => format!("VARCHAR({INDEXED})"),
        Type::Bytes | Type::Text | Type::Enum(_) | Type::Array(_) | Type::Json => "LONGTEXT".to_owned(),
        Type::Uuid | Type::Decimal | Type::Date | Type::Time | Type::DateTime | Type::Timestamp => {
            type_name(r#type, None)
        }
    };
    format!("{name} PATH '{path}'")
}

/// The rows of the JSON that is bound between the two texts, as a table of these columns: `v0`, `v1`, …
pub fn json_table(types: &[Type], looked_up: bool) -> (&'static str, String) {
    let column = |(at, &r#type): (usize, &Type)| {
        let path = format!("$[{at}]");
        format!("v{at} {}", json_column(r#type, &path, looked_up))
    };
    let columns: Vec<String> = types.iter().enumerate().map(column).collect();
    ("JSON_TABLE(", format!(", '$[*]' COLUMNS ({}))", columns.join(", ")))
}

/// A column of such a table as the value it stands for.
pub fn json_value(table: &str, at: usize, r#type: Type) -> String {
    match r#type {
        Type::Bytes => format!("UNHEX({table}.v{at})"),
        _ => format!("{table}.v{at}"),
    }
}

fn around(types: &[Type]) -> (String, Cow<'static, str>) {
    let columns: Vec<String> =
        types.iter().enumerate().map(|(at, &r#type)| json_value("realgar_list", at, r#type)).collect();
    let (before, after) = json_table(types, true);
    (format!(" IN (SELECT {} FROM {before}", columns.join(", ")), format!("{after} AS realgar_list)").into())
}

/// The values as a JSON array of rows.
fn list(values: &[Value<'_>], columns: usize) -> Option<Value<'static>> {
    let secret = values.iter().any(|value| matches!(value, Value::Secret(_)));
    let too_long = |value: &Value<'_>| match value {
        Value::Text(text) => text.len() > INDEXED && text.chars().count() > INDEXED,
        Value::Bytes(bytes) => bytes.len() > INDEXED_BYTES,
        _ => false,
    };
    if values.iter().any(|value| too_long(&value.borrow().reveal())) {
        return None; // it would be cut, and find another one
    }
    let mut text = String::with_capacity(values.len() * 10 + 2);
    for row in values.chunks(columns) {
        text.push(if text.is_empty() { '[' } else { ',' });
        json_row(row, &mut text).ok()?;
    }
    text.push_str(if text.is_empty() { "[]" } else { "]" });
    let list = Value::Text(Cow::Owned(text));
    Some(if secret { list.veil() } else { list })
}

/// The values as a row in JSON. Fails with the reason for what no column can hold.
pub fn json_row(values: &[Value<'_>], out: &mut String) -> Result<(), &'static str> {
    out.push('[');
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        json_cell(value, out)?;
    }
    out.push(']');
    Ok(())
}

fn json_cell(value: &Value<'_>, out: &mut String) -> Result<(), &'static str> {
    let written = match sendable(value.borrow())? {
        Value::Null => {
            out.push_str("null");
            Ok(())
        }
        Value::Int(value) => write!(out, "{value}"),
        Value::Float(value) => write!(out, "{value:?}"),
        Value::Text(text) => {
            super::sqlite::json_text(&text, out);
            Ok(())
        }
        Value::Bytes(bytes) => {
            out.push('"');
            let written = bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"));
            out.push('"');
            written
        }
        Value::Date(date) => write!(out, "\"{}\"", date.format("%Y-%m-%d")),
        Value::Time(time) => write!(out, "\"{}\"", time.format("%H:%M:%S%.6f")),
        Value::DateTime(moment) => write!(out, "\"{}\"", moment.format("%Y-%m-%d %H:%M:%S%.6f")),
        Value::Bool(_) | Value::Timestamp(_) | Value::Array(_) | Value::Secret(_) | Value::Invalid(_) => {
            return Err("its form is unknown");
        }
    };
    written.map_err(|_| "it cannot be written")
}

/// The value in one of the forms that travel: truth values are numbers, moments are in UTC with six digits of a second.
/// Fails with the reason for what no column can hold.
pub fn sendable(value: Value<'_>) -> Result<Value<'_>, &'static str> {
    fn year(date: NaiveDate) -> Result<NaiveDate, &'static str> {
        // DIALECT: years have four digits.
        if (0..=9999).contains(&date.year()) { Ok(date) } else { Err("years go from 0 to 9999 here") }
    }
    fn time(time: NaiveTime) -> NaiveTime {
        let micros = time.nanosecond() / 1_000;
        // A leap second is the last moment of its minute.
        time.with_nanosecond(micros.min(999_999) * 1_000).unwrap_or(time)
    }
    fn moment(moment: NaiveDateTime) -> Result<NaiveDateTime, &'static str> {
        Ok(year(moment.date())?.and_time(time(moment.time())))
    }
    Ok(match value {
        Value::Secret(_) => return sendable(value.reveal()),
        Value::Invalid(reason) => return Err(reason),
        Value::Array(_) => return Err("there are no arrays here"),
        Value::Float(value) if !value.is_finite() => return Err("a column here holds no NaN and no infinity"),
        Value::Bool(value) => Value::Int(i64::from(value)),
        Value::Date(value) => Value::Date(year(value)?),
        Value::Time(value) => Value::Time(time(value)),
        Value::DateTime(value) => Value::DateTime(moment(value)?),
        Value::Timestamp(value) => Value::DateTime(moment(value.naive_utc())?),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_rows_in_json() {
        let values = [Value::Int(1), Value::Text("a\"b\0".into()), Value::Bytes(vec![0, 255].into()), Value::Null];
        let Some(Value::Text(text)) = list(&values, 2) else { panic!("a list") };
        assert_eq!(text, r#"[[1,"a\"b\u0000"],["00ff",null]]"#);
        assert!(list(&[Value::Float(f64::NAN)], 1).is_none());
        assert!(list(&[Value::Text("x".repeat(769).into())], 1).is_none());
        let (before, after) = around(&[Type::Int64, Type::Bytes]);
        assert_eq!(before, " IN (SELECT realgar_list.v0, UNHEX(realgar_list.v1) FROM JSON_TABLE(");
        assert_eq!(after, ", '$[*]' COLUMNS (v0 BIGINT PATH '$[0]', v1 VARCHAR(6144) PATH '$[1]')) AS realgar_list)");
    }

    #[test]
    fn zeros_that_fill_up_are_cut_off() {
        for (text, decimals, want) in
            [("1.1000", 28, "1.1"), ("100.000", 28, "100"), ("1.10", 2, "1.10"), ("100", 0, "100"), ("0.000", 30, "0")]
        {
            assert_eq!(scale(text, decimals), want);
        }
    }

    #[test]
    fn what_no_column_holds_is_refused() {
        for value in [Value::Float(f64::INFINITY), Value::Date(NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap())] {
            assert!(sendable(value).is_err());
        }
    }
}
