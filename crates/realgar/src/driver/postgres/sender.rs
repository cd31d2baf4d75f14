//! One statement with its values, and the rows that come back.

use std::{
    future::{self, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use futures_util::{Stream, TryStreamExt};
use tokio_postgres::{Client, RowStream, Statement, types::Type};

use crate::{driver::OnRow, error::Result, value::Value};

use super::{
    Sent,
    decode::Cells,
    encode::{Bound, hint},
    errors::{self, translate},
    statements::Statements,
};

/// Its futures go on only where the line is carried on, too.
pub(super) struct Sender {
    pub(super) client: Arc<Client>,
    pub(super) statements: Statements,
}

impl Sender {
    pub(super) fn new(client: Client, statements: usize) -> Sender {
        Sender { client: Arc::new(client), statements: Statements::new(statements) }
    }

    /// A statement without values and rows; it lies ready for the line when this returns.
    pub(super) fn sent(&self, text: String) -> Sent {
        let client = self.client.clone();
        let mut sent: Sent = Box::pin(async move { client.batch_execute(&text).await });
        match sent.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Box::pin(future::ready(done)),
            Poll::Pending => sent,
        }
    }

    pub(super) async fn rows(&mut self, sql: &str, params: &[Value<'_>], on_row: OnRow<'_>) -> Result<u64> {
        let rows = match self.statements.is_off() {
            true => Box::pin(self.client.query_typed_raw(sql, untyped(params))).await,
            false => {
                let statement = match self.statements.fitting(sql, params) {
                    Some(known) => known,
                    None => Box::pin(self.prepare_for(sql, params)).await?,
                };
                self.client.query_raw(&statement, params.iter().map(Bound)).await
            }
        };
        read(rows, on_row).await
    }

    pub(super) async fn count(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let count = if self.statements.is_off() || params.is_empty() {
            // One round trip, and nothing is kept of it: who executes without values makes tables.
            let rows = self.client.query_typed_raw(sql, untyped(params)).await;
            let mut rows = pin!(rows.map_err(|error| translate(&error))?);
            if rows.try_next().await.map_err(|error| translate(&error))?.is_some() {
                return Err(errors::answered_rows());
            }
            return Ok(rows.rows_affected().unwrap_or(0));
        } else {
            let statement = self.prepared(sql, params).await?;
            if !statement.columns().is_empty() {
                return Err(errors::answered_rows());
            }
            self.client.execute_raw(&statement, params.iter().map(Bound)).await
        };
        count.map_err(|error| translate(&error))
    }

    /// The statement for these values.
    pub(super) async fn prepared(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Statement> {
        match self.statements.fitting(sql, params) {
            Some(known) => Ok(known),
            None => Box::pin(self.prepare_for(sql, params)).await,
        }
    }

    /// The server says which types it takes; where a value is of another one, it is asked again with the value's own.
    async fn prepare_for(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Statement> {
        let statement = self.prepare(sql, &[]).await?;
        if statement.params().len() != params.len() {
            return Err(errors::places(statement.params().len(), params.len()));
        }
        let hints: Vec<Type> = params.iter().zip(statement.params()).map(|(value, to)| hint(value, to)).collect();
        match hints.iter().any(|hint| *hint != Type::UNKNOWN) {
            true => self.prepare(sql, &hints).await,
            false => Ok(statement),
        }
    }

    pub(super) async fn prepare(&mut self, sql: &str, types: &[Type]) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql, types) {
            return Ok(known);
        }
        let statement = self.client.prepare_typed(sql, types).await.map_err(|error| translate(&error))?;
        self.statements.keep(sql, types, &statement);
        Ok(statement)
    }
}

/// Hands over the rows of an answer; says how many there were.
pub(super) async fn read(rows: Result<RowStream, tokio_postgres::Error>, on_row: OnRow<'_>) -> Result<u64> {
    let mut rows = pin!(rows.map_err(|error| translate(&error))?);
    let mut count = 0;
    poll_fn(|context| {
        while let Some(row) = ready!(rows.as_mut().poll_next(context)) {
            count += 1;
            on_row(&Cells(&row.map_err(|error| translate(&error))?))?;
        }
        Poll::Ready(Ok(count))
    })
    .await
}

/// Values whose types the server is to find out.
pub(super) fn untyped<'v>(params: &'v [Value<'v>]) -> impl ExactSizeIterator<Item = (Bound<'v>, Type)> {
    params.iter().map(|value| (Bound(value), Type::UNKNOWN))
}
