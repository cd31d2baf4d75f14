//! What is compared when a scenario has ended: its lines, its tables, and that nothing of the recording was left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    mismatch::Mismatch,
    recording::{Recording, Table},
};

/// A line that a scenario printed.
#[derive(Debug)]
pub(crate) enum Line {
    Text(String),
    /// An error. Its text is the project's own, so only the class in front is compared; it may be one of these.
    Error(Vec<String>),
    /// A line that reads otherwise here, as is known.
    Otherwise {
        recorded: String,
        here: String,
    },
}

impl Line {
    fn is(&self, recorded: &str) -> bool {
        match self {
            Line::Text(line) | Line::Otherwise { recorded: line, .. } => line == recorded,
            Line::Error(classes) => {
                let class = recorded.split_once(": ").map(|(class, _)| class);
                classes.iter().any(|one| Some(one.as_str()) == class)
            }
        }
    }

    /// The line as it is printed here.
    pub(crate) fn shown(&self) -> String {
        match self {
            Line::Text(line) | Line::Otherwise { here: line, .. } => line.clone(),
            Line::Error(classes) => format!("{}: …", classes.join(" or ")),
        }
    }
}

/// Steps and checks that are recorded and were not run.
pub(crate) fn left_out(recording: &Recording, steps: usize, checks: usize) -> Vec<Mismatch> {
    let steps = recording.steps.iter().skip(steps);
    let steps = steps.map(|step| Mismatch::Step { recorded: Some(step.name.clone()), run: None });
    let checks = recording.checks.iter().skip(checks);
    let checks =
        checks.map(|check| Mismatch::Check { recorded: Some((check.name.clone(), check.value.clone())), got: None });
    steps.chain(checks).collect()
}

/// Line by line.
pub(crate) fn lines(recorded: &[String], printed: &[Line]) -> Vec<Mismatch> {
    let mut found = Vec::new();
    for at in 0..recorded.len().max(printed.len()) {
        let (recorded, printed) = (recorded.get(at), printed.get(at));
        if !recorded.zip(printed).is_some_and(|(recorded, printed)| printed.is(recorded)) {
            let (recorded, printed) = (recorded.cloned(), printed.map(Line::shown));
            found.push(Mismatch::Line { number: at + 1, recorded, printed });
        }
    }
    found
}

/// Table by table, row by row.
pub(crate) fn tables(recorded: &BTreeMap<String, Table>, found: &BTreeMap<String, Table>) -> Vec<Mismatch> {
    let names: BTreeSet<&String> = recorded.keys().chain(found.keys()).collect();
    names.into_iter().flat_map(|name| table(name, recorded.get(name), found.get(name))).collect()
}

fn table(name: &str, recorded: Option<&Table>, found: Option<&Table>) -> Vec<Mismatch> {
    let columns = |table: Option<&Table>| table.map(|table| table.columns.clone());
    let rows = |table: Option<&Table>| table.map(|table| table.rows.clone()).unwrap_or_default();
    let mut mismatches = Vec::new();
    if columns(recorded) != columns(found) {
        let (recorded, found) = (columns(recorded), columns(found));
        mismatches.push(Mismatch::Columns { table: name.to_owned(), recorded, found });
    }
    let (recorded, found) = (rows(recorded), rows(found));
    for at in 0..recorded.len().max(found.len()) {
        let (recorded, found) = (recorded.get(at).cloned(), found.get(at).cloned());
        if recorded != found {
            mismatches.push(Mismatch::Row { table: name.to_owned(), number: at + 1, recorded, found });
        }
    }
    mismatches
}
