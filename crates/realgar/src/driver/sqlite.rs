//! SQLite, embedded: statements run in the caller's thread and to their end; only a locked database is awaited.
//!
//! DIALECT: an embedded call costs 0.3 to 3 µs, a hop to another thread 5 to 30, so nothing hops.

mod many;

use std::{
    borrow::Cow,
    future::Future,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{
    CachedStatement, ErrorCode, OpenFlags, ffi,
    types::{ToSql, ToSqlOutput, ValueRef},
};

use crate::{
    driver::{
        Batch, Characteristics, OnRow,
        url::{Mode, Sqlite},
    },
    error::{Database, Error, Kind, Result},
    sql::{DECIMAL_COLLATION, decimal_order, stored},
    value::{ColumnType, Row, Value},
};

use many::{Rows, Stop};

const NAN: &str = "SQLite has no NaN";

/// How many statements stay prepared on a connection.
const STATEMENTS: usize = 512;

#[derive(Debug)]
pub(super) struct Connection {
    sqlite: rusqlite::Connection,
    patience: Duration,
    immediate: bool,
    /// Whether the connection refuses to write, for the transaction at hand.
    read_only: bool,
}

impl Connection {
    pub(super) async fn open(url: &Sqlite) -> Result<Connection> {
        let sqlite = match &url.path {
            None => rusqlite::Connection::open_in_memory().map_err(|error| translate(&error, None))?,
            Some(path) => {
                let access = match url.mode {
                    Mode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
                    Mode::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
                    Mode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
                };
                rusqlite::Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                    .map_err(|error| translate(&error, Some(path)))?
            }
        };
        sqlite.set_prepared_statement_cache_capacity(STATEMENTS);
        let mut connection =
            Connection { sqlite, patience: url.busy_timeout, immediate: url.immediate, read_only: false };
        connection.set_up(url).await.map_err(|error| translate(&error, url.path.as_deref()))?;
        Ok(connection)
    }

    async fn set_up(&mut self, url: &Sqlite) -> rusqlite::Result<()> {
        self.sqlite.busy_timeout(Duration::ZERO)?;
        self.sqlite.create_collation(DECIMAL_COLLATION, decimal_order)?;
        if url.path.is_some() && url.mode != Mode::ReadOnly {
            self.attempt(&mut |sqlite| sqlite.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))).await?;
            self.sqlite.pragma_update(None, "synchronous", "normal")?;
        } else {
            // The first look at the file: not a database, no permission.
            self.attempt(&mut |sqlite| sqlite.pragma_query(None, "schema_version", |_| Ok(()))).await?;
        }
        self.sqlite.pragma_update(None, "foreign_keys", url.foreign_keys)
    }

    /// DIALECT: every transaction is serializable, and a reader neither waits nor fails; so any level that is asked for is
    /// given, and `deferrable` says nothing new.
    pub(super) async fn begin(&mut self, how: &Characteristics) -> Result<&'static str> {
        let begin = if self.immediate && !how.read_only { "BEGIN IMMEDIATE" } else { "BEGIN" };
        if how.read_only != self.read_only {
            self.read_only = how.read_only;
            self.sqlite.pragma_update(None, "query_only", how.read_only).map_err(|error| translate(&error, None))?;
        }
        self.execute(begin, &[]).await?;
        Ok(begin)
    }

    pub(super) fn abandon(&mut self) -> bool {
        self.sqlite.is_autocommit() || self.sqlite.execute_batch("ROLLBACK").is_ok()
    }

    pub(super) fn query(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        on_row: OnRow<'_>,
    ) -> impl Future<Output = Result<u64>> + Send {
        let mut stopped = None;
        let mut count = 0;
        let mut run = move |sqlite: &rusqlite::Connection| -> rusqlite::Result<Result<u64>> {
            let mut statement = prepared(sqlite, sql, params)?;
            let mut rows = statement.raw_query();
            loop {
                let row = match rows.next() {
                    Ok(Some(row)) => row,
                    Ok(None) => break,
                    // Rows that were handed over cannot be taken back, so the statement is not run again.
                    Err(error) if count > 0 => return Ok(Err(translate(&error, None))),
                    Err(error) => return Err(error),
                };
                count += 1;
                if let Err(error) = on_row(&Cells(row)) {
                    stopped = Some(error);
                    break;
                }
            }
            Ok(stopped.take().map_or(Ok(count), Err))
        };
        async move { self.patiently(&mut run).await? }
    }

    pub(super) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> impl Future<Output = Result<u64>> + Send {
        let mut run = move |sqlite: &rusqlite::Connection| {
            let mut statement = prepared(sqlite, sql, params)?;
            statement.raw_execute().map(|rows| rows as u64)
        };
        async move { self.patiently(&mut run).await }
    }

    pub(super) async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        let mut rows = Rows::new(sql, batch);
        let mut run = |sqlite: &rusqlite::Connection| match rows.write(sqlite) {
            Ok(()) => Ok(Ok(())),
            Err(Stop::Row(error)) => Ok(Err(error)),
            Err(Stop::Sqlite(error)) => Err(error),
        };
        self.patiently(&mut run).await?
    }

    async fn patiently<T>(
        &mut self,
        run: &mut (impl FnMut(&rusqlite::Connection) -> rusqlite::Result<T> + Send),
    ) -> Result<T> {
        let patience = self.patience.as_millis();
        self.attempt(run).await.map_err(|error| match is_busy(&error) {
            true => translate(&error, None).about(format!("waited {patience} ms in vain")),
            false => translate(&error, None),
        })
    }

    /// Runs it again while the database is locked, until the patience is at its end.
    async fn attempt<T>(
        &mut self,
        run: &mut (impl FnMut(&rusqlite::Connection) -> rusqlite::Result<T> + Send),
    ) -> rusqlite::Result<T> {
        match run(&self.sqlite) {
            // In a box: every statement would carry room for the waiting.
            Err(error) if is_busy(&error) => Box::pin(self.attempt_again(run)).await,
            done => done,
        }
    }

    async fn attempt_again<T>(
        &mut self,
        run: &mut (impl FnMut(&rusqlite::Connection) -> rusqlite::Result<T> + Send),
    ) -> rusqlite::Result<T> {
        let deadline = Instant::now() + self.patience;
        let mut pause = Duration::from_micros(500);
        loop {
            tokio::time::sleep(pause).await;
            match run(&self.sqlite) {
                Err(error) if is_busy(&error) && Instant::now() < deadline => {}
                done => return done,
            }
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

/// Whether waiting helps. A snapshot that another writer overtook stays overtaken.
fn is_busy(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            matches!(failure.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
                && failure.extended_code != ffi::SQLITE_BUSY_SNAPSHOT
        }
        _ => false,
    }
}

fn prepared<'c>(
    sqlite: &'c rusqlite::Connection,
    sql: &str,
    params: &[Value<'_>],
) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = sqlite.prepare_cached(sql)?;
    if statement.parameter_count() != params.len() {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), statement.parameter_count()));
    }
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, Bound(value.borrow()))?;
    }
    Ok(statement)
}

