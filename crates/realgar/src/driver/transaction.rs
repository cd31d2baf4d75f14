//! A session's transaction: it begins with the first statement, and ends with commit or rollback.
//!
//! A connection is held only while a transaction is open. Dropping the transaction rolls it back.

use std::{panic::Location, time::Instant};

use crate::{
    driver::{
        Ask, Batch, Characteristics, Engine, Event, Harm, OnRow, OnRowOf, Recorder, Statement,
        engine::Loan,
        log::{Listeners, Log, shown},
    },
    error::{Error, Kind, Result},
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
    /// What it is asked to be.
    how: Characteristics,
    /// What an error left of it, and which.
    dead: Option<(Harm, String)>,
    /// Whether an answer is outstanding: still so when the future was dropped that waited for it.
    waiting: bool,
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
        Transaction {
            engine,
            session,
            place,
            loan: None,
            how: Characteristics::default(),
            dead: None,
            waiting: false,
            test,
            listeners: Listeners::default(),
            caller: None,
        }
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

    /// What the next transaction is asked to be.
    pub fn characteristics(&mut self) -> &mut Characteristics {
        &mut self.how
    }

    /// Why nothing more can be done in it but to roll back.
    pub fn is_dead(&self) -> Result<()> {
        let (why, way_out) = match &self.dead {
            Some((_, why)) => (
                format!("a statement failed: {why}"),
                "call `session.rollback().await?`; to go on after an error, run what may fail in a savepoint",
            ),
            // Whether it was carried out, nobody has heard.
            None if self.waiting => (
                "the future of a statement was dropped before its answer came".to_owned(),
                "call `session.rollback().await?`",
            ),
            None => return Ok(()),
        };
        Err(Error::new(Kind::PendingRollback, format!("the transaction is at its end, {why}")).way_out(way_out))
    }

    /// Begins, unless it has begun. `ahead` of something that only reads, BEGIN may travel with it.
    ///
    /// What begins is boxed: every future that sends something would have to have room for it.
    async fn begun(&mut self, ahead: bool) -> Result<()> {
        if self.loan.is_none() {
            Box::pin(self.begin(ahead)).await?;
        }
        self.is_dead()
    }

    async fn begin(&mut self, ahead: bool) -> Result<()> {
        let mut again = 0;
        loop {
            let mut loan = self.engine.check_out(self.session, self.place).await?;
            let begin = match ahead && !self.test {
                true => loan.begin_ahead(&self.how).await,
                false => loan.begin(&self.how).await,
            };
            match begin {
                Ok(begin) => {
                    if self.test {
                        loan.say(BEFORE_TEST).await?;
                    }
                    self.tell(&begin, Event::Begin);
                    self.loan = Some(loan);
                    return Ok(());
                }
                // The pool could not know yet that this one is gone, and nothing was done on it.
                Err(_) if loan.is_lost() && again < self.engine.pool_size() => again += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// After an error of what was sent with BEGIN: where that failed, nothing was done, and the connection is given back.
    /// Where it was gone, which the pool could not know yet, another one may be asked.
    fn never_began<T, E>(&mut self, result: &Result<T, E>, again: &mut usize) -> bool {
        if result.is_ok() || !self.loan.as_ref().is_some_and(|loan| loan.has_not_begun()) {
            return false;
        }
        let lost = self.loan.take().is_some_and(|loan| loan.is_lost());
        self.waiting = false;
        *again += 1;
        lost && *again <= self.engine.pool_size()
    }

    /// Sends a statement that only reads and hands over its rows, in order; says how many there were.
    pub async fn select(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        let mut again = 0;
        loop {
            self.begun(true).await?;
            let started = self.say(sql, params);
            let result = self.ask().query(sql, params, on_row).await;
            if self.never_began(&result, &mut again) {
                continue;
            }
            self.sent(started, sql, *result.as_ref().unwrap_or(&0), || lines(params)); // one that failed was sent, too
            return self.noted(result).map_err(|error| failed(error, sql));
        }
    }

    /// Sends several statements that only read, at once where the database takes that, and hands over their rows, with the
    /// number of the statement: those of the first one first.
    pub async fn select_all(&mut self, asks: &[Ask<'_>], on_row: OnRowOf<'_>) -> Result<()> {
        let mut again = 0;
        loop {
            self.begun(true).await?;
            let mut started = None;
            for ask in asks {
                started = self.say(ask.sql, ask.params);
            }
            let result = self.ask().query_all(asks, on_row).await;
            if self.never_began(&result, &mut again) {
                continue;
            }
            let sent = result.as_ref().map_or_else(|(index, _)| index + 1, Vec::len);
            for (index, ask) in asks.iter().take(sent).enumerate() {
                let rows = result.as_ref().map_or(0, |counts| counts[index]);
                self.sent(started, ask.sql, rows, || lines(ask.params));
            }
            let sql = result.as_ref().map_or_else(|(index, _)| asks[*index].sql, |_| "");
            return self.noted(result.map(|_| ()).map_err(|(_, error)| error)).map_err(|error| failed(error, sql));
        }
    }

    /// Sends a statement that may write and hands over its rows, in order; says how many there were.
    pub async fn query(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        self.begun(false).await?;
        let started = self.say(sql, params);
        let result = self.ask().query(sql, params, on_row).await;
        self.sent(started, sql, *result.as_ref().unwrap_or(&0), || lines(params));
        self.noted(result).map_err(|error| failed(error, sql))
    }

    /// Sends a statement that returns no rows; says how many it met.
    pub async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        self.begun(false).await?;
        let started = self.say(sql, params);
        let result = self.ask().execute(sql, params).await;
        self.sent(started, sql, *result.as_ref().unwrap_or(&0), || lines(params));
        self.noted(result).map_err(|error| failed(error, sql))
    }

    /// Sends a statement for the rows of the batch: one after another, or all at once, as the driver can.
    pub async fn execute_many(&mut self, sql: &str, batch: &mut dyn Batch) -> Result<()> {
        self.begun(false).await?;
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
        let result = self.ask().execute_many(sql, batch).await;
        if let Some(started) = started {
            let rows = result.as_ref().map_or(0, |()| batch.len() as u64);
            self.record(started, sql, batch.len(), rows, lines);
        }
        self.noted(result).map_err(|error| failed(error, sql))
    }

    /// INVARIANT: a transaction that the server has thrown away is never committed as if it were there.
    #[inline]
    fn noted<T>(&mut self, result: Result<T>) -> Result<T> {
        self.waiting = false;
        if let (Err(error), Some(loan)) = (&result, &self.loan) {
            let harm = loan.harm(error);
            if harm != Harm::None {
                self.dead = Some((harm, error.what().to_owned()));
            }
        }
        result
    }

    /// The connection, to be asked something: `noted` takes the answer.
    #[inline]
    fn ask(&mut self) -> &mut Loan {
        self.waiting = true;
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
    /// After an error the transaction is still open: try again, or roll back. After `UnknownOutcome` nobody knows.
    pub async fn commit(&mut self) -> Result<()> {
        self.is_dead()?;
        let Some(loan) = &mut self.loan else { return Ok(()) };
        if self.test {
            loan.say(KEEP_TEST).await?;
            loan.say(BEFORE_TEST).await?;
            self.tell("COMMIT", Event::Commit);
            return Ok(());
        }
        loan.commit().await.map_err(|error| failed(error, "COMMIT"))?;
        self.tell("COMMIT", Event::Commit);
        self.loan = None;
        self.how = Characteristics::default();
        Ok(())
    }

    /// Rolls back and gives the connection back; sends nothing when nothing has begun.
    pub async fn rollback(&mut self) -> Result<()> {
        let Some(loan) = &mut self.loan else { return Ok(()) };
        self.waiting = true;
        if self.test && !loan.is_lost() {
            loan.say(UNDO_TEST).await?;
            (self.dead, self.waiting) = (None, false);
            self.tell("ROLLBACK", Event::Rollback);
            return Ok(());
        }
        loan.rollback().await;
        self.end();
        Ok(())
    }

    /// Begins a savepoint; the transaction too, if need be.
    pub async fn savepoint(&mut self, depth: u32) -> Result<()> {
        self.begun(false).await?;
        self.mark(&format!("SAVEPOINT realgar_{depth}"), Event::Savepoint).await
    }

    /// Makes a savepoint part of what is around it.
    pub async fn release(&mut self, depth: u32) -> Result<()> {
        self.is_dead()?;
        self.mark(&format!("RELEASE SAVEPOINT realgar_{depth}"), Event::Release).await
    }

    /// Rolls back a savepoint, and ends it.
    pub async fn rollback_to(&mut self, depth: u32) -> Result<()> {
        if self.waiting || matches!(self.dead, Some((Harm::Transaction, _))) {
            return self.is_dead();
        }
        self.mark(&format!("ROLLBACK TO SAVEPOINT realgar_{depth}"), Event::RollbackTo).await?;
        self.dead = None;
        let released = self.ask().say(&format!("RELEASE SAVEPOINT realgar_{depth}")).await;
        self.noted(released)
    }

    async fn mark(&mut self, sql: &str, event: Event) -> Result<()> {
        let result = self.ask().say(sql).await;
        if result.is_ok() {
            self.tell(sql, event);
        }
        self.noted(result)
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
        (self.dead, self.waiting) = (None, false);
        if self.loan.take().is_some() {
            self.how = Characteristics::default();
            self.tell("ROLLBACK", Event::Rollback);
        }
    }
}

/// What was bound, as one line; none where nothing was.
fn lines(params: &[Value<'_>]) -> Vec<String> {
    if params.is_empty() { Vec::new() } else { vec![shown(params)] }
}

/// What can be done about it, where nobody nearer knew more.
#[cold]
fn failed(error: Error, sql: &str) -> Error {
    let way_out = match error.kind() {
        Kind::UniqueViolation => "another row holds the same value there: write another one, or change that row",
        Kind::ForeignKeyViolation => {
            "a row refers to one that is not there: write what is referred to first, and delete it last"
        }
        Kind::NotNullViolation => "give the column a value",
        Kind::CheckViolation => "the table has a rule that the row breaks: mend the value, or the rule",
        Kind::Data => "write a value that the column can hold",
        Kind::Programming => {
            "mend the statement: its text is sent as it is; values go in by placeholders and `.bind(…)`"
        }
        Kind::Operational => "what the database says above is its own word; the statement was not carried out",
        _ => return error.with_statement(sql),
    };
    error.with_statement(sql).way_out(way_out)
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.end();
    }
}
