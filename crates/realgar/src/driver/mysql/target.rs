//! What a URL says about a server, and how a connection is made of it.

use std::{fmt, time::Duration};

use mysql_async::{Conn, DriverError, Opts, OptsBuilder, prelude::Queryable};

use crate::{
    driver::url::{bad, decode, number, one_of, unknown},
    error::{Error, Kind, Result},
};

use super::{errors::translate, server::Server, tls};

/// How many statements stay prepared on a connection where the URL does not say.
const STATEMENTS: usize = 512;

/// A server and how to reach it.
#[derive(Clone)]
pub(in crate::driver) struct Target {
    opts: Opts,
    /// The same without encryption, where that will do.
    plain: Option<Opts>,
    place: String,
    patience: Duration,
    init: Vec<String>,
}

const KNOWN: &str = "sslmode, sslrootcert, statement_cache, connect_timeout, socket, keepalive, charset, init";

impl Target {
    /// `mysql://user:password@host:3306/database?sslmode=verify-full`
    pub(in crate::driver) fn parse(place: &str, settings: &[(&str, String)]) -> Result<Target> {
        let (user, password, host, port, database) = parts(place)?;
        let (mut mode, mut root, mut socket) = ("prefer", None, None);
        let (mut statements, mut patience, mut keepalive) = (STATEMENTS, 10, None);
        let mut init = Vec::new();
        for (name, value) in settings {
            match *name {
                "sslmode" => match value.as_str() {
                    "disable" | "prefer" | "require" | "verify-full" => mode = value,
                    _ => return Err(one_of(name, "disable, prefer, require, verify-full")),
                },
                "sslrootcert" => root = Some(value.as_str()),
                "statement_cache" => statements = number(name, value)?.min(10_000) as usize,
                "connect_timeout" => patience = number(name, value)?,
                "keepalive" => keepalive = Some(Duration::from_secs(number(name, value)?)),
                "socket" => socket = Some(value.clone()),
                "charset" if value == "utf8mb4" => {} // as always
                "charset" => return Err(one_of(name, "utf8mb4")),
                "init" => init.push(value.clone()),
                _ => return Err(unknown(name, KNOWN)),
            }
        }
        if root.is_some() && mode != "verify-full" {
            return Err(bad("`sslrootcert` names whom to trust, but this `sslmode` trusts anybody")
                .way_out("set `sslmode=verify-full`"));
        }
        let place = socket.clone().unwrap_or_else(|| format!("{host}:{port}"));
        let builder = OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(port)
            .user(user)
            .pass(password)
            .db_name(database)
            .socket(socket)
            .prefer_socket(false)
            .tcp_keepalive(keepalive)
            .stmt_cache_size(statements)
            // An UPDATE that changes nothing has met its row all the same.
            .client_found_rows(true);
        let plain = matches!(mode, "disable" | "prefer").then(|| builder.clone().into());
        let opts = match mode {
            "disable" => builder.into(),
            "verify-full" => builder.ssl_opts(tls::certified(root)?).into(),
            _ => builder.ssl_opts(tls::anybody()).into(),
        };
        let plain = plain.filter(|_| mode == "prefer");
        Ok(Target { opts, plain, place, patience: Duration::from_secs(patience), init })
    }

    /// Opens a connection, and meets the server.
    pub(super) async fn connect(&self) -> Result<(Conn, Server)> {
        let met = async {
            let mut conn = self.reach().await?;
            let server = Server::meet(&mut conn, &self.init).await?;
            Ok((conn, server))
        };
        match tokio::time::timeout(self.patience, met).await {
            Ok(done) => done,
            Err(_) => Err(self.unreachable(&format!("no answer within {} s", self.patience.as_secs()))),
        }
    }

    async fn reach(&self) -> Result<Conn> {
        match (Conn::new(self.opts.clone()).await, &self.plain) {
            (Ok(conn), _) => Ok(conn),
            (Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer)), Some(plain)) => {
                Conn::new(plain.clone()).await.map_err(|error| self.refused(&error))
            }
            (Err(error), _) => Err(self.refused(&error)),
        }
    }

    /// Ends another connection of this server, with its transaction.
    pub(super) async fn kill(&self, number: u32) -> Result<()> {
        let mut conn = self.reach().await?;
        conn.query_drop(format!("KILL {number}")).await.map_err(|error| translate(&error))?;
        conn.disconnect().await.map_err(|error| translate(&error))
    }

    fn refused(&self, error: &mysql_async::Error) -> Error {
        match error {
            mysql_async::Error::Server(_) => translate(error),
            _ => self.unreachable(&error.to_string()),
        }
    }

    fn unreachable(&self, why: &str) -> Error {
        Error::new(Kind::Operational, format!("cannot connect to MySQL at {}: {why}", self.place))
            .way_out("check that the server runs, and host, port and `sslmode` in the URL")
    }
}

type Parts = (Option<String>, Option<String>, String, u16, Option<String>);

/// `//user:password@host:port/database`. The URL is not repeated in errors: there is a password in it.
fn parts(place: &str) -> Result<Parts> {
    let misread = |why: &str| {
        Error::new(Kind::Argument, format!("the database URL is not understood: {why}"))
            .way_out("write `mysql://user:password@host:3306/database`, with special letters percent-encoded")
    };
    let rest = place.strip_prefix("//").ok_or_else(|| misread("behind the scheme stands `//`"))?;
    let (server, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (who, address) = server.rsplit_once('@').map_or((None, server), |(who, address)| (Some(who), address));
    let (user, password) =
        match who.map(|who| who.split_once(':').map_or((who, None), |(user, pass)| (user, Some(pass)))) {
            None => (None, None),
            Some((user, password)) => (Some(decode(user)?), password.map(decode).transpose()?),
        };
    // An address of version 6 stands in brackets.
    let (host, port) = match address.strip_prefix('[').map(|inside| inside.split_once(']')) {
        Some(Some((host, rest))) => (host, rest.strip_prefix(':')),
        Some(None) => return Err(misread("a bracket is not closed")),
        None => address.rsplit_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None | Some("") => 3306,
        Some(port) => port.parse().map_err(|_| misread("the port is no number"))?,
    };
    let host = if host.is_empty() { "localhost".to_owned() } else { decode(host)? };
    let database = decode(database)?;
    Ok((user, password, host, port, Some(database).filter(|name| !name.is_empty())))
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("place", &self.place).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_url() {
        let owned = |text: &str| Some(text.to_owned());
        for (place, want) in [
            ("//me:p%40ss@db.example:3307/shop", (owned("me"), owned("p@ss"), "db.example", 3307, owned("shop"))),
            ("//me@[::1]:3307/shop", (owned("me"), None, "::1", 3307, owned("shop"))),
            ("//localhost", (None, None, "localhost", 3306, None)),
            ("///shop", (None, None, "localhost", 3306, owned("shop"))),
            ("//me:a:b@h/", (owned("me"), owned("a:b"), "h", 3306, None)),
        ] {
            let (user, password, host, port, database) = parts(place).unwrap();
            assert_eq!((user, password, host.as_str(), port, database), want, "{place}");
        }
        for wrong in ["me@h/db", "//me:s3cret@h:port/db", "//me:s3cret@[::1/db"] {
            let error = parts(wrong).unwrap_err();
            assert_eq!(error.kind(), Kind::Argument);
            assert!(!format!("{error:?}{error}").contains("s3cret"));
        }
    }
}