struct Bound<'a>(Value<'a>);

impl Bound<'_> {
    /// The value itself: under its veil, where it has one.
    #[inline]
    fn value(&self) -> &Value<'_> {
        match &self.0 {
            Value::Secret(value) => value.value(),
            other => other,
        }
    }
}

impl ToSql for Bound<'_> {
    #[inline]
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.value() {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            // DIALECT: SQLite stores NULL where a NaN is bound.
            Value::Float(value) if value.is_nan() => {
                return Err(rusqlite::Error::ToSqlConversionFailure(NAN.into()));
            }
            Value::Float(value) => ValueRef::Real(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Array(_) => return Err(rusqlite::Error::ToSqlConversionFailure("SQLite has no arrays".into())),
            Value::Invalid(reason) => return Err(rusqlite::Error::ToSqlConversionFailure((*reason).into())),
            other => {
                use rusqlite::types::Value as Owned;
                return Ok(ToSqlOutput::Owned(match stored(other.borrow()) {
                    Value::Int(value) => Owned::Integer(value),
                    Value::Text(text) => Owned::Text(text.into_owned()),
                    _ => Owned::Null, // `stored` answers nothing else for these
                }));
            }
        }))
    }
}

struct Cells<'a>(&'a rusqlite::Row<'a>);

impl Row for Cells<'_> {
    fn name(&self, index: usize) -> Option<&str> {
        self.0.as_ref().column_name(index).ok()
    }

    #[inline]
    fn get(&self, index: usize) -> Result<Value<'_>> {
        match self.0.get_ref(index) {
            Ok(ValueRef::Integer(value)) => Ok(Value::Int(value)),
            Ok(ValueRef::Text(text)) => Ok(Value::Text(utf8(text)?.into())),
            Ok(ValueRef::Null) => Ok(Value::Null),
            Ok(ValueRef::Real(value)) => Ok(Value::Float(value)),
            Ok(ValueRef::Blob(bytes)) => Ok(Value::Bytes(bytes.into())),
            Err(error) => Err(translate(&error, None)),
        }
    }

    #[inline]
    fn integer(&self, index: usize) -> Result<Option<i64>> {
        match self.0.get_ref(index) {
            Ok(ValueRef::Integer(value)) => Ok(Some(value)),
            Ok(ValueRef::Null) => Ok(None),
            _ => i64::from_value(self.get(index)?).map(Some), // says what it is instead
        }
    }

    #[inline]
    fn text(&self, index: usize) -> Result<Option<Cow<'_, str>>> {
        match self.0.get_ref(index) {
            Ok(ValueRef::Text(text)) => Ok(Some(Cow::Borrowed(utf8(text)?))),
            Ok(ValueRef::Null) => Ok(None),
            _ => String::from_value(self.get(index)?).map(|text| Some(Cow::Owned(text))),
        }
    }
}

