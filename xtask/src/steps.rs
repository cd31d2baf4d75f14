//! The steps of each command: a line before, the time after, the end at the first failure.

use std::time::{Duration, Instant};

use crate::cargo::Cargo;

/// The databases that the tests are to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Databases {
    /// Every one that is within reach.
    All,
    /// SQLite alone.
    Sqlite,
}

/// Format, clippy, ceremony, examples, tests, documentation, in this order: what is quick to fail comes first.
pub(crate) fn test(databases: Databases) -> Result<(), String> {
    let steps = [
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
    let mut result = Ok(());
    for (index, step) in steps.iter().enumerate() {
        println!("\n==> {} of {}, {}: {step}", index + 1, steps.len(), step.name);
        let began = Instant::now();
        result = step.run();
        let (name, took) = (step.name, seconds(began.elapsed()));
        if let Err(problem) = &mut result {
            println!("==> {name}: failed after {took}");
            *problem = format!("{name}: {problem}{}", not_run(&steps[index + 1..]));
            break;
        }
        println!("==> {name}: ok, {took}");
    }
    println!("\n{}", skipped(databases));
    println!("total: {}, {}", if result.is_ok() { "ok" } else { "failed" }, seconds(start.elapsed()));
    result
}

/// The example `speed`, built for speed.
pub(crate) fn bench(arguments: &[String]) -> Result<(), String> {
    Cargo::new("bench", "run --release --package realgar --example speed --").arguments(arguments).run()
}

fn not_run(steps: &[Cargo]) -> String {
    let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
    if names.is_empty() { String::new() } else { format!("; not run: {}", names.join(", ")) }
}

/// What a green run does not say anything about.
fn skipped(databases: Databases) -> &'static str {
    match databases {
        // The two are one until there is a second driver.
        Databases::All | Databases::Sqlite => "skipped: postgres, mysql (no driver yet)",
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
