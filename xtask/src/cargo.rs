//! One call of cargo: its words, what it needs, and what is said when it fails.

use std::{
    env, fmt,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A call of cargo from the root of the repository.
pub(crate) struct Cargo {
    /// What it is called in messages.
    pub(crate) name: &'static str,
    words: Vec<String>,
    env: Vec<(String, String)>,
    component: Option<&'static str>,
    /// Where it runs, when not at the root of the repository.
    folder: Option<PathBuf>,
    /// Where it builds.
    target: Option<PathBuf>,
}

impl Cargo {
    /// A call with these words, parted by spaces.
    pub(crate) fn new(name: &'static str, words: &str) -> Cargo {
        Cargo {
            name,
            words: words.split(' ').map(str::to_owned).collect(),
            env: Vec::new(),
            component: None,
            folder: None,
            target: None,
        }
    }

    /// Sets a variable for this call.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Cargo {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Says which component of the toolchain the subcommand comes with.
    pub(crate) fn component(mut self, name: &'static str) -> Cargo {
        self.component = Some(name);
        self
    }

    /// Runs it in this folder.
    pub(crate) fn within(mut self, folder: &Path) -> Cargo {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Builds in this folder.
    pub(crate) fn target(mut self, folder: &Path) -> Cargo {
        self.target = Some(folder.to_owned());
        self
    }

    /// Runs it without a word; says whether it ended with a failure of a test.
    pub(crate) fn fails_quietly(&self) -> Result<bool, String> {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().map_err(|error| cannot_run(&error))?;
        Ok(status.code() == Some(101))
    }

    fn command(&self) -> Command {
        let mut command = command();
        command.args(&self.words).envs(self.env.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.folder.clone().unwrap_or_else(root));
        if let Some(target) = &self.target {
            command.env("CARGO_TARGET_DIR", target);
        }
        command
    }

    /// Runs it, its output going where ours goes.
    pub(crate) fn run(&self) -> Result<(), String> {
        self.check_component()?;
        // A child writes to the same pipe: our line must be there before its first.
        std::io::stdout().flush().map_err(|error| error.to_string())?;
        let status = self.command().status().map_err(|error| cannot_run(&error))?;
        if status.success() { Ok(()) } else { Err(format!("`{self}` ended with {status}")) }
    }

    /// Asks for the subcommand's version: the message of a missing component differs between toolchains.
    fn check_component(&self) -> Result<(), String> {
        let (Some(component), Some(subcommand)) = (self.component, self.words.first()) else { return Ok(()) };
        let mut command = command();
        command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().map_err(|error| cannot_run(&error))?;
        if status.success() {
            return Ok(());
        }
        Err(format!("`cargo {subcommand}` is not installed; get it with `rustup component add {component}`"))
    }
}

/// The call as one would type it.
impl fmt::Display for Cargo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(out, "{name}=\"{value}\" ")?;
        }
        write!(out, "cargo {}", self.words.join(" "))
    }
}

/// A call of cargo at the root of the repository.
fn command() -> Command {
    let mut command = Command::new(program());
    command.current_dir(root());
    // What cargo says of our package to us: build scripts that look at it would run again, and half of the tree with them.
    let ours = env::vars().map(|(name, _)| name).filter(|name| name.starts_with("CARGO_PKG_"));
    ours.chain(["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_MANIFEST_LINKS"].map(str::to_owned)).for_each(
        |name| {
            command.env_remove(name);
        },
    );
    command
}

/// The cargo that runs us, or the one on the path.
pub(crate) fn program() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The root of the repository: where cargo says our package is now, or where it was when we were built.
pub(crate) fn root() -> PathBuf {
    let package = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    PathBuf::from(package).join("..")
}

fn cannot_run(error: &std::io::Error) -> String {
    format!("cannot run `{}`: {error}", program())
}
