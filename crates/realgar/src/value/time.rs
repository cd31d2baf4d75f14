//! The types of the crate `time`: cells as chrono's, so that either reads what the other wrote.
//!
//! An `OffsetDateTime` is a moment: it is stored in UTC and comes back in UTC, whatever its offset was.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Utc};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::{
    error::Result,
    value::{ColumnType, Type, Value, convert::unfit},
};

const TOO_FAR: &str = "a date that is too far away";

fn date_out(date: Date) -> Option<NaiveDate> {
    NaiveDate::from_yo_opt(date.year(), u32::from(date.ordinal()))
}

fn date_in(date: NaiveDate) -> Result<Date> {
    let month = u8::try_from(date.month()).ok().and_then(|month| Month::try_from(month).ok());
    let day = u8::try_from(date.day()).ok();
    let found = month.zip(day).and_then(|(month, day)| Date::from_calendar_date(date.year(), month, day).ok());
    found.ok_or_else(|| unfit(TOO_FAR))
}

fn time_out(time: Time) -> Option<NaiveTime> {
    let (hour, minute, second, nano) = time.as_hms_nano();
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nano)
}

fn time_in(time: NaiveTime) -> Result<Time> {
    let second = u64::from(time.num_seconds_from_midnight());
    let midnight = PrimitiveDateTime::new(Date::MIN, Time::MIDNIGHT);
    // A leap second, which chrono knows and `time` does not, is the first of the next minute.
    let span = std::time::Duration::new(second, 0) + std::time::Duration::from_nanos(time.nanosecond().into());
    Ok((midnight + span).time())
}

fn moment_out(moment: OffsetDateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(moment.unix_timestamp(), moment.nanosecond())
}

fn moment_in(moment: DateTime<Utc>) -> Result<OffsetDateTime> {
    let nanos = i128::from(moment.timestamp()) * 1_000_000_000 + i128::from(moment.timestamp_subsec_nanos());
    OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| unfit(TOO_FAR))
}

fn both_out(both: PrimitiveDateTime) -> Option<NaiveDateTime> {
    Some(date_out(both.date())?.and_time(time_out(both.time())?))
}

fn both_in(both: NaiveDateTime) -> Result<PrimitiveDateTime> {
    Ok(PrimitiveDateTime::new(date_in(both.date())?, time_in(both.time())?))
}

macro_rules! through_chrono {
    ($type:ty, $chrono:ty, $variant:ident, $out:ident, $in:ident, $blank:expr) => {
        impl ColumnType for $type {
            const TYPE: Type = Type::$variant;

            fn to_value(&self) -> Value<'_> {
                $out(*self).map_or(Value::Invalid(TOO_FAR), Value::$variant)
            }

            fn from_value(value: Value<'_>) -> Result<Self> {
                <$chrono>::from_value(value).and_then($in)
            }

            fn blank() -> Self {
                $blank
            }
        }
    };
}

through_chrono!(Date, NaiveDate, Date, date_out, date_in, OffsetDateTime::UNIX_EPOCH.date());
through_chrono!(Time, NaiveTime, Time, time_out, time_in, Time::MIDNIGHT);
through_chrono!(
    PrimitiveDateTime,
    NaiveDateTime,
    DateTime,
    both_out,
    both_in,
    PrimitiveDateTime::new(OffsetDateTime::UNIX_EPOCH.date(), Time::MIDNIGHT)
);
through_chrono!(OffsetDateTime, DateTime<Utc>, Timestamp, moment_out, moment_in, OffsetDateTime::UNIX_EPOCH);
