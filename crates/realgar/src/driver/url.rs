//! Database URLs: which database, where, and with what settings.

#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::error::{Error, Kind, Result};

/// A URL, taken apart.
#[derive(Debug)]
pub(super) struct Url {
    /// Which database, and where.
    pub target: Target,
    /// What it says about the pool.
    pub pool: PoolSettings,
}

/// Which database, and where.
#[derive(Debug)]
pub(super) enum Target {
    /// An embedded one.
    #[cfg(feature = "sqlite")]
    Sqlite(Sqlite),
    /// A server.
    #[cfg(feature = "postgres")]
    Postgres(Box<super::postgres::Target>),
    /// A server.
    #[cfg(feature = "mysql")]
    Mysql(Box<super::mysql::Target>),
}

/// What a URL says about the pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PoolSettings {
    /// How many connections at most.
    pub size: Option<usize>,
    /// How long a connection is waited for.
    pub timeout: Option<Duration>,
    /// After which time without use a connection is closed.
    pub idle: Option<Duration>,
    /// After which time a connection is closed, used or not.
    pub lifetime: Option<Duration>,
}

/// An embedded database.
#[cfg(feature = "sqlite")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sqlite {
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
}

/// How a file is opened.
#[cfg(feature = "sqlite")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    ReadOnly,
    ReadWrite,
    Create,
}

impl Url {
    /// Takes the URL apart. Everything that is not understood is an error: a misspelt setting is never ignored.
    pub(super) fn parse(url: &str) -> Result<Url> {
        let (scheme, rest) = url.split_once(':').ok_or_else(|| bad("a database URL begins with its scheme"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut pool = PoolSettings::default();
        let mut settings = Vec::new();
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            let value = decode(value)?;
            if !pool.set(name, &value)? {
                settings.push((name, value));
            }
        }
        let target = match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => Target::Sqlite(Sqlite::parse(place, &settings)?),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Target::Postgres(super::postgres::Target::parse(place, &settings)?.into()),
            #[cfg(not(feature = "sqlite"))]
            "sqlite" => return Err(no_feature("sqlite")),
            #[cfg(not(feature = "postgres"))]
            "postgres" | "postgresql" => return Err(no_feature("postgres")),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Target::Mysql(super::mysql::Target::parse(place, &settings)?.into()),
            #[cfg(not(feature = "mysql"))]
            "mysql" | "mariadb" => return Err(no_feature("mysql")),
            _ if let Some((dialect, driver)) = scheme.split_once('+') => {
                return Err(Error::new(
                    Kind::Argument,
                    format!("a database URL names no driver, but this one names `{driver}`"),
                )
                .way_out(format!("leave it out: `{dialect}:…`")));
            }
            _ => return Err(bad(&format!("unknown scheme `{scheme}` in the database URL"))),
        };
        Ok(Url { target, pool })
    }
}

impl PoolSettings {
    /// Takes a setting of the pool; says whether it is one.
    fn set(&mut self, name: &str, value: &str) -> Result<bool> {
        let time = || number(name, value).map(Duration::from_millis);
        match name {
            "pool_size" => self.size = Some(number(name, value)?.clamp(1, 1_000) as usize),
            "pool_timeout" => self.timeout = Some(time()?),
            "idle_timeout" => self.idle = Some(time()?),
            "max_lifetime" => self.lifetime = Some(time()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(feature = "sqlite")]
impl Sqlite {
    /// `sqlite:///app.db` is relative and `sqlite:////app.db` absolute, as in SQLAlchemy; `sqlite:app.db` and
    /// `sqlite://app.db` are relative, as in sqlx; `sqlite::memory:` and `sqlite://` are in memory.
    fn parse(path: &str, settings: &[(&str, String)]) -> Result<Sqlite> {
        let path = path.strip_prefix("///").or_else(|| path.strip_prefix("//")).unwrap_or(path);
        let path = decode(path)?;
        let memory = matches!(path.as_str(), "" | ":memory:");
        let mut parsed = Sqlite {
            path: if memory { None } else { Some(absolute(&path)?) },
            mode: Mode::Create,
            immediate: false,
            busy_timeout: Duration::from_secs(5),
            foreign_keys: true,
        };
        settings.iter().try_for_each(|(name, value)| parsed.set(name, value))?;
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
            ("mode", _) => return Err(one_of(name, "ro, rw, rwc, memory")),
            ("begin", _) => return Err(one_of(name, "deferred, immediate")),
            ("foreign_keys", _) => return Err(one_of(name, "on, off")),
            _ => return Err(unknown(name, "mode, begin, foreign_keys, busy_timeout")),
        }
        Ok(())
    }
}

/// A parameter that nobody knows. Its name is shown only where it is a word: it may be a piece of a password.
pub(super) fn unknown(name: &str, known: &str) -> Error {
    let word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let name = if word { format!(" `{name}`") } else { String::new() };
    Error::new(Kind::Argument, format!("unknown parameter{name} in the database URL")).way_out(format!(
        "known are {known}; for the pool pool_size, pool_timeout, idle_timeout, max_lifetime (times in milliseconds)"
    ))
}

#[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn no_feature(feature: &str) -> Error {
    Error::new(Kind::Argument, format!("the driver `{feature}` is not built in"))
        .way_out(format!("switch its feature on: `realgar = {{ version = \"…\", features = [\"{feature}\"] }}`"))
}

pub(super) fn bad(what: &str) -> Error {
    Error::new(Kind::Argument, what)
        .way_out("write `sqlite:///app.db` (relative), `sqlite:////srv/app.db` (absolute), `sqlite::memory:`, `postgres://user@host/db` or `mysql://user@host/db`")
}

pub(super) fn one_of(name: &str, values: &str) -> Error {
    Error::new(Kind::Argument, format!("parameter `{name}` of the database URL has a value that is not known"))
        .way_out(format!("it takes one of: {values}"))
}

pub(super) fn number(name: &str, value: &str) -> Result<u64> {
    value.parse().map_err(|_| {
        let example = if name == "pool_size" { "8`" } else { "5000`, in milliseconds" };
        Error::new(Kind::Argument, format!("parameter `{name}` of the database URL is no whole number, or too large"))
            .way_out(format!("write `{name}={example}"))
    })
}

pub(super) fn decode(text: &str) -> Result<String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Into::into).map_err(|_| bad("the database URL is not UTF-8"))
}

#[cfg(feature = "sqlite")]
fn absolute(path: &str) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| bad(&format!("the path `{path}` in the database URL: {error}")))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    fn path(url: &str) -> Option<String> {
        let here = format!("{}/", std::env::current_dir().unwrap().display());
        let Target::Sqlite(sqlite) = Url::parse(url).unwrap().target else { panic!("another database") };
        sqlite.path.map(|path| path.display().to_string().replace(&here, "./"))
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
