//! MySQL's and MariaDB's errors in our words.

use mysql_async::{DriverError, Error as Native, ServerError};

use crate::error::{Database, Error, Kind};

/// An error of the driver in our words. Values that the server repeats in its message are cut out.
#[cold]
pub(super) fn translate(error: &Native) -> Error {
    match error {
        Native::Server(found) => of_server(found),
        Native::Driver(DriverError::StmtParamsMismatch { required, supplied }) => Error::new(
            Kind::Programming,
            format!("the statement has {required} places for values, {supplied} values were bound"),
        )
        .way_out("bind one value for each `?`, in order"),
        Native::Driver(DriverError::MixedParams | DriverError::Params(_)) => {
            Error::new(Kind::Programming, "the statement has a place with a name, `:name`")
                .way_out("write `?` for each value; a colon that is none belongs into quotes")
        }
        Native::Driver(DriverError::PacketTooLarge) => Error::new(Kind::Data, "more than the server takes at once")
            .way_out("write less at once, or raise the server's `max_allowed_packet`"),
        other => Error::new(Kind::Operational, format!("the connection to the database was lost: {other}"))
            .way_out("roll back and run the transaction again: the pool opens another connection"),
    }
}

fn of_server(error: &ServerError) -> Error {
    let kind = kind(error.code);
    let facts = facts(error);
    let error_here = Error::new(kind, message(error)).with_database(facts);
    match way_out(kind, error.code) {
        Some(way_out) => error_here.way_out(way_out),
        None => error_here,
    }
}

/// The message, without the values that stand in it.
fn message(error: &ServerError) -> String {
    let text = &error.message;
    match error.code {
        // Duplicate entry 'value' for key 'name'
        1062 | 1586 => match text.rsplit_once(" for key ") {
            Some((_, key)) => format!("Duplicate entry for key {key}"),
            None => "Duplicate entry".to_owned(),
        },
        // Incorrect integer value: 'value' for column `d`.`t`.`c` at row 1; Truncated incorrect DOUBLE value: 'value'
        1366 | 1292 | 1367 | 1411 | 1525 | 1690 | 3140 | 3141 => {
            match (text.split_once(": "), text.rsplit_once(" for column ")) {
                (Some((what, _)), Some((_, column))) => format!("{what} for column {column}"),
                (Some((what, _)), None) => what.to_owned(),
                (None, _) => text.split(" in '").next().unwrap_or(text).to_owned(),
            }
        }
        _ => text.clone(),
    }
}

/// What stands in backticks or quotes, in order.
fn quoted(text: &str) -> Vec<&str> {
    let quote = |letter: char| matches!(letter, '`' | '\'');
    text.split(quote).skip(1).step_by(2).collect()
}

fn facts(error: &ServerError) -> Database {
    let code = Some(error.code.to_string());
    let owned = |name: Option<&&str>| name.map(|&name| name.to_owned());
    let mut facts = Database { code, ..Database::default() };
    match error.code {
        1062 | 1586 => {
            let key = error.message.rsplit_once(" for key ").map(|(_, key)| key.trim_matches('\''));
            // MySQL: `table.key`; MariaDB: `key`.
            let (table, key) = match key.and_then(|key| key.split_once('.')) {
                Some((table, key)) => (Some(table), Some(key)),
                None => (None, key),
            };
            facts.table = table.map(str::to_owned);
            facts.constraint = key.map(str::to_owned);
        }
        // Column 'name' cannot be null; Field 'name' doesn't have a default value; Data too long for column 'name'
        1048 | 1364 | 1406 | 1264 => facts.columns = owned(quoted(&error.message).first()).into_iter().collect(),
        // (`d`.`t`, CONSTRAINT `name` FOREIGN KEY (`a`, `b`) REFERENCES …
        1216 | 1217 | 1451 | 1452 | 1761 | 1762 => {
            let (head, tail) = error.message.split_once("FOREIGN KEY").unwrap_or((&error.message, ""));
            let names = quoted(head);
            facts.table = owned(names.get(1));
            facts.constraint = owned(names.get(2));
            facts.columns =
                quoted(tail.split(')').next().unwrap_or_default()).iter().map(|&name| name.to_owned()).collect();
        }
        // CONSTRAINT `name` failed for `d`.`t`; Check constraint 'name' is violated.
        4025 | 3819 => {
            let names = quoted(&error.message);
            facts.constraint = owned(names.first());
            facts.table = owned(names.get(2));
        }
        _ => {}
    }
    facts
}

fn kind(code: u16) -> Kind {
    match code {
        1022 | 1062 | 1169 | 1586 | 1761 | 1762 => Kind::UniqueViolation,
        1216 | 1217 | 1451 | 1452 => Kind::ForeignKeyViolation,
        1048 | 1263 | 1364 => Kind::NotNullViolation,
        3819 | 4025 => Kind::CheckViolation,
        // Deadlocks; a row that another transaction changed; conflicts between the nodes of a cluster.
        1213 | 1020 | 1614 | 3101 => Kind::SerializationFailure,
        // Waits that came to their end, statements that ran too long or were killed.
        1205 | 1206 | 1317 | 1969 | 3024 | 3572 => Kind::Timeout,
        1264 | 1265 | 1292 | 1300 | 1365 | 1366 | 1367 | 1406 | 1411 | 1416 | 1441 | 1525 | 1690 | 3140 | 3141
        | 3156 | 4038 => Kind::Data,
        1235 => Kind::Unsupported,
        1064
        | 1054..=1056
        | 1058..=1061
        | 1065..=1068
        | 1093
        | 1111
        | 1115
        | 1140
        | 1241
        | 1242
        | 1248
        | 1267
        | 1305
        | 1582
        | 1630
        | 1247
            if code != 1054 =>
        {
            Kind::Programming
        }
        // As on SQLite: a table or column that is not there is a matter of the database, not of the statement.
        _ => Kind::Operational,
    }
}

