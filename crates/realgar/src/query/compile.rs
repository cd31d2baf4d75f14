//! A query becomes SQL, and the plan for what to do with each column of its rows.

use crate::{
    error::Result,
    mapper::{MapperId, Registry, Strategy},
    query::{
        Branch, LoadOption, Output, Query, Seen,
        compound::compound,
        eager::{Eager, is_unique},
        roots::{roots, warn_of_pairs},
        scope::Scope,
    },
    schema,
    sql::{self, Dialect, Expr, From, Name, Rendered, Select, Source, Statement},
    value::Value,
};

pub use crate::query::scope::Cells;

/// A statement, and what its columns are.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// Text and the values that are known already.
    pub sql: Rendered,
    /// The entities of a row: those asked for, then those that are joined in to be loaded with them.
    pub nodes: Vec<Node>,
    /// What each part of a row of the answer is.
    pub outputs: Vec<Out>,
    /// Where the extra columns begin.
    pub extra_at: usize,
    /// What is loaded after the rows are in.
    pub later: Vec<Later>,
    /// What is loaded when it is asked for, as the query's options say.
    pub lazy: Vec<Later>,
    /// Deferred columns that the rows bring nevertheless: the entity and the column's position.
    pub undeferred: Vec<(usize, usize)>,
    /// Whether joined collections repeat their owners, so that each is answered once.
    pub unique: bool,
    /// Whether known objects take the rows' values, too.
    pub populate: bool,
    /// Whether the first entity is in every row: no outer join can miss it.
    pub certain: bool,
}

impl Compiled {
    /// Whether a row brings one object at most, and nothing is done with it but that.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.nodes.len() == 1 && !self.unique && !self.populate && self.undeferred.is_empty()
    }

    /// The same, and nothing is loaded beyond it.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.is_plain() && self.later.is_empty() && self.lazy.is_empty()
    }

    /// Whether every row is an object and nothing else.
    #[must_use]
    pub fn brings_objects(&self) -> bool {
        self.is_plain() && self.certain && matches!(self.outputs[..], [Out::Entity(0)])
    }

    /// The statement's parameters, with these at the places for later values.
    #[must_use]
    pub fn with_values(&self, values: Vec<Value<'static>>) -> Vec<Value<'static>> {
        self.sql.with_values(values)
    }
}

/// An entity in a row.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// Its mapper.
    pub mapper: MapperId,
    /// Where its columns begin.
    pub at: usize,
    /// Whose relationship it was joined in for.
    pub parent: Option<(usize, u16)>,
}

/// A part of a row of the answer.
#[derive(Debug, Clone, Copy)]
pub enum Out {
    /// The entity of this node.
    Entity(usize),
    /// The cell at this position.
    Cell(usize),
}

/// A relationship that is loaded by a further SELECT once the rows are in, or when it is asked for.
#[derive(Debug, Clone)]
pub struct Later {
    /// Whose relationship it is.
    pub node: usize,
    /// The relationship.
    pub relation: u16,
    /// How it is loaded.
    pub strategy: Strategy,
    /// For `subquery`: the keys of the owners, as the query finds them.
    pub owners: Option<Box<Select>>,
    /// What is said about the objects at its end.
    pub branch: Branch,
}

/// Compiles a query for a database.
pub fn compile(query: Query, registry: &Registry, dialect: &Dialect, cells: Cells<'_>) -> Result<Compiled> {
    let (everywhere, path) = (query.everywhere.clone(), query.path.clone());
    let mut scope = Scope::new(registry, cells, &everywhere.criteria);
    let certain = query.joins.iter().all(|join| !join.outer);
    let populate = everywhere.populate_existing;
    let mut compiled = Compiled { certain, populate, ..Compiled::default() };
    let whole = matches!(query.outputs[..], [Output::Entity(..)]);
    let owned = !query.extra.is_empty();
    let (mut select, options) = base(query, &mut scope, &mut compiled)?;
    options.iter().try_for_each(|option| option.check(registry))?;
    let entities = || compiled.nodes.iter().map(|node| registry.mapper(node.mapper).table().name);
    options.iter().try_for_each(|option| option.concerns(entities()))?;
    let few = select.limit.is_some() || select.offset.is_some() || select.distinct;
    let mut eager = Eager::plan(registry, &mut compiled, &options, (everywhere, &path), (whole, few));
    eager.embed(&mut compiled, &scope, &select);
    eager.contain(&mut compiled, &scope, &mut select)?;
    // Rows with an owner beside the entity repeat it for every owner; who reads them sorts them by owner.
    compiled.unique = is_unique(&compiled, registry) && !owned;
    let grouped = !select.group_by.is_empty() || !select.having.is_empty();
    if (eager.multiplies() && few) || (eager.joins() && grouped) {
        let entity = registry.mapper(compiled.nodes[0].mapper).table();
        select = wrap(select, entity, &mut scope);
    }
    eager.join(&mut compiled, &mut scope, &mut select)?;
    compiled.sql = sql::render(&Statement::Select(Box::new(select)), dialect)?;
    if !compiled.sql.open.is_empty() {
        // Values that are bound later are known to this statement alone: owners are listed instead.
        compiled.later.iter_mut().for_each(|later| later.owners = None);
    }
    Ok(compiled)
}

