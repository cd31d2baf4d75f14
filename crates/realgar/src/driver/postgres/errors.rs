//! PostgreSQL's errors in our words.

use std::error::Error as StdError;

use tokio_postgres::{Error as Native, error::DbError};

use crate::error::{Database, Error, Kind};

use super::encode::NoForm;

/// An error of the driver in our words. Values that the server repeats in its message are cut off.
#[cold]
pub(super) fn translate(error: &Native) -> Error {
    if let Some(found) = error.as_db_error() {
        return of_server(found);
    }
    let mut cause = error.source();
    while let Some(source) = cause {
        if let Some(reason) = source.downcast_ref::<NoForm>() {
            return Error::new(Kind::Data, reason.0);
        }
        cause = source.source();
    }
    let why = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    Error::new(Kind::Operational, format!("the connection to the database was lost: {why}"))
        .way_out("roll back and run the transaction again: the pool opens another connection")
}

fn of_server(error: &DbError) -> Error {
    let code = error.code().code();
    let message = match (code.get(..2), error.message().split_once(": ")) {
        (Some("22"), Some((what, _))) => what, // what follows is the value
        _ => error.message(),
    };
    let facts = Database {
        table: error.table().map(str::to_owned),
        columns: columns(error),
        constraint: error.constraint().map(str::to_owned),
        code: Some(code.to_owned()),
    };
    let kind = kind(code);
    let error = Error::new(kind, message).with_database(facts);
    match way_out(kind, code) {
        Some(way_out) => error.way_out(way_out),
        None => error,
    }
}

/// The columns of a constraint: the server names one, or the detail says `Key (name, city)=(…)`.
fn columns(error: &DbError) -> Vec<String> {
    if let Some(column) = error.column() {
        return vec![column.to_owned()];
    }
    let inside = |detail: &str| Some(detail.split_once("Key (")?.1.split_once(")=(")?.0.to_owned());
    let list = error.detail().and_then(inside).unwrap_or_default();
    list.split(", ").filter(|name| !name.is_empty()).map(|name| name.trim_matches('"').to_owned()).collect()
}

fn kind(code: &str) -> Kind {
    match code {
        "23505" | "23P01" => Kind::UniqueViolation,
        "23503" | "23001" => Kind::ForeignKeyViolation,
        "23502" => Kind::NotNullViolation,
        "23514" => Kind::CheckViolation,
        "40001" | "40P01" => Kind::SerializationFailure,
        "40003" => Kind::UnknownOutcome,
        "25P02" => Kind::PendingRollback,
        "57014" | "55P03" | "25P03" | "25P04" => Kind::Timeout,
        // As on SQLite: a table or column that is not there is a matter of the database, not of the statement.
        "42P01" | "42703" | "42501" | "3D000" | "3F000" => Kind::Operational,
        "0A000" => Kind::Unsupported,
        _ => match code.get(..2) {
            Some("22") => Kind::Data,
            Some("42" | "26" | "34") => Kind::Programming,
            _ => Kind::Operational,
        },
    }
}

fn way_out(kind: Kind, code: &str) -> Option<&'static str> {
    Some(match (kind, code) {
        (Kind::SerializationFailure, _) => {
            "another transaction was first: roll back and run the transaction again, as `db.transaction(…)` does"
        }
        (_, "42P01") => "make the tables first: `db.create_all().await?`",
        (_, "42703") => {
            "the table is older than the model: change the table, or drop it and call `db.create_all().await?`"
        }
        (_, "42803") => {
            "what is selected beside a count or a sum belongs into `.group_by(…)`; compare those in `.having(…)`, not in \
             `.filter(…)`"
        }
        (_, "26000" | "42P05") => "behind a pooler that pools transactions, set `statement_cache=0` in the URL",
        (_, "25006") => "the transaction or the server is read-only: write where writing is allowed",
        (_, "53300") => "the server has no connection left: make the pools of its clients smaller, or its limit larger",
        (_, "57014") => "the statement was cancelled: make it faster, or raise `statement_timeout`",
        (_, "42883" | "42804") => "cast one of the sides: `.cast::<…>()`",
        (_, "28P01" | "28000") => "check user and password in the URL, and the server's pg_hba.conf",
        (_, "3D000") => "make the database first, or check its name in the URL",
        _ => return None,
    })
}

/// Whether a cached plan no longer fits.
pub(super) fn is_stale(error: &Error) -> bool {
    let code = error.database().and_then(|facts| facts.code.as_deref());
    matches!(code, Some("26000")) || (code == Some("0A000") && error.what().contains("cached plan"))
}

/// Whether the connection is at its end: the server is going down, or cannot be reached any more.
pub(super) fn is_gone(error: &Error) -> bool {
    match error.database().and_then(|facts| facts.code.as_deref()) {
        Some(code) => matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03") || code.starts_with("08"),
        None => error.kind() == Kind::Operational,
    }
}

/// The error of a COMMIT. Without the server's word, nobody knows whether it was carried out; so it is where the server
/// says that it is going down.
#[cold]
pub(super) fn unknown_outcome(error: Error, native: &Native) -> Error {
    let code = native.as_db_error().map(|found| found.code().code());
    if code.is_some_and(|code| !code.starts_with("57P") && !code.starts_with("08")) {
        return error;
    }
    Error::new(Kind::UnknownOutcome, format!("the commit was sent, its answer never came: {}", error.what()))
        .way_out("look whether its rows are there before you write them again")
}

#[cold]
pub(super) fn answered_rows() -> Error {
    Error::new(Kind::Programming, "a statement that was executed answered rows")
        .way_out("read them: `.all(&mut session).await?`")
}

#[cold]
pub(super) fn places(places: usize, bound: usize) -> Error {
    Error::new(Kind::Programming, format!("the statement has {places} places for values, {bound} values were bound"))
        .way_out("bind one value for each of `$1`, `$2`, …, in order")
}
