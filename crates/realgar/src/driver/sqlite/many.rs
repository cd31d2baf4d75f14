//! The rows of a flush: one after another, INSERTs and UPDATEs some at once.
//!
//! DIALECT: a prepared INSERT of 50 rows takes two thirds of the time of 50 prepared INSERTs, an UPDATE of 100 rows five sixths;
//! more rows gain nothing, and an UPDATE of less than 50, which goes through a table of its own, loses.

use std::borrow::Cow;

use rusqlite::{CachedStatement, Connection};

use crate::{
    driver::Batch,
    error::{Error, Result},
    sql::{repeated, updated_from},
};

use super::{Bound, is_busy, translate};

/// How many rows an INSERT has: few numbers, so that their texts stay prepared.
const INSERTED: &[usize] = &[50, 10];

/// How many rows an UPDATE has.
const UPDATED: &[usize] = &[100, 50];

const BEFORE: &str = "SAVEPOINT realgar_rows";
const KEEP: &str = "RELEASE realgar_rows";
const UNDO: &str = "ROLLBACK TO realgar_rows";

/// Rows on their way.
pub(super) struct Rows<'b> {
    sql: &'b str,
    batch: &'b mut dyn Batch,
    /// What is done stays done when a locked database interrupts.
    next: usize,
    /// Whether several can be written at once, as far as is known.
    together: bool,
    /// The key that the last row got.
    last: i64,
}

/// Why no further row is written.
pub(super) enum Stop {
    /// SQLite's own word, of no row: perhaps the database is locked.
    Sqlite(rusqlite::Error),
    /// An error, with the row that it is about.
    Row(Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Stop {
        Stop::Sqlite(error)
    }
}

impl<'b> Rows<'b> {
    pub(super) fn new(sql: &'b str, batch: &'b mut dyn Batch) -> Self {
        Rows { sql, batch, next: 0, together: true, last: 0 }
    }

    /// Writes what is left.
    pub(super) fn write(&mut self, sqlite: &Connection) -> Result<(), Stop> {
        let mut one = sqlite.prepare_cached(self.sql)?;
        // The first row shows which keys the others get, and whether triggers write more than was asked for.
        if self.next == 0 && self.left(1) {
            self.one(sqlite, &mut one)?;
        }
        let sizes = if self.sql.starts_with("UPDATE ") { UPDATED } else { INSERTED };
        for &rows in sizes {
            if self.together && self.left(rows) {
                let Some(text) = of_many(self.sql, rows) else { break };
                // SQLite may have no place for so many values; nor for a column of a name that the rows beside it have.
                let Ok(mut many) = sqlite.prepare_cached(&text) else { break };
                while self.together && self.left(rows) {
                    if !self.some(sqlite, &mut many, rows)? {
                        (0..rows).try_for_each(|_| self.one(sqlite, &mut one))?;
                    }
                }
            }
        }
        while self.left(1) {
            self.one(sqlite, &mut one)?;
        }
        Ok(())
    }

    fn left(&self, rows: usize) -> bool {
        self.batch.len() - self.next >= rows
    }

    fn one(&mut self, sqlite: &Connection, one: &mut CachedStatement<'_>) -> Result<(), Stop> {
        bind(self.batch, self.next, one, &mut 0).map_err(|error| Stop::Row(self.batch.blame(self.next, error)))?;
        let before = sqlite.total_changes();
        let met = one.raw_execute().map_err(|error| match is_busy(&error) {
            true => Stop::Sqlite(error),
            false => Stop::Row(self.batch.blame(self.next, translate(&error, None))),
        })?;
        self.together &= sqlite.total_changes() == before + 1;
        self.last = sqlite.last_insert_rowid();
        self.done(met as u64, self.last)
    }

    /// Writes so many rows at once, or none: one by one, it is found which one cannot be written, and what became of each.
    fn some(&mut self, sqlite: &Connection, many: &mut CachedStatement<'_>, rows: usize) -> Result<bool, Stop> {
        let mut place = 0;
        if (self.next..self.next + rows).any(|index| bind(self.batch, index, many, &mut place).is_err()) {
            return Ok(false); // one that cannot be sent, or waits for the key of another one
        }
        say(sqlite, BEFORE)?;
        let before = sqlite.total_changes();
        let met = many.raw_execute();
        if sqlite.is_autocommit() {
            // A trigger, or a full disk, has thrown the whole transaction away: what is sent now would stand alone.
            return met.map(|_| true).map_err(|error| Stop::Row(translate(&error, None)));
        }
        let last = sqlite.last_insert_rowid();
        self.together = matches!(met, Ok(met) if met == rows)
            && sqlite.total_changes() == before + rows as u64
            && (!self.batch.wants_keys() || Some(last) == self.last.checked_add(rows as i64));
        if !self.together {
            say(sqlite, UNDO)?;
        }
        say(sqlite, KEEP)?;
        match met {
            Err(error) if is_busy(&error) => Err(Stop::Sqlite(error)),
            _ if self.together => {
                let keys = (0..rows).rev().map(|behind| last.wrapping_sub(behind as i64));
                keys.into_iter().try_for_each(|key| self.done(1, key)).map(|()| true)
            }
            _ => Ok(false),
        }
    }

    fn done(&mut self, met: u64, key: i64) -> Result<(), Stop> {
        let done = self.batch.done(self.next, met, key);
        done.map_err(|error| Stop::Row(self.batch.blame(self.next, error)))?;
        (self.next, self.last) = (self.next + 1, key);
        Ok(())
    }
}

/// The statement of one row as one of so many, where there is such a form.
fn of_many(sql: &str, rows: usize) -> Option<String> {
    match repeated(sql, rows) {
        Cow::Owned(insert) => Some(insert),
        Cow::Borrowed(other) => updated_from(other, rows),
    }
}

fn bind(batch: &mut dyn Batch, index: usize, to: &mut CachedStatement<'_>, place: &mut usize) -> Result<()> {
    batch.bind(index, &mut |value| {
        *place += 1;
        to.raw_bind_parameter(*place, Bound(value)).map_err(|error| translate(&error, None))
    })
}

fn say(sqlite: &Connection, text: &str) -> rusqlite::Result<()> {
    sqlite.prepare_cached(text)?.raw_execute().map(|_| ())
}
