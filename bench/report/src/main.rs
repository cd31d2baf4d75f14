//! What was measured, as JSON, tables and charts: reads the programs' lines and writes `bench/results/<name>.json`; then writes
//! every result that is there to `docs/performance.md`. Without a name, it does the second alone.

mod chart;
mod figures;
mod machine;
mod page;
mod scaling;
mod table;

use std::{error::Error, io::Read, path::PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        let mut lines = String::new();
        std::io::stdin().read_to_string(&mut lines)?;
        let json = match name.as_str() {
            "scaling" => serde_json::to_string_pretty(&scaling::read(&lines)?)?,
            _ => serde_json::to_string_pretty(&figures::read(&name, &lines)?)?,
        };
        std::fs::create_dir_all(root().join("bench/results"))?;
        std::fs::write(root().join(format!("bench/results/{name}.json")), json + "\n")?;
    }
    page::write()
}
