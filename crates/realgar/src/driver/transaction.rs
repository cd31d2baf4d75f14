//! A session's transaction: it begins with the first statement, and ends with commit or rollback.
//!
//! A connection is held only while a transaction is open. Dropping the transaction rolls it back.

use std::{panic::Location, time::Instant};

use crate::{
    driver::{
        Batch, Engine, Event, OnRow, Recorder, Statement,
        engine::Loan,
        log::{Listeners, Log, shown},
    },
    error::Result,
    value::Value,
};

const BEFORE_TEST: &str = "SAVEPOINT realgar_test";
const KEEP_TEST: &str = "RELEASE SAVEPOINT realgar_test";
const UNDO_TEST: &str = "ROLLBACK TO SAVEPOINT realgar_test";

/// A transaction that is perhaps not begun yet.
#[derive(Debug)]
pub struct Transaction {
    engine: Engine,
    session: u64,
    place: &'static Location<'static>,
    loan: Option<Loan>,
    /// Whether commits are undone at the end: `test_session`.
    test: bool,
    /// The session's own recorders.
    listeners: Listeners,
    /// Where the program called the verb that sends what comes next.
    caller: Option<&'static Location<'static>>,
}

impl Transaction {
    /// A transaction for the session of this number, made at this place. Nothing is sent yet.
    #[must_use]
    pub fn new(engine: Engine, session: u64, place: &'static Location<'static>, test: bool) -> Self {
        Transaction { engine, session, place, loan: None, test, listeners: Listeners::default(), caller: None }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Records what this session sends, with what is bound or without.
    pub fn recorder(&mut self, parameters: bool) -> Recorder {
        self.listeners.add(parameters)
    }

    /// The program called a verb there: what is sent from now on is on its account.
    pub fn called_at(&mut self, place: &'static Location<'static>) {
        self.caller = Some(place);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.loan.is_some()
    }

    async fn begun(&mut self) -> Result<&mut Loan> {
        if self.loan.is_none() {
            let mut loan = self.engine.check_out(self.session, self.place).await?;
            let begin = loan.begin();
            loan.execute(begin, &[]).await?;
            if self.test {
                loan.execute(BEFORE_TEST, &[]).await?;
            }
            self.tell(begin, Event::Begin);
            self.loan = Some(loan);
        }
        Ok(self.loan.as_mut().expect("begun above"))
    }

    /// Sends a statement and hands over its rows, in order; says how many there were.
    pub async fn query(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        self.begun().await?;
        let started = self.say(sql, params);
        let result = self.loan().query(sql, params, on_row).await;
        self.sent(started, sql, *result.as_ref().unwrap_or(&0), || lines(params));
        result.map_err(|error| error.with_statement(sql))
    }

    /// Sends a statement that returns no rows; says how many it met.
    pub async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        self.begun().await?;
        let started = self.say(sql, params);
        let result = self.loan().execute(sql, params).await;
        self.sent(started, sql, *result.as_ref().unwrap_or(&0), || lines(params));
        result.map_err(|error| error.with_statement(sql))
    }

