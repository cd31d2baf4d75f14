//! Many rows at once: INSERT with a place for every value, UPDATE and DELETE with a list of rows in JSON.
//!
//! An UPDATE of many rows has one text, whatever their number; that of one row is the plain one. The text of an INSERT is
//! that of one row, until [`repeated`] makes it one of many.
//!
//! DIALECT: the rows that are given come first in the join, and the table's are looked up by key: whoever scans a table locks
//! all of it. For the same reason one row has a statement of its own, which no planner can get wrong.

use std::borrow::Cow;

use crate::{
    error::Result,
    sql::{
        Batches, Bound, Delete, Insert, Update,
        dialect::{json_table, json_value},
        render::Render,
    },
    value::Type,
};

const GIVEN: &str = "realgar_given";
const VALUES: &str = " VALUES (";

impl Render<'_> {
    /// With a key to be made, the keys in whatever order, where the database can answer rows.
    pub(super) fn insert_values(&mut self, insert: &Insert) -> Result<()> {
        self.word("INSERT INTO ");
        self.name(&insert.table);
        if insert.columns.is_empty() {
            self.word(self.dialect.default_row);
        } else {
            self.word(" (");
            let names: Vec<&str> = insert.columns.iter().map(|column| &*column.name).collect();
            self.names(&names)?;
            self.word(")");
            self.word(VALUES);
            self.list(&insert.columns, ", ", |render, _| {
                render.place();
                Ok(())
            })?;
            self.word(")");
        }
        let answers = self.dialect.batches != Batches::Rows && self.dialect.returning.insert;
        if let Some(key) = insert.key.as_ref().filter(|_| answers) {
            self.word(" RETURNING ");
            self.name(key);
        }
        Ok(())
    }

    pub(super) fn update_values(&mut self, update: &Update) -> Result<()> {
        self.word("UPDATE ");
        self.given(&update.table, update.set.iter().chain(&update.key))?;
        self.joined_by(&update.table, &update.key, update.set.len())?;
        self.word(" SET ");
        let mut at = 0;
        self.list(&update.set, ", ", |render, column| {
            render.name(&update.table);
            render.word(".");
            render.name(&column.name);
            render.word(" = ");
            render.word(&json_value(GIVEN, at, column.r#type));
            at += 1;
            Ok(())
        })
    }

    pub(super) fn delete_values(&mut self, delete: &Delete) -> Result<()> {
        self.word("DELETE FROM ");
        self.name(&delete.table);
        self.word(" USING ");
        self.given(&delete.table, delete.key.iter())?;
        self.joined_by(&delete.table, &delete.key, 0)
    }

    /// The rows that are given, as a table that this one is joined to.
    fn given<'b>(&mut self, table: &str, columns: impl Iterator<Item = &'b Bound>) -> Result<()> {
        let types: Vec<Type> = columns.map(|column| column.r#type).collect();
        let (before, after) = json_table(&types, false);
        self.word(before);
        self.place();
        self.word(&after);
        self.word(&format!(" AS {GIVEN} STRAIGHT_JOIN "));
        self.name(table);
        Ok(())
    }

    fn joined_by(&mut self, table: &str, key: &[Bound], mut at: usize) -> Result<()> {
        self.word(" ON ");
        self.list(key, " AND ", |render, column| {
            render.name(table);
            render.word(".");
            render.name(&column.name);
            render.word(" = ");
            render.word(&json_value(GIVEN, at, column.r#type));
            at += 1;
            Ok(())
        })
    }
}

/// Whether the statement takes its rows as a list.
#[cfg_attr(not(feature = "mysql"), allow(dead_code))]
#[must_use]
pub fn takes_list(sql: &str) -> bool {
    sql.contains(" JSON_TABLE(?, ")
}

/// The INSERT of one row as one of so many; another statement stays as it is.
pub fn repeated(insert: &str, rows: usize) -> Cow<'_, str> {
    let (Some(start), 2..) = (insert.rfind(VALUES), rows) else { return Cow::Borrowed(insert) };
    let start = start + VALUES.len() - 1;
    let end = insert[start..].find(')').map_or(insert.len(), |end| start + end + 1);
    let row = &insert[start..end];
    let mut text = String::with_capacity(insert.len() + (row.len() + 2) * (rows - 1));
    text.push_str(&insert[..end]);
    for _ in 1..rows {
        text.push_str(", ");
        text.push_str(row);
    }
    text.push_str(&insert[end..]);
    Cow::Owned(text)
}

/// The UPDATE of one row as one of so many, which are a table beside it; `None` for any other statement.
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
#[must_use]
pub fn updated_from(update: &str, rows: usize) -> Option<String> {
    let (set, key) = split_outside_names(update.strip_prefix("UPDATE ")?, " WHERE ")?;
    let mut places = 0;
    let (set, key) = (in_columns(set, &mut places), in_columns(key, &mut places));
    let row = format!("({})", vec!["?"; places].join(", "));
    let rows = vec![row.as_str(); rows].join(", ");
    Some(format!("UPDATE {set} FROM (VALUES {rows}) AS {GIVEN} WHERE {key}"))
}

/// What stands before and after a word, which a name in quotes may hold, too.
fn split_outside_names<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let outside = |&(at, _): &(usize, &str)| text[..at].matches('"').count().is_multiple_of(2);
    let (at, _) = text.match_indices(word).find(outside)?;
    Some((&text[..at], &text[at + word.len()..]))
}

/// The text with a column of the table beside it for each place.
fn in_columns(mut text: &str, places: &mut usize) -> String {
    let mut done = String::with_capacity(2 * text.len());
    while let Some((before, after)) = split_outside_names(text, "?") {
        *places += 1;
        done += &format!("{before}{GIVEN}.column{places}");
        text = after;
    }
    done + text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Dialect, Statement, render};

    fn bound(name: &'static str, r#type: Type) -> Bound {
        Bound { name: name.into(), r#type }
    }

    #[test]
    fn each_has_one_text() {
        let check = |statement: Statement, want: &str| {
            assert_eq!(render(&statement, &Dialect::MARIADB).unwrap().text, want);
        };
        let insert = |columns| Insert { table: "a`b".into(), columns, key: Some("id".into()), one: false };
        check(
            Statement::Insert(insert(vec![bound("x", Type::Text), bound("y", Type::Bytes)])),
            "INSERT INTO `a``b` (`x`, `y`) VALUES (?, ?) RETURNING `id`",
        );
        check(Statement::Insert(insert(Vec::new())), "INSERT INTO `a``b` () VALUES () RETURNING `id`");
        let (set, key) = (vec![bound("x", Type::Bytes)], vec![bound("id", Type::Int64)]);
        check(
            Statement::Update(Update { table: "t".into(), set, key: key.clone(), one: false }),
            "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (v0 LONGTEXT PATH '$[0]', v1 BIGINT PATH '$[1]')) AS realgar_given \
             STRAIGHT_JOIN `t` ON `t`.`id` = realgar_given.v1 SET `t`.`x` = UNHEX(realgar_given.v0)",
        );
        check(
            Statement::Delete(Delete { table: "t".into(), key, one: false }),
            "DELETE FROM `t` USING JSON_TABLE(?, '$[*]' COLUMNS (v0 BIGINT PATH '$[0]')) AS realgar_given \
             STRAIGHT_JOIN `t` ON `t`.`id` = realgar_given.v0",
        );
    }

    #[test]
    fn rows_are_a_table_beside_the_updated_one() {
        let one = r#"UPDATE "a WHERE b" SET "x?" = ?, "y""z" = ? WHERE "id" = ? AND "of" = ?"#;
        let two = r#"UPDATE "a WHERE b" SET "x?" = realgar_given.column1, "y""z" = realgar_given.column2 FROM (VALUES (?, ?, ?, ?), (?, ?, ?, ?)) AS realgar_given WHERE "id" = realgar_given.column3 AND "of" = realgar_given.column4"#;
        assert_eq!(updated_from(one, 2).as_deref(), Some(two));
        assert_eq!(updated_from(r#"DELETE FROM "t" WHERE "id" = ?"#, 2), None);
        assert_eq!(updated_from(r#"UPDATE "t" SET "a" = ?"#, 2), None);
    }

    #[test]
    fn rows_are_repeated() {
        let one = "INSERT INTO `t` (`a`, `b`) VALUES (?, ?) RETURNING `id`";
        assert_eq!(repeated(one, 1), one);
        assert_eq!(repeated(one, 3), "INSERT INTO `t` (`a`, `b`) VALUES (?, ?), (?, ?), (?, ?) RETURNING `id`");
        assert_eq!(repeated("INSERT INTO `t` () VALUES ()", 2), "INSERT INTO `t` () VALUES (), ()");
        assert_eq!(repeated("UPDATE `t` SET `a` = ?", 2), "UPDATE `t` SET `a` = ?");
    }
}
