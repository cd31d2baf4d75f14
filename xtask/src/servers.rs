//! Database servers for the tests: started on a free port of this machine, with data of their own, stopped at the end.
//!
//! What is missing is installed by `apt-get` where that may be done; else the server is skipped, and why is said.

mod certificate;
mod mariadb;
mod postgres;

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub(crate) use mariadb::Mariadb;
pub(crate) use postgres::Postgres;

/// A server that runs for the tests.
pub(crate) struct Server {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// Its version, as it says it.
    pub(crate) version: String,
    /// The variables that the tests read.
    pub(crate) env: Vec<(String, String)>,
    /// Stops it when it is dropped.
    pub(crate) _running: Box<dyn std::any::Any>,
}

/// A folder for a server's data; it goes with the value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// A new folder that this user of the system may write.
    pub(crate) fn new(name: &str, user: &User) -> Result<Folder, String> {
        let path = env::temp_dir().join(format!("realgar-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let folder = Folder(path);
        user.own(&folder.0)?;
        Ok(folder)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The user of the system that servers run as: database servers refuse to run as root.
pub(crate) enum User {
    Myself,
    Other(&'static str),
}

impl User {
    /// This user where we are root, else ourselves.
    pub(crate) fn unless_root(name: &'static str) -> User {
        if is_root() { User::Other(name) } else { User::Myself }
    }

    /// A command run by this user.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            User::Myself => Command::new(program),
            User::Other(name) => {
                let mut command = Command::new("setpriv");
                command.args([&format!("--reuid={name}"), &format!("--regid={name}"), "--init-groups", "--"]);
                command.arg(program);
                command
            }
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    pub(crate) fn own(&self, path: &Path) -> Result<(), String> {
        match self {
            User::Myself => Ok(()),
            User::Other(name) => run(Command::new("chown").arg(format!("{name}:")).arg(path)).map(|_| ()),
        }
    }
}

pub(crate) fn is_root() -> bool {
    run(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Runs a command to its end; answers what it printed, or what went wrong.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{name} ended with {}: {}", output.status, said.lines().last().unwrap_or_default()))
}

/// A port of this machine that nobody uses.
pub(crate) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

/// A program on the path.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Installs packages of Debian or its kin, where we may.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    if program("apt-get").is_none() || !is_root() {
        return Err(format!("not installed, and `apt-get install {}` may not be run", packages.join(" ")));
    }
    println!("==> installing {}", packages.join(" "));
    let install = || {
        let mut command = Command::new("apt-get");
        command.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
        run(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let installed = install().or_else(|_| {
        run(Command::new("apt-get").args(["update", "-q"]))?;
        install()
    });
    installed.map(|_| ()).map_err(|why| format!("cannot be installed: {why}"))
}
