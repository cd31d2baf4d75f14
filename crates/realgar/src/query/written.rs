//! A statement that writes becomes SQL, and the plan for the columns that it answers.

use std::sync::Arc;

use crate::{
    error::{Error, Kind, Result},
    mapper::{Mapper, Registry},
    query::{
        AliasId, Cells, Compiled, Everywhere, LoaderCriterion, Node, OnConflict, Out, Output, Seen, Term, Verb, Write,
        compile::entity, eager::Eager, scope::Scope, secret::hide,
    },
    sql::{self, Dialect, EXCLUDED, Expr, Name, Select, Statement},
    value::Value,
};

/// Rows of an INSERT that leave the same columns to the database.
pub type Rows<'a> = (Vec<usize>, &'a [Vec<Value<'static>>]);

/// What compiling needs to know of the session.
pub struct Around<'a> {
    /// Looks up columns of objects.
    pub cells: Cells<'a>,
    /// What holds for everything that is loaded.
    pub criteria: &'a Arc<[LoaderCriterion]>,
    /// Columns that are answered behind the others, to keep objects in step; the key's come first.
    pub step: &'a [usize],
}

/// Compiles a statement; of an INSERT, these rows.
pub fn compile_write(
    write: &Write,
    rows: Rows<'_>,
    registry: &Registry,
    dialect: &Dialect,
    around: &Around<'_>,
) -> Result<Compiled> {
    let mapper = registry.mapper(registry.by_model(write.model)?);
    let mut scope = Scope::new(registry, around.cells, around.criteria);
    let table = mapper.table();
    let name = scope.enter(table.name);
    let mut filter = match write.verb {
        Verb::Insert(..) => Vec::new(),
        _ => scope.everywhere(table.name, &name)?,
    };
    filter.extend(scope.lower_all(write.filter.clone())?);
    let mut compiled = Compiled { certain: true, ..Compiled::default() };
    let returning = returning(write, &mut compiled, &mut scope, around.step, mapper)?;
    Eager::plan(
        registry,
        &mut compiled,
        &[],
        (Everywhere { criteria: around.criteria.clone(), ..Everywhere::default() }, &[]),
        (false, false),
    );
    let table = Name::Borrowed(table.name);
    let statement = match &write.verb {
        Verb::Delete => Statement::DeleteWhere(Box::new(sql::DeleteWhere { table, filter, returning })),
        Verb::Update(set) => {
            let set = assignments(set, mapper, &mut scope)?;
            Statement::UpdateWhere(Box::new(sql::UpdateWhere { table, set, filter, returning }))
        }
        Verb::Insert(_, conflict) => {
            let conflict = conflict.as_ref().map(|on| lower_conflict(on, mapper, &mut scope)).transpose()?;
            let (given, rows) = rows;
            if let Some(conflict) = conflict.as_ref().filter(|_| dialect.on_conflict == sql::OnConflict::AnyKey) {
                only_key(mapper, &given, &conflict.columns, dialect)?;
            }
            let columns = given.iter().map(|&column| mapper.table().columns[column].name.into()).collect();
            let row =
                |row: &Vec<Value<'static>>| given.iter().map(|&column| Expr::Value(row[column].clone())).collect();
            let rows = rows.iter().map(row).collect();
            Statement::InsertRows(Box::new(sql::InsertRows { table, columns, rows, conflict, returning }))
        }
    };
    compiled.sql = sql::render(&statement, dialect)?;
    Ok(compiled)
}

/// What a column of one row of this mapper's table becomes; the expression sees that row, and no other.
pub fn compile_value(
    (column, term): (usize, &Term),
    mapper: &Mapper,
    registry: &Registry,
    cells: Cells<'_>,
) -> Result<Expr> {
    let nothing: Arc<[LoaderCriterion]> = Arc::default();
    let mut scope = Scope::new(registry, cells, &nothing);
    scope.enter(mapper.table().name);
    scope.lower(if mapper.table().columns[column].secret { hide(term.clone()) } else { term.clone() })
}

