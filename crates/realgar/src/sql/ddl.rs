//! CREATE and DROP statements for a set of tables, in the order of their foreign keys.

use crate::{
    schema::{self, Index, Table},
    sql::Statement,
};

/// What makes these tables and their indexes where they are missing; what is referred to comes first.
pub fn create_all(tables: &[&'static Table]) -> Vec<Statement> {
    let mut statements = Vec::new();
    for table in schema::sort(tables).into_iter().flatten().map(|position| tables[position]) {
        statements.push(Statement::CreateTable(table));
        let single = table.columns.iter().filter(|column| column.index && !column.unique);
        let single = single.map(|column| Index { columns: std::slice::from_ref(&column.name), unique: false });
        let several = table.indexes.iter().copied().filter(|index| !index.unique);
        statements.extend(single.chain(several).map(|index| Statement::CreateIndex(table, index)));
    }
    statements
}

/// What drops these tables where they exist; what refers comes first.
pub fn drop_all(tables: &[&'static Table]) -> Vec<Statement> {
    let order = schema::sort(tables).into_iter().flatten();
    let mut statements: Vec<_> = order.map(|position| Statement::DropTable(tables[position])).collect();
    statements.reverse();
    statements
}
