//! Tables of a comparison.

use std::fmt::Write;

use crate::figures::{Figure, Figures};

pub struct Line {
    pub name: &'static str,
    pub title: &'static str,
    /// The raw program's form that is the measure.
    pub raw: &'static str,
    /// What Realgar may cost, as a multiple of that.
    pub goal: f64,
}

const fn line(name: &'static str, title: &'static str, raw: &'static str, goal: f64) -> Line {
    Line { name, title, raw, goal }
}

pub const SQLITE: [Line; 12] = [
    line("w1", "an object by its key", "w1", 2.0),
    line("w2_50000", "rows as objects, 50,000 a query", "w2_50000", 1.0),
    line("w2_100", "…, 100 a query", "w2_100", 1.1),
    line("w2_1", "…, one a query", "w2_1", 1.3),
    line("w3_selectin", "parents with 10 children, two queries", "w3_selectin", 1.15),
    line("w3_joined", "…, one join", "w3_joined", 1.15),
    line("w3_lazy", "…, each asked for in a loop", "w3_selectin", 1.3),
    line("w4", "new rows, keys back", "w4", 1.2),
    line("w5", "posts with 5 tags each", "w5", 1.1),
    line("w6", "one column changed", "w6", 0.8),
    line("w7", "join, filter, order, limit 50", "w7", 1.15),
    line("w8", "memory of 200,000 objects", "w8", 1.3),
];

pub const POSTGRES: [Line; 12] = {
    let mut lines = SQLITE;
    let mut at = 0;
    while at < lines.len() {
        lines[at].goal = if at == 11 { 1.3 } else { 1.2 };
        at += 1;
    }
    lines
};

pub const PEERS: [(&str, &str); 4] =
    [("diesel", "Diesel"), ("sqlx", "sqlx"), ("seaorm", "SeaORM"), ("toasty", "Toasty")];

/// Two digits that matter.
pub fn short(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

fn amount(figure: &Figure, value: f64) -> String {
    if figure.workload == "w8" { format!("{value:.0} B") } else { short(value / 1000.0) }
}

/// Microseconds a unit and the multiple of the raw program's. Of a peer, the form that takes least.
pub fn compared(figures: &Figures, lines: &[Line], what: fn(&Figure) -> f64, judged: bool) -> String {
    let mut text = "| workload | per | raw | raw, borrowed | **Realgar** |".to_owned();
    PEERS.iter().for_each(|(_, title)| write!(text, " {title} |").unwrap());
    text += if judged { " goal | met | ahead of all |\n" } else { "\n" };
    text += &format!("|---|---|{}\n", "---:|".repeat(7));
    if judged {
        text.pop();
        text += "---:|---|---|\n";
    }
    for line in lines {
        let (Some(ours), Some(raw)) = (figures.of("realgar", line.name), figures.of("raw", line.raw)) else { continue };
        let ratio = what(ours) / what(raw);
        let borrowed = figures.of("raw", &format!("{}_borrowed", line.name));
        let borrowed = borrowed.map_or_else(String::new, |figure| amount(figure, what(figure)));
        let (name, title, unit) = (line.name, line.title, &ours.unit);
        let (raw_is, ours_is) = (amount(raw, what(raw)), amount(ours, what(ours)));
        write!(text, "| `{name}` {title} | {unit} | {raw_is} | {borrowed} | **{ours_is}** ({ratio:.2}) |").unwrap();
        for (peer, _) in PEERS {
            match figures.best(peer, line.name, what) {
                Some(figure) => {
                    write!(text, " {} ({:.1}) |", amount(figure, what(figure)), what(figure) / what(raw)).unwrap();
                }
                None => text += " |",
            }
        }
        if judged {
            let rest = best_peer(figures, line, what).map_or(f64::INFINITY, |figure| what(figure));
            // Memory is what knowing every object once costs: compared, but no race.
            let ahead = if line.name == "w8" { "" } else { yes(what(ours) < rest) };
            write!(text, " {:.2} | {} | {ahead} |", line.goal, yes(ratio <= line.goal)).unwrap();
        }
        text.push('\n');
    }
    text
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "**no**" }
}

pub fn best_peer<'a>(figures: &'a Figures, line: &Line, what: fn(&Figure) -> f64) -> Option<&'a Figure> {
    let best = PEERS.iter().filter_map(|(peer, _)| figures.best(peer, line.name, what));
    best.min_by(|one, other| what(one).total_cmp(&what(other)))
}

/// Which form of a workload it is that a table shows for a peer, where it is not the first.
pub fn forms(figures: &Figures, lines: &[Line], what: fn(&Figure) -> f64) -> String {
    let mut text = String::new();
    for (peer, title) in PEERS {
        let best = lines.iter().filter_map(|line| Some((line.name, &figures.best(peer, line.name, what)?.workload)));
        let forms: Vec<String> =
            best.filter(|(name, form)| name != form).map(|(_, form)| format!("`{form}`")).collect();
        if !forms.is_empty() {
            write!(text, "{}{title} {}", if text.is_empty() { "Forms taken: " } else { "; " }, forms.join(", "))
                .unwrap();
        }
    }
    text + ".\n"
}

/// Round trips of a whole workload.
pub fn trips(figures: &Figures, lines: &[Line]) -> String {
    let mut text = "| workload | units | raw | **Realgar** |".to_owned();
    PEERS.iter().for_each(|(_, title)| write!(text, " {title} |").unwrap());
    text += &format!("\n|---|{}\n", "---:|".repeat(7));
    for line in lines.iter().filter(|line| line.name != "w8") {
        let Some(ours) = figures.of("realgar", line.name) else { continue };
        let count = |figure: Option<&Figure>| {
            let trips = figure.and_then(|figure| Some((figure.trips?, figure.units)));
            match trips {
                Some((trips, units)) if units == ours.units => trips.to_string(),
                Some((trips, units)) => format!("{trips} of {units}"),
                None => String::new(),
            }
        };
        write!(text, "| `{}` | {} | {} |", line.name, ours.units, count(figures.of("raw", line.name))).unwrap();
        write!(text, " **{}** |", count(Some(ours))).unwrap();
        for (peer, _) in PEERS {
            let fewest = figures.best(peer, line.name, |figure| figure.trips.map_or(f64::MAX, |trips| trips as f64));
            write!(text, " {} |", count(fewest)).unwrap();
        }
        text.push('\n');
    }
    text
}

/// What each program is made of.
pub fn versions(figures: &Figures) -> String {
    let mut text = format!("Measured by `{}` on {}", figures.command, figures.machine);
    if let Some(server) = &figures.server {
        write!(text, ", {server}").unwrap();
    }
    text += ":\n\n";
    for (peer, title) in [("raw", "raw"), ("realgar", "Realgar")].into_iter().chain(PEERS) {
        if let Some(version) = figures.versions.get(peer) {
            writeln!(text, "- {title}: {version}").unwrap();
        }
    }
    for [program, workload, why] in &figures.failed {
        write!(text, "\n{program} could not do {workload}: {why}\n").unwrap();
    }
    for workload in &figures.differing {
        write!(text, "\n**Not all programs did the same in {workload}.**\n").unwrap();
    }
    text
}
