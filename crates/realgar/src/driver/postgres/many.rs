//! Many rows in one statement: each column is an array, and what comes back names the row by its number.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::types::Type;

use crate::{
    driver::Batch,
    error::{Error, Result},
    sql::array_element,
    value::Value,
};

use super::{Connection, data, encode::Bound, translate};

/// How many rows travel at once: a bound for memory, not for speed.
const ROWS: usize = 10_000;

pub(super) async fn execute(connection: &mut Connection, sql: &str, batch: &mut dyn Batch) -> Result<()> {
    let mut start = 0;
    while start < batch.len() {
        let end = (start + ROWS).min(batch.len());
        let columns = columns(batch, start, end)?;
        let result = send(connection, sql, batch, start..end, &columns).await;
        result.map_err(|error| if end - start == 1 { batch.blame(start, error) } else { error })?;
        start = end;
    }
    Ok(())
}

/// The rows' values as arrays in text form, one for each column. Without columns, how many rows there are.
fn columns(batch: &mut dyn Batch, start: usize, end: usize) -> Result<Vec<Value<'static>>> {
    let mut columns: Vec<String> = Vec::new();
    for index in start..end {
        let mut at = 0;
        let given = batch.bind(index, &mut |value| {
            if index == start {
                columns.push(String::from("{"));
            } else {
                columns[at].push(',');
            }
            at += 1;
            array_element(&value, &mut columns[at - 1]).map_err(data)
        });
        given.map_err(|error| batch.blame(index, error))?;
    }
    if columns.is_empty() {
        return Ok(vec![Value::Int((end - start) as i64)]);
    }
    let closed = columns.into_iter().map(|column| Value::Text((column + "}").into()));
    Ok(closed.collect())
}

async fn send(
    connection: &mut Connection,
    sql: &str,
    batch: &mut dyn Batch,
    rows: std::ops::Range<usize>,
    columns: &[Value<'static>],
) -> Result<()> {
    // A statement of defaults alone takes no values: it is sent once for each row.
    if sql.ends_with(" DEFAULT VALUES") {
        for index in rows {
            connection.client.execute_typed(sql, &[]).await.map_err(|error| batch.blame(index, translate(&error)))?;
            batch.done(index, 1, 0).map_err(|error| batch.blame(index, error))?;
        }
        return Ok(());
    }
    let bound = columns.iter().map(Bound);
    let stream = if connection.statements.is_off() {
        connection.client.query_typed_raw(sql, bound.map(|value| (value, Type::UNKNOWN))).await
    } else {
        let statement = connection.prepare(sql, &[]).await?;
        connection.client.query_raw(&statement, bound).await
    };
    let mut stream = pin!(stream.map_err(|error| translate(&error))?);
    let mut met = vec![0_u64; rows.len()];
    let mut keys = vec![0_i64; rows.len()];
    let mut numbered = false;
    while let Some(row) = stream.try_next().await.map_err(|error| translate(&error))? {
        numbered = true;
        let number: i64 = row.try_get(0).map_err(|error| translate(&error))?;
        let at = usize::try_from(number - 1).ok().filter(|&at| at < rows.len());
        let at = at.ok_or_else(|| Error::bug("the database answers for a row that was not sent"))?;
        met[at] += 1;
        if row.len() > 1 {
            keys[at] = row.try_get(1).map_err(|error| translate(&error))?;
        }
    }
    if !numbered && stream.rows_affected() == Some(rows.len() as u64) {
        met.fill(1); // an INSERT without keys to be made
    }
    for (at, index) in rows.enumerate() {
        batch.done(index, met[at], keys[at]).map_err(|error| batch.blame(index, error))?;
    }
    Ok(())
}
