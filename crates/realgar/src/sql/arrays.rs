//! INSERT, UPDATE and DELETE of many rows at once: an array for each column, one text whatever the count.
//!
//! Rows are numbered, and what comes back says the number: it may come in any order. A single row has the plain statement,
//! which takes the server two thirds of the time.

use crate::{
    error::Result,
    sql::{Bound, Delete, Insert, Update, render::Render},
    value::Type,
};

/// The numbers of the rows, as a column.
const NUMBER: &str = "realgar_row";
/// The keys that were drawn for the rows, as a column.
const KEY: &str = "realgar_key";

impl Render<'_> {
    /// Without a key to be made: how many rows were inserted. With one: the keys of all rows, as an array.
    ///
    /// DIALECT: RETURNING knows nothing of the rows that were given, and nobody promises its order; so keys are drawn
    /// first, and then they are a column like the others: the arrays' elements with the same index are a row.
    pub(super) fn insert_arrays(&mut self, insert: &Insert) -> Result<()> {
        let Some(key) = &insert.key else {
            self.insert_into(insert)?;
            self.word(" SELECT ");
            self.values(&insert.columns)?;
            self.word(" FROM ");
            return self.rows(&insert.columns, None, None);
        };
        let (table, key) = (quoted(&insert.table).replace('\'', "''"), key.replace('\'', "''"));
        let count = match insert.columns.first() {
            Some(column) => format!("cardinality($1::{}[])", array_type(column.r#type)),
            None => "$1::bigint".to_owned(),
        };
        self.word(&format!(
            "WITH realgar_keys AS MATERIALIZED (SELECT array_agg(nextval((SELECT pg_get_serial_sequence('{table}', \
             '{key}')::regclass))) AS {KEY} FROM generate_series(1, {count})), realgar_done AS ("
        ));
        self.insert_into(insert)?;
        self.word(&format!(" SELECT {KEY}{}", if insert.columns.is_empty() { "" } else { ", " }));
        self.values(&insert.columns)?;
        self.word(" FROM ");
        self.rows(&insert.columns, Some(KEY), None)?;
        self.word(&format!(") SELECT {KEY} FROM realgar_keys"));
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
        self.rows(&columns, None, Some(NUMBER))?;
        self.met(&update.table, &update.key, at)
    }

    /// The number of each row that was met, once for each time.
    pub(super) fn delete_arrays(&mut self, delete: &Delete) -> Result<()> {
        self.word("DELETE FROM ");
        self.name(&delete.table);
        self.word(" USING ");
        self.rows(&delete.key, None, Some(NUMBER))?;
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

    /// `unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS realgar_given (v0, v1, realgar_row)`, the keys that were drawn
    /// before the others.
    fn rows(&mut self, columns: &[Bound], keys: Option<&str>, numbers: Option<&str>) -> Result<()> {
        if columns.is_empty() && keys.is_none() {
            self.word("generate_series(1, ");
            self.place();
            self.word("::bigint) AS realgar_given");
            return Ok(());
        }
        self.word("unnest(");
        if keys.is_some() {
            self.word(&format!("(SELECT {KEY} FROM realgar_keys)"));
            self.word(if columns.is_empty() { "" } else { ", " });
        }
        self.list(columns, ", ", |render, column| {
            render.place();
            render.word(&format!("::{}[]", array_type(column.r#type)));
            Ok(())
        })?;
        let values = (0..columns.len()).map(|index| format!("v{index}"));
        let names = keys.map(str::to_owned).into_iter().chain(values).chain(numbers.map(str::to_owned));
        let ordinality = if numbers.is_some() { " WITH ORDINALITY" } else { "" };
        self.word(&format!("){ordinality} AS realgar_given ({})", names.collect::<Vec<_>>().join(", ")));
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

/// Whether the statement takes an array for each column.
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
#[must_use]
pub fn takes_arrays(sql: &str) -> bool {
    sql.contains(" AS realgar_given")
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
