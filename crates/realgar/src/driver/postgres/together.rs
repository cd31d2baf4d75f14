//! Several statements in one round trip: BEGIN ahead of a SELECT, SELECTs with one another.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use futures_util::future::{join_all, maybe_done};
use tokio_postgres::RowStream;

use crate::{
    driver::{Ask, Characteristics, OnRowOf},
    error::{Error, Result},
};

use super::{
    Connection, Sent,
    encode::Bound,
    line::Line,
    sender::{Sender, read, untyped},
    translate,
};

impl Connection {
    /// Sends BEGIN; its answer is awaited with that of the query that follows at once. Answers its words.
    ///
    /// DIALECT: what follows a BEGIN that failed is carried out on its own, so it must be something that only reads.
    pub(in crate::driver) fn begin_ahead(&mut self, how: &Characteristics) -> String {
        let text = how.begin();
        self.open = true;
        self.unbegun = false;
        self.begin = Some(self.sender.sent(text.clone()));
        text
    }

    /// Whether the BEGIN ahead of the last query failed: then nothing was done.
    pub(in crate::driver) fn has_not_begun(&self) -> bool {
        self.unbegun
    }

    /// Sends all of them, what is new to the connection being prepared first, and then reads one after another.
    pub(in crate::driver) async fn query_all(
        &mut self,
        asks: &[Ask<'_>],
        on_row: OnRowOf<'_>,
    ) -> Result<Vec<u64>, (usize, Error)> {
        self.busy = true;
        let begin = self.begin.take();
        let (begun, result) = both(&mut self.line, begin, pin!(self.sender.rows_of_all(asks, on_row))).await;
        self.busy = false;
        self.unbegun = begun.is_err();
        let result = begun.map_err(|error| (0, error)).and(result);
        result.map_err(|(index, error)| (index, self.noted::<()>(Err(error)).expect_err("it is one")))
    }
}

impl Sender {
    async fn rows_of_all(&mut self, asks: &[Ask<'_>], on_row: OnRowOf<'_>) -> Result<Vec<u64>, (usize, Error)> {
        if self.statements.is_off() {
            let sent = asks.iter().map(|ask| self.client.query_typed_raw(ask.sql, untyped(ask.params)));
            return in_turn(sent, on_row).await;
        }
        self.prepare_all(asks).await?;
        let mut statements = Vec::with_capacity(asks.len());
        for (index, ask) in asks.iter().enumerate() {
            statements.push(self.prepared(ask.sql, ask.params).await.map_err(|error| (index, error))?);
        }
        let sent = asks.iter().zip(&statements);
        let sent = sent.map(|(ask, statement)| self.client.query_raw(statement, ask.params.iter().map(Bound)));
        in_turn(sent, on_row).await
    }

    async fn prepare_all(&mut self, asks: &[Ask<'_>]) -> Result<(), (usize, Error)> {
        let mut new: Vec<(usize, &str)> = Vec::new();
        for (index, ask) in asks.iter().enumerate() {
            if self.statements.get(ask.sql, &[]).is_none() && !new.iter().any(|(_, known)| *known == ask.sql) {
                new.push((index, ask.sql));
            }
        }
        let prepared = join_all(new.iter().map(|(_, sql)| self.client.prepare(sql))).await;
        for ((index, sql), statement) in new.into_iter().zip(prepared) {
            let statement = statement.map_err(|error| (index, translate(&error)))?;
            self.statements.keep(sql, &[], &statement);
        }
        Ok(())
    }
}

/// Sends all of them, and reads one after another: an answer that nobody reads holds up those behind it.
async fn in_turn<F>(queries: impl Iterator<Item = F>, on_row: OnRowOf<'_>) -> Result<Vec<u64>, (usize, Error)>
where
    F: Future<Output = Result<RowStream, tokio_postgres::Error>>,
{
    let mut queries: Vec<_> = queries.map(|query| Box::pin(maybe_done(query))).collect();
    poll_fn(|context| {
        // The first poll sends it.
        for query in &mut queries {
            let _ = query.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    let mut counts = Vec::with_capacity(queries.len());
    for (index, query) in queries.iter_mut().enumerate() {
        query.as_mut().await;
        let rows = query.as_mut().take_output().expect("it was awaited once");
        let count = read(rows, &mut |row| on_row(index, row)).await;
        counts.push(count.map_err(|error| (index, error))?);
    }
    Ok(counts)
}

/// Both answers: to what was sent before, and to what follows it.
pub(super) async fn both<T>(
    line: &mut Line,
    before: Option<Sent>,
    then: impl Future<Output = T> + Unpin,
) -> (Result<()>, T) {
    let Some(mut before) = before else { return (Ok(()), line.carry(then).await) };
    let (mut then, mut begun) = (then, None);
    let together = poll_fn(|context| {
        if begun.is_none()
            && let Poll::Ready(answer) = before.as_mut().poll(context)
        {
            begun = Some(answer);
        }
        Pin::new(&mut then).poll(context)
    });
    let result = line.carry(together).await;
    let begun = match begun {
        Some(begun) => begun,
        None => line.carry(before).await, // what should follow was never sent
    };
    (begun.map_err(|error| translate(&error)), result)
}
