//! The results' places in `docs/performance.md`.

use std::{error::Error, fs};

use serde::de::DeserializeOwned;

use crate::{
    chart,
    figures::Figures,
    root,
    scaling::Scaling,
    table::{self, POSTGRES, SQLITE},
};

/// Fills every place whose result is there.
pub fn write() -> Result<(), Box<dyn Error>> {
    let path = root().join("docs/performance.md");
    let mut page = fs::read_to_string(&path)?;
    fs::create_dir_all(root().join("docs/performance"))?;
    if let Some(figures) = result::<Figures>("sqlite")? {
        image(
            "sqlite",
            &chart::ratios(&figures, &SQLITE, "SQLite: processor time, against the bare driver", |of| of.processor),
        )?;
        let text = format!(
            "![processor time of each program against the bare driver](performance/sqlite.svg)\n\n{}\n\
             Processor time, microseconds a unit (multiple of raw):\n\n{}\n{}\n\
             By the clock, microseconds a unit:\n\n{}",
            table::versions(&figures),
            table::compared(&figures, &SQLITE, |of| of.processor, true),
            table::forms(&figures, &SQLITE, |of| of.processor),
            table::compared(&figures, &SQLITE[..11], |of| of.clock, false),
        );
        fill(&mut page, "sqlite", &text)?;
    }
    if let Some(figures) = result::<Figures>("postgres")? {
        let title = "PostgreSQL: the program's processor time, against the bare driver";
        image("postgres", &chart::ratios(&figures, &POSTGRES, title, |of| of.processor))?;
        let text = format!(
            "![processor time of each program against the bare driver](performance/postgres.svg)\n\n{}\n\
             The program's processor time, microseconds a unit (multiple of raw):\n\n{}\n{}\n\
             The server's:\n\n{}\nBoth together:\n\n{}\nBy the clock:\n\n{}\nRound trips of a whole run:\n\n{}",
            table::versions(&figures),
            table::compared(&figures, &POSTGRES, |of| of.processor, true),
            table::forms(&figures, &POSTGRES, |of| of.processor),
            table::compared(&figures, &POSTGRES[..11], |of| of.server_processor, false),
            table::compared(&figures, &POSTGRES[..11], |of| of.processor + of.server_processor, false),
            table::compared(&figures, &POSTGRES[..11], |of| of.clock, false),
            table::trips(&figures, &POSTGRES),
        );
        fill(&mut page, "postgres", &text)?;
    }
    if let Some(scaling) = result::<Scaling>("scaling")? {
        let time = scaling.chart("Processor time a row", "microseconds a row", |point| point.processor / 1000.0);
        image("scaling-time", &time)?;
        image("scaling-memory", &scaling.chart("Memory a row", "bytes a row", |point| point.memory))?;
        let text = format!(
            "![processor time a row](performance/scaling-time.svg)\n\n![memory a row](performance/scaling-memory.svg)\n\n\
             Measured by `{}` on {}.\n\n{}",
            scaling.command,
            scaling.machine,
            scaling.table()
        );
        fill(&mut page, "scaling", &text)?;
        let server = scaling.server.as_deref().unwrap_or("PostgreSQL");
        fill(&mut page, "crowd", &format!("On {server}:\n\n{}", scaling.crowd_table()))?;
    }
    fs::write(path, page)?;
    Ok(())
}

fn result<T: DeserializeOwned>(name: &str) -> Result<Option<T>, Box<dyn Error>> {
    let path = root().join(format!("bench/results/{name}.json"));
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&fs::read_to_string(path)?)?))
}

fn image(name: &str, svg: &str) -> std::io::Result<()> {
    fs::write(root().join(format!("docs/performance/{name}.svg")), svg)
}

/// Replaces what stands between the marks of this name.
fn fill(page: &mut String, name: &str, text: &str) -> Result<(), String> {
    let (begin, end) =
        (format!("<!-- {name}: written by `cargo xtask bench` -->\n"), format!("<!-- end of {name} -->"));
    let from = page.find(&begin).ok_or_else(|| format!("docs/performance.md has no `{begin}`"))? + begin.len();
    let until = page[from..].find(&end).ok_or_else(|| format!("docs/performance.md has no `{end}`"))? + from;
    page.replace_range(from..until, &format!("\n{}\n\n", text.trim_end()));
    Ok(())
}
