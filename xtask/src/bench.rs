//! `cargo xtask bench`: the programs below `bench`, built, and run in turn.
//!
//! Figures are judged and written down by `bench/report`, a program of the same workspace: it may have dependencies.

pub(crate) mod compile;
mod programs;
mod quick;
mod report;
mod scaling;
mod turns;

pub(crate) use programs::Database;
use report::Report;
use turns::{Place, take_turns};

use crate::servers::Postgres;

/// What is to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bench {
    /// Realgar and the bare driver, on SQLite, printed.
    Quick,
    /// All programs, on these databases, written to `bench/results` and `docs/performance.md`.
    Full(&'static [Database]),
    /// How time and memory of Realgar grow, and many sessions at once; written to the same places.
    Scaling,
    /// Nothing: what was measured before is written to `docs/performance.md` again.
    Tables,
}

/// How often the programs take turns.
const TURNS: usize = 3;

/// Does what is asked for.
pub(crate) fn run(bench: Bench) -> Result<(), String> {
    match bench {
        Bench::Quick => quick::quick(),
        Bench::Full(databases) => databases.iter().try_for_each(|&database| full(database)),
        Bench::Scaling => scaling::scaling(),
        Bench::Tables => Report::build()?.tables(),
    }
}

fn full(database: Database) -> Result<(), String> {
    let programs = programs::build(database)?;
    let report = Report::build()?;
    let mut lines = Vec::new();
    match database {
        Database::Sqlite => {
            let place = Place::sqlite()?;
            take_turns(&place, &programs, TURNS, &[], |line| lines.push(line.to_owned()))?;
        }
        Database::Postgres => {
            let server = Postgres::start()?;
            println!("==> {}", server.version);
            lines.push(format!("server\t{}", server.version));
            let place = Place::postgres(&server)?;
            take_turns(&place, &programs, TURNS, &[], |line| lines.push(line.to_owned()))?;
            println!("==> round trips");
            take_turns(&place, &programs, 1, &[("TRIPS", "1")], |line| lines.push(line.to_owned()))?;
        }
    }
    report.write(database.name(), &lines)
}

/// What can be asked for after `--full`.
pub(crate) fn databases(name: &str) -> Option<&'static [Database]> {
    match name {
        "" => Some(&[Database::Sqlite, Database::Postgres]),
        "sqlite" => Some(&[Database::Sqlite]),
        "postgres" => Some(&[Database::Postgres]),
        _ => None,
    }
}
