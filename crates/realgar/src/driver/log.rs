//! What was sent: echo for people, `tracing` events for programs, recorders for tests and tools.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::value::Value;

/// One thing that went to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A transaction began.
    Begin,
    /// It was committed.
    Commit,
    /// It was rolled back.
    Rollback,
    /// A savepoint began.
    Savepoint,
    /// A savepoint became part of what is around it.
    Release,
    /// A savepoint was rolled back.
    RollbackTo,
    /// A statement was sent.
    Statement(Statement),
}

/// A statement that was sent. Its values are not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// Its text.
    pub sql: String,
    /// How often it was executed in one go: the rows of a batch of inserts, updates or deletes.
    pub executions: usize,
    /// The rows it returned, or met.
    pub rows: u64,
    /// How long the database took for all of it.
    pub duration: Duration,
}

/// Records what a [`Db`](crate::Db) sends, from the moment it was made until it is dropped.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// let db = Db::connect("sqlite::memory:", models![User]).await?;
/// db.create_all().await?;
/// let recorder = db.recorder();
/// User::select().all(&mut db.session()).await?;
/// assert_eq!(recorder.count(), 1);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Recorder(Arc<Mutex<Vec<Event>>>);

impl Recorder {
    fn events_mut<T>(&self, look: impl FnOnce(&mut Vec<Event>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything so far: statements and transaction marks, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events_mut(|events| events.clone())
    }

    /// The statements so far, in order.
    #[must_use]
    pub fn statements(&self) -> Vec<Statement> {
        let statement = |event| match event {
            Event::Statement(statement) => Some(statement),
            _ => None,
        };
        self.events().into_iter().filter_map(statement).collect()
    }

    /// How many statements so far; a batch counts as one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.events_mut(|events| events.iter().filter(|event| matches!(event, Event::Statement(_))).count())
    }

    /// Forgets what was recorded, and gives it back.
    pub fn take(&self) -> Vec<Event> {
        self.events_mut(std::mem::take)
    }
}

/// A closed standard output (`| head`) stops nobody.
fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Where the engine says what it sends.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) echo: bool,
    recording: AtomicBool,
    recorders: Mutex<Vec<Weak<Mutex<Vec<Event>>>>>,
}

impl Log {
    pub(super) fn new(echo: bool) -> Log {
        Log { echo, ..Log::default() }
    }

    pub(super) fn recorder(&self) -> Recorder {
        let events = Arc::default();
        let mut recorders = self.recorders.lock().unwrap_or_else(PoisonError::into_inner);
        recorders.push(Arc::downgrade(&events));
        self.recording.store(true, Ordering::Release);
        Recorder(events)
    }

    /// The time before a statement, where somebody wants to know it: reading the clock costs as much as a small query.
    pub(super) fn start(&self) -> Option<Instant> {
        let wanted =
            self.recording.load(Ordering::Acquire) || tracing::enabled!(target: "realgar", tracing::Level::DEBUG);
        wanted.then(Instant::now)
    }

    pub(super) fn params(&self, params: &[Value<'_>]) {
        if self.echo && !params.is_empty() {
            say(format_args!("[parameters] {}", shown(params)));
        }
    }

    /// Says the text before it is sent, so that a statement that never returns is seen too.
    pub(super) fn text(&self, sql: &str) {
        if self.echo {
            say(format_args!("{sql}"));
        }
    }

    pub(super) fn statement(&self, started: Option<Instant>, sql: &str, executions: usize, rows: u64) {
        let Some(started) = started else { return };
        let duration = started.elapsed();
        tracing::debug!(
            target: "realgar",
            { db.query.text = sql, db.operation.batch.size = executions, db.response.returned_rows = rows,
              duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX) },
            "statement"
        );
        self.record(|| Event::Statement(Statement { sql: sql.to_owned(), executions, rows, duration }));
    }

    pub(super) fn mark(&self, text: &str, event: Event) {
        self.text(text);
        tracing::debug!(target: "realgar", { db.query.text = text }, "transaction");
        self.record(|| event);
    }

    fn record(&self, event: impl FnOnce() -> Event) {
        if !self.recording.load(Ordering::Acquire) {
            return;
        }
        let mut recorders = self.recorders.lock().unwrap_or_else(PoisonError::into_inner);
        recorders.retain(|recorder| recorder.strong_count() > 0);
        self.recording.store(!recorders.is_empty(), Ordering::Release);
        let event = event();
        for recorder in recorders.iter().filter_map(Weak::upgrade) {
            recorder.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
        }
    }
}

/// Parameters as echo shows them; long ones are cut.
fn shown(params: &[Value<'_>]) -> String {
    let one = |value: &Value<'_>| match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) if text.chars().count() > 200 => {
            format!("{:?}… ({} bytes)", text.chars().take(200).collect::<String>(), text.len())
        }
        Value::Text(text) => format!("{text:?}"),
        Value::Bytes(bytes) => format!("<{} bytes>", bytes.len()),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::DateTime(value) => value.to_string(),
        Value::Timestamp(value) => value.to_string(),
        Value::Secret(_) => "[secret]".to_owned(),
        Value::Invalid(reason) => format!("<{reason}>"),
    };
    params.iter().map(one).collect::<Vec<_>>().join(", ")
}
