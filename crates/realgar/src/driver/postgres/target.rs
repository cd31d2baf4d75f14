//! What a URL says about a server, and how a connection is made of it.

use std::{fmt, str::FromStr, time::Duration};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_postgres::{Client, Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    driver::url::{bad, number, one_of, unknown},
    error::{Error, Kind, Result},
};

use super::{
    errors::translate,
    line::Line,
    tls::{self, Trust},
};

/// How many statements stay prepared on a connection where the URL does not say.
const STATEMENTS: usize = 512;

/// A server and how to reach it.
pub(in crate::driver) struct Target {
    config: Config,
    tls: MakeRustlsConnect,
    pub(super) statements: usize,
}

impl Target {
    /// `postgres://user:password@host:5432/database?sslmode=verify-full&statement_cache=0`; several hosts parted by
    /// commas; a socket's folder percent-encoded as the host.
    pub(in crate::driver) fn parse(place: &str, settings: &[(&str, String)]) -> Result<Target> {
        let mut url = format!("postgres:{place}");
        let (mut mode, mut trust) = (SslMode::Prefer, Trust::Anybody);
        let (mut statements, mut root) = (STATEMENTS, None);
        let mut patience = true;
        let mut between = '?';
        for (name, value) in settings {
            match *name {
                "statement_cache" => statements = number(name, value)?.min(100_000) as usize,
                "sslrootcert" => root = Some(value.as_str()),
                "sslmode" => {
                    (mode, trust) = match value.as_str() {
                        "disable" => (SslMode::Disable, Trust::Anybody),
                        "prefer" => (SslMode::Prefer, Trust::Anybody),
                        "require" => (SslMode::Require, Trust::Anybody),
                        "verify-full" => (SslMode::Require, Trust::Certified),
                        _ => return Err(one_of(name, "disable, prefer, require, verify-full")),
                    }
                }
                _ if KNOWN.contains(name) => {
                    patience &= *name != "connect_timeout";
                    url.push(between);
                    between = '&';
                    url.push_str(&format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
                }
                _ => {
                    return Err(unknown(name, &format!("sslmode, sslrootcert, statement_cache, {}", KNOWN.join(", "))));
                }
            }
        }
        let mut config = Config::from_str(&url).map_err(|error| misread(&error))?;
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        if patience {
            config.connect_timeout(Duration::from_secs(10));
        }
        config.ssl_mode(mode);
        if root.is_some() && trust == Trust::Anybody {
            return Err(bad("`sslrootcert` names whom to trust, but this `sslmode` trusts anybody")
                .way_out("set `sslmode=verify-full`"));
        }
        Ok(Target { tls: tls::connector(trust, root)?, config, statements })
    }

    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<(Client, Line, MakeRustlsConnect)> {
        // The driver below bounds how long it takes to reach a host, not how long that host may be silent then.
        let opened = match self.config.get_connect_timeout() {
            None => Ok(self.config.connect(self.tls.clone()).await),
            Some(time) => {
                let hosts = self.config.get_hosts().len().max(1) as u32;
                tokio::time::timeout(*time * hosts, self.config.connect(self.tls.clone())).await
            }
        };
        let opened = opened.map_err(|_| self.cannot_connect("it did not answer in time"))?;
        let (client, connection) = opened.map_err(|error| self.unreachable(&error))?;
        Ok((client, Line::new(connection), self.tls.clone()))
    }

    fn unreachable(&self, error: &tokio_postgres::Error) -> Error {
        if error.as_db_error().is_some() {
            return translate(error);
        }
        let why = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        self.cannot_connect(&why)
    }

    fn cannot_connect(&self, why: &str) -> Error {
        Error::new(Kind::Operational, format!("cannot connect to PostgreSQL at {}: {why}", self.place()))
            .way_out("check that the server runs, and host, port and `sslmode` in the URL")
    }

    fn place(&self) -> String {
        use tokio_postgres::config::Host;
        let ports = self.config.get_ports();
        let port = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        let host = |(index, host): (usize, &Host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            #[cfg(unix)]
            Host::Unix(path) => format!("{}:{}", path.display(), port(index)),
        };
        self.config.get_hosts().iter().enumerate().map(host).collect::<Vec<_>>().join(", ")
    }
}

/// Parameters that are handed on as they are.
const KNOWN: [&str; 16] = [
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
];

/// The URL is not repeated: there is a password in it.
fn misread(error: &tokio_postgres::Error) -> Error {
    let why = std::error::Error::source(error).map_or_else(String::new, |source| format!(": {source}"));
    Error::new(Kind::Argument, format!("the database URL is not understood{why}"))
        .way_out("write `postgres://user:password@host:5432/database`, with special letters percent-encoded")
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("place", &self.place()).finish_non_exhaustive()
    }
}
