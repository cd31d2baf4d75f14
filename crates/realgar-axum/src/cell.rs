//! Cells as JSON, as serde spells the types of columns: what comes in a body, and what goes into a cursor.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use realgar::{Type, Value};
use serde_json::Value as Json;

/// The cell that stands for this JSON in a column of this type, or what was expected instead.
pub(crate) fn from_json(json: &Json, of: Type) -> Result<Value<'static>, &'static str> {
    match (of, json) {
        (Type::Json, json) => Ok(text(&json.to_string())),
        (_, Json::Null) => Ok(Value::Null),
        (Type::Bool, Json::Bool(truth)) => Ok(Value::Bool(*truth)),
        (Type::Bool, _) => Err("expected true or false"),
        (Type::Int16 | Type::Int32 | Type::Int64, json) => json.as_i64().map(Value::Int).ok_or("expected an integer"),
        (Type::Float32 | Type::Float64, json) => json.as_f64().map(Value::Float).ok_or("expected a number"),
        (Type::Decimal, Json::Number(number)) => Ok(text(&number.to_string())),
        (Type::Bytes, json) => bytes(json).ok_or("expected a list of bytes"),
        (of, Json::String(given)) => from_text(given, of),
        _ => Err("expected text"),
    }
}

fn from_text(given: &str, of: Type) -> Result<Value<'static>, &'static str> {
    match of {
        Type::Date => {
            NaiveDate::parse_from_str(given, "%Y-%m-%d").map(Value::Date).map_err(|_| "expected a date: 2026-12-31")
        }
        Type::Time => {
            NaiveTime::parse_from_str(given, "%H:%M:%S%.f").map(Value::Time).map_err(|_| "expected a time: 23:59:59")
        }
        Type::DateTime => NaiveDateTime::parse_from_str(given, "%Y-%m-%dT%H:%M:%S%.f")
            .map(Value::DateTime)
            .map_err(|_| "expected a date and time: 2026-12-31T23:59:59"),
        Type::Timestamp => DateTime::parse_from_rfc3339(given)
            .map(|moment| Value::Timestamp(moment.with_timezone(&Utc)))
            .map_err(|_| "expected a moment: 2026-12-31T23:59:59Z"),
        _ => Ok(text(given)),
    }
}

/// The JSON that stands for a cell; `None` for what has no form, or must not be shown.
pub(crate) fn to_json(value: &Value<'_>) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => Json::from(&**text),
        Value::Bytes(bytes) => Json::from(bytes.to_vec()),
        Value::Date(date) => date.format("%Y-%m-%d").to_string().into(),
        Value::Time(time) => time.format("%H:%M:%S%.f").to_string().into(),
        Value::DateTime(moment) => moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string().into(),
        Value::Timestamp(moment) => moment.to_rfc3339_opts(SecondsFormat::AutoSi, true).into(),
        Value::Array(items) => Json::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Value::Secret(_) | Value::Invalid(_) => return None,
    })
}

fn text(text: &str) -> Value<'static> {
    Value::Text(Cow::Owned(text.to_owned()))
}

fn bytes(json: &Json) -> Option<Value<'static>> {
    let bytes = json.as_array()?.iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()));
    Some(Value::Bytes(Cow::Owned(bytes.collect::<Option<Vec<u8>>>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_comes_back() {
        let day = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
        let moment = day.and_hms_micro_opt(23, 59, 59, 120_000).unwrap();
        for (value, of) in [
            (Value::Null, Type::Int64),
            (Value::Bool(true), Type::Bool),
            (Value::Int(i64::MIN), Type::Int64),
            (Value::Float(0.1), Type::Float64),
            (text("it's \"so\"\0"), Type::Text),
            (Value::Bytes(vec![0, 255].into()), Type::Bytes),
            (Value::Date(day), Type::Date),
            (Value::Time(moment.time()), Type::Time),
            (Value::DateTime(moment), Type::DateTime),
            (Value::Timestamp(moment.and_utc()), Type::Timestamp),
        ] {
            let json = to_json(&value).unwrap();
            assert_eq!(from_json(&json, of).unwrap(), value, "{json}");
        }
        assert_eq!(from_json(&serde_json::json!({ "a": [1] }), Type::Json).unwrap(), text(r#"{"a":[1]}"#));
        assert_eq!(from_json(&serde_json::json!(1.5), Type::Decimal).unwrap(), text("1.5"));
    }

    #[test]
    fn what_does_not_fit_says_what_is_expected() {
        for (json, of, expected) in [
            (Json::from("1"), Type::Int64, "expected an integer"),
            (Json::from(1.5), Type::Int32, "expected an integer"),
            (Json::from(u64::MAX), Type::Int64, "expected an integer"),
            (Json::from("1"), Type::Float64, "expected a number"),
            (Json::from(1), Type::Bool, "expected true or false"),
            (Json::from(1), Type::Text, "expected text"),
            (Json::from(vec![256]), Type::Bytes, "expected a list of bytes"),
            (Json::from("31.12.2026"), Type::Date, "expected a date: 2026-12-31"),
            (Json::from("2026-12-31T23:59:59"), Type::Timestamp, "expected a moment: 2026-12-31T23:59:59Z"),
        ] {
            assert_eq!(from_json(&json, of), Err(expected), "{json}");
        }
    }
}
