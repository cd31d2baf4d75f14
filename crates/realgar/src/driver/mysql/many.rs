//! Many rows in one statement. What one statement cannot say of each row is found out by halves.
//!
//! | statement | rows travel as | what is known of each |
//! |---|---|---|
//! | INSERT | places for every value | the key: answered, or counted from the first one |
//! | UPDATE, DELETE | one list in JSON | that all were met; else they are sent again in halves |
//! | the same of one row | places | all |
//!
//! A statement that fails is undone as a whole, so its halves can be sent until the row is found that was refused.

use std::ops::Range;

use mysql_async::{Row, Value as Native, prelude::Queryable};

use crate::{
    driver::Batch,
    error::{Error, Kind, Result},
    sql::{json_row, repeated, takes_list},
    value::Value,
};

use super::{Connection, data, encode, positional};

/// How many parameters a statement can have.
const PARAMETERS: usize = 65_535;

/// How many rows travel at once: a bound for the server's patience with one statement.
const ROWS: usize = 5_000;

/// Goes before a statement of many rows that perhaps has to be sent again in halves.
const SAVEPOINT: &str = "SAVEPOINT realgar_many";
const UNDO: &str = "ROLLBACK TO SAVEPOINT realgar_many";

pub(super) async fn execute(connection: &mut Connection, sql: &str, batch: &mut dyn Batch) -> Result<()> {
    let inserts = sql.starts_with("INSERT");
    let places = !takes_list(sql);
    let most = connection.server.packet.saturating_sub(sql.len() + 4_096).max(1);
    let mut start = 0;
    while start < batch.len() {
        let rows = Rows::take(batch, start, most, places)?;
        let count = rows.count();
        send(connection, sql, batch, &rows, (inserts, start..start + count)).await?;
        start += count;
    }
    Ok(())
}

/// Rows that travel together.
enum Rows {
    /// The values of each, for places.
    Places { width: usize, first: usize, values: Vec<Native>, count: usize },
    /// Each as JSON.
    Json { first: usize, rows: Vec<String> },
}

impl Rows {
    /// As many rows as fit into one statement, one at least.
    fn take(batch: &mut dyn Batch, first: usize, most: usize, places: bool) -> Result<Rows> {
        let mut rows = match places {
            true => Rows::Places { width: 0, first, values: Vec::new(), count: 0 },
            false => Rows::Json { first, rows: Vec::new() },
        };
        let mut size = 0;
        for index in first..batch.len().min(first + ROWS) {
            let taken = rows.push(batch, index).map_err(|error| batch.blame(index, error))?;
            size += taken;
            let too_many = match &rows {
                Rows::Places { values, .. } => values.len() > PARAMETERS,
                Rows::Json { .. } => false,
            };
            if size > most || too_many {
                if index == first {
                    return Err(batch.blame(
                        index,
                        data(format!("a row of {taken} bytes, the server takes {most} at once"))
                            .way_out("store less in one row, or raise the server's `max_allowed_packet`"),
                    ));
                }
                rows.pop();
                break;
            }
        }
        Ok(rows)
    }

    fn count(&self) -> usize {
        match self {
            Rows::Places { count, .. } => *count,
            Rows::Json { rows, .. } => rows.len(),
        }
    }

    /// Adds a row; says how many bytes it takes on its way.
    fn push(&mut self, batch: &mut dyn Batch, index: usize) -> Result<usize> {
        match self {
            Rows::Places { width, values, count, .. } => {
                let (before, mut size) = (values.len(), 2);
                batch.bind(index, &mut |value| {
                    let value = encode::parameter(&value)?;
                    size += encode::size(&value) + 3; // its place in the text, too
                    values.push(value);
                    Ok(())
                })?;
                *width = values.len() - before;
                *count += 1;
                Ok(size)
            }
            Rows::Json { rows, .. } => {
                let mut cells: Vec<Value<'static>> = Vec::new();
                batch.bind(index, &mut |value| {
                    cells.push(value.into_owned());
                    Ok(())
                })?;
                let mut row = String::new();
                json_row(&cells, &mut row).map_err(data)?;
                let size = row.len() + 1;
                rows.push(row);
                Ok(size)
            }
        }
    }

    fn pop(&mut self) {
        match self {
            Rows::Places { width, values, count, .. } => {
                values.truncate(values.len() - *width);
                *count -= 1;
            }
            Rows::Json { rows, .. } => drop(rows.pop()),
        }
    }

