//! `cargo xtask bench --quick`: Realgar against the bare driver, in turn, so that noise hits both alike.

pub(crate) mod compile;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
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

/// A process for each of these, with a fresh copy of the database.
const GROUPS: [&str; 8] = ["w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"];

/// How often the programs take turns; the median of the turns counts.
const TURNS: usize = 3;

const HEAD: &str = "# processor time, medians, nanoseconds a unit (w8: bytes a row)\n# name realgar_ns raw_ns ratio";

/// Builds both programs, lets them take turns, and prints one line for each workload.
pub(crate) fn quick() -> Result<(), String> {
    let bench = cargo::root().join("bench");
    Cargo::new("bench", "build --release --package raw --package bench-realgar").within(&bench).run()?;
    let programs =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| bench.join("target"), PathBuf::from).join("release");
    let folder = std::env::temp_dir().join(format!("realgar-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let measured = measure(&programs, &folder);
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    print(&measured?)
}

/// The figures of each program and workload, one for each turn.
type Figures = BTreeMap<(String, String), Vec<f64>>;

fn measure(programs: &Path, folder: &Path) -> Result<Figures, String> {
    let raw = programs.join("raw");
    for kind in ["seed", "empty"] {
        run(&raw, &folder.join(kind), kind)?;
    }
    let mut figures = Figures::new();
    for group in GROUPS {
        for _ in 0..TURNS {
            for program in [&raw, &programs.join("bench-realgar")] {
                let file = folder.join("work.db");
                fresh(folder, &file, if group == "w4" { "empty" } else { "seed" })
                    .map_err(|error| error.to_string())?;
                for line in run(program, &file, group)?.lines() {
                    let words: Vec<&str> = line.split('\t').collect();
                    let [peer, workload, _, _, _, median, ..] = words.as_slice() else { continue };
                    let median: f64 = median.parse().map_err(|_| format!("no figure in `{line}`"))?;
                    figures.entry((peer.to_string(), workload.to_string())).or_default().push(median);
                }
            }
        }
    }
    Ok(figures)
}

/// A copy of the file that both programs begin with.
fn fresh(folder: &Path, file: &Path, kind: &str) -> std::io::Result<()> {
    for old in ["work.db", "work.db-wal", "work.db-shm"].map(|name| folder.join(name)) {
        if old.exists() {
            fs::remove_file(old)?;
        }
    }
    fs::copy(folder.join(kind), file).map(|_| ())
}

fn run(program: &Path, file: &Path, workload: &str) -> Result<String, String> {
    let output = Command::new(program).arg(file).arg(workload).output();
    let output = output.map_err(|error| format!("cannot run `{}`: {error}", program.display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("`{} … {workload}` failed: {}", program.display(), String::from_utf8_lossy(&output.stderr).trim()))
}

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
