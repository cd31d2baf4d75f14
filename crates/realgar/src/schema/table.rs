//! A table as data. Everything is `'static` and const, so that mapping mistakes can be found while compiling.

use crate::{schema::names::same, value::Type};

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The table's name.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// Its foreign keys, those of single columns first.
    pub foreign_keys: &'static [ForeignKey],
    /// Indexes over several columns; those of one column are said at the column.
    pub indexes: &'static [Index],
    /// What must be true of each row, as SQL.
    pub checks: &'static [&'static str],
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The column's name in the database.
    pub name: &'static str,
    /// Its type.
    pub r#type: Type,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// Whether it is (part of) the primary key.
    pub primary_key: bool,
    /// Whether its values are unique.
    pub unique: bool,
    /// Whether it has an index of its own.
    pub index: bool,
    /// The longest text in characters, where there is a limit.
    pub length: Option<u32>,
    /// Whether the database makes the value where a new object has none, however it does.
    pub auto: bool,
    /// Whether queries leave the column in the database until it is asked for.
    pub deferred: bool,
    /// What the database fills in where an INSERT leaves the column out, as SQL.
    pub server_default: Option<&'static str>,
    /// What the database computes the column from, as SQL; such a column is never written.
    pub computed: Option<&'static str>,
    /// What must be true of the column, as SQL.
    pub check: Option<&'static str>,
    /// Whether its values are shown nowhere.
    pub secret: bool,
}

/// A foreign key: these columns hold the key of a row over there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignKey {
    /// The columns on this side.
    pub columns: &'static [&'static str],
    /// The table over there.
    pub table: &'static str,
    /// The columns over there, one for each of ours.
    pub references: &'static [&'static str],
    /// What the database does here when the row over there is deleted.
    pub on_delete: Action,
    /// What the database does here when the key over there changes.
    pub on_update: Action,
}

/// What the database does to referring rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// Refuses (the default).
    #[default]
    NoAction,
    /// Refuses at once.
    Restrict,
    /// Deletes or changes them too.
    Cascade,
    /// Sets their columns to NULL.
    SetNull,
    /// Sets their columns to their defaults.
    SetDefault,
}

/// An index over several columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// The columns, in order.
    pub columns: &'static [&'static str],
    /// Whether the combination is unique.
    pub unique: bool,
}

impl Column {
    /// Whether an INSERT leaves the column to the database where the new object has no value for it.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.auto || self.server_default.is_some() || self.computed.is_some()
    }
}

impl Table {
    /// The position of the column of this name.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|found| found.name == column)
    }

    /// Whether there is a column of this name; as `position`, while compiling.
    pub(crate) const fn holds(&self, column: &str) -> bool {
        self.find(column).is_some()
    }

    /// Whether the column of this name is there and takes NULL.
    pub(crate) const fn takes_null(&self, column: &str) -> bool {
        match self.find(column) {
            Some(column) => column.nullable,
            None => false,
        }
    }

    const fn find(&self, name: &str) -> Option<&'static Column> {
        let mut index = 0;
        while index < self.columns.len() {
            if same(self.columns[index].name, name) {
                return Some(&self.columns[index]);
            }
            index += 1;
        }
        None
    }

    /// The columns of the unique constraint that a database calls by this name, where it was given none: the primary key
    /// is `PRIMARY`, and another one is called after its first column, with a number where the name is taken.
    #[must_use]
    pub fn unique_columns(&self, name: &str) -> Vec<&'static str> {
        if name == "PRIMARY" {
            return self.primary_key().map(|position| self.columns[position].name).collect();
        }
        let single =
            self.columns.iter().filter(|column| column.unique).map(|column| std::slice::from_ref(&column.name));
        let several = self.indexes.iter().filter(|index| index.unique).map(|index| index.columns);
        let mut taken: Vec<String> = Vec::new();
        for columns in single.chain(several) {
            let first = columns.first().copied().unwrap_or_default();
            let numbered = (2..).map(|number| format!("{first}_{number}"));
            let mut names = std::iter::once(first.to_owned()).chain(numbered);
            let own = names.find(|name| !taken.contains(name)).unwrap_or_default();
            if own == name {
                return columns.to_vec();
            }
            taken.push(own);
        }
        Vec::new()
    }

    /// The positions of the primary key's columns, in order.
    pub fn primary_key(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns.iter().enumerate().filter(|(_, column)| column.primary_key).map(|(index, _)| index)
    }

    /// The position of the column whose value the database makes: a single integer key that is no foreign key.
    #[must_use]
    pub fn generated_key(&self) -> Option<usize> {
        let mut keys = self.primary_key();
        let key = keys.next()?;
        let column = &self.columns[key];
        let single = keys.next().is_none() && column.r#type.is_integer();
        let free = !self.foreign_keys.iter().any(|foreign| foreign.columns.contains(&column.name));
        (single && free).then_some(key)
    }
}
