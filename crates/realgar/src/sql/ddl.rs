//! CREATE and DROP statements for a set of tables, in the order of their foreign keys.

use crate::{
    schema::{self, ForeignKey, Index, Table},
    sql::{Dialect, Statement},
    value::{Type, Words},
};

/// What makes these tables and their indexes where they are missing; what is referred to comes first.
pub fn create_all(tables: &[&'static Table], dialect: &Dialect) -> Vec<Statement> {
    let mut statements: Vec<Statement> = enums(tables, dialect).into_iter().map(Statement::CreateType).collect();
    let mut later = Vec::new();
    for group in schema::sort(tables) {
        let group: Vec<&'static Table> = group.into_iter().map(|position| tables[position]).collect();
        for (index, &table) in group.iter().enumerate() {
            let missing =
                |name: &str| !dialect.tables.forward_keys && group[index + 1..].iter().any(|t| t.name == name);
            let (forward, keys): (Vec<ForeignKey>, Vec<_>) =
                table.foreign_keys.iter().partition(|key| missing(key.table));
            statements.push(Statement::CreateTable(table, keys));
            later.extend(forward.into_iter().map(|key| Statement::AddForeignKey(table, key)));
            if !dialect.tables.inner_indexes {
                statements.extend(indexes(table).map(|index| Statement::CreateIndex(table, index)));
            }
        }
    }
    statements.extend(later);
    statements
}

/// A table's indexes, but for those that come with a key.
pub(super) fn indexes(table: &'static Table) -> impl Iterator<Item = Index> {
    let single = table.columns.iter().filter(|column| column.index && !column.unique);
    let single = single.map(|column| Index { columns: std::slice::from_ref(&column.name), unique: false });
    single.chain(table.indexes.iter().copied().filter(|index| !index.unique))
}

/// What drops these tables where they exist; what refers comes first.
pub fn drop_all(tables: &[&'static Table], dialect: &Dialect) -> Vec<Statement> {
    let mut statements = Vec::new();
    for group in schema::sort(tables).into_iter().rev() {
        let group = group.into_iter().rev().map(|position| tables[position]).collect();
        match dialect.tables.drops_together {
            true => statements.push(Statement::DropTables(group)),
            false => statements.extend(group.into_iter().map(|table| Statement::DropTables(vec![table]))),
        }
    }
    statements.extend(enums(tables, dialect).into_iter().map(Statement::DropType));
    statements
}

/// The enums that have names, each once.
fn enums(tables: &[&'static Table], dialect: &Dialect) -> Vec<&'static Words> {
    let columns = tables.iter().flat_map(|table| table.columns).filter(|_| dialect.own_types);
    let mut found: Vec<&'static Words> = Vec::new();
    for column in columns {
        if let Type::Enum(words) = column.r#type
            && !found.iter().any(|known| known.name == words.name)
        {
            found.push(words);
        }
    }
    found
}
