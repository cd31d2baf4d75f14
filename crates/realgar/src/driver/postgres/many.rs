//! Many rows in one statement: each column is an array, and what comes back names the row by its number. A single row has
//! a statement of its own.

use std::{ops::Range, pin::pin};

use futures_util::TryStreamExt;
use tokio_postgres::{
    Statement,
    error::DbError,
    types::{ToSql, Type},
};

use crate::{
    driver::Batch,
    error::{Error, Result},
    sql::{takes_arrays, written},
    value::{Row, Value},
};

use super::{
    arrays::{Array, Unfit},
    data,
    decode::Cells,
    encode::Bound,
    sender::{Sender, untyped},
    translate,
};

/// How many rows travel at once: a bound for memory, not for speed.
const ROWS: usize = 10_000;

pub(super) async fn execute(sender: &mut Sender, sql: &str, batch: &mut dyn Batch) -> Result<()> {
    let mut start = 0;
    while start < batch.len() {
        let end = (start + ROWS).min(batch.len());
        send(sender, sql, batch, start..end).await.map_err(|failed| match failed {
            Failed::Blamed(error) => error,
            Failed::Somebody(error, _) if end - start == 1 => batch.blame(start, error),
            Failed::Somebody(error, culprit) => match culprit.and_then(|culprit| found(&culprit, batch, start..end)) {
                Some(index) => batch.blame(index, error),
                None => error,
            },
        })?;
        start = end;
    }
    Ok(())
}

/// The rows' values as arrays, one for each of the statement's parameters; without a statement, as text.
fn columns(batch: &mut dyn Batch, rows: Range<usize>, statement: Option<&Statement>) -> Result<Vec<Array>> {
    let types = statement.map_or(&[][..], Statement::params);
    let (mut columns, mut fits): (Vec<Array>, bool) = (Vec::with_capacity(types.len()), true);
    for index in rows.clone() {
        let mut at = 0;
        let given = batch.bind(index, &mut |value| {
            if index == rows.start {
                columns.push(Array::new(types.get(at)));
            }
            at += 1;
            match columns[at - 1].push(&value) {
                Ok(()) => Ok(()),
                Err(Unfit::Never(why)) => Err(data(why)),
                Err(Unfit::Here) => {
                    fits = false;
                    Ok(())
                }
            }
        });
        given.map_err(|error| batch.blame(index, error))?;
    }
    if fits { Ok(columns) } else { columns_as_text(batch, rows) }
}

#[cold]
fn columns_as_text(batch: &mut dyn Batch, rows: Range<usize>) -> Result<Vec<Array>> {
    columns(batch, rows, None)
}

/// Why a statement of many rows failed.
enum Failed {
    /// It is known whose fault it is, or that it is nobody's.
    Blamed(Error),
    /// One row's fault; what the server says of it.
    Somebody(Error, Option<Culprit>),
}

/// Columns of the row that the server refused, and their values as it writes them; `None` for NULL.
struct Culprit(Vec<(String, Option<String>)>);

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Failed {
        Failed::Somebody(translate(&error), error.as_db_error().and_then(Culprit::of))
    }
}

impl Culprit {
    /// `Key (name, city)=(Ada, London) already exists.`, or the column that was NULL.
    fn of(error: &DbError) -> Option<Culprit> {
        if error.code().code() == "23502" {
            return Some(Culprit(vec![(error.column()?.to_owned(), None)]));
        }
        let (names, rest) = error.detail()?.split_once("Key (")?.1.split_once(")=(")?;
        let names: Vec<&str> = names.split(", ").collect();
        let values = rest.rsplit_once(") ")?.0;
        let values = if names.len() == 1 { vec![values] } else { values.split(", ").collect() };
        let named = names
            .iter()
            .zip(&values)
            .map(|(name, value)| (name.trim_matches('"').to_owned(), Some((*value).to_owned())));
        (names.len() == values.len()).then(|| Culprit(named.collect()))
    }
}

