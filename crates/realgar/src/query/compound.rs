//! Rows of several selects taken together: `union`, `intersect`, `except`.

use crate::{
    error::Result,
    query::{
        Compiled, Leaf, Node, Out, Output, Query, Seen, Select, Term,
        compile::{entity, unnamed},
        derived,
        scope::Scope,
    },
    schema::Table,
    sql::{self, Expr, From, Name, SetOperator, Source},
};

/// Selects whose rows are taken together, from left to right.
#[derive(Debug, Clone)]
pub struct Compound {
    first: Query,
    rest: Vec<(SetOperator, Query)>,
}

impl<R> Select<R> {
    /// The rows of both selects, equal ones once. Both have rows of the same type.
    ///
    /// What follows is about all of them: `a.union(b).filter(…).order_by(…).limit(…).options(…)`. Where rows are values,
    /// columns are those that were selected.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, age: i64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// s.add_all([12, 36, 70].map(|age| new!(User { age })));
    /// let (young, old) = (User::select().filter(User::age.lt(18)), User::select().filter(User::age.gt(65)));
    /// let users = young.union(old).order_by(User::age.desc()).all(&mut s).await?;
    /// assert_eq!(users.iter().map(|&user| s[user].age).collect::<Vec<_>>(), [70, 12]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One statement. An ORDER BY inside a part matters with a LIMIT there only. What the parts say about
    /// loading holds for all of them, and so do their criteria of `with_loader_criteria`.
    ///
    /// Source: `sqlalchemy.union`, selected from.
    pub fn union(self, other: Select<R>) -> Self {
        self.together(SetOperator::Union, other)
    }

    /// The rows of both selects, equal ones as often as they are there: see [`union`](Select::union).
    pub fn union_all(self, other: Select<R>) -> Self {
        self.together(SetOperator::UnionAll, other)
    }

    /// The rows that are in both selects, each once: see [`union`](Select::union).
    pub fn intersect(self, other: Select<R>) -> Self {
        self.together(SetOperator::Intersect, other)
    }

    /// The rows of this select that are not in the other one, each once: see [`union`](Select::union).
    pub fn except(self, other: Select<R>) -> Self {
        self.together(SetOperator::Except, other)
    }

    fn together(mut self, operator: SetOperator, other: Select<R>) -> Self {
        let (first, second) = (std::mem::take(self.query_mut()), other.into_query());
        let mut query = Query {
            outputs: first.outputs.clone(),
            options: first.options.clone(),
            undefer: first.undefer.iter().chain(&second.undefer).copied().collect(),
            everywhere: first.everywhere.clone(),
            ..Query::default()
        };
        second.options.iter().cloned().for_each(|option| option.merge_into(&mut query.options));
        query.everywhere.add(&second.everywhere.criteria);
        query.everywhere.populate_existing |= second.everywhere.populate_existing;
        query.compound = Some(Box::new(Compound { first, rest: vec![(operator, *second)] }));
        *self.query_mut() = query;
        self
    }
}

/// The select from all parts; outputs are noted, and their tables are in sight under the name of the whole.
pub(super) fn compound(
    parts: Compound,
    outputs: &[Output],
    undefer: &[(&'static str, &'static str)],
    scope: &mut Scope<'_>,
    compiled: &mut Compiled,
    select: &mut sql::Select,
) -> Result<()> {
    let mut first = part(parts.first, undefer, scope)?;
    let rest = parts.rest.into_iter().map(|(operator, query)| Ok((operator, part(query, undefer, scope)?)));
    let rest = rest.collect::<Result<_>>()?;
    let name = scope.alias("anon", false);
    first.names = names(outputs, scope);
    let whole = |at: usize| Expr::column(name.clone(), first.names[at].clone());
    let mut at = 0;
    for output in outputs {
        let out = match output {
            Output::Entity(desc, alias) => {
                let node = compiled.nodes.len();
                compiled.nodes.push(Node { mapper: scope.registry.by_model(desc)?, at: 0, parent: None });
                let columns = desc.table.table.columns.len();
                if outputs.len() == 1 {
                    scope.tables.push((Seen { table: desc.table.table.name, alias: *alias }, name.clone()));
                    entity(compiled, node, &name, undefer, select, scope.registry);
                } else {
                    compiled.nodes[node].at = select.columns.len();
                    select.columns.extend((at..at + columns).map(whole));
                }
                scope.roots.push(name.clone());
                at += columns;
                Out::Entity(node)
            }
            Output::Value(term) => {
                if let Term::Leaf(Leaf::Column { table, .. }) = term {
                    scope.tables.push((*table, name.clone()));
                }
                select.columns.push(whole(at));
                at += 1;
                Out::Cell(select.columns.len() - 1)
            }
        };
        compiled.outputs.push(out);
    }
    select.from.push(Source { from: From::Compound(Box::new(first), rest), alias: Some(name) });
    Ok(())
}

/// A part, without an order that matters to nobody. Databases take no LIMIT inside, so such a part is a subquery.
fn part(mut query: Query, undefer: &[(&'static str, &'static str)], scope: &mut Scope<'_>) -> Result<sql::Select> {
    query.undefer = undefer.to_vec();
    let limited = query.limit.is_some() || query.offset.is_some();
    let select =
        derived::nested(Query { order_by: if limited { query.order_by } else { Vec::new() }, ..query }, scope)?;
    if !limited {
        return Ok(select);
    }
    let (name, width): (Name, usize) = (scope.alias("anon", false), select.columns.len());
    let inner = sql::Select { names: (0..width).map(unnamed).collect(), ..select };
    let columns = (0..width).map(|at| Expr::column(name.clone(), unnamed(at))).collect();
    let from = vec![Source { from: From::Select(Box::new(inner)), alias: Some(name) }];
    Ok(sql::Select { columns, from, ..sql::Select::default() })
}

/// The columns' names: their own, where that tells them apart.
fn names(outputs: &[Output], scope: &Scope<'_>) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for output in outputs {
        let own: Vec<&'static str> = match output {
            Output::Entity(desc, _) => columns(&desc.table.table),
            Output::Value(Term::Leaf(Leaf::Column { table, column }))
                if scope.registry.by_table(table.table).is_some() =>
            {
                vec![column]
            }
            Output::Value(_) => vec![""],
        };
        for own in own {
            let free = !own.is_empty() && !names.iter().any(|name| name == own);
            names.push(if free { own.into() } else { unnamed(names.len()) });
        }
    }
    names
}

fn columns(table: &'static Table) -> Vec<&'static str> {
    table.columns.iter().map(|column| column.name).collect()
}
