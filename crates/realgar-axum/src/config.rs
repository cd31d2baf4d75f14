//! Settings from the environment, or from the program.

use std::{env, fmt, time::Duration};

use realgar::{Db, Error, Kind, ModelDesc, Result};

/// How to reach the database.
///
/// | variable | what | Flask-SQLAlchemy's |
/// |---|---|---|
/// | `DATABASE_URL` | where it is; there is no default | `SQLALCHEMY_DATABASE_URI` |
/// | `DATABASE_ECHO` | print statements: `1`, `true`, `yes`, `on` | `SQLALCHEMY_ECHO` |
/// | `DATABASE_POOL_SIZE` | how many connections at most | `SQLALCHEMY_ENGINE_OPTIONS` |
/// | `DATABASE_POOL_TIMEOUT` | how long one is waited for, in milliseconds | the same |
///
/// ```
/// # use realgar::prelude::*;
/// use realgar_axum::Config;
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64 }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// let db = Config::from_env()?.or_url("sqlite::memory:").connect(models![User]).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct Config {
    url: Option<String>,
    echo: bool,
    pool_size: Option<usize>,
    pool_timeout: Option<Duration>,
}

impl Config {
    /// Nothing is set yet.
    #[must_use]
    pub fn new() -> Config {
        Config::default()
    }

    /// What the environment says.
    ///
    /// # Errors
    /// `Argument` for a variable whose value is not understood; the value is not part of the error.
    pub fn from_env() -> Result<Config> {
        Config::from_variables(|name| env::var(name).ok())
    }

    /// What these variables say: the same for a file of settings.
    ///
    /// ```
    /// use realgar_axum::Config;
    ///
    /// let settings = [("DATABASE_URL", "sqlite::memory:"), ("DATABASE_POOL_SIZE", "many")];
    /// let value = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
    /// let error = Config::from_variables(value).unwrap_err();
    /// assert!(error.to_string().contains("`DATABASE_POOL_SIZE` is not understood"));
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Config::from_env).
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Config> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let number = |name: &str| -> Result<Option<u64>> {
            let number = |value: String| value.trim().parse().map_err(|_| misunderstood(name, "a whole number"));
            variable(name).map(number).transpose()
        };
        let echo = match variable("DATABASE_ECHO").map(|value| value.trim().to_lowercase()).as_deref() {
            None | Some("0" | "false" | "no" | "off") => false,
            Some("1" | "true" | "yes" | "on") => true,
            Some(_) => return Err(misunderstood("DATABASE_ECHO", "one of 1, true, yes, on, 0, false, no, off")),
        };
        Ok(Config {
            url: variable("DATABASE_URL"),
            echo,
            pool_size: number("DATABASE_POOL_SIZE")?.map(|size| usize::try_from(size).unwrap_or(usize::MAX)),
            pool_timeout: number("DATABASE_POOL_TIMEOUT")?.map(Duration::from_millis),
        })
    }

    /// This URL, whatever the environment says.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Config {
        self.url = Some(url.into());
        self
    }

    /// This URL where none is set.
    #[must_use]
    pub fn or_url(mut self, url: impl Into<String>) -> Config {
        self.url.get_or_insert_with(|| url.into());
        self
    }

    /// Whether statements are printed.
    #[must_use]
    pub fn echo(mut self, echo: bool) -> Config {
        self.echo = echo;
        self
    }

    /// How many connections at most.
    #[must_use]
    pub fn pool_size(mut self, connections: usize) -> Config {
        self.pool_size = Some(connections);
        self
    }

    /// How long a connection is waited for.
    #[must_use]
    pub fn pool_timeout(mut self, timeout: Duration) -> Config {
        self.pool_timeout = Some(timeout);
        self
    }

    /// Opens the database.
    ///
    /// # Errors
    /// `Argument` where no URL is set, and those of [`Db::connect`]; none shows the URL's password.
    ///
    /// Source: `SQLAlchemy(app)`; there, too, a missing `SQLALCHEMY_DATABASE_URI` is an error.
    pub async fn connect(self, models: impl AsRef<[&'static ModelDesc]>) -> Result<Db> {
        let url = self.url.ok_or_else(|| {
            Error::new(Kind::Argument, "no database is set")
                .way_out("set the variable `DATABASE_URL`, for example to `sqlite:///app.db`")
        })?;
        let mut builder = Db::builder(models).echo(self.echo);
        if let Some(size) = self.pool_size {
            builder = builder.pool_size(size);
        }
        if let Some(timeout) = self.pool_timeout {
            builder = builder.pool_timeout(timeout);
        }
        builder.connect(&url).await
    }
}

fn misunderstood(name: &str, wanted: &str) -> Error {
    Error::new(Kind::Argument, format!("the variable `{name}` is not understood")).way_out(format!("it takes {wanted}"))
}

// The URL may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.as_ref().map(|_| "[set]");
        f.debug_struct("Config")
            .field("url", &url)
            .field("echo", &self.echo)
            .field("pool_size", &self.pool_size)
            .field("pool_timeout", &self.pool_timeout)
            .finish()
    }
}
