//! The project's own commands: `cargo xtask test`, `bench`, `ceremony`, `faults`.
//!
//! What the continuous integration runs is what runs here; there is no second list of checks. Nothing but the Rust
//! toolchain is needed, so there are no dependencies; database servers are used where they can be had.

mod bench;
mod cargo;
mod ceremony;
mod faults;
mod servers;
mod steps;
mod web;

use std::process::ExitCode;

use bench::Bench;
use steps::Databases;

const USAGE: &str = "\
usage: cargo xtask test [--only DATABASE]   format, clippy, tests, documentation, and the tests on every database server
                                            that is within reach; stops at the first failure
                                            DATABASE: sqlite, postgres, mysql; or web: the router, a browser, a load test
       cargo xtask bench --quick            speed beside the bare driver on SQLite, a line for each workload of `bench`
       cargo xtask bench --full [DATABASE]  speed beside the drivers and Diesel, sqlx, SeaORM, Toasty; writes
                                            bench/results and docs/performance.md. DATABASE: sqlite, postgres
       cargo xtask bench --scaling          how time and memory grow with the rows, and 1,000 sessions at once; written there
       cargo xtask bench --tables           writes docs/performance.md from bench/results
       cargo xtask bench --compile          CPU seconds to compile an application on Realgar and on its peers
       cargo xtask ceremony                 lines of the guide's examples against those of the originals
       cargo xtask faults                   deliberate faults, each of which the random programs must find";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Task {
    Test(Databases),
    Bench(Bench),
    Compile(Vec<String>),
    Ceremony,
    Faults,
    Help,
}

fn main() -> ExitCode {
    let done = match parse(std::env::args().skip(1).collect()) {
        Ok(Task::Test(databases)) => steps::test(databases),
        Ok(Task::Bench(what)) => bench::run(what),
        Ok(Task::Compile(arguments)) => bench::compile::compile(&arguments),
        Ok(Task::Ceremony) => ceremony::run(&cargo::root()),
        Ok(Task::Faults) => faults::run(),
        Ok(Task::Help) => {
            println!("{USAGE}");
            Ok(())
        }
        Err(problem) => {
            eprintln!("xtask: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// The task of a command line, or what is wrong with it.
fn parse(arguments: Vec<String>) -> Result<Task, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Err("say what to do".to_owned()),
        ["-h" | "--help" | "help"] => Ok(Task::Help),
        ["bench", "--quick"] => Ok(Task::Bench(Bench::Quick)),
        ["bench", "--full"] => full(""),
        ["bench", "--full", name] => full(name),
        ["bench", "--scaling"] => Ok(Task::Bench(Bench::Scaling)),
        ["bench", "--tables"] => Ok(Task::Bench(Bench::Tables)),
        ["bench", "--compile", arguments @ ..] => {
            Ok(Task::Compile(arguments.iter().map(|&word| word.to_owned()).collect()))
        }
        ["bench", ..] => Err("say which `bench`".to_owned()),
        ["ceremony"] => Ok(Task::Ceremony),
        ["faults"] => Ok(Task::Faults),
        ["test"] => Ok(Task::Test(Databases::All)),
        ["test", "--only"] => Err(format!("`--only` needs the name of a database; {THERE_ARE}")),
        ["test", "--only", name] => only(name),
        ["test", word] if word.starts_with("--only=") => only(&word["--only=".len()..]),
        ["test", "--only", _, word, ..] | ["test", word, ..] => Err(format!("`test` does not know `{word}`")),
        [word, ..] => Err(format!("no command `{word}`")),
    }
}

fn full(name: &str) -> Result<Task, String> {
    let databases = bench::databases(name).ok_or_else(|| format!("no benchmark on `{name}`"))?;
    Ok(Task::Bench(Bench::Full(databases)))
}

const THERE_ARE: &str = "there are `sqlite`, `postgres`, `mysql` and `web`";

fn only(name: &str) -> Result<Task, String> {
    match name {
        "sqlite" => Ok(Task::Test(Databases::Sqlite)),
        "postgres" => Ok(Task::Test(Databases::Postgres)),
        "mysql" => Ok(Task::Test(Databases::Mysql)),
        "web" => Ok(Task::Test(Databases::Web)),
        _ => Err(format!("no database `{name}`; {THERE_ARE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Database;

    fn check(line: &str, expected: Result<Task, &str>) {
        let arguments = line.split_whitespace().map(str::to_owned).collect();
        assert_eq!(parse(arguments), expected.map_err(str::to_owned), "{line}");
    }

    #[test]
    fn known_command_lines() {
        check("test", Ok(Task::Test(Databases::All)));
        check("test --only sqlite", Ok(Task::Test(Databases::Sqlite)));
        check("test --only=sqlite", Ok(Task::Test(Databases::Sqlite)));
        check("test --only postgres", Ok(Task::Test(Databases::Postgres)));
        check("test --only mysql", Ok(Task::Test(Databases::Mysql)));
        check("test --only web", Ok(Task::Test(Databases::Web)));
        check("bench --quick", Ok(Task::Bench(Bench::Quick)));
        check("bench --scaling", Ok(Task::Bench(Bench::Scaling)));
        check("bench --tables", Ok(Task::Bench(Bench::Tables)));
        check("bench --full sqlite", Ok(Task::Bench(Bench::Full(&[Database::Sqlite]))));
        check("bench --full", Ok(Task::Bench(Bench::Full(&[Database::Sqlite, Database::Postgres]))));
        check("bench --compile --repeat 1", Ok(Task::Compile(vec!["--repeat".to_owned(), "1".to_owned()])));
        check("ceremony", Ok(Task::Ceremony));
        check("faults", Ok(Task::Faults));
        check("--help", Ok(Task::Help));
    }

    #[test]
    fn unknown_command_lines() {
        check("", Err("say what to do"));
        check("tset", Err("no command `tset`"));
        check("bench", Err("say which `bench`"));
        check("bench --full oracle", Err("no benchmark on `oracle`"));
        check("test --fast", Err("`test` does not know `--fast`"));
        check(
            "test --only",
            Err("`--only` needs the name of a database; there are `sqlite`, `postgres`, `mysql` and `web`"),
        );
        check("test --only oracle", Err("no database `oracle`; there are `sqlite`, `postgres`, `mysql` and `web`"));
        check("test --only sqlite --fast", Err("`test` does not know `--fast`"));
    }
}