fn way_out(kind: Kind, code: u16) -> Option<&'static str> {
    Some(match (kind, code) {
        (Kind::SerializationFailure, _) => {
            "another transaction was first: roll back and run the transaction again, as `db.transaction(…)` does"
        }
        (_, 1205 | 3572) => {
            "another transaction holds the row: run the transaction again when that one has ended, as `db.transaction(…)` does"
        }
        (_, 1146) => "make the tables first: `db.create_all().await?`",
        (_, 1054) => {
            "the table is older than the model: change the table, or drop it and call `db.create_all().await?`"
        }
        (_, 1055) => {
            "what is selected beside a count or a sum belongs into `.group_by(…)`; compare those in `.having(…)`, not in \
             `.filter(…)`"
        }
        (_, 1044 | 1045 | 1698) => "check user and password in the URL, and the user's rights",
        (_, 1049) => "make the database first, or check its name in the URL",
        (_, 1040 | 1203 | 1226) => {
            "the server has no connection left: make the pools of its clients smaller, or its limit larger"
        }
        (_, 1290 | 1792 | 1836) => "the transaction or the server is read-only: write where writing is allowed",
        (_, 1071) => "give the texts of the index a `length`: all together have 3,072 bytes, four for each letter",
        (_, 1093) => "MySQL cannot change the table that it reads from: select the keys first",
        (_, 1317 | 1969 | 3024) => "the statement was stopped: make it faster, or raise the server's limit",
        (_, 1047 | 1180) => {
            "this node of the cluster has lost the others: use another one, or run the transaction again later"
        }
        _ => return None,
    })
}

/// Whether the statement is of a sort that is never prepared.
pub(super) fn is_unprepared(error: &Native) -> bool {
    matches!(error, Native::Server(found) if found.code == 1295)
}

/// Whether the connection is at its end: the server is going down, or cannot be reached any more.
pub(super) fn is_gone(error: &Native) -> bool {
    match error {
        // Shutting down; the connection was killed, or waited too long; an oversized packet closes it.
        Native::Server(found) => matches!(found.code, 1053 | 1079 | 1152..=1161 | 1184 | 1927 | 4031),
        Native::Driver(found) => {
            !matches!(found, DriverError::StmtParamsMismatch { .. } | DriverError::MixedParams | DriverError::Params(_))
        }
        _ => true,
    }
}

/// The error of a COMMIT without an answer: nobody knows whether it was carried out.
#[cold]
pub(super) fn unknown_outcome(error: Error) -> Error {
    Error::new(Kind::UnknownOutcome, format!("the commit was sent, its answer never came: {}", error.what()))
        .way_out("look whether its rows are there before you write them again")
}

#[cold]
pub(super) fn answered_rows() -> Error {
    Error::new(Kind::Programming, "a statement that was executed answered rows")
        .way_out("read them: `.all(&mut session).await?`")
}

#[cold]
pub(super) fn places(places: usize, bound: usize) -> Native {
    let required = u16::try_from(places).unwrap_or(u16::MAX);
    Native::Driver(DriverError::StmtParamsMismatch { required, supplied: bound })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_repeated_and_facts_are_found() {
        let check = |code, message: &str, want: Kind, what: &str, table: Option<&str>, columns: &[&str]| {
            let error = of_server(&ServerError { code, message: message.to_owned(), state: String::new() });
            assert_eq!((error.kind(), error.what()), (want, what));
            let facts = error.database().unwrap();
            assert_eq!(
                (facts.table.as_deref(), &facts.columns[..]),
                (table, &columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>()[..])
            );
        };
        check(
            1062,
            "Duplicate entry 's3cret for key' for key 'users.name'",
            Kind::UniqueViolation,
            "Duplicate entry for key 'users.name'",
            Some("users"),
            &[],
        );
        check(
            1452,
            "Cannot add or update a child row: a foreign key constraint fails (`d`.`posts`, CONSTRAINT `fk` FOREIGN KEY (`a`, `b`) REFERENCES `users` (`id`))",
            Kind::ForeignKeyViolation,
            "Cannot add or update a child row: a foreign key constraint fails (`d`.`posts`, CONSTRAINT `fk` FOREIGN KEY (`a`, `b`) REFERENCES `users` (`id`))",
            Some("posts"),
            &["a", "b"],
        );
        check(
            1048,
            "Column 'name' cannot be null",
            Kind::NotNullViolation,
            "Column 'name' cannot be null",
            None,
            &["name"],
        );
        check(
            1366,
            "Incorrect integer value: 's3cret' for column `d`.`t`.`c` at row 1",
            Kind::Data,
            "Incorrect integer value for column `d`.`t`.`c` at row 1",
            None,
            &[],
        );
        check(
            1690,
            "BIGINT value is out of range in 's3cret + 1'",
            Kind::Data,
            "BIGINT value is out of range",
            None,
            &[],
        );
        check(
            4025,
            "CONSTRAINT `positive` failed for `d`.`t`",
            Kind::CheckViolation,
            "CONSTRAINT `positive` failed for `d`.`t`",
            Some("t"),
            &[],
        );
    }
}
