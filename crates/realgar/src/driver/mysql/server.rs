//! Which server it is, and how its session is set up: what is learned when a connection is made.

use mysql_async::{Conn, Row, prelude::Queryable};

use crate::{
    error::{Error, Kind, Result},
    sql::Dialect,
};

use super::errors::translate;

/// DIALECT: without these, what does not fit is cut, a date can be the 30th of February, a zero is a key to be made; and
/// in SQL that users write, `"name"` is a text and `||` means `OR`, unlike anywhere else.
const MODES: [&str; 8] = [
    "STRICT_ALL_TABLES",
    "NO_ZERO_IN_DATE",
    "NO_ZERO_DATE",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_ENGINE_SUBSTITUTION",
    "NO_AUTO_VALUE_ON_ZERO",
    "ANSI_QUOTES",
    "PIPES_AS_CONCAT",
];

/// A server, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server {
    /// How it speaks.
    pub(super) dialect: &'static Dialect,
    /// How many bytes a statement and its values can have.
    pub(super) packet: usize,
    /// How far the keys of one INSERT are apart.
    pub(super) step: i64,
}

impl Server {
    /// Asks the server who it is, and sets up the session; what `init` says comes last.
    pub(super) async fn meet(conn: &mut Conn, init: &[String]) -> Result<Server> {
        let ask = "SELECT CAST(VERSION() AS CHAR), CAST(@@max_allowed_packet AS CHAR)";
        let (version, packet): (String, String) = first(conn, ask).await?;
        let dialect = dialect(&version)?;
        let (collation, more) = match dialect.name {
            // DIALECT: elsewhere `SET a = b, b = a` swaps the two.
            "mariadb" => ("utf8mb4_nopad_bin", ",SIMULTANEOUS_ASSIGNMENT"),
            _ => ("utf8mb4_0900_bin", ""),
        };
        let set = format!(
            "SET NAMES utf8mb4 COLLATE {collation}, time_zone = '+00:00', sql_mode = '{}{more}'",
            MODES.join(",")
        );
        for text in std::iter::once(&set).chain(init) {
            conn.query_drop(text).await.map_err(|error| translate(&error))?;
        }
        let (step,): (i64,) = first(conn, "SELECT @@auto_increment_increment").await?;
        Ok(Server { dialect, packet: packet.parse().unwrap_or(1 << 20), step: step.max(1) })
    }
}

async fn first<T: mysql_async::prelude::FromRow + Send + 'static>(conn: &mut Conn, text: &str) -> Result<T> {
    let row: Option<Row> = conn.query_first(text).await.map_err(|error| translate(&error))?;
    let read = row.and_then(|row| mysql_async::from_row_opt(row).ok());
    read.ok_or_else(|| {
        Error::new(Kind::Operational, "the server does not say who it is").way_out("is it MySQL or MariaDB?")
    })
}

/// `10.11.6-MariaDB-…` and `8.4.3`.
fn dialect(version: &str) -> Result<&'static Dialect> {
    let mut numbers = version.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0));
    let mut number = || numbers.next().unwrap_or(0);
    let found = (number(), number(), number());
    let maria = version.to_ascii_lowercase().contains("mariadb");
    let (dialect, oldest) = match maria {
        true => (const { &Dialect::MARIADB }, (10, 6, 0)),
        false => (const { &Dialect::MYSQL }, (8, 0, 17)),
    };
    if found < oldest {
        return Err(Error::new(Kind::Unsupported, format!("the server is too old: {version}"))
            .way_out("MariaDB is served from 10.6 on, MySQL from 8.0.17 on"));
    }
    Ok(dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_who_it_is() {
        for (version, want) in [
            ("10.11.6-MariaDB-0+deb12u1", Some("mariadb")),
            ("11.4.2-MariaDB", Some("mariadb")),
            ("8.0.17", Some("mysql")),
            ("8.4.3-commercial", Some("mysql")),
            ("9.1.0", Some("mysql")),
            ("10.5.23-MariaDB", None),
            ("5.7.44-log", None),
        ] {
            assert_eq!(dialect(version).ok().map(|dialect| dialect.name), want, "{version}");
        }
    }
}