#[inline]
fn utf8(text: &[u8]) -> Result<&str> {
    super::utf8(text).ok_or_else(|| not_utf8(text))
}

#[cold]
fn not_utf8(text: &[u8]) -> Error {
    let error = Error::new(Kind::Data, "text that is not valid UTF-8")
        .way_out("mend the row, or make the field a `Vec<u8>` and the column one of bytes");
    match str::from_utf8(text) {
        Err(source) => error.with_source(source),
        Ok(_) => error,
    }
}

/// SQLite's error in our words.
#[cold]
fn translate(error: &rusqlite::Error, path: Option<&Path>) -> Error {
    let (failure, message) = match error {
        rusqlite::Error::SqliteFailure(failure, message) => (failure, message.as_ref()),
        rusqlite::Error::SqlInputError { error: failure, msg, .. } => (failure, Some(msg)),
        rusqlite::Error::ToSqlConversionFailure(reason) => {
            let what = reason.to_string();
            let error = Error::new(Kind::Data, what.as_str());
            return if what == NAN {
                error.way_out("take `None`, in an `Option`, where there is no number")
            } else {
                error
            };
        }
        rusqlite::Error::InvalidParameterCount(bound, places) => {
            let what = format!("the statement has {places} places for values, {bound} values were bound");
            return Error::new(Kind::Programming, what).way_out("bind one value for each `?`, in order");
        }
        rusqlite::Error::ExecuteReturnedResults => {
            return Error::new(Kind::Programming, "a statement that was executed answered rows")
                .way_out("read them: `.all(&mut session).await?`");
        }
        _ => return Error::new(Kind::Programming, error.to_string()),
    };
    let message = message.cloned().unwrap_or_else(|| failure.to_string());
    let kind = kind(failure, &message);
    let facts = facts(failure.extended_code, &message);
    let what = match path {
        Some(path) => {
            let path = path.display().to_string();
            let message = message.strip_suffix(&path).map_or(message.as_str(), |start| start.trim_end_matches(": "));
            format!("cannot open the database {path}: {message}")
        }
        None => message,
    };
    let what = match kind {
        Kind::SerializationFailure => format!("another transaction wrote first, after this one had read: {what}"),
        _ => what,
    };
    let error = match way_out(kind, failure, &what) {
        Some(way_out) => Error::new(kind, what).way_out(way_out),
        None => Error::new(kind, what),
    };
    error.with_database(facts)
}

