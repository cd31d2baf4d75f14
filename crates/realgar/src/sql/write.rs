//! INSERT, UPDATE and DELETE as data. All values are bound later: these statements are rendered once and used again,
//! for one row or for many.

use crate::{
    schema,
    sql::{DeleteWhere, InsertRows, Name, Select, UpdateWhere},
    value::{Type, Words},
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
    /// `CREATE TYPE`
    CreateType(&'static Words),
    /// `DROP TYPE`
    DropType(&'static Words),
    /// `CREATE TABLE` with these of its foreign keys; the others follow.
    CreateTable(&'static schema::Table, Vec<schema::ForeignKey>),
    /// `CREATE INDEX`
    CreateIndex(&'static schema::Table, schema::Index),
    /// `ALTER TABLE … ADD FOREIGN KEY`
    AddForeignKey(&'static schema::Table, schema::ForeignKey),
    /// `DROP TABLE`; several that refer to one another.
    DropTables(Vec<&'static schema::Table>),
}

/// A column that a statement writes or looks for; what is bound to it has this type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The column.
    pub name: Name,
    /// Its type.
    pub r#type: Type,
}

/// Inserts rows; without columns, rows of defaults.
#[derive(Debug, Clone)]
pub struct Insert {
    /// The table.
    pub table: Name,
    /// The columns that are given, in the order of the parameters.
    pub columns: Vec<Bound>,
    /// The key column that the database makes.
    pub key: Option<Name>,
    /// Whether it is for one row only, where that makes a difference.
    pub one: bool,
}

/// Updates the rows with these key columns.
#[derive(Debug, Clone)]
pub struct Update {
    /// The table.
    pub table: Name,
    /// The columns that are set: the first parameters.
    pub set: Vec<Bound>,
    /// The columns that name the row: the parameters after them.
    pub key: Vec<Bound>,
    /// Whether it is for one row only, where that makes a difference.
    pub one: bool,
}

/// Deletes the rows with these key columns.
#[derive(Debug, Clone)]
pub struct Delete {
    /// The table.
    pub table: Name,
    /// The columns that name the row: the parameters.
    pub key: Vec<Bound>,
    /// Whether it is for one row only, where that makes a difference.
    pub one: bool,
}
