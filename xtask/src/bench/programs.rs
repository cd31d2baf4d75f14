//! The programs that are compared, and how they are built.

use std::path::PathBuf;

use crate::cargo::{self, Cargo};

/// A database to measure on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    /// A file.
    Sqlite,
    /// A server that is started for it.
    Postgres,
}

impl Database {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
        }
    }
}

/// The folders of `bench/peers`.
pub(crate) const PEERS: [&str; 4] = ["diesel", "sqlx", "seaorm", "toasty"];

/// A program that is built.
#[derive(Debug)]
pub(crate) struct Program {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Whether the comparison is pointless without it.
    pub(crate) needed: bool,
}

impl Program {
    /// The bare driver.
    pub(crate) fn raw(database: Database) -> Program {
        let name = if database == Database::Sqlite { "raw" } else { "raw-postgres" };
        Program { path: target("bench").join(name), needed: true }
    }

    /// Realgar.
    pub(crate) fn realgar(database: Database) -> Program {
        let name = if database == Database::Sqlite { "bench-realgar" } else { "bench-realgar-postgres" };
        Program { path: target("bench").join(name), needed: true }
    }

    fn peer(peer: &str, database: Database) -> Program {
        let asynchronous = if peer == "diesel" && database == Database::Postgres { "-async" } else { "" };
        let folder = target(&format!("bench/peers/{peer}"));
        Program { path: folder.join(format!("bench-{peer}{asynchronous}")), needed: false }
    }
}

/// Where cargo puts the programs of the workspace in this folder.
pub(crate) fn target(workspace: &str) -> PathBuf {
    let own = || cargo::root().join(workspace).join("target");
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(own, PathBuf::from).join("release")
}

/// Builds everything there is for a database: each peer is a workspace of its own, since each pins another SQLite library.
pub(crate) fn build(database: Database) -> Result<Vec<Program>, String> {
    let bench = cargo::root().join("bench");
    let ours = match database {
        Database::Sqlite => "build --release --package raw --package bench-realgar --bin raw --bin bench-realgar",
        Database::Postgres => {
            "build --release --package raw-postgres --package bench-realgar --features bench-realgar/postgres \
             --bin raw-postgres --bin bench-realgar-postgres"
        }
    };
    Cargo::new("bench", ours).within(&bench).run()?;
    for peer in PEERS {
        Cargo::new("peer", "build --release --locked").within(&bench.join("peers").join(peer)).run()?;
    }
    let mut programs = vec![Program::raw(database), Program::realgar(database)];
    programs.extend(PEERS.map(|peer| Program::peer(peer, database)));
    Ok(programs)
}