fn kind(failure: &ffi::Error, message: &str) -> Kind {
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            Kind::UniqueViolation
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Kind::ForeignKeyViolation,
        ffi::SQLITE_CONSTRAINT_NOTNULL => Kind::NotNullViolation,
        ffi::SQLITE_CONSTRAINT_CHECK => Kind::CheckViolation,
        ffi::SQLITE_BUSY_SNAPSHOT => Kind::SerializationFailure,
        _ => match failure.code {
            ErrorCode::TypeMismatch | ErrorCode::TooBig => Kind::Data,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Kind::Timeout,
            ErrorCode::Unknown if message.contains("syntax error") => Kind::Programming,
            _ => Kind::Operational,
        },
    }
}

fn way_out(kind: Kind, failure: &ffi::Error, message: &str) -> Option<&'static str> {
    Some(match (kind, failure.code) {
        (Kind::Timeout, _) => {
            "another connection is writing: keep transactions short, or raise `busy_timeout` in the URL"
        }
        (Kind::SerializationFailure, _) => {
            "roll back and run the whole transaction again; or let transactions begin as writers, one after the \
             other: `begin=immediate` in the URL"
        }
        (_, ErrorCode::ReadOnly) => {
            "the database was opened read-only, or its file is: change `mode` in the URL, or the file's permissions"
        }
        (_, ErrorCode::NotADatabase) => "the file is no SQLite database: check the path in the URL",
        (_, ErrorCode::CannotOpen) => {
            "check that the path is that of a file, that its folder is there and may be written, and `mode` in the URL"
        }
        (_, ErrorCode::SystemIoFailure) => {
            "check that the path is that of a file, and that the disk it is on is well and reachable"
        }
        (_, ErrorCode::DiskFull) => "free some space and run the transaction again: nothing of it was written",
        _ if message.starts_with("Expression tree is too large") => {
            "compare with a list of values by `in_`, which is one parameter; or ask in several statements"
        }
        _ if message.starts_with("no such table") => {
            "make the tables first: `db.create_all().await?`; it makes what is missing, and leaves the others alone. In SQL \
             of your own the name may be misspelt"
        }
        _ if message.starts_with("misuse of aggregate") => {
            "a filter looks at single rows: compare what is counted or summed in `.having(…)`, beside `.group_by(…)`"
        }
        _ if message.starts_with("HAVING clause on a non-aggregate query") => {
            "`having` looks at groups: add `.group_by(…)`; rows are chosen by `.filter(…)`"
        }
        _ if message.starts_with("no such column") || message.contains("has no column named") => {
            "the table is older than the model, or the name is misspelt: change the table (`ALTER TABLE … ADD COLUMN …`), \
             or drop it, with its rows, and call `db.create_all().await?`"
        }
        _ => return None,
    })
}

/// `UNIQUE constraint failed: users.username, users.city` names table and columns.
fn facts(code: i32, message: &str) -> Database {
    let mut facts = Database { code: Some(code.to_string()), ..Database::default() };
    if let Some((_, list)) = message.split_once("constraint failed: ") {
        for (table, column) in list.split(", ").filter_map(|name| name.split_once('.')) {
            facts.table = Some(table.to_owned());
            facts.columns.push(column.to_owned());
        }
        if facts.table.is_none() {
            facts.constraint = Some(list.to_owned());
        }
    }
    facts
}
