//! What was sent: echo for people, `tracing` events for programs, recorders for tests and tools.

use std::{
    fmt,
    io::{self, Write},
    panic::Location,
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

/// A statement that was sent. Its values are recorded on request only.
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
    /// Where the program called the verb that sent it, as far as that verb says so.
    pub place: Option<&'static Location<'static>>,
    /// What was bound, spelled for people: one line for each execution. Empty, unless the recorder was asked for them
    /// ([`recorder_with_parameters`](crate::Session::recorder_with_parameters)); secret values are never among them.
    pub parameters: Vec<String>,
}

/// Records what a [`Db`](crate::Db) or one [`Session`](crate::Session) sends, from the moment it was made until it is
/// dropped.
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
pub struct Recorder(Arc<Recording>);

#[derive(Debug, Default)]
struct Recording {
    events: Mutex<Vec<Event>>,
    parameters: bool,
}

impl Recording {
    fn events<T>(&self, look: impl FnOnce(&mut Vec<Event>) -> T) -> T {
        look(&mut self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The recorders of a database, or of one session.
#[derive(Debug, Default)]
pub(super) struct Listeners(Vec<Weak<Recording>>);

impl Listeners {
    /// One more, with what is bound or without.
    pub(super) fn add(&mut self, parameters: bool) -> Recorder {
        let recording = Arc::new(Recording { parameters, ..Recording::default() });
        self.0.push(Arc::downgrade(&recording));
        Recorder(recording)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn want_parameters(&self) -> bool {
        self.0.iter().filter_map(Weak::upgrade).any(|recording| recording.parameters)
    }

    /// Tells those that are still there.
    pub(super) fn hear(&mut self, event: &Event) {
        self.0.retain(|recording| recording.strong_count() > 0);
        for recording in self.0.iter().filter_map(Weak::upgrade) {
            let mut event = event.clone();
            if let (Event::Statement(statement), false) = (&mut event, recording.parameters) {
                statement.parameters.clear();
            }
            recording.events(|events| events.push(event));
        }
    }
}

impl Recorder {
    fn events_mut<T>(&self, look: impl FnOnce(&mut Vec<Event>) -> T) -> T {
        self.0.events(look)
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
    recorders: Mutex<Listeners>,
}

impl Log {
    pub(super) fn new(echo: bool) -> Log {
        Log { echo, ..Log::default() }
    }

    pub(super) fn recorder(&self) -> Recorder {
        let mut recorders = self.recorders.lock().unwrap_or_else(PoisonError::into_inner);
        self.recording.store(true, Ordering::Release);
        recorders.add(false)
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

    /// A statement was sent: to be told to the program's log, the database's recorders, and the session's own.
    pub(super) fn statement(&self, statement: Statement, own: &mut Listeners) {
        tracing::debug!(
            target: "realgar",
            { db.query.text = statement.sql, db.operation.batch.size = statement.executions,
              db.response.returned_rows = statement.rows,
              duration_us = u64::try_from(statement.duration.as_micros()).unwrap_or(u64::MAX) },
            "statement"
        );
        self.record(Event::Statement(statement), own);
    }

    pub(super) fn mark(&self, text: &str, event: Event, own: &mut Listeners) {
        self.text(text);
        tracing::debug!(target: "realgar", { db.query.text = text }, "transaction");
        self.record(event, own);
    }

    fn record(&self, event: Event, own: &mut Listeners) {
        own.hear(&event);
        if !self.recording.load(Ordering::Acquire) {
            return;
        }
        let mut recorders = self.recorders.lock().unwrap_or_else(PoisonError::into_inner);
        recorders.hear(&event);
        self.recording.store(!recorders.is_empty(), Ordering::Release);
    }
}

/// Parameters as echo shows them; long ones are cut.
pub(super) fn shown(params: &[Value<'_>]) -> String {
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
        Value::Array(items) => format!("[{}]", shown(items)),
        Value::Secret(_) => "[secret]".to_owned(),
        Value::Invalid(reason) => format!("<{reason}>"),
    };
    params.iter().map(one).collect::<Vec<_>>().join(", ")
}
