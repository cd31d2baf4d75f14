//! What else is made of a query: its count, whether it has rows, a select inside another one.

use crate::{
    error::Result,
    mapper::Registry,
    query::{
        Compiled, Output, Query, Term,
        compile::{Cells, base, unnamed},
        scope::Scope,
    },
    sql::{self, Dialect, Expr, From, Rendered, Select, Source, Statement},
};

/// A count of the rows that a query would answer.
pub fn compile_count(query: Query, registry: &Registry, dialect: &Dialect, cells: Cells<'_>) -> Result<Rendered> {
    let count = || Expr::Call { function: "count", distinct: false, arguments: Vec::new(), returns: None };
    let plain = is_plain(&query);
    let criteria = query.everywhere.criteria.clone();
    let mut select = inner(query, &mut Scope::new(registry, cells, &criteria))?;
    if plain {
        select.columns = vec![count()];
    } else {
        select = Select { columns: vec![count()], ..from(select) };
    }
    sql::render(&Statement::Select(Box::new(select)), dialect)
}

/// Whether a query would answer any row.
pub fn compile_exists(query: Query, registry: &Registry, dialect: &Dialect, cells: Cells<'_>) -> Result<Rendered> {
    let criteria = query.everywhere.criteria.clone();
    let select = existing(query, &mut Scope::new(registry, cells, &criteria))?;
    let select = Select { columns: vec![Expr::Exists(Box::new(select))], ..Select::default() };
    sql::render(&Statement::Select(Box::new(select)), dialect)
}

/// A select inside another one: it sees the tables around it, and they do not see its own.
pub(super) fn nested(query: Query, scope: &mut Scope<'_>) -> Result<Select> {
    let (around, roots) = (scope.tables.len(), scope.roots.len());
    let mut compiled = Compiled::default();
    let select = base(query, scope, &mut compiled);
    scope.tables.truncate(around);
    scope.roots.truncate(roots);
    Ok(select?.0)
}

/// The same for EXISTS, where columns do not matter.
pub(super) fn existing(query: Query, scope: &mut Scope<'_>) -> Result<Select> {
    let plain = is_plain(&query);
    let mut select = inner(query, scope)?;
    if plain {
        select.columns.clear();
    }
    // DIALECT: SQLite forgets the DISTINCT inside an EXISTS, also where an OFFSET counts its rows.
    Ok(if select.distinct && select.offset.is_some() { from(select) } else { select })
}

/// A select from the rows of this one.
fn from(mut inner: Select) -> Select {
    inner.names = (0..inner.columns.len()).map(unnamed).collect();
    let inner = Source { from: From::Select(Box::new(inner)), alias: Some("anon_1".into()) };
    Select { from: vec![inner], ..Select::default() }
}

/// Without what only matters to those who read the rows: their order, and the columns of groups, which some databases
/// want to be grouped, too.
fn inner(mut query: Query, scope: &mut Scope<'_>) -> Result<Select> {
    if query.limit.is_none() && query.offset.is_none() {
        query.order_by.clear();
    }
    let mut select = nested(query, scope)?;
    if !select.group_by.is_empty() && !select.distinct {
        select.columns.clear();
    }
    Ok(select)
}

/// Whether the columns could be others and there were as many rows.
fn is_plain(query: &Query) -> bool {
    let whole = query.limit.is_none() && query.offset.is_none() && !query.distinct;
    let aggregates = query.outputs.iter().any(|output| matches!(output, Output::Value(term) if calls(term)));
    whole && query.compound.is_none() && query.group_by.is_empty() && query.having.is_empty() && !aggregates
}

pub(super) fn calls(term: &Term) -> bool {
    match term {
        Term::Call { .. } | Term::Case(..) => true,
        Term::Binary(binary) => calls(&binary.0) || calls(&binary.2),
        Term::Cast(inner, _) | Term::Not(inner) | Term::IsNull(inner) => calls(inner),
        _ => false,
    }
}
