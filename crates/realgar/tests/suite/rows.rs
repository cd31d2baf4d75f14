//! The reference's behaviour, row by row: `docs/semantics.md` says which test shows which row.

mod cascades;
mod cascades_more;
mod configuration;
mod declaring;
mod declaring_joins;
mod declaring_keyless;
mod declaring_settings;
mod in_step;
mod loaders;
mod loaders_more;
mod loaders_queries;
mod operators;
mod session_flush;
mod session_history;
mod session_merge;
mod session_states;
mod session_verbs;

use realgar::Recorder;

use crate::models::statements;

/// What was written since the last look: statements without the SELECTs, which only look.
fn writes(recorder: &Recorder) -> Vec<String> {
    let mut sent = statements(recorder);
    sent.retain(|statement| statement != "SELECT");
    sent
}

/// How many SELECTs were sent since the last look.
fn selects(recorder: &Recorder) -> usize {
    statements(recorder).iter().filter(|statement| *statement == "SELECT").count()
}
