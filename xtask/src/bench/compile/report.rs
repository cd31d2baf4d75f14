//! The figures: as lines, as a table side by side, as JSON, and what is to be held.

use std::fmt::{self, Write as _};

/// What a `cargo check` after a touched model may take, of 200 models.
const TOUCHED_CHECK: f64 = 1.5;

/// One thing measured, as often as it was.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) app: &'static str,
    /// `clean check`, `touched build`, `crates`, …
    pub(super) what: String,
    pub(super) peer: &'static str,
    /// CPU seconds, or a number of crates.
    pub(super) values: Vec<f64>,
}

impl Line {
    /// The least: what disturbs can only add to it.
    fn value(&self) -> f64 {
        self.values.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn is_count(&self) -> bool {
        self.what == "crates"
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:<6} {:<14} {:<8} {}", self.app, self.what, self.peer, number(self))?;
        if self.values.len() > 1 {
            write!(out, "   {:.2?}", self.values)?;
        }
        Ok(())
    }
}

fn number(line: &Line) -> String {
    if line.is_count() { format!("{:.0}", line.value()) } else { format!("{:.2} s", line.value()) }
}

/// A Markdown table: a row for what was measured, a column for each peer.
pub(super) fn table(lines: &[Line], peers: &[&str]) -> String {
    let mut table = format!("| CPU seconds | {} |\n|---|{}\n", peers.join(" | "), "---:|".repeat(peers.len()));
    let mut done: Vec<(&str, &str)> = Vec::new();
    for line in lines {
        let row = (line.app, line.what.as_str());
        if done.contains(&row) {
            continue;
        }
        done.push(row);
        let cells = peers.iter().map(|peer| find(lines, row, peer).map_or("–".to_owned(), number));
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {}, {} | {} |", line.app, line.what, cells.collect::<Vec<_>>().join(" | "));
    }
    table
}

fn find<'a>(lines: &'a [Line], row: (&str, &str), peer: &str) -> Option<&'a Line> {
    lines.iter().find(|line| (line.app, line.what.as_str()) == row && line.peer == peer)
}

/// One object for each line.
pub(super) fn json(lines: &[Line]) -> String {
    let objects = lines.iter().map(|line| {
        let unit = if line.is_count() { "crates" } else { "cpu_seconds" };
        let values: Vec<String> = line.values.iter().map(|value| format!("{value:.2}")).collect();
        format!(
            "  {{\"app\": \"{}\", \"what\": \"{}\", \"peer\": \"{}\", \"unit\": \"{unit}\", \"min\": {:.2}, \"all\": [{}]}}",
            line.app,
            line.what,
            line.peer,
            line.value(),
            values.join(", ")
        )
    });
    format!("[\n{}\n]\n", objects.collect::<Vec<_>>().join(",\n"))
}

/// Realgar takes less than each peer, and a touched model of many little.
pub(super) fn verdict(lines: &[Line]) -> Result<(), String> {
    let mut problems = Vec::new();
    for ours in lines.iter().filter(|line| line.peer == "realgar") {
        let row = (ours.app, ours.what.as_str());
        let others = lines.iter().filter(|line| line.peer != "realgar" && (line.app, line.what.as_str()) == row);
        for other in others.filter(|other| other.value() <= ours.value()) {
            problems.push(format!(
                "{}, {}: {} takes {}, realgar {}",
                row.0,
                row.1,
                other.peer,
                number(other),
                number(ours)
            ));
        }
        if row == ("many", "touched check") && ours.value() > TOUCHED_CHECK {
            problems.push(format!("many, touched check: {}, more than {TOUCHED_CHECK} s", number(ours)));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(what: &str, peer: &'static str, values: &[f64]) -> Line {
        Line { app: "many", what: what.to_owned(), peer, values: values.to_vec() }
    }

    #[test]
    fn peers_stand_side_by_side() {
        let lines = [
            line("touched check", "realgar", &[1.25, 1.5]),
            line("touched check", "toasty", &[2.0]),
            line("crates", "realgar", &[60.0]),
        ];
        let expected = "| CPU seconds | realgar | toasty |\n|---|---:|---:|\n\
            | many, touched check | 1.25 s | 2.00 s |\n| many, crates | 60 | – |\n";
        assert_eq!(table(&lines, &["realgar", "toasty"]), expected);
        assert_eq!(
            json(&lines[..1]),
            "[\n  {\"app\": \"many\", \"what\": \"touched check\", \"peer\": \"realgar\", \"unit\": \"cpu_seconds\", \
            \"min\": 1.25, \"all\": [1.25, 1.50]}\n]\n"
        );
        assert_eq!(verdict(&lines), Ok(()));
    }

    #[test]
    fn what_is_slower_than_a_peer_or_too_slow_is_named() {
        let lines = [line("touched check", "realgar", &[1.75]), line("touched check", "toasty", &[1.5])];
        assert_eq!(
            verdict(&lines).unwrap_err(),
            "many, touched check: toasty takes 1.50 s, realgar 1.75 s\nmany, touched check: 1.75 s, more than 1.5 s"
        );
    }
}