    /// Sends a statement once for each row of the batch, prepared once.
    pub async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        self.begun().await?;
        self.log().text(sql);
        let mut lines = Vec::new();
        if self.log().echo || self.listeners.want_parameters() {
            for index in 0..batch.len() {
                let mut params = Vec::new();
                batch.bind(index, &mut |value| {
                    params.push(value.into_owned());
                    Ok(())
                })?;
                self.log().params(&params);
                lines.push(shown(&params));
            }
        }
        let started = self.start();
        let result = self.loan().execute_many(sql, batch).await;
        if let Some(started) = started {
            let rows = result.as_ref().map_or(0, |()| batch.len() as u64);
            self.record(started, sql, batch.len(), rows, lines);
        }
        result.map_err(|error| error.with_statement(sql))
    }

    fn loan(&mut self) -> &mut Loan {
        self.loan.as_mut().expect("statements follow `begun`")
    }

    fn log(&self) -> &Log {
        self.engine.log()
    }

    /// Says what is about to be sent, and when that was, where somebody wants to know.
    fn say(&self, sql: &str, params: &[Value<'_>]) -> Option<Instant> {
        self.log().text(sql);
        self.log().params(params);
        self.start()
    }

    fn start(&self) -> Option<Instant> {
        if self.listeners.is_empty() { self.log().start() } else { Some(Instant::now()) }
    }

    /// A statement was sent, also one that failed.
    fn sent(&mut self, started: Option<Instant>, sql: &str, rows: u64, params: impl FnOnce() -> Vec<String>) {
        if let Some(started) = started {
            let parameters = if self.listeners.want_parameters() { params() } else { Vec::new() };
            self.record(started, sql, 1, rows, parameters);
        }
    }

    fn record(&mut self, started: Instant, sql: &str, executions: usize, rows: u64, parameters: Vec<String>) {
        let duration = started.elapsed();
        let statement = Statement { sql: sql.to_owned(), executions, rows, duration, place: self.caller, parameters };
        self.engine.log().statement(statement, &mut self.listeners);
    }

    fn tell(&mut self, text: &str, event: Event) {
        self.engine.log().mark(text, event, &mut self.listeners);
    }

    /// Commits and gives the connection back; sends nothing when nothing has begun.
    ///
    /// After an error the transaction is still open: try again, or roll back.
    pub async fn commit(&mut self) -> Result<()> {
        let Some(loan) = &mut self.loan else { return Ok(()) };
        if self.test {
            loan.execute(KEEP_TEST, &[]).await?;
            loan.execute(BEFORE_TEST, &[]).await?;
            self.tell("COMMIT", Event::Commit);
            return Ok(());
        }
        loan.execute("COMMIT", &[]).await?;
        self.tell("COMMIT", Event::Commit);
        self.loan = None;
        Ok(())
    }

    /// Rolls back and gives the connection back; sends nothing when nothing has begun.
    pub async fn rollback(&mut self) -> Result<()> {
        let Some(loan) = &mut self.loan else { return Ok(()) };
        if self.test {
            loan.execute(UNDO_TEST, &[]).await?;
            self.tell("ROLLBACK", Event::Rollback);
            return Ok(());
        }
        self.end();
        Ok(())
    }

    /// Begins a savepoint; the transaction too, if need be.
    pub async fn savepoint(&mut self, depth: u32) -> Result<()> {
        self.begun().await?;
        self.mark(&format!("SAVEPOINT realgar_{depth}"), Event::Savepoint).await
    }

    /// Makes a savepoint part of what is around it.
    pub async fn release(&mut self, depth: u32) -> Result<()> {
        self.mark(&format!("RELEASE SAVEPOINT realgar_{depth}"), Event::Release).await
    }

    /// Rolls back a savepoint, and ends it.
    pub async fn rollback_to(&mut self, depth: u32) -> Result<()> {
        self.mark(&format!("ROLLBACK TO SAVEPOINT realgar_{depth}"), Event::RollbackTo).await?;
        self.loan().execute(&format!("RELEASE SAVEPOINT realgar_{depth}"), &[]).await?;
        Ok(())
    }

    async fn mark(&mut self, sql: &str, event: Event) -> Result<()> {
        self.loan().execute(sql, &[]).await?;
        self.tell(sql, event);
        Ok(())
    }

    /// A write failed, and only a rollback can follow: it is done at once, so that nobody waits for the connection.
    /// In a test, what was committed inside has to stay, so the rollback waits until it is called.
    pub fn fail(&mut self) {
        if !self.test {
            self.end();
        }
    }

    /// Rolls back without awaiting.
    fn end(&mut self) {
        if self.loan.take().is_some() {
            self.tell("ROLLBACK", Event::Rollback);
        }
    }
}

/// What was bound, as one line; none where nothing was.
fn lines(params: &[Value<'_>]) -> Vec<String> {
    if params.is_empty() { Vec::new() } else { vec![shown(params)] }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.end();
    }
}
