//! INSERT, UPDATE and DELETE of many rows at once: an array for each column, one text whatever the count.
//!
//! Rows are numbered, and what comes back says the number: it may come in any order.

use crate::{
    error::Result,
    sql::{Bound, Delete, Insert, Update, render::Render},
    value::Type,
};

/// The numbers of the rows, as a column.
const NUMBER: &str = "realgar_row";
/// The key that was drawn for a row.
const KEY: &str = "realgar_key";

impl Render<'_> {
    /// Without a key to be made: how many rows were inserted. With one: number and key of each row.
    ///
    /// DIALECT: RETURNING knows nothing of the rows that were given, and nobody promises its order; so keys are drawn
    /// first and carried along.
    pub(super) fn insert_arrays(&mut self, insert: &Insert) -> Result<()> {
        let Some(key) = &insert.key else {
            self.insert_into(insert)?;
            self.word(" SELECT ");
            self.values(&insert.columns)?;
            self.word(" FROM ");
            return self.rows(&insert.columns, false);
        };
        self.word(
            "WITH realgar_rows AS MATERIALIZED (SELECT realgar_given.*, nextval((SELECT pg_get_serial_sequence('",
        );
        let table = quoted(&insert.table).replace('\'', "''");
        self.word(&format!("{table}', '{}')::regclass)) AS {KEY} FROM ", key.replace('\'', "''")));
        self.rows(&insert.columns, true)?;
        self.word("), realgar_done AS (");
        self.insert_into(insert)?;
        self.word(&format!(" SELECT {KEY}{}", if insert.columns.is_empty() { "" } else { ", " }));
        self.values(&insert.columns)?;
        self.word(&format!(
            " FROM realgar_rows AS realgar_given ORDER BY {NUMBER}) SELECT {NUMBER}, {KEY} FROM realgar_rows"
        ));
        Ok(())
    }

    fn insert_into(&mut self, insert: &Insert) -> Result<()> {
        self.word("INSERT INTO ");
        self.name(&insert.table);
        let names: Vec<&str> =
            insert.key.iter().chain(insert.columns.iter().map(|column| &column.name)).map(|name| &**name).collect();
        if names.is_empty() {
            return Ok(());
        }
        self.word(" (");
        self.names(&names)?;
        self.word(")");
        Ok(())
    }

    /// The number of each row that was met, once for each time.
    pub(super) fn update_arrays(&mut self, update: &Update) -> Result<()> {
        self.word("UPDATE ");
        self.name(&update.table);
        self.word(" SET ");
        let mut at = 0;
        self.list(&update.set, ", ", |render, column| {
            render.name(&column.name);
            render.word(" = ");
            render.value(at, column.r#type);
            at += 1;
            Ok(())
        })?;
        self.word(" FROM ");
        let columns: Vec<Bound> = update.set.iter().chain(&update.key).cloned().collect();
        self.rows(&columns, true)?;
        self.met(&update.table, &update.key, at)
    }

    /// The number of each row that was met, once for each time.
    pub(super) fn delete_arrays(&mut self, delete: &Delete) -> Result<()> {
        self.word("DELETE FROM ");
        self.name(&delete.table);
        self.word(" USING ");
        self.rows(&delete.key, true)?;
        self.met(&delete.table, &delete.key, 0)
    }

    fn met(&mut self, table: &str, key: &[Bound], mut at: usize) -> Result<()> {
        self.word(" WHERE ");
        self.list(key, " AND ", |render, column| {
            render.name(table);
            render.word(".");
            render.name(&column.name);
            render.word(" = ");
            render.value(at, column.r#type);
            at += 1;
            Ok(())
        })?;
        self.word(&format!(" RETURNING realgar_given.{NUMBER}"));
        Ok(())
    }

    /// `unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS realgar_given (v0, v1, realgar_row)`
    fn rows(&mut self, columns: &[Bound], numbered: bool) -> Result<()> {
        if columns.is_empty() {
            self.word("generate_series(1, ");
            self.place();
            self.word(&format!("::bigint) AS realgar_given ({NUMBER})"));
            return Ok(());
        }
        self.word("unnest(");
        self.list(columns, ", ", |render, column| {
            render.place();
            render.word(&format!("::{}[]", array_type(column.r#type)));
            Ok(())
        })?;
        let names: Vec<String> = (0..columns.len()).map(|index| format!("v{index}")).collect();
        let (ordinality, number) =
            if numbered { (" WITH ORDINALITY", format!(", {NUMBER}")) } else { ("", String::new()) };
        self.word(&format!("){ordinality} AS realgar_given ({}{number})", names.join(", ")));
        Ok(())
    }

    fn values(&mut self, columns: &[Bound]) -> Result<()> {
        let mut at = 0;
        self.list(columns, ", ", |render, column| {
            render.value(at, column.r#type);
            at += 1;
            Ok(())
        })
    }

    fn value(&mut self, at: usize, r#type: Type) {
        self.word(&format!("realgar_given.v{at}"));
        if matches!(r#type, Type::Enum(_) | Type::Array(_)) {
            self.word(&format!("::{}", (self.dialect.type_name)(r#type, None)));
        }
    }
}

/// Integers of any width travel as the widest, so that what is too large is the column's error and not the array's.
/// Enums and arrays travel as text: an array of arrays would come apart, element by element.
fn array_type(r#type: Type) -> &'static str {
    match r#type {
        Type::Bool => "boolean",
        Type::Int16 | Type::Int32 | Type::Int64 => "bigint",
        Type::Float32 | Type::Float64 => "double precision",
        Type::Text | Type::Enum(_) | Type::Array(_) => "text",
        Type::Bytes => "bytea",
        Type::Date => "date",
        Type::Time => "time",
        Type::DateTime => "timestamp",
        Type::Timestamp => "timestamptz",
        Type::Uuid => "uuid",
        Type::Decimal => "numeric",
        Type::Json => "jsonb",
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
