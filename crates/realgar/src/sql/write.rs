//! INSERT, UPDATE and DELETE as data. All values are bound later: these statements are rendered once and used again.

use crate::{
    schema,
    sql::{DeleteWhere, InsertRows, Name, Select, UpdateWhere},
};

/// A statement.
#[derive(Debug, Clone)]
pub enum Statement {
    /// `SELECT`
    Select(Box<Select>),
    /// `INSERT`
    Insert(Insert),
    /// `UPDATE`
    Update(Update),
    /// `DELETE`
    Delete(Delete),
    /// `UPDATE` of all rows that meet criteria
    UpdateWhere(Box<UpdateWhere>),
    /// `DELETE` of all rows that meet criteria
    DeleteWhere(Box<DeleteWhere>),
    /// `INSERT` of these rows
    InsertRows(Box<InsertRows>),
    /// `CREATE TABLE`
    CreateTable(&'static schema::Table),
    /// `CREATE INDEX`
    CreateIndex(&'static schema::Table, schema::Index),
    /// `DROP TABLE`
    DropTable(&'static schema::Table),
}

/// Inserts one row; without columns, a row of defaults.
#[derive(Debug, Clone)]
pub struct Insert {
    /// The table.
    pub table: Name,
    /// The columns that are given, in the order of the parameters.
    pub columns: Vec<Name>,
}

/// Updates the row with these key columns.
#[derive(Debug, Clone)]
pub struct Update {
    /// The table.
    pub table: Name,
    /// The columns that are set: the first parameters.
    pub set: Vec<Name>,
    /// The columns that name the row: the parameters after them.
    pub key: Vec<Name>,
}

/// Deletes the row with these key columns.
#[derive(Debug, Clone)]
pub struct Delete {
    /// The table.
    pub table: Name,
    /// The columns that name the row: the parameters.
    pub key: Vec<Name>,
}
