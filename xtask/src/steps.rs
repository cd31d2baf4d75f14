//! The steps of each command: a line before, the time after, the end at the first failure.

use std::{
    collections::BTreeMap,
    env, fs,
    time::{Duration, Instant},
};

use crate::{
    cargo::Cargo,
    servers::{Mariadb, Postgres, Server},
    web,
};

/// The databases that the tests are to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Databases {
    /// Every one that is within reach.
    All,
    /// SQLite alone.
    Sqlite,
    /// PostgreSQL alone.
    Postgres,
    /// MySQL and MariaDB alone.
    Mysql,
    /// No database's own tests: the web side.
    Web,
}

/// Format, clippy, ceremony, examples, tests, documentation, in this order: what is quick to fail comes first; then the
/// tests that know a server, on each server that is within reach. One that was asked for by name must be.
pub(crate) fn test(databases: Databases) -> Result<(), String> {
    let everything = [
        Cargo::new("format", "fmt --all --check").component("rustfmt"),
        Cargo::new("clippy", "clippy --workspace --all-targets --all-features -- -D warnings").component("clippy"),
        Cargo::new("ceremony", "run --quiet --package xtask -- ceremony"),
        // The tests run the examples as users do, and `--tests` alone does not build them.
        Cargo::new("examples", "build --workspace --all-features --examples"),
        Cargo::new("tests", "test --workspace --all-features --no-fail-fast --lib --bins --tests"),
        Cargo::new("doc tests", "test --workspace --all-features --no-fail-fast --doc"),
        Cargo::new("documentation", "doc --workspace --all-features --no-deps").env("RUSTDOCFLAGS", "-D warnings"),
    ];
    let start = Instant::now();
    let mut notes = Vec::new();
    let result = match databases {
        Databases::Postgres | Databases::Mysql | Databases::Web => Ok(()),
        Databases::All | Databases::Sqlite => run(everything.as_slice()),
    };
    let result = result.and_then(|()| servers(databases, &mut notes));
    let result = result.and_then(|()| match databases {
        Databases::All | Databases::Web => web::test(databases == Databases::Web, &mut notes),
        Databases::Sqlite | Databases::Postgres | Databases::Mysql => Ok(()),
    });
    println!();
    notes.iter().for_each(|note| println!("{note}"));
    println!("total: {}, {}", if result.is_ok() { "ok" } else { "failed" }, seconds(start.elapsed()));
    result
}

fn run(steps: &[Cargo]) -> Result<(), String> {
    for (index, step) in steps.iter().enumerate() {
        println!("\n==> {} of {}, {}: {step}", index + 1, steps.len(), step.name);
        let began = Instant::now();
        let result = step.run();
        let (name, took) = (step.name, seconds(began.elapsed()));
        if let Err(problem) = result {
            println!("==> {name}: failed after {took}");
            return Err(format!("{name}: {problem}{}", not_run(&steps[index + 1..])));
        }
        println!("==> {name}: ok, {took}");
    }
    Ok(())
}

/// The tests on each server, and what there is to say of it.
fn servers(databases: Databases, notes: &mut Vec<String>) -> Result<(), String> {
    type Start = fn() -> Result<Server, String>;
    let known: [(Databases, &str, Start); 2] =
        [(Databases::Postgres, "postgres", Postgres::start), (Databases::Mysql, "mysql", Mariadb::start)];
    let mut result = Ok(());
    for (database, name, start) in known {
        if databases != Databases::All && databases != database {
            notes.push(format!("skipped: {name} (not asked for)"));
            continue;
        }
        match start() {
            Ok(server) => result = result.and(on(&server, notes)),
            Err(why) => {
                notes.push(format!("skipped: {name} ({why})"));
                if databases == database {
                    result = Err(format!("{name} cannot be started: {why}"));
                }
            }
        }
    }
    result
}

fn on(server: &Server, notes: &mut Vec<String>) -> Result<(), String> {
    println!("\n==> {}", server.version);
    let list = env::temp_dir().join(format!("realgar-skipped-{}", std::process::id()));
    let _ = fs::remove_file(&list);
    let list_path = list.display().to_string();
    let with = |name, words| {
        let call = Cargo::new(name, words).env("REALGAR_TEST_SKIPPED", &list_path);
        server.env.iter().fold(call, |call, (name, value)| call.env(name, value))
    };
    let mut steps = vec![with(
        server.name,
        "test --package realgar --all-features --no-fail-fast --test suite --test parity --test server",
    )];
    if server.env.iter().any(|(name, _)| name == "REALGAR_TEST_KILL") {
        // Alone: every other test would notice.
        steps.push(with("killed", "test --package realgar --all-features --test killed"));
    }
    let result = run(&steps);
    let lines = fs::read_to_string(&list).unwrap_or_default();
    let _ = fs::remove_file(&list);
    notes.push(format!("{}: tested on {}{}", server.name, server.version, lacking(&lines)));
    result
}

/// What the tests found lacking, and how many of them.
fn lacking(lines: &str) -> String {
    let mut found = BTreeMap::<&str, usize>::new();
    for (_, ability) in lines.lines().filter_map(|line| line.split_once(": ")) {
        *found.entry(ability).or_default() += 1;
    }
    let each: Vec<String> = found.iter().map(|(ability, count)| format!("{ability} ({count})")).collect();
    if each.is_empty() { String::new() } else { format!("; skipped there: {}", each.join(", ")) }
}

fn not_run(steps: &[Cargo]) -> String {
    let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
    if names.is_empty() { String::new() } else { format!("; not run: {}", names.join(", ")) }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
