//! Rows of raw SQL become objects as those of a query do; their columns are found by name.

use std::borrow::Cow;

use crate::{
    error::Result,
    identity::Reason,
    load::{
        Loader,
        rows::{OnTaken, Reader, finish},
    },
    query::RawPlan,
    value::{Row, Value},
};

/// Sends a statement of the user's, hands over each row, and loads what the mapping says is loaded with it.
pub async fn run_raw(loader: &mut Loader<'_>, plan: &RawPlan, on_row: OnTaken<'_>) -> Result<()> {
    let sql = &plan.compiled.sql;
    let mut reader = Reader::new(loader.identity, &plan.compiled, Reason::Query);
    let identity = &mut *loader.identity;
    let mut places: Option<Vec<usize>> = None;
    let each = &mut |row: &dyn Row| {
        let places = match &mut places {
            Some(places) => places,
            none => none.insert(plan.places(row).map_err(|error| error.with_statement(&sql.text))?),
        };
        reader.row(identity, &Placed { row, places }, on_row)
    };
    loader.transaction.query(&sql.text, &sql.params, each).await?;
    let mut jobs = reader.finish(loader);
    finish(loader, &mut jobs).await
}

/// A row with its columns in the plan's order.
struct Placed<'a> {
    row: &'a dyn Row,
    places: &'a [usize],
}

impl Row for Placed<'_> {
    fn get(&self, index: usize) -> Result<Value<'_>> {
        self.row.get(self.places[index])
    }

    fn integer(&self, index: usize) -> Result<Option<i64>> {
        self.row.integer(self.places[index])
    }

    fn text(&self, index: usize) -> Result<Option<Cow<'_, str>>> {
        self.row.text(self.places[index])
    }
}
