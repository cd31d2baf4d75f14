//! `cargo xtask bench --quick`: Realgar against the bare driver, in turn, so that noise hits both alike.

use std::collections::BTreeMap;

use super::{
    programs::{Database, Program},
    turns::{Place, take_turns},
};
use crate::cargo::{self, Cargo};

/// What is printed, in this order: its name, the workload to ask both programs for, the raw form it is compared with.
/// Lazy loading of 1,000 collections is compared with the two queries that a careful user of the driver writes.
const LINES: [(&str, &str); 12] = [
    ("w1", "w1"),
    ("w2_50000", "w2_50000"),
    ("w2_100", "w2_100"),
    ("w2_1", "w2_1"),
    ("w3_selectin", "w3_selectin"),
    ("w3_joined", "w3_joined"),
    ("w3_lazy", "w3_selectin"),
    ("w4", "w4"),
    ("w5", "w5"),
    ("w6", "w6"),
    ("w7", "w7"),
    ("w8", "w8"),
];

/// How often the programs take turns; the median of the turns counts.
const TURNS: usize = 3;

const HEAD: &str = "# processor time, medians, nanoseconds a unit (w8: bytes a row)\n# name realgar_ns raw_ns ratio";

/// Builds both programs, lets them take turns, and prints one line for each workload.
pub(crate) fn quick() -> Result<(), String> {
    let bench = cargo::root().join("bench");
    let build = "build --release --package raw --package bench-realgar --bin raw --bin bench-realgar";
    Cargo::new("bench", build).within(&bench).run()?;
    let programs = [Program::raw(Database::Sqlite), Program::realgar(Database::Sqlite)];
    let place = Place::sqlite()?;
    let mut figures = Figures::new();
    take_turns(&place, &programs, TURNS, &[], |line| {
        let words: Vec<&str> = line.split('\t').collect();
        let [peer, workload, _, _, _, _, median, ..] = words.as_slice() else { return };
        if let Ok(median) = median.parse() {
            figures.entry((peer.to_string(), workload.to_string())).or_default().push(median);
        }
    })?;
    print(&figures)
}

/// The figures of each program and workload, one for each turn.
type Figures = BTreeMap<(String, String), Vec<f64>>;

fn print(figures: &Figures) -> Result<(), String> {
    let figure = |peer: &str, workload: &str| {
        let all = figures.get(&(peer.to_owned(), workload.to_owned()));
        all.and_then(|all| median(all)).ok_or_else(|| format!("`{peer}` did not measure {workload}"))
    };
    println!("{HEAD}");
    for (name, raw) in LINES {
        let (ours, theirs) = (figure("realgar", name)?, figure("raw", raw)?);
        println!("{name} {ours:.0} {theirs:.0} {:.2}", ours / theirs);
    }
    for name in ["w1", "w2_50000", "w2_100", "w2_1"] {
        println!("# {name}: raw without owned strings {:.0}", figure("raw", &format!("{name}_borrowed"))?);
    }
    Ok(())
}

fn median(figures: &[f64]) -> Option<f64> {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_turns() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[]), None);
    }
}
