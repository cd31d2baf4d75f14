//! Keeps the dependency graph of a `Cargo.lock` in an SQLite file, and answers questions about it.
//!
//! `cargo run --example lockfile -- [PATH] [--db FILE] [--why NAME] [--echo]`
//!
//! | file | what |
//! |---|---|
//! | `models.rs` | the tables and their relationships |
//! | `read.rs` | the lock file |
//! | `sync.rs` | the database follows the file, by differences |
//! | `report.rs` | what is asked of the database |

mod models;
mod read;
mod report;
mod sync;

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use lexopt::prelude::*;
use realgar::{Db, models};

use crate::{models::Package, sync::plural};

const USAGE: &str = "\
usage: lockfile [PATH] [--db FILE] [--why NAME] [--echo]

  PATH         a Cargo.lock; left out: the one of this workspace
  --db FILE    the SQLite file that follows it; left out: lockfile.db in the current directory
  --why NAME   show who needs the package NAME, through any depth
  --echo       show every statement
";

struct Arguments {
    lock: PathBuf,
    db: PathBuf,
    why: Option<String>,
    echo: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match arguments() {
        Ok(Some(arguments)) => run(&arguments).await,
        Ok(None) => say(USAGE),
        Err(error) => {
            eprint!("lockfile: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lockfile: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments, or `None` where help is asked for.
fn arguments() -> Result<Option<Arguments>, lexopt::Error> {
    let mut path = None;
    let mut arguments = Arguments { lock: PathBuf::new(), db: PathBuf::from("lockfile.db"), why: None, echo: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("db") => arguments.db = PathBuf::from(parser.value()?),
            Long("why") => arguments.why = Some(parser.value()?.string()?),
            Long("echo") => arguments.echo = true,
            Long("help") | Short('h') => return Ok(None),
            Value(value) if path.is_none() => path = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected()),
        }
    }
    arguments.lock = path.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"));
    Ok(Some(arguments))
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    // The file comes first: where it is broken, the database is not even opened.
    let locked = read::read(&arguments.lock)?;
    let lock = arguments.lock.canonicalize().unwrap_or_else(|_| arguments.lock.clone());
    say(&format!("{}: {}\n", lock.display(), plural(locked.len(), "package")))?;

    let file = std::path::absolute(&arguments.db).map_err(|error| format!("--db: {error}"))?;
    let db = Db::builder(models![Package]).echo(arguments.echo).connect(&url(&file)?).await?;
    let inside = |error: realgar::Error| format!("{}: {error}", file.display());
    db.create_all().await.map_err(inside)?;
    let recorder = db.recorder();
    let changes = sync::sync(&db, &locked).await.map_err(inside)?;
    let statements = plural(recorder.count(), "statement");
    say(&format!("{}: {changes} ({statements})\n\n", file.display()))?;

    let mut session = db.session();
    say(&report::overview(&mut session).await.map_err(inside)?)?;
    if let Some(name) = &arguments.why {
        match report::why(&mut session, name).await.map_err(inside)? {
            Some(answer) => say(&format!("\n{answer}"))?,
            None => Err(report::unknown(&mut session, name).await.map_err(inside)?)?,
        }
    }
    Ok(())
}

/// A path as a URL. Who reads and then writes begins as a writer: nobody else can write in between.
fn url(file: &Path) -> Result<String, String> {
    let path = file.to_str().ok_or_else(|| format!("{}: the path is not UTF-8", file.display()))?;
    Ok(format!("sqlite:///{}?begin=immediate", path.replace('%', "%25").replace('?', "%3F")))
}

/// Writes to the standard output, which may be closed by now.
fn say(text: &str) -> Result<(), Box<dyn Error>> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}
