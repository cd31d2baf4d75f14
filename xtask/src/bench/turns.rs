//! Programs take turns, each time on a fresh copy of the database, so that noise hits all of them alike.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::programs::{Database, Program};
use crate::servers::Server;

/// A process for each of these.
const GROUPS: [&str; 8] = ["w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"];

/// Where the databases are, and how a fresh one is had.
pub(crate) enum Place {
    /// A folder with the files to copy; it goes with the value.
    Sqlite(PathBuf),
    /// A server, by its URL.
    Postgres(String),
}

impl Place {
    pub(crate) fn sqlite() -> Result<Place, String> {
        let folder = std::env::temp_dir().join(format!("realgar-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let place = Place::Sqlite(folder.clone());
        for kind in ["seed", "empty"] {
            call(&Program::raw(Database::Sqlite).path, &folder.join(kind).display().to_string(), kind, &[])?;
        }
        Ok(place)
    }

    pub(crate) fn postgres(server: &Server) -> Result<Place, String> {
        let url = server.env.iter().find(|(name, _)| name == "REALGAR_TEST_URL");
        let url = url.map(|(_, url)| url.clone()).ok_or("the server has no URL")?;
        call(&Program::raw(Database::Postgres).path, &url, "seed", &[])?;
        Ok(Place::Postgres(url))
    }

    /// A copy of the database that all programs begin with; answers what to call it.
    pub(crate) fn fresh(&self, kind: &str) -> Result<String, String> {
        match self {
            Place::Sqlite(folder) => {
                for old in ["work.db", "work.db-wal", "work.db-shm"].map(|name| folder.join(name)) {
                    if old.exists() {
                        fs::remove_file(old).map_err(|error| error.to_string())?;
                    }
                }
                let file = folder.join("work.db");
                fs::copy(folder.join(kind), &file).map_err(|error| error.to_string())?;
                Ok(file.display().to_string())
            }
            Place::Postgres(url) => {
                call(&Program::raw(Database::Postgres).path, url, &format!("fresh-{kind}"), &[])?;
                let (server, _) = url.rsplit_once('/').ok_or("the URL names no database")?;
                Ok(format!("{server}/realgar_bench?sslmode=disable"))
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Place::Sqlite(folder) = self {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Lets the programs take turns, workload by workload; `take` is given each line they print. One that may be missing and
/// fails is told of in a line, too: its name, the workload, `failed`, why.
pub(crate) fn take_turns(
    place: &Place,
    programs: &[Program],
    turns: usize,
    env: &[(&str, &str)],
    mut take: impl FnMut(&str),
) -> Result<(), String> {
    for group in GROUPS {
        println!("==> {group}");
        for _ in 0..turns {
            for program in programs {
                let target = place.fresh(if group == "w4" { "empty" } else { "seed" })?;
                match call(&program.path, &target, group, env) {
                    Ok(lines) => lines.lines().for_each(&mut take),
                    Err(why) if program.needed => return Err(why),
                    Err(why) => {
                        println!("==> {why}");
                        let name = program.path.file_name().unwrap_or_default().to_string_lossy();
                        take(&format!("{name}\t{group}\tfailed\t{}", why.replace(['\t', '\n'], " ")));
                    }
                }
            }
        }
    }
    Ok(())
}

/// Runs a program on a database, for a workload and what else it is to know; answers what it printed.
pub(crate) fn call(program: &Path, target: &str, workload: &str, env: &[(&str, &str)]) -> Result<String, String> {
    let output = Command::new(program).arg(target).args(workload.split(' ')).envs(env.iter().copied()).output();
    let output = output.map_err(|error| format!("cannot run `{}`: {error}", program.display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().find(|line| !line.trim().is_empty() && !line.contains("panicked at")).unwrap_or_default();
    Err(format!("`{} … {workload}` failed: {}", program.display(), why.trim()))
}
