//! collect → plan → order → execute → settle: what changed in the session goes to the database.
//!
//! | file | what |
//! |---|---|
//! | `collect.rs` | who changed; cascades; orphans; the last place that may load |
//! | `dependency.rs` | one rule per direction: which keys are copied where, which association rows come and go |
//! | `plan.rs` | the steps as data, printable |
//! | `describe.rs` | the plan in words |
//! | `later.rs` | foreign keys with an UPDATE of their own: `post_update` |
//! | `order.rs` | rows of tables that refer to one another in a circle, or to themselves |
//! | `execute.rs` | the plan's steps, in order |
//! | `waiting.rs` | keys travel from parents to children |
//! | `insert.rs`, `update.rs`, `remove.rs` | one file for each kind of statement; row counts are checked |
//! | `expressed.rs` | rows of which columns become what an SQL expression says |
//! | `switch.rs` | a new object in the row of a deleted one |
//! | `blame.rs` | what was refused, in the mapping's words |
//! | `fit.rs` | what is bound must fit its column |
//! | `texts.rs` | the statements, rendered once |
//!
//! INVARIANT: no plan step depends on a later one. A flush that fails leaves the objects as they are; the session rolls
//! back.

mod blame;
mod collect;
mod dependency;
mod describe;
mod execute;
mod expressed;
mod fit;
mod insert;
mod later;
mod order;
mod plan;
mod remove;
mod switch;
mod texts;
mod update;
mod waiting;

pub use collect::take_over;
pub use fit::fits;
pub use plan::{Plan, Step};
pub use texts::Texts;

use crate::{error::Result, load::Loader};

/// What a flush would do, a line for each step; nothing is sent but what it takes to know, and nothing of it stays.
pub async fn foresee(loader: &mut Loader<'_>) -> Result<Vec<String>> {
    if let Some(problem) = loader.identity.problem() {
        return Err(problem.repeat());
    }
    collect::take_over(loader).await?;
    let trial = loader.identity.begin_trial();
    let collected = collect::collect(loader).await;
    let lines = collected
        .and_then(|()| plan::plan(loader.identity, loader.registry))
        .map(|plan| plan.lines(loader.identity, loader.registry));
    loader.identity.end_trial(trial);
    lines
}

/// Writes everything that changed, in dependency order; sends nothing when nothing changed.
pub async fn flush(loader: &mut Loader<'_>, texts: &Texts) -> Result<()> {
    if !loader.identity.is_dirty() {
        return Ok(());
    }
    collect::collect(loader).await?;
    let plan = plan::plan(loader.identity, loader.registry)?;
    if tracing::enabled!(target: "realgar", tracing::Level::TRACE) {
        tracing::trace!(target: "realgar", "flush:\n{}", plan.describe(loader.registry));
    }
    execute::execute(loader, texts, &plan).await?;
    loader.identity.settle();
    Ok(())
}
