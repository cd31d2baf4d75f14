//! Database URLs: which database, where, and with what settings.

use std::{path::PathBuf, time::Duration};

use percent_encoding::percent_decode_str;

use crate::error::{Error, Kind, Result};

/// A URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    /// The file, absolute; `None` for a database in memory.
    pub path: Option<PathBuf>,
    /// Whether the file may be written, and made where it is missing.
    pub mode: Mode,
    /// Whether transactions begin as writers.
    pub immediate: bool,
    /// How long a locked database is waited for.
    pub busy_timeout: Duration,
    /// Whether foreign keys are enforced.
    pub foreign_keys: bool,
    /// How many connections at most.
    pub pool_size: Option<usize>,
    /// How long a connection is waited for.
    pub pool_timeout: Option<Duration>,
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    ReadOnly,
    ReadWrite,
    Create,
}

impl Url {
    /// Takes the URL apart. Everything that is not understood is an error: a misspelt setting is never ignored.
    ///
    /// `sqlite:///app.db` is relative and `sqlite:////app.db` absolute, as in SQLAlchemy; `sqlite:app.db` and
    /// `sqlite://app.db` are relative, as in sqlx; `sqlite::memory:` and `sqlite://` are in memory.
    pub(super) fn parse(url: &str) -> Result<Url> {
        let (scheme, rest) = url.split_once(':').ok_or_else(|| bad("a database URL begins with its scheme"))?;
        if scheme != "sqlite" {
            return Err(bad(&format!("unknown scheme `{scheme}` in the database URL")));
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("///").or_else(|| path.strip_prefix("//")).unwrap_or(path);
        let path = decode(path)?;
        let memory = matches!(path.as_str(), "" | ":memory:");
        let mut parsed = Url {
            path: if memory { None } else { Some(absolute(&path)?) },
            mode: Mode::Create,
            immediate: false,
            busy_timeout: Duration::from_secs(5),
            foreign_keys: true,
            pool_size: None,
            pool_timeout: None,
        };
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            parsed.set(name, &decode(value)?)?;
        }
        Ok(parsed)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match (name, value) {
            ("mode", "ro") => self.mode = Mode::ReadOnly,
            ("mode", "rw") => self.mode = Mode::ReadWrite,
            ("mode", "rwc") => self.mode = Mode::Create,
            ("mode", "memory") => self.path = None,
            ("begin", "deferred") => self.immediate = false,
            ("begin", "immediate") => self.immediate = true,
            ("foreign_keys", "on") => self.foreign_keys = true,
            ("foreign_keys", "off") => self.foreign_keys = false,
            ("busy_timeout", _) => self.busy_timeout = Duration::from_millis(number(name, value)?),
            ("pool_size", _) => self.pool_size = Some(number(name, value)?.clamp(1, 1_000) as usize),
            ("pool_timeout", _) => self.pool_timeout = Some(Duration::from_millis(number(name, value)?)),
            ("mode", _) => return Err(one_of(name, "ro, rw, rwc, memory")),
            ("begin", _) => return Err(one_of(name, "deferred, immediate")),
            ("foreign_keys", _) => return Err(one_of(name, "on, off")),
            _ => {
                let what = format!("unknown parameter `{name}` in the database URL");
                return Err(Error::new(Kind::Argument, what).way_out(
                    "known are mode, begin, foreign_keys, busy_timeout, pool_size and pool_timeout (times in milliseconds)",
                ));
            }
        }
        Ok(())
    }
}

fn bad(what: &str) -> Error {
    Error::new(Kind::Argument, what)
        .way_out("write `sqlite:///app.db` (relative), `sqlite:////srv/app.db` (absolute) or `sqlite::memory:`")
}

fn one_of(name: &str, values: &str) -> Error {
    Error::new(Kind::Argument, format!("parameter `{name}` of the database URL has a value that is not known"))
        .way_out(format!("it takes one of: {values}"))
}

fn number(name: &str, value: &str) -> Result<u64> {
    value.parse().map_err(|_| {
        let example = if name == "pool_size" { "8`" } else { "5000`, in milliseconds" };
        Error::new(Kind::Argument, format!("parameter `{name}` of the database URL is no whole number, or too large"))
            .way_out(format!("write `{name}={example}"))
    })
}

fn decode(text: &str) -> Result<String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Into::into).map_err(|_| bad("the database URL is not UTF-8"))
}

fn absolute(path: &str) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| bad(&format!("the path `{path}` in the database URL: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> Option<String> {
        let here = format!("{}/", std::env::current_dir().unwrap().display());
        Url::parse(url).unwrap().path.map(|path| path.display().to_string().replace(&here, "./"))
    }

    #[test]
    fn every_spelling_of_a_path() {
        for (url, want) in [
            ("sqlite:///app.db", Some("./app.db")),
            ("sqlite:app.db", Some("./app.db")),
            ("sqlite://app.db", Some("./app.db")),
            ("sqlite:////srv/app.db", Some("/srv/app.db")),
            ("sqlite:/srv/app.db", Some("/srv/app.db")),
            ("sqlite:///a%20b.db?mode=ro", Some("./a b.db")),
            ("sqlite::memory:", None),
            ("sqlite:///:memory:", None),
            ("sqlite://", None),
        ] {
            assert_eq!(path(url).as_deref(), want, "{url}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for (url, want) in [
            ("app.db", "begins with its scheme"),
            ("oracle://x", "unknown scheme `oracle`"),
            ("sqlite:x?journal=off", "unknown parameter `journal`"),
            ("sqlite:x?pool_size=many", "no whole number"),
            ("sqlite:x?mode=w", "is not known"),
        ] {
            let error = Url::parse(url).unwrap_err();
            assert_eq!(error.kind(), Kind::Argument);
            assert!(error.to_string().contains(want), "{error}");
        }
    }
}
