//! Where a run differs from its recording, as data, and how that reads.

use std::fmt;

use serde_json::Value;

/// One difference. `None` on one side means that the other side has more.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mismatch {
    /// A printed line, counted from 1.
    Line { number: usize, recorded: Option<String>, printed: Option<String> },
    /// A step out of order, unknown, or left out.
    Step { recorded: Option<String>, run: Option<String> },
    /// More statements than the reference sent.
    Statements { step: String, allowed: usize, sent: Vec<String> },
    /// Other transaction marks.
    Transactions { step: String, recorded: Vec<String>, seen: Vec<String> },
    /// Another class of error, or success where there was an error.
    Error { step: String, recorded: Option<String>, met: Option<String> },
    /// Another value in an assertion of the scenario, or another assertion.
    Check { recorded: Option<(String, Value)>, got: Option<(String, Value)> },
    /// A table with other columns, or one that only one side has.
    Columns { table: String, recorded: Option<Vec<String>>, found: Option<Vec<String>> },
    /// A row, counted from 1 in the order of all columns.
    Row { table: String, number: usize, recorded: Option<Value>, found: Option<Value> },
    /// The scenario itself ended with an error.
    Failed(String),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Line { number, recorded, printed } => {
                writeln!(out, "line {number}")?;
                sides(out, recorded.as_ref(), printed.as_ref())
            }
            Mismatch::Step { recorded, run } => {
                writeln!(out, "steps")?;
                sides(out, recorded.as_ref(), run.as_ref())
            }
            Mismatch::Statements { step, allowed, sent } => {
                write!(out, "step `{step}`: {} statements, {allowed} at most", sent.len())?;
                sent.iter().try_for_each(|sql| write!(out, "\n    {sql}"))
            }
            Mismatch::Transactions { step, recorded, seen } => {
                writeln!(out, "step `{step}`: transaction")?;
                sides(out, Some(&recorded.join(" ")), Some(&seen.join(" ")))
            }
            Mismatch::Error { step, recorded, met } => {
                writeln!(out, "step `{step}`: error")?;
                sides(out, recorded.as_ref(), met.as_ref())
            }
            Mismatch::Check { recorded, got } => {
                let spelled = |(name, value): &(String, Value)| format!("{name}: {value}");
                writeln!(out, "check")?;
                sides(out, recorded.as_ref().map(spelled).as_ref(), got.as_ref().map(spelled).as_ref())
            }
            Mismatch::Columns { table, recorded, found } => {
                let spelled = |columns: &Vec<String>| columns.join(", ");
                writeln!(out, "table `{table}`: columns")?;
                sides(out, recorded.as_ref().map(spelled).as_ref(), found.as_ref().map(spelled).as_ref())
            }
            Mismatch::Row { table, number, recorded, found } => {
                writeln!(out, "table `{table}`: row {number}")?;
                sides(out, recorded.as_ref(), found.as_ref())
            }
            Mismatch::Failed(error) => write!(out, "the scenario failed: {error}"),
        }
    }
}

/// As a diff reads: `-` is the reference, `+` is this run.
fn sides<T: fmt::Display>(out: &mut fmt::Formatter<'_>, recorded: Option<&T>, here: Option<&T>) -> fmt::Result {
    let nothing: &dyn fmt::Display = &"(nothing)";
    let side = |side: Option<&T>| side.map_or(nothing.to_string(), ToString::to_string);
    write!(out, "  - {}\n  + {}", side(recorded), side(here))
}