/// The query's own SELECT, without what is joined in to be loaded; its entities and outputs are noted. The loader
/// options are handed back.
pub(super) fn base(
    mut query: Query,
    scope: &mut Scope<'_>,
    compiled: &mut Compiled,
) -> Result<(Select, Vec<LoadOption>)> {
    let mut select = Select { distinct: query.distinct, limit: query.limit, offset: query.offset, ..Select::default() };
    match query.compound.take() {
        Some(parts) => {
            let outputs = std::mem::take(&mut query.outputs);
            compound(*parts, &outputs, &query.undefer, scope, compiled, &mut select)?;
        }
        None => {
            let roots = roots(&query, scope)?;
            if roots.len() > 1 {
                warn_of_pairs(&query, &roots, scope);
            }
            for seen in roots {
                let alias = scope.enter(seen);
                select.filter.extend(scope.everywhere(seen.table, &alias)?);
                select.from.push(Source::table(seen.table).named(alias));
            }
        }
    }
    for join in query.joins {
        scope.join(join, &mut select.joins)?;
    }
    for output in query.outputs {
        let out = match output {
            Output::Entity(desc, alias) => {
                let mapper = scope.registry.by_model(desc)?;
                let node = compiled.nodes.len();
                compiled.nodes.push(Node { mapper, at: 0, parent: None });
                let name = scope.known(Seen { table: desc.table.table.name, alias })?;
                entity(compiled, node, &name, &query.undefer, &mut select, scope.registry);
                scope.roots.push(name);
                Out::Entity(node)
            }
            Output::Value(term) => {
                select.columns.push(scope.lower(term)?);
                Out::Cell(select.columns.len() - 1)
            }
        };
        compiled.outputs.push(out);
    }
    compiled.extra_at = select.columns.len();
    select.columns.extend(scope.lower_all(query.extra)?);
    select.filter.extend(scope.lower_all(query.filter)?);
    select.group_by = scope.lower_all(query.group_by)?;
    select.having = scope.lower_all(query.having)?;
    if let Some(lock) = query.lock {
        let of = lock.of.into_iter().map(|seen| scope.known(seen)).collect::<Result<_>>()?;
        select.lock = Some(sql::Lock { read: lock.read, wait: lock.wait, of });
    }
    for order in query.order_by {
        select.order_by.push(sql::Order { by: scope.lower(order.by)?, descending: order.descending });
    }
    Ok((select, query.options))
}

/// Selects an entity's columns; those that are deferred, if they are asked for.
pub(super) fn entity(
    compiled: &mut Compiled,
    node: usize,
    name: &Name,
    undefer: &[(&str, &str)],
    select: &mut Select,
    registry: &Registry,
) {
    let (mapper, at) = (compiled.nodes[node].mapper, select.columns.len());
    let table = registry.mapper(mapper).table();
    compiled.nodes[node].at = at;
    select.columns.extend(columns(registry, mapper, name));
    for position in undeferred(table, undefer) {
        select.columns[at + position] = Expr::column(name.clone(), table.columns[position].name);
        compiled.undeferred.push((node, position));
    }
}

/// The positions of the deferred columns of a table that a query asks for.
fn undeferred(table: &schema::Table, named: &[(&str, &str)]) -> Vec<usize> {
    let ours = named.iter().filter(|(owner, _)| *owner == table.name);
    ours.filter_map(|(_, column)| table.position(column)).filter(|&position| table.columns[position].deferred).collect()
}

/// All columns of a mapper, under this name; NULL stands for what is deferred.
pub(super) fn columns<'r>(registry: &'r Registry, mapper: MapperId, name: &'r Name) -> impl Iterator<Item = Expr> + 'r {
    registry.mapper(mapper).table().columns.iter().map(move |column| match column.deferred {
        true => Expr::Value(Value::Null),
        false => Expr::column(name.clone(), column.name),
    })
}

/// A name for a column of a subquery that has none of its own.
pub(super) fn unnamed(position: usize) -> Name {
    Name::Owned(format!("realgar_{position}"))
}

/// The select of an entity as a subquery, so that its LIMIT counts objects and not the rows that joins make of them.
fn wrap(mut inner: Select, entity: &'static schema::Table, scope: &mut Scope<'_>) -> Select {
    let name: Name = "anon_1".into();
    scope.wrapped = Some(name.clone());
    let width = inner.columns.len();
    inner.columns.extend(inner.order_by.iter().map(|order| order.by.clone()));
    inner.names = (0..inner.columns.len())
        .map(|position| entity.columns.get(position).map_or_else(|| unnamed(position), |column| column.name.into()))
        .collect();
    let outer = |position: usize| Expr::column(name.clone(), inner.names[position].clone());
    let order_by = inner.order_by.iter().enumerate();
    let order_by =
        order_by.map(|(index, order)| sql::Order { by: outer(width + index), descending: order.descending }).collect();
    let columns = (0..width).map(outer).collect();
    let from = vec![Source { from: From::Select(Box::new(inner)), alias: Some(name) }];
    Select { columns, from, order_by, ..Select::default() }
}
