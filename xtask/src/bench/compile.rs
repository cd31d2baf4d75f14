//! `cargo xtask bench --compile`: what it costs to compile an application on Realgar, SeaORM and Toasty, side by side.
//!
//! Two applications, each written thrice: a small one (`bench/compile/<peer>`), and one of many models, each in a file of its
//! own, written here (`compile/many.rs`). CPU seconds of cargo and all that it starts: how long one waits depends on who else
//! is at work. Clean: nothing is built but downloaded. Touched: the type of one model's column has changed.

mod apps;
mod cpu;
mod many;
mod report;

use std::{fs, path::PathBuf};

use self::{
    apps::{App, Size, State},
    report::Line,
};
use crate::cargo;

const USAGE: &str = "\
usage: cargo xtask bench --compile [OPTIONS]
  --peer NAME     realgar, seaorm or toasty alone; may be said again
  --app NAME      small or many alone
  --models N      how many models the application `many` has (200)
  --repeat N      how often a touched application is built; the least counts (3)
  --clean N       how often everything is built anew; 0: measure touched ones only (1)
  --json FILE     where the figures go (target/bench-compile/results.json)";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    peers: Vec<&'static str>,
    sizes: Vec<Size>,
    models: usize,
    repeat: usize,
    clean: usize,
    json: Option<PathBuf>,
}

/// Measures, prints a table, writes the figures.
pub(crate) fn compile(arguments: &[String]) -> Result<(), String> {
    let options = options(arguments).map_err(|problem| format!("{problem}\n\n{USAGE}"))?;
    let folder = fs::canonicalize(cargo::root()).map_err(|error| error.to_string())?.join("target/bench-compile");
    let mut lines = Vec::new();
    for &size in &options.sizes {
        for &peer in &options.peers {
            let app = App::write(&folder, peer, size, options.models)?;
            let measured = measure(&app, &options)?;
            measured.iter().for_each(|line| println!("{line}"));
            lines.extend(measured);
        }
    }
    let table = report::table(&lines, &options.peers);
    println!("\n{table}");
    let json = options.json.unwrap_or_else(|| folder.join("results.json"));
    fs::write(&json, report::json(&lines)).map_err(|error| format!("cannot write {}: {error}", json.display()))?;
    println!("figures: {}", json.display());
    report::verdict(&lines)
}

/// All lines of one application.
fn measure(app: &App, options: &Options) -> Result<Vec<Line>, String> {
    let line =
        |what: &str, values: Vec<f64>| Line { app: app.size.name(), what: what.to_owned(), peer: app.peer, values };
    app.fetch()?;
    let mut lines = Vec::new();
    for command in ["check", "build"] {
        let clean = repeated(options.clean, || {
            app.forget()?;
            app.cargo(command)
        })?;
        // What is there from before may be another compiler's, or half of it.
        app.cargo(command)?;
        let mut state = State::Changed;
        let touched = repeated(options.repeat, || {
            app.touch(state)?;
            state = state.other();
            app.cargo(command)
        })?;
        app.touch(State::Written)?;
        lines.extend((!clean.is_empty()).then(|| line(&format!("clean {command}"), clean)));
        lines.extend((!touched.is_empty()).then(|| line(&format!("touched {command}"), touched)));
    }
    lines.push(line("crates", vec![app.crates()? as f64]));
    Ok(lines)
}

fn repeated(times: usize, mut one: impl FnMut() -> Result<f64, String>) -> Result<Vec<f64>, String> {
    (0..times).map(|_| one()).collect()
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options { peers: Vec::new(), sizes: Vec::new(), models: 200, repeat: 3, clean: 1, json: None };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
        let number = || value.parse().map_err(|_| format!("`{word} {value}`: that is no number"));
        match word.as_str() {
            "--peer" => options.peers.push(known(&apps::PEERS, value, |peer| peer)?),
            "--app" => options.sizes.push(known(&Size::ALL, value, Size::name)?),
            "--models" => options.models = number()?,
            "--repeat" => options.repeat = number()?,
            "--clean" => options.clean = number()?,
            "--json" => options.json = Some(PathBuf::from(value)),
            _ => return Err(format!("`bench --compile` does not know `{word}`")),
        }
    }
    if options.models <= many::TOUCHED {
        return Err(format!("`--models {}`: at least {} are needed", options.models, many::TOUCHED + 1));
    }
    if options.peers.is_empty() {
        options.peers = apps::PEERS.to_vec();
    }
    if options.sizes.is_empty() {
        options.sizes = Size::ALL.to_vec();
    }
    Ok(options)
}

fn known<T: Copy>(all: &[T], said: &str, name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let names = || all.iter().map(|&one| name(one)).collect::<Vec<_>>().join(", ");
    all.iter().copied().find(|&one| name(one) == said).ok_or_else(|| format!("no `{said}`; there are {}", names()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        options(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_have_defaults() {
        let all = read("").unwrap();
        assert_eq!((all.peers.len(), all.sizes.len(), all.models, all.repeat, all.clean), (3, 2, 200, 3, 1));
        let some = read("--peer realgar --app many --models 60 --clean 0").unwrap();
        assert_eq!((some.peers, some.sizes, some.models, some.clean), (vec!["realgar"], vec![Size::Many], 60, 0));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(read("--peer diesel").unwrap_err(), "no `diesel`; there are realgar, seaorm, toasty");
        assert_eq!(read("--repeat x").unwrap_err(), "`--repeat x`: that is no number");
        assert_eq!(read("--models 3").unwrap_err(), "`--models 3`: at least 18 are needed");
        assert_eq!(read("--quick yes").unwrap_err(), "`bench --compile` does not know `--quick`");
        assert_eq!(read("--json").unwrap_err(), "`--json` needs a value");
    }
}