    /// Text and values of the statement for some of them.
    fn statement<'s>(&self, sql: &'s str, range: &Range<usize>) -> (std::borrow::Cow<'s, str>, Vec<Native>) {
        match self {
            Rows::Places { width, first, values, .. } => {
                let values = values[(range.start - first) * width..(range.end - first) * width].to_vec();
                (repeated(sql, range.len()), values)
            }
            Rows::Json { first, rows } => {
                let list = format!("[{}]", rows[range.start - first..range.end - first].join(","));
                (sql.into(), vec![Native::Bytes(list.into_bytes())])
            }
        }
    }
}

/// Sends these rows: all at once, or by halves where that leaves a question open.
async fn send(
    connection: &mut Connection,
    sql: &str,
    batch: &mut dyn Batch,
    rows: &Rows,
    (inserts, range): (bool, Range<usize>),
) -> Result<()> {
    let mut todo = vec![range];
    while let Some(range) = todo.pop() {
        let several = range.len() > 1;
        if several && !inserts {
            connection.say(SAVEPOINT).await?;
        }
        let halves = |todo: &mut Vec<Range<usize>>| {
            let middle = range.start + range.len() / 2;
            todo.extend([middle..range.end, range.start..middle]);
        };
        match statement(connection, sql, rows, &range).await {
            Ok(Done { met, .. }) if several && !inserts && met != range.len() as u64 => {
                connection.say(UNDO).await?;
                halves(&mut todo);
            }
            Ok(Done { met, keys }) => {
                for (at, index) in range.enumerate() {
                    let met = if several || inserts { 1 } else { met };
                    let key = keys.get(at).copied().unwrap_or(0);
                    batch.done(index, met, key).map_err(|error| batch.blame(index, error))?;
                }
            }
            // Rows that refer to one another are refused together, and may be well one after the other.
            Err(error) if several && is_a_rows_fault(connection, &error) => halves(&mut todo),
            Err(error) if several => return Err(error),
            Err(error) => return Err(batch.blame(range.start, error)),
        }
    }
    Ok(())
}

/// Whether one row is to blame, and the others can be sent again.
fn is_a_rows_fault(connection: &Connection, error: &Error) -> bool {
    let rows = matches!(
        error.kind(),
        Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation | Kind::Data
    );
    rows && connection.harm() == crate::driver::Harm::None
}

/// What a statement did.
struct Done {
    met: u64,
    /// The keys that were made, in the order of the rows.
    keys: Vec<i64>,
}

async fn statement(connection: &mut Connection, sql: &str, rows: &Rows, range: &Range<usize>) -> Result<Done> {
    let (text, values) = rows.statement(sql, range);
    connection.busy = true;
    let mut keys = Vec::new();
    let result = async {
        // A row of defaults takes no values, and is not worth keeping.
        let statement = connection.prepared(&text, &values).await?;
        let mut result = connection.conn_mut().exec_iter(&statement, positional(values)).await?;
        while let Some(row) = result.next().await? {
            keys.push(row);
        }
        result.drop_result().await?;
        connection.forget(&text, statement).await
    }
    .await;
    connection.noted(result).await?;
    let (met, first) = (connection.met, connection.conn()?.last_insert_id());
    let keys = match (keys.is_empty(), first) {
        (false, _) => answered(&keys)?,
        // DIALECT: the keys of one INSERT whose number of rows is known follow one another, whatever others insert.
        (true, Some(first)) => {
            let step = connection.server.step;
            let first = i64::try_from(first).unwrap_or(i64::MAX);
            (0..range.len() as i64).map(|at| first.saturating_add(at.saturating_mul(step))).collect()
        }
        (true, None) => Vec::new(),
    };
    if !keys.is_empty() && keys.len() != range.len() {
        return Err(Error::bug("the database answers another number of keys than of rows"));
    }
    Ok(Done { met, keys })
}

/// Keys in the order of their rows: they grow from row to row, in whatever order they are answered.
fn answered(rows: &[Row]) -> Result<Vec<i64>> {
    let key = |row: &Row| row.get_opt::<i64, _>(0).and_then(std::result::Result::ok);
    let mut keys: Vec<i64> = rows
        .iter()
        .map(|row| key(row).ok_or_else(|| data("a key that was made is no integer")))
        .collect::<Result<_>>()?;
    keys.sort_unstable();
    Ok(keys)
}
