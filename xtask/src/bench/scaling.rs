//! `cargo xtask bench --scaling`: growth with the number of rows, and many sessions at once.

use std::fs;

use super::{
    TURNS,
    programs::{Database, Program, target},
    report::Report,
    turns::{Place, call},
};
use crate::{
    cargo::{self, Cargo},
    servers::Postgres,
};

const WORKS: [&str; 8] =
    ["load", "stream", "insert", "update", "delete", "delete_one_owner", "load_links", "insert_links"];

const ROWS: [&str; 4] = ["1000", "10000", "100000", "1000000"];

pub(crate) fn scaling() -> Result<(), String> {
    let build = "build --release --package bench-realgar --package raw-postgres --features bench-realgar/postgres \
                 --bin bench-realgar-scaling --bin bench-realgar-postgres --bin raw-postgres";
    Cargo::new("bench", build).within(&cargo::root().join("bench")).run()?;
    let report = Report::build()?;
    let mut lines = growth()?;
    let server = Postgres::start()?;
    println!("==> {}", server.version);
    lines.push(format!("server\t{}", server.version));
    let place = Place::postgres(&server)?;
    for _ in 0..TURNS {
        for program in [Program::raw(Database::Postgres), Program::realgar(Database::Postgres)] {
            let said = call(&program.path, &place.fresh("seed")?, "crowd", &[])?;
            print!("{said}");
            lines.extend(said.lines().map(str::to_owned));
        }
    }
    report.write("scaling", &lines)
}

fn growth() -> Result<Vec<String>, String> {
    let program = target("bench").join("bench-realgar-scaling");
    let folder = std::env::temp_dir().join(format!("realgar-scaling-{}", std::process::id()));
    let mut lines = Vec::new();
    for work in WORKS {
        for rows in ROWS {
            fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            let said = call(&program, &folder.join("work.db").display().to_string(), &format!("{work} {rows}"), &[]);
            fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
            let said = said?;
            print!("{said}");
            lines.extend(said.lines().map(str::to_owned));
        }
    }
    Ok(lines)
}