/// The last row with these values: of two that are the same, the second is one too many.
fn found(culprit: &Culprit, batch: &mut dyn Batch, rows: Range<usize>) -> Option<usize> {
    let places: Vec<(usize, &Option<String>)> =
        culprit.0.iter().map(|(name, value)| Some((batch.position(name)?, value))).collect::<Option<_>>()?;
    rows.rev().find(|&index| {
        let (mut at, mut same) = (0, true);
        let given = batch.bind(index, &mut |value| {
            if let Some((_, wanted)) = places.iter().find(|(place, _)| *place == at) {
                let mut text = String::new();
                let written = (!value.is_null() && written(&value, &mut text).is_ok()).then_some(text);
                // A UUID comes back with hyphens.
                let bare = |text: &Option<String>| text.as_ref().map(|text| text.replace('-', ""));
                same &= bare(&written) == bare(wanted);
            }
            at += 1;
            Ok(())
        });
        given.is_ok() && same
    })
}

async fn send(sender: &mut Sender, sql: &str, batch: &mut dyn Batch, rows: Range<usize>) -> Result<(), Failed> {
    if !takes_arrays(sql) {
        for index in rows {
            let sent = one(sender, sql, batch, index).await.and_then(|(met, key)| batch.done(index, met, key));
            sent.map_err(|error| Failed::Blamed(batch.blame(index, error)))?;
        }
        return Ok(());
    }
    let statement = match sender.statements.is_off() {
        true => None,
        false => Some(sender.prepare(sql, &[]).await.map_err(Failed::Blamed)?),
    };
    let columns = columns(batch, rows.clone(), statement.as_ref()).map_err(Failed::Blamed)?;
    let count = Value::Int(rows.len() as i64);
    let count = Bound(&count);
    let params: Vec<&(dyn ToSql + Sync)> = match columns.as_slice() {
        [] => vec![&count],
        columns => columns.iter().map(|column| column as _).collect(),
    };
    let stream = match &statement {
        Some(statement) => sender.client.query_raw(statement, params).await,
        None => sender.client.query_typed_raw(sql, params.into_iter().map(|param| (param, Type::UNKNOWN))).await,
    };
    let mut stream = pin!(stream.map_err(Failed::from)?);
    let mut met = vec![0_u64; rows.len()];
    let mut keys = Vec::new();
    let mut numbered = false;
    while let Some(row) = stream.try_next().await.map_err(Failed::from)? {
        if row.columns().first().is_some_and(|column| *column.type_() == Type::INT8_ARRAY) {
            keys = row.try_get(0).map_err(Failed::from)?;
            continue;
        }
        numbered = true;
        let number: i64 = row.try_get(0).map_err(Failed::from)?;
        let at = usize::try_from(number - 1).ok().filter(|&at| at < rows.len());
        let at = at.ok_or_else(|| Failed::Blamed(Error::bug("the database answers for a row that was not sent")))?;
        met[at] += 1;
    }
    if keys.len() == rows.len() || (!numbered && stream.rows_affected() == Some(rows.len() as u64)) {
        met.fill(1); // an INSERT
    }
    for (at, index) in rows.enumerate() {
        batch
            .done(index, met[at], keys.get(at).copied().unwrap_or(0))
            .map_err(|error| Failed::Blamed(batch.blame(index, error)))?;
    }
    Ok(())
}

/// Sends a statement for one row; answers how many it met, and the key that was made.
async fn one(sender: &mut Sender, sql: &str, batch: &mut dyn Batch, index: usize) -> Result<(u64, i64)> {
    let mut params = Vec::new();
    batch.bind(index, &mut |value| {
        params.push(value.into_owned());
        Ok(())
    })?;
    let stream = match sender.statements.is_off() {
        true => sender.client.query_typed_raw(sql, untyped(&params)).await,
        false => {
            let statement = sender.prepared(sql, &params).await?;
            sender.client.query_raw(&statement, params.iter().map(Bound)).await
        }
    };
    let mut stream = pin!(stream.map_err(|error| translate(&error))?);
    let mut key = None;
    while let Some(row) = stream.try_next().await.map_err(|error| translate(&error))? {
        key = Cells(&row).integer(0)?;
    }
    Ok((stream.rows_affected().unwrap_or(0), key.unwrap_or(0)))
}
