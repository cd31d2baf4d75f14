//! `bench/report`: what was measured, written down.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::programs;
use crate::cargo::{self, Cargo};

/// The program, built.
pub(crate) struct Report(PathBuf);

impl Report {
    pub(crate) fn build() -> Result<Report, String> {
        Cargo::new("report", "build --release --package report").within(&cargo::root().join("bench")).run()?;
        Ok(Report(programs::target("bench").join("report")))
    }

    /// Writes `bench/results/<name>.json`, and all results to `docs/performance.md`.
    pub(crate) fn write(&self, name: &str, lines: &[String]) -> Result<(), String> {
        self.call(Command::new(&self.0).arg(name), lines)
    }

    /// Writes the results that are there to `docs/performance.md`.
    pub(crate) fn tables(&self) -> Result<(), String> {
        self.call(&mut Command::new(&self.0), &[])
    }

    fn call(&self, command: &mut Command, lines: &[String]) -> Result<(), String> {
        let said = |error: std::io::Error| format!("report: {error}");
        let mut child = command.current_dir(cargo::root()).stdin(Stdio::piped()).spawn().map_err(said)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(lines.join("\n").as_bytes()).map_err(said)?;
        }
        let status = child.wait().map_err(said)?;
        if status.success() { Ok(()) } else { Err(format!("report ended with {status}")) }
    }
}
