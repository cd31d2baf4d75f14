//! A query becomes SQL, and the plan for what to do with each column of its rows.

use crate::{
    error::{Error, Kind, Result},
    mapper::{MapperId, Registry, Strategy},
    query::{
        Along, Leaf, LoadOption, Output, Query, Term,
        eager::{Eager, is_unique},
        scope::Scope,
    },
    schema,
    sql::{self, Dialect, Expr, From, Name, Rendered, Select, Source, Statement},
    value::Value,
};

pub use crate::query::scope::Cells;

/// A statement, and what its columns are.
#[derive(Debug, Clone)]
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
    pub lazy: Vec<(Later, Strategy)>,
    /// Deferred columns that the rows bring nevertheless: the entity and the column's position.
    pub undeferred: Vec<(usize, usize)>,
    /// Whether joined collections repeat their owners, so that each is answered once.
    pub unique: bool,
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

/// A relationship that is loaded by a further SELECT once the rows are in.
#[derive(Debug, Clone)]
pub struct Later {
    /// Whose relationship it is.
    pub node: usize,
    /// The relationship.
    pub relation: u16,
    /// What is loaded from there.
    pub options: Vec<LoadOption>,
}

/// Compiles a query for a database.
pub fn compile(query: Query, registry: &Registry, dialect: &Dialect, cells: Cells<'_>) -> Result<Compiled> {
    let mut scope = Scope::new(registry, cells);
    let mut select = Select { distinct: query.distinct, limit: query.limit, offset: query.offset, ..Select::default() };
    for table in roots(&query)? {
        let alias = scope.enter(table);
        select.from.push(Source::table(table).named(alias));
    }
    for join in &query.joins {
        scope.join(join.along, join.outer, &mut select.joins)?;
    }
    let mut compiled = Compiled {
        sql: Rendered { text: String::new(), params: Vec::new() },
        nodes: Vec::new(),
        outputs: Vec::new(),
        extra_at: 0,
        later: Vec::new(),
        lazy: Vec::new(),
        undeferred: Vec::new(),
        unique: false,
    };
    let whole = matches!(query.outputs[..], [Output::Entity(_)]);
    for output in query.outputs {
        let out = match output {
            Output::Entity(desc) => {
                let mapper = registry.by_type((desc.type_id)())?;
                compiled.nodes.push(Node { mapper, at: select.columns.len(), parent: None });
                let name = scope.name(desc.table.table.name).cloned().unwrap_or(Name::Borrowed(desc.table.table.name));
                let (node, at) = (compiled.nodes.len() - 1, select.columns.len());
                select.columns.extend(columns(registry, mapper, &name));
                for position in undeferred(&desc.table.table, &query.undefer) {
                    select.columns[at + position] = Expr::column(name.clone(), desc.table.table.columns[position].name);
                    compiled.undeferred.push((node, position));
                }
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
    select.filter = scope.lower_all(query.filter)?;
    select.group_by = scope.lower_all(query.group_by)?;
    select.having = scope.lower_all(query.having)?;
    for order in query.order_by {
        select.order_by.push(sql::Order { by: scope.lower(order.by)?, descending: order.descending });
    }
    let mut eager = Eager::plan(registry, &mut compiled, &query.options, whole);
    if is_unique(&compiled, registry) {
        compiled.unique = true;
        if select.limit.is_some() || select.offset.is_some() || select.distinct || !select.group_by.is_empty() {
            let entity = registry.mapper(compiled.nodes[0].mapper).table();
            select = wrap(select, entity, &mut scope);
        }
    }
    eager.join(&mut compiled, &mut scope, &mut select);
    compiled.sql = sql::render(&Statement::Select(Box::new(select)), dialect)?;
    Ok(compiled)
}

/// A count of the rows that a query would answer.
pub fn compile_count(mut query: Query, registry: &Registry, dialect: &Dialect, cells: Cells<'_>) -> Result<Rendered> {
    query.options.clear();
    let plain = query.limit.is_none() && query.offset.is_none() && !query.distinct && query.group_by.is_empty();
    let mut scope = Scope::new(registry, cells);
    let mut select = Select { distinct: query.distinct, limit: query.limit, offset: query.offset, ..Select::default() };
    for table in roots(&query)? {
        let alias = scope.enter(table);
        select.from.push(Source::table(table).named(alias));
    }
    for join in &query.joins {
        scope.join(join.along, join.outer, &mut select.joins)?;
    }
    select.filter = scope.lower_all(query.filter)?;
    select.group_by = scope.lower_all(query.group_by)?;
    select.having = scope.lower_all(query.having)?;
    let count = || Expr::Call { function: "count", distinct: false, arguments: Vec::new() };
    let aggregates = query.outputs.iter().any(|output| matches!(output, Output::Value(term) if calls(term)));
    if plain && !aggregates {
        select.columns = vec![count()];
    } else {
        for output in query.outputs {
            match output {
                Output::Entity(desc) => {
                    let name =
                        scope.name(desc.table.table.name).cloned().unwrap_or(Name::Borrowed(desc.table.table.name));
                    select.columns.extend(columns(registry, registry.by_type((desc.type_id)())?, &name));
                }
                Output::Value(term) => select.columns.push(scope.lower(term)?),
            }
        }
        select.names = (0..select.columns.len()).map(unnamed).collect();
        let inner = Source { from: From::Select(Box::new(select)), alias: Some("anon_1".into()) };
        select = Select { columns: vec![count()], from: vec![inner], ..Select::default() };
    }
    sql::render(&Statement::Select(Box::new(select)), dialect)
}

fn calls(term: &Term) -> bool {
    match term {
        Term::Call { .. } => true,
        Term::Binary(left, _, right) => calls(left) || calls(right),
        _ => false,
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

/// The tables of the FROM clause: those that the outputs name, without those that the joins bring.
fn roots(query: &Query) -> Result<Vec<&'static str>> {
    let mut tables: Vec<&'static str> = Vec::new();
    let mut add = |table: &'static str| {
        if !tables.contains(&table) {
            tables.push(table);
        }
    };
    for output in &query.outputs {
        match output {
            Output::Entity(desc) => add(desc.table.table.name),
            Output::Value(term) => named(term, &mut add),
        }
    }
    // The table of the first join's relationship is where the joins begin, named or not.
    let joined = |table: &'static str| query.joins.iter().any(|join| brings(join.along, table));
    let first = query.joins.iter().find_map(|join| match join.along {
        Along::Relationship(owner, _) => Some(owner.table.name),
        _ => None,
    });
    if let Some(first) = first.filter(|first| !joined(first)) {
        add(first);
    }
    tables.retain(|table| Some(*table) == first.filter(|first| !joined(first)) || !joined(table));
    if tables.is_empty() {
        return Err(Error::new(Kind::InvalidRequest, "this select names no table")
            .way_out("select an entity or a column, or join along a relationship"));
    }
    Ok(tables)
}

/// Whether a join brings this table.
fn brings(along: Along, table: &str) -> bool {
    match along {
        Along::Table(desc) => desc.table.name == table,
        Along::Relationship(owner, name) => {
            let model = owner.model.map(|model| model());
            let relationship = model.and_then(|model| model.relationships.iter().find(|other| other.name == name));
            relationship.is_some_and(|relationship| (relationship.target)().table.table.name == table)
        }
        Along::Secondary(..) => false,
    }
}

fn named(term: &Term, add: &mut impl FnMut(&'static str)) {
    match term {
        Term::Leaf(Leaf::Column { table, .. }) => add(table),
        Term::Leaf(Leaf::Related(test)) => add(test.owner.table.name),
        Term::Binary(left, _, right) => {
            named(left, add);
            named(right, add);
        }
        Term::And(all) | Term::Or(all) | Term::In(all, _) | Term::InParam(all) => {
            all.iter().for_each(|term| named(term, add))
        }
        Term::Call { arguments, .. } => arguments.iter().for_each(|term| named(term, add)),
        Term::Not(inner) | Term::IsNull(inner) => named(inner, add),
        Term::Like { text, pattern, .. } => {
            named(text, add);
            named(pattern, add);
        }
        Term::Value(_) | Term::Param | Term::Exists(_) => {}
    }
}

/// A name for a column of a subquery that has none of its own.
fn unnamed(position: usize) -> Name {
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
