//! The selects that loading needs again and again: by key, and by relationship; compiled once, with places for the values.

use std::sync::{Arc, OnceLock};

use crate::{
    error::{Error, Result},
    mapper::{MapperId, Registry, Relation},
    query::{Along, Branch, Cells, Compiled, Everywhere, JoinStep, Leaf, Output, Query, Term, compile},
    sql::{self, Dialect, Operator, Select},
    value::Type,
};

/// Selects by key and by relationship, for one object and for a list of them.
#[derive(Debug)]
pub struct Plans {
    by_key: Vec<Pair>,
    by_relation: Vec<Vec<Pair>>,
}

/// For one object, and for a list.
#[derive(Debug, Default)]
struct Pair([OnceLock<Arc<Compiled>>; 2]);

impl Plans {
    /// Nothing is compiled yet.
    #[must_use]
    pub fn new(registry: &Registry) -> Plans {
        let each = |count: usize| (0..count).map(|_| Pair::default()).collect();
        Plans {
            by_key: each(registry.mappers().len()),
            by_relation: registry.mappers().iter().map(|mapper| each(mapper.relations.len())).collect(),
        }
    }

    /// The objects with a key, or with a list of keys.
    pub fn by_key(
        &self,
        registry: &Registry,
        dialect: &Dialect,
        mapper: MapperId,
        list: bool,
        everywhere: &Everywhere,
        cells: Cells<'_>,
    ) -> Result<Arc<Compiled>> {
        let build = || {
            let target = registry.mapper(mapper);
            let wanted = if list { Wanted::List } else { Wanted::One };
            let columns = target.key.iter().map(|&column| leaf(registry, mapper, column)).collect();
            let types = target.key.iter().map(|&column| target.table().columns[column].r#type).collect();
            let query = Query {
                outputs: vec![Output::Entity(target.desc, None)],
                filter: matches(columns, types, wanted),
                everywhere: everywhere.clone(),
                ..Query::default()
            };
            standing(query, registry, dialect, cells)
        };
        match everywhere.is_plain() {
            true => self.by_key[mapper.0 as usize].get(list, build),
            false => build().map(Arc::new),
        }
    }

    /// The objects at the end of a relationship of those that this select finds; the extra columns as with a list.
    pub fn by_owners(
        &self,
        registry: &Registry,
        dialect: &Dialect,
        relation: &Relation,
        owners: &Select,
        branch: &Branch,
        cells: Cells<'_>,
    ) -> Result<Arc<Compiled>> {
        compile(related(registry, relation, Wanted::Select(owners), branch), registry, dialect, cells).map(Arc::new)
    }

    /// The objects at the end of a relationship of one object, or of a list of them. Along an association table
    /// and with a list, the extra columns say whose they are; else the foreign key itself does.
    pub fn by_relation(
        &self,
        registry: &Registry,
        dialect: &Dialect,
        relation: &Relation,
        list: bool,
        branch: &Branch,
        cells: Cells<'_>,
    ) -> Result<Arc<Compiled>> {
        let wanted = if list { Wanted::List } else { Wanted::One };
        let build = || standing(related(registry, relation, wanted, branch), registry, dialect, cells);
        match branch.is_plain() {
            true => self.by_relation[relation.owner.0 as usize][relation.index as usize].get(list, build),
            false => build().map(Arc::new),
        }
    }
}

/// Some columns of the rows with a key, or with a list of keys: the key's columns first. Nothing is kept of it: few
/// tables need it, and not often.
pub fn columns_by_key(
    registry: &Registry,
    dialect: &Dialect,
    mapper: MapperId,
    columns: &[usize],
    list: bool,
) -> Result<String> {
    let key = &registry.mapper(mapper).key;
    let term = |&column: &usize| leaf(registry, mapper, column);
    let types = key.iter().map(|&column| registry.mapper(mapper).table().columns[column].r#type).collect();
    let query = Query {
        outputs: key.iter().chain(columns).map(term).map(Output::Value).collect(),
        filter: matches(key.iter().map(term).collect(), types, if list { Wanted::List } else { Wanted::One }),
        ..Query::default()
    };
    Ok(compile(query, registry, dialect, &|_, _| Err(Error::bug("columns by key compare with no object")))?.sql.text)
}

impl Pair {
    fn get(&self, list: bool, build: impl FnOnce() -> Result<Compiled>) -> Result<Arc<Compiled>> {
        let cell = &self.0[usize::from(list)];
        if let Some(found) = cell.get() {
            return Ok(found.clone());
        }
        let built = Arc::new(build()?);
        Ok(cell.get_or_init(|| built).clone())
    }
}

/// A select whose values are bound when it is sent. What it loads by `subquery` lists its owners: the values would have to
/// be bound there, too.
fn standing(query: Query, registry: &Registry, dialect: &Dialect, cells: Cells<'_>) -> Result<Compiled> {
    let mut compiled = compile(query, registry, dialect, cells)?;
    compiled.later.iter_mut().for_each(|later| later.owners = None);
    Ok(compiled)
}

fn leaf(registry: &Registry, mapper: MapperId, column: usize) -> Term {
    let table = registry.mapper(mapper).table();
    Term::Leaf(Leaf::Column { table: table.name.into(), column: table.columns[column].name })
}

/// Whose objects are wanted.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    /// Those of one key, bound later.
    One,
    /// Those of a list of keys, bound later.
    List,
    /// Those of the keys that a select finds.
    Select(&'a Select),
}

/// These columns equal what is wanted.
fn matches(columns: Vec<Term>, types: Vec<Type>, wanted: Wanted<'_>) -> Vec<Term> {
    match wanted {
        Wanted::One => columns.into_iter().map(|column| column.binary(Operator::Eq, Term::Param)).collect(),
        Wanted::List => vec![Term::InParam(columns, types)],
        Wanted::Select(select) => vec![Term::InSelect(columns, Box::new(select.clone()))],
    }
}

fn related(registry: &Registry, relation: &Relation, wanted: Wanted<'_>, branch: &Branch) -> Query {
    let target = registry.mapper(relation.target).desc;
    let mut query = Query {
        outputs: vec![Output::Entity(target, None)],
        options: branch.then.clone(),
        undefer: branch.undefer.clone(),
        everywhere: branch.everywhere.clone(),
        path: branch.path.clone(),
        ..Query::default()
    };
    let columns: Vec<Term> = match &relation.secondary {
        Some(secondary) => {
            let owner = registry.mapper(relation.owner).desc;
            query.joins.push(JoinStep { along: Along::Secondary(owner, relation.index), outer: false, on: None });
            let column = |column: &'static str| Term::Leaf(Leaf::Column { table: secondary.table.name.into(), column });
            secondary.near.iter().map(|&(_, held)| column(held)).collect()
        }
        None => relation.pairs.iter().map(|&(_, theirs)| leaf(registry, relation.target, theirs)).collect(),
    };
    if !matches!(wanted, Wanted::One) && relation.secondary.is_some() {
        query.extra.clone_from(&columns);
    }
    let owners = &registry.mapper(relation.owner).table().columns;
    query.filter = matches(columns, relation.ours().map(|column| owners[column].r#type).collect(), wanted);
    query.filter.extend(branch.criteria.iter().cloned());
    let order =
        |&(column, descending): &(usize, bool)| sql::Order { by: leaf(registry, relation.target, column), descending };
    query.order_by.extend(relation.order_by.iter().map(order));
    query
}
