//! Where it was measured, and which versions of what.

use std::{collections::BTreeMap, fs, process::Command};

use serde::{Deserialize, Serialize};

use crate::root;

#[derive(Serialize, Deserialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub memory_gib: u64,
    pub system: String,
    pub rustc: String,
}

impl Machine {
    pub fn here() -> Machine {
        let after = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_once(':').map_or_else(String::new, |(_, value)| value.trim().to_owned())
        };
        let kib: u64 =
            after("/proc/meminfo", "MemTotal").split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let rustc = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
        Machine {
            processor: after("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gib: kib.div_ceil(1 << 20),
            system: format!("{} {}", std::env::consts::OS, release.trim()),
            rustc: String::from_utf8_lossy(&rustc).trim().to_owned(),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Machine { processor, cores, memory_gib, system, rustc } = self;
        write!(out, "{processor}, {cores} cores, {memory_gib} GiB, {system}, {rustc}")
    }
}

/// The command as it was given, with what made it shorter.
pub fn command(words: &str) -> String {
    let short =
        ["TURNS", "REPEATS"].map(|name| std::env::var(name).map_or(String::new(), |value| format!("{name}={value} ")));
    format!("{}cargo xtask bench {words}", short.concat())
}

/// What each program is made of, from the lock files.
pub fn versions(database: &str) -> BTreeMap<String, String> {
    let sqlite = database == "sqlite";
    let driver = if sqlite { ["rusqlite", "libsqlite3-sys"].as_slice() } else { &["tokio-postgres"] };
    let diesel =
        if sqlite { ["diesel", "libsqlite3-sys"].as_slice() } else { &["diesel", "diesel-async", "tokio-postgres"] };
    let sqlx = if sqlite { ["sqlx", "libsqlite3-sys"].as_slice() } else { &["sqlx"] };
    let seaorm = if sqlite { ["sea-orm", "sqlx", "libsqlite3-sys"].as_slice() } else { &["sea-orm", "sqlx"] };
    let toasty =
        if sqlite { ["toasty", "rusqlite", "libsqlite3-sys"].as_slice() } else { &["toasty", "tokio-postgres"] };
    let ours = [&["realgar"], driver].concat();
    let made_of: [(&str, &str, &[&str]); 6] = [
        ("raw", "bench", driver),
        ("realgar", "bench", &ours),
        ("diesel", "bench/peers/diesel", diesel),
        ("sqlx", "bench/peers/sqlx", sqlx),
        ("seaorm", "bench/peers/seaorm", seaorm),
        ("toasty", "bench/peers/toasty", toasty),
    ];
    let versions = made_of.map(|(peer, workspace, crates)| {
        let lock = fs::read_to_string(root().join(workspace).join("Cargo.lock")).unwrap_or_default();
        let version = |name: &&str| {
            let package = lock.split("[[package]]").find(|package| package.contains(&format!("name = \"{name}\"\n")));
            let version = package.and_then(|package| package.split("version = \"").nth(1)?.split('"').next());
            format!("{name} {}", version.unwrap_or("?"))
        };
        (peer.to_owned(), crates.iter().map(version).collect::<Vec<_>>().join(", "))
    });
    BTreeMap::from(versions)
}
