//! Whole transactions: run to their commit, tried again where another one was first; what a transaction is asked to be.

use std::{
    hash::{BuildHasher, RandomState},
    panic::Location,
    time::Duration,
};

use crate::{
    driver::Isolation,
    error::{Error, Kind, Result},
    session::{Db, Session},
};

impl Db {
    /// Runs work in a session of its own and commits. Where another transaction was first, it is rolled back and the work
    /// is run again, on a new session, up to [`transaction_attempts`](crate::Builder::transaction_attempts) times.
    ///
    /// The work may run several times: what it does besides the database (mails, counters) must stand that, or follow
    /// the transaction. `Err` rolls back.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct Account { #[column(primary_key)] id: i64, balance: i64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![Account]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add_all([new!(Account { balance: 10 }), new!(Account { balance: 0 })]);
    /// # s.commit().await?;
    /// let left = db.transaction(async |s| {
    ///     s.isolation(Isolation::Serializable)?;
    ///     let from = s.get_one::<Account>(1).await?;
    ///     let to = s.get_one::<Account>(2).await?;
    ///     s[from].balance -= 3;
    ///     s[to].balance += 3;
    ///     Ok(s[from].balance)
    /// });
    /// assert_eq!(left.await?, 7);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The work's own, and those of [`commit`](Session::commit). `SerializationFailure` after the last attempt.
    /// `UnknownOutcome` is never tried again: the transaction may have been carried out.
    ///
    /// # Cancellation
    /// Dropped before its end, the attempt under way is rolled back; while COMMIT is under way, nobody knows.
    ///
    /// Source: `sessionmaker.begin()`; trying again is left to the program there.
    #[track_caller]
    pub fn transaction<T>(
        &self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T> + Clone,
    ) -> impl Future<Output = Result<T>> {
        let (db, place) = (self.clone(), Location::caller());
        async move {
            let mut attempt = 1;
            loop {
                let mut session = Session::new(db.clone(), place, false);
                let done = match work.clone()(&mut session).await {
                    Ok(value) => match session.usable() {
                        Ok(()) => session.commit_at(place).await.map(|()| value),
                        Err(error) => Err(Error::new(error.kind(), error.what()).way_out(
                            "pass the error on that happened inside (`?`): the transaction is rolled back then",
                        )),
                    },
                    Err(error) => Err(error),
                };
                let Err(error) = done else { return done };
                session.close().await?;
                if !db.was_in_the_way(&error) || attempt >= db.transaction_attempts() {
                    return Err(error);
                }
                tracing::debug!(target: "realgar", attempt, "a transaction is tried again: {}", error.what());
                tokio::time::sleep(pause(attempt)).await;
                attempt += 1;
            }
        }
    }
}

impl Db {
    /// Whether another transaction was first, or held what was waited for, so that running it again may help.
    fn was_in_the_way(&self, error: &Error) -> bool {
        let code = error.database().and_then(|facts| facts.code.as_deref());
        error.kind() == Kind::SerializationFailure || (code.is_some() && code == self.engine().dialect().lock_timeout)
    }
}

/// Longer each time, and never the same twice, so that those who met do not meet again.
fn pause(attempt: u32) -> Duration {
    let most = 5_000_u64 << attempt.min(7); // microseconds
    Duration::from_micros(most / 2 + RandomState::new().hash_one(attempt) % most)
}

impl Session {
    /// How much the next transaction sees of others; without it, what the database does by default. It holds for that
    /// one transaction.
    ///
    /// SQLite's transactions are serializable, whatever is asked for.
    ///
    /// # Errors
    /// `InvalidRequest` once the transaction has begun.
    ///
    /// Source: `execution_options(isolation_level=…)`.
    pub fn isolation(&mut self, level: Isolation) -> Result<()> {
        self.before_it_begins("isolation")?.isolation = Some(level);
        Ok(())
    }

    /// The next transaction only reads; the database refuses everything else.
    ///
    /// # Errors
    /// `InvalidRequest` once the transaction has begun.
    ///
    /// Source: `postgresql_readonly`.
    pub fn read_only(&mut self) -> Result<()> {
        self.before_it_begins("read_only")?.read_only = true;
        Ok(())
    }

    /// The next transaction, which must be serializable and read-only, waits for a moment at which nobody can disturb it:
    /// for long reports. Where readers never wait nor fail (SQLite), it says nothing new.
    ///
    /// # Errors
    /// `InvalidRequest` once the transaction has begun; `Unsupported` where the database cannot do that.
    ///
    /// Source: `postgresql_deferrable`.
    pub fn deferrable(&mut self) -> Result<()> {
        if !self.db.engine().dialect().deferrable {
            let name = self.db.engine().dialect().name;
            return Err(Error::new(Kind::Unsupported, format!("{name} has no deferrable transactions")));
        }
        self.before_it_begins("deferrable")?.deferrable = true;
        Ok(())
    }

    fn before_it_begins(&mut self, verb: &str) -> Result<&mut crate::driver::Characteristics> {
        self.usable()?;
        if self.transaction().is_begun() {
            return Err(Error::new(Kind::InvalidRequest, format!("`{verb}` after the transaction has begun"))
                .way_out("say it before the first statement, or commit first"));
        }
        Ok(self.transaction().characteristics())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_bounded_and_differ() {
        for (attempt, most) in [(1, 15), (2, 30), (4, 120), (7, 960), (500, 960)] {
            let pauses: Vec<u64> = (0..50).map(|_| pause(attempt).as_micros() as u64).collect();
            assert!(pauses.iter().all(|&pause| pause < most * 1_000 && pause >= most * 1_000 / 3), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "those who met would meet again");
        }
    }
}
