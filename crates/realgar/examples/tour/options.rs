//! The command line.

use std::ffi::OsString;

/// What `--help` prints.
pub const USAGE: &str = "\
Walks through five introductions to SQLAlchemy's relationships and prints what they print.

Usage: cargo run --example tour [-- OPTIONS]

  --name NAME  the user's name, instead of Ada
  --db FILE    keep the tables in this SQLite file, instead of in memory; a file of an earlier tour
               is begun anew, any other file with something in it is left alone
  --echo       print every statement that is sent
  --help       print this";

/// What the command line asks for.
pub enum Ask {
    Tour(Options),
    Help,
}

/// How the tour is to be.
pub struct Options {
    pub name: String,
    pub db: Option<String>,
    pub echo: bool,
}

impl Options {
    /// Reads the arguments, without the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Ask, String> {
        let mut options = Options { name: "Ada".to_owned(), db: None, echo: false };
        let mut arguments = arguments.into_iter().map(|argument| {
            argument.into_string().map_err(|argument| format!("{} is not valid Unicode", argument.display()))
        });
        while let Some(argument) = arguments.next().transpose()? {
            let mut value = || arguments.next().transpose()?.ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--name" => options.name = value()?,
                "--db" => match value()? {
                    path if path.is_empty() => return Err("--db needs the name of a file".to_owned()),
                    path => options.db = Some(path),
                },
                "--echo" => options.echo = true,
                "--help" | "-h" => return Ok(Ask::Help),
                _ => return Err(format!("unknown argument {argument}")),
            }
        }
        Ok(Ask::Tour(options))
    }

    /// The database's URL. What has a meaning in URLs is escaped in the path.
    pub fn url(&self) -> String {
        match &self.db {
            Some(path) => format!("sqlite:///{}", path.replace('%', "%25").replace('?', "%3F")),
            None => "sqlite::memory:".to_owned(),
        }
    }
}