/// What the statement answers: what is asked for, and behind it what keeps objects in step.
fn returning(
    write: &Write,
    compiled: &mut Compiled,
    scope: &mut Scope<'_>,
    step: &[usize],
    mapper: &Mapper,
) -> Result<Vec<Expr>> {
    let mut select = Select::default();
    for output in &write.returning {
        let out = match output {
            Output::Entity(desc, alias) => {
                let node = compiled.nodes.len();
                let mapper = scope.registry.by_model(desc)?;
                let name = scope.known(Seen { table: desc.table.table.name, alias: *alias })?;
                compiled.nodes.push(Node { mapper, at: 0, parent: None });
                entity(compiled, node, &name, &[], &mut select, scope.registry);
                Out::Entity(node)
            }
            Output::Value(term) => {
                select.columns.push(scope.lower(term.clone())?);
                Out::Cell(select.columns.len() - 1)
            }
        };
        compiled.outputs.push(out);
    }
    compiled.extra_at = select.columns.len();
    let table = mapper.table();
    select.columns.extend(step.iter().map(|&column| Expr::column(table.name, table.columns[column].name)));
    Ok(select.columns)
}

fn assignments(set: &[(&'static str, Term)], mapper: &Mapper, scope: &mut Scope<'_>) -> Result<Vec<(Name, Expr)>> {
    if set.is_empty() {
        return Err(Error::new(Kind::InvalidRequest, format!("an UPDATE of `{}` sets no column", mapper.name()))
            .way_out("say what changes: `.set(column, value)`"));
    }
    let each = |&(column, ref term): &(&'static str, Term)| {
        let secret = scope.registry.is_secret(mapper.table().name, column);
        let term = if secret { hide(term.clone()) } else { term.clone() };
        Ok((Name::Borrowed(column), scope.lower(term)?))
    };
    set.iter().map(each).collect()
}

/// DIALECT: where any unique key tells that a row is there, the one that is named must be the only one that can.
fn only_key(mapper: &Mapper, given: &[usize], named: &[Name], dialect: &Dialect) -> Result<()> {
    if named.is_empty() {
        return Ok(());
    }
    let table = mapper.table();
    let key: Vec<&str> = mapper.key.iter().map(|&column| table.columns[column].name).collect();
    let single = table.columns.iter().filter(|column| column.unique).map(|column| vec![column.name]);
    let several = table.indexes.iter().filter(|index| index.unique).map(|index| index.columns.to_vec());
    let is_given = |name: &str| table.position(name).is_some_and(|column| given.contains(&column));
    let other = std::iter::once(key).chain(single).chain(several).find(|columns| {
        let same = columns.len() == named.len() && columns.iter().all(|column| named.iter().any(|name| name == column));
        !same && columns.iter().all(|column| is_given(column))
    });
    other.map_or(Ok(()), |columns| {
        Err(Error::new(
            Kind::Unsupported,
            format!(
                "{} cannot tell by which unique columns a row is there already, and `{}` has others: {}",
                dialect.name,
                mapper.name(),
                columns.join(", ")
            ),
        )
        .way_out("say it for any of them, `()`; or look for the rows first"))
    })
}

fn lower_conflict(on: &OnConflict, mapper: &Mapper, scope: &mut Scope<'_>) -> Result<sql::Conflict> {
    let excluded = Seen { table: mapper.table().name, alias: Some(AliasId::EXCLUDED) };
    scope.tables.push((excluded, Name::Borrowed(EXCLUDED)));
    let set = if on.set.is_empty() { Vec::new() } else { assignments(&on.set, mapper, scope)? };
    let filter = scope.lower_all(on.filter.clone())?;
    scope.tables.pop();
    Ok(sql::Conflict { columns: on.columns.iter().map(|&column| column.into()).collect(), set, filter })
}
