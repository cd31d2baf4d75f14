//! INSERT, UPDATE and DELETE in the user's words: many rows, criteria, conflicts, RETURNING. Values are part of the data.

use crate::{
    error::{Error, Kind, Result},
    sql::{Dialect, Expr, Name, dialect::OnConflict, render::Render},
};

/// A column and what it becomes.
pub type Assignment = (Name, Expr);

/// Updates all rows that meet criteria.
#[derive(Debug, Clone)]
pub struct UpdateWhere {
    /// The table.
    pub table: Name,
    /// What columns become.
    pub set: Vec<Assignment>,
    /// WHERE; all of them.
    pub filter: Vec<Expr>,
    /// RETURNING
    pub returning: Vec<Expr>,
}

/// Deletes all rows that meet criteria.
#[derive(Debug, Clone)]
pub struct DeleteWhere {
    /// The table.
    pub table: Name,
    /// WHERE; all of them.
    pub filter: Vec<Expr>,
    /// RETURNING
    pub returning: Vec<Expr>,
}

/// Inserts rows.
#[derive(Debug, Clone)]
pub struct InsertRows {
    /// The table.
    pub table: Name,
    /// The columns that are given; none: rows of defaults, one at a time.
    pub columns: Vec<Name>,
    /// Their values, row by row.
    pub rows: Vec<Vec<Expr>>,
    /// What becomes of rows that are there already.
    pub conflict: Option<Conflict>,
    /// RETURNING
    pub returning: Vec<Expr>,
}

/// What becomes of rows that are there already.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// The unique columns that tell; none: any.
    pub columns: Vec<Name>,
    /// What columns of the row that is there become; none: it stays.
    pub set: Vec<Assignment>,
    /// Only rows that meet these are updated.
    pub filter: Vec<Expr>,
}

/// The name under which a conflict's assignments know the row that was to be inserted.
pub const EXCLUDED: &str = "excluded";

impl Render<'_> {
    pub(super) fn update_where(&mut self, update: &UpdateWhere) -> Result<()> {
        self.word("UPDATE ");
        self.name(&update.table);
        self.word(" SET ");
        self.set(&update.set)?;
        self.all_of(" WHERE ", &update.filter)?;
        self.returning(&update.returning, self.dialect.returning.update, "an UPDATE")
    }

    pub(super) fn delete_where(&mut self, delete: &DeleteWhere) -> Result<()> {
        self.word("DELETE FROM ");
        self.name(&delete.table);
        self.all_of(" WHERE ", &delete.filter)?;
        self.returning(&delete.returning, self.dialect.returning.delete, "a DELETE")
    }

    pub(super) fn insert_rows(&mut self, insert: &InsertRows) -> Result<()> {
        self.word("INSERT INTO ");
        self.name(&insert.table);
        if insert.columns.is_empty() {
            self.word(self.dialect.default_row);
        } else {
            self.word(" (");
            self.names(&insert.columns)?;
            self.word(") VALUES ");
            self.list(&insert.rows, ", ", |render, row| {
                render.word("(");
                render.list(row, ", ", Render::expr)?;
                render.word(")");
                Ok(())
            })?;
        }
        if let Some(conflict) = &insert.conflict {
            self.conflict(insert, conflict)?;
        }
        self.returning(&insert.returning, self.dialect.returning.insert, "an INSERT")
    }

    fn conflict(&mut self, insert: &InsertRows, conflict: &Conflict) -> Result<()> {
        if self.dialect.on_conflict == OnConflict::AnyKey {
            return self.duplicate(insert, conflict);
        }
        self.word(" ON CONFLICT");
        if !conflict.columns.is_empty() {
            self.word(" (");
            self.names(&conflict.columns)?;
            self.word(")");
        }
        if conflict.set.is_empty() {
            self.word(" DO NOTHING");
            return Ok(());
        }
        self.word(" DO UPDATE SET ");
        self.set(&conflict.set)?;
        self.all_of(" WHERE ", &conflict.filter)
    }

    /// DIALECT: a row stays as it is where a column becomes what it is; `INSERT IGNORE` would pass over any error.
    fn duplicate(&mut self, insert: &InsertRows, conflict: &Conflict) -> Result<()> {
        if !conflict.filter.is_empty() {
            return Err(cannot(self.dialect, "update only some of the rows that are there already")
                .way_out("say it in the value: `.set(column, case(…))`; or look for the rows first"));
        }
        self.word(" ON DUPLICATE KEY UPDATE ");
        self.in_conflict = true;
        let done = match (&conflict.set[..], conflict.columns.first().or(insert.columns.first())) {
            ([], Some(column)) => {
                self.name(column);
                self.word(" = ");
                self.name(&insert.table);
                self.word(".");
                self.name(column);
                Ok(())
            }
            ([], None) => Err(cannot(self.dialect, "insert a row of defaults unless it is there already")
                .way_out("give the row a value for a unique column")),
            (set, _) => self.set(set),
        };
        self.in_conflict = false;
        done
    }

    fn set(&mut self, assignments: &[Assignment]) -> Result<()> {
        self.list(assignments, ", ", |render, (column, value)| {
            render.name(column);
            render.word(" = ");
            render.expr(value)
        })
    }

    fn returning(&mut self, columns: &[Expr], able: bool, verb: &str) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        if !able {
            return Err(cannot(self.dialect, &format!("answer rows from {verb}")).way_out("select the rows beside it"));
        }
        self.word(" RETURNING ");
        self.list(columns, ", ", Self::expr)
    }
}

fn cannot(dialect: &Dialect, what: &str) -> Error {
    Error::new(Kind::Unsupported, format!("{} cannot {what}", dialect.name))
}
