//! The statements of flushes, rendered once for each mapper and used again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    error::Result,
    mapper::{Mapper, MapperId, Secondary},
    schema::Column,
    sql::{self, Batches, Bound, Delete, Dialect, Insert, Statement, Update},
};

/// Which statement of a mapper.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Which {
    /// With these columns left to the database.
    Insert(MapperId, Left, bool),
    /// Of these columns.
    Update(MapperId, Vec<u16>, bool),
    Delete(MapperId, bool),
    Link(&'static str, Vec<&'static str>, bool),
    Unlink(&'static str, Vec<&'static str>, bool),
}

/// What an INSERT leaves to the database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Left {
    /// The key.
    pub key: Option<usize>,
    /// Other columns, by position; without them, no memory is taken.
    pub others: Vec<usize>,
}

impl Left {
    /// Whether this column is left to the database.
    pub(super) fn has(&self, column: usize) -> bool {
        self.key == Some(column) || self.others.contains(&column)
    }
}

/// Rendered statements.
#[derive(Debug, Default)]
pub struct Texts(Mutex<HashMap<Which, Arc<str>>>);

impl Texts {
    fn get(&self, which: Which, dialect: &Dialect, statement: impl FnOnce(&Which) -> Statement) -> Result<Arc<str>> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts.get(&which) {
            return Ok(text.clone());
        }
        let text: Arc<str> = sql::render(&statement(&which), dialect)?.text.into();
        texts.insert(which, text.clone());
        Ok(text)
    }

    /// Inserts one row, without the columns that the database fills.
    pub(super) fn insert(&self, mapper: &Mapper, dialect: &Dialect, left: &Left, rows: usize) -> Result<Arc<str>> {
        let one = is_one(dialect, rows);
        self.get(Which::Insert(mapper.id, left.clone(), one), dialect, |_| {
            let columns = mapper.table().columns.iter().enumerate();
            let columns = columns.filter(|(position, _)| !left.has(*position));
            let columns = columns.map(|(_, column)| bound(column)).collect();
            let key = left.key.map(|key| mapper.table().columns[key].name.into());
            Statement::Insert(Insert { table: mapper.table().name.into(), columns, key, one })
        })
    }

    /// Updates these columns of one row.
    pub(super) fn update(&self, mapper: &Mapper, dialect: &Dialect, columns: &[u16], rows: usize) -> Result<Arc<str>> {
        let one = is_one(dialect, rows);
        self.get(Which::Update(mapper.id, columns.to_vec(), one), dialect, |_| {
            let set = columns.iter().map(|&column| bound(&mapper.table().columns[column as usize])).collect();
            Statement::Update(Update { table: mapper.table().name.into(), set, key: row(mapper), one })
        })
    }

    /// Deletes one row.
    pub(super) fn delete(&self, mapper: &Mapper, dialect: &Dialect, rows: usize) -> Result<Arc<str>> {
        let one = is_one(dialect, rows);
        self.get(Which::Delete(mapper.id, one), dialect, |_| {
            Statement::Delete(Delete { table: mapper.table().name.into(), key: row(mapper), one })
        })
    }

    /// Inserts one association row: near columns, then far ones.
    pub(super) fn link(&self, secondary: &Secondary, dialect: &Dialect, rows: usize) -> Result<Arc<str>> {
        let one = is_one(dialect, rows);
        self.get(Which::Link(secondary.table.name, held(secondary), one), dialect, |_| {
            let columns = held_columns(secondary);
            Statement::Insert(Insert { table: secondary.table.name.into(), columns, key: None, one })
        })
    }

    /// Deletes one association row.
    pub(super) fn unlink(&self, secondary: &Secondary, dialect: &Dialect, rows: usize) -> Result<Arc<str>> {
        let one = is_one(dialect, rows);
        self.get(Which::Unlink(secondary.table.name, held(secondary), one), dialect, |_| {
            let key = held_columns(secondary);
            Statement::Delete(Delete { table: secondary.table.name.into(), key, one })
        })
    }
}

/// Whether a single row has a text of its own.
fn is_one(dialect: &Dialect, rows: usize) -> bool {
    rows == 1 && dialect.batches != Batches::Rows
}

fn bound(column: &Column) -> Bound {
    Bound { name: column.name.into(), r#type: column.r#type }
}

fn held_columns(secondary: &Secondary) -> Vec<Bound> {
    let table = secondary.table;
    held(secondary).iter().filter_map(|name| table.position(name)).map(|at| bound(&table.columns[at])).collect()
}

/// The columns by which a row is found: its key, and the version that was read.
fn row(mapper: &Mapper) -> Vec<Bound> {
    let columns = mapper.key.iter().chain(&mapper.desc.version);
    columns.map(|&column| bound(&mapper.table().columns[column])).collect()
}

fn held(secondary: &Secondary) -> Vec<&'static str> {
    secondary.near.iter().chain(&secondary.far).map(|&(_, held)| held).collect()
}
