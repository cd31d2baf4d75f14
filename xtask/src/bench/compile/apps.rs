//! An application of one peer: where it is, how a model in it is touched, what cargo does with it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use super::{cpu, many};
use crate::cargo;

/// Those who are measured, as their folders in `bench/compile` are called.
pub(super) const PEERS: [&str; 3] = ["realgar", "seaorm", "toasty"];

/// Which application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Small,
    Many,
}

impl Size {
    pub(super) const ALL: [Size; 2] = [Size::Small, Size::Many];

    pub(super) fn name(self) -> &'static str {
        match self {
            Size::Small => "small",
            Size::Many => "many",
        }
    }
}

/// What the touched column is.
#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    /// As it was written.
    Written,
    /// Of another type.
    Changed,
}

impl State {
    pub(super) fn other(self) -> State {
        match self {
            State::Written => State::Changed,
            State::Changed => State::Written,
        }
    }
}

/// An application, ready to be built.
pub(super) struct App {
    pub(super) peer: &'static str,
    pub(super) size: Size,
    folder: PathBuf,
    /// The file with the model that is touched.
    model: PathBuf,
}

/// The column that is touched: the first one of this name.
const COLUMN: [&str; 2] = ["pub amount: i64", "pub amount: i32"];

impl App {
    /// Writes the application into a folder in this one.
    pub(super) fn write(into: &Path, peer: &'static str, size: Size, models: usize) -> Result<App, String> {
        let root = fs::canonicalize(cargo::root()).map_err(|error| error.to_string())?;
        let folder = into.join(format!("{peer}-{}", size.name()));
        let from = root.join("bench/compile").join(peer);
        let manifest = read(&from.join("Cargo.toml"))?;
        let library = root.join("crates/realgar");
        write(&folder.join("Cargo.toml"), &manifest.replace("../../../crates/realgar", &library.to_string_lossy()))?;
        let files = match size {
            Size::Many => many::files(peer, models),
            Size::Small => {
                let file = |name: &str| Ok((name.to_owned(), read(&from.join("src").join(name))?));
                ["main.rs", "models.rs"].into_iter().map(file).collect::<Result<_, String>>()?
            }
        };
        for (name, text) in files {
            write(&folder.join("src").join(name), &text)?;
        }
        let touched = match size {
            Size::Small => "models.rs".to_owned(),
            Size::Many => many::file(many::TOUCHED),
        };
        Ok(App { peer, size, model: folder.join("src").join(touched), folder })
    }

    /// Downloads what it needs, and decides on versions.
    pub(super) fn fetch(&self) -> Result<(), String> {
        cpu::seconds(self.command("fetch").args(["--target", host()])).map(|_| ())
    }

    /// Forgets what was built.
    pub(super) fn forget(&self) -> Result<(), String> {
        let target = self.target();
        if target.exists() { fs::remove_dir_all(target).map_err(|error| error.to_string()) } else { Ok(()) }
    }

    /// `cargo check` or `cargo build`: its CPU seconds.
    pub(super) fn cargo(&self, command: &str) -> Result<f64, String> {
        cpu::seconds(self.command(command).arg("--offline"))
    }

    /// Writes the touched column in this way.
    pub(super) fn touch(&self, state: State) -> Result<(), String> {
        let text = read(&self.model)?;
        let (from, to) = match state {
            State::Changed => (COLUMN[0], COLUMN[1]),
            State::Written => (COLUMN[1], COLUMN[0]),
        };
        write(&self.model, &text.replacen(from, to, 1))?;
        // Cargo goes by a file's age, and a clock may be set back between two builds.
        let later = SystemTime::now() + Duration::from_secs(600);
        let dated = File::options().write(true).open(&self.model).and_then(|file| file.set_modified(later));
        dated.map_err(|error| format!("cannot date {}: {error}", self.model.display()))
    }

    /// How many crates are compiled, without its own.
    pub(super) fn crates(&self) -> Result<usize, String> {
        let mut command = self.command("tree");
        command.args(["--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
        let output = command.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        Ok(crates(&String::from_utf8_lossy(&output.stdout)))
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    fn command(&self, command: &str) -> Command {
        let mut cargo = Command::new(cargo::program());
        // What cargo and rustup tell the program that they run would reach the build, too.
        let ours = std::env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME") {
            cargo.env_remove(name);
        }
        cargo.arg(command).current_dir(&self.folder).env("CARGO_TARGET_DIR", self.target());
        cargo
    }
}

/// The packages of `cargo tree`, each once, without the first, which is its root.
fn crates(tree: &str) -> usize {
    let mut names: Vec<&str> =
        tree.lines().skip(1).map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

fn host() -> &'static str {
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Leaves a file alone that says the same: cargo looks at its age.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_counted_once() {
        let tree =
            "app v0.0.0 (/tmp/app)\nrealgar v0.1.0\nchrono v0.4.45\nchrono v0.4.45 (*)\n\ncc v1.2.0\nchrono v0.5.0\n";
        assert_eq!(crates(tree), 4);
    }

    #[test]
    fn each_application_has_the_column_to_touch() {
        let root = cargo::root().join("bench/compile");
        for peer in PEERS {
            assert!(read(&root.join(peer).join("src/models.rs")).unwrap().contains(COLUMN[0]), "{peer}");
            let files = many::files(peer, 20);
            let touched = files.iter().find(|(name, _)| *name == many::file(many::TOUCHED)).unwrap();
            assert!(touched.1.contains(COLUMN[0]), "{peer}");
        }
    }
}
