//! A query from a row on: streaming reads page by key, so that no statement lives across an await.

use std::sync::Arc;

use crate::{
    error::{Error, Kind, Result},
    mapper::{Mapper, Registry, Strategy},
    query::{
        Compiled, Leaf, Order, Output, Query, Seen, Term,
        derived::calls,
        roots::{brings, roots},
        scope::Scope,
    },
    sql::{Dialect, Operator},
    value::Value,
};

/// How a query is read in pages: by what it is ordered by, and by the keys of its tables behind that.
#[derive(Debug, Clone)]
pub struct Paging {
    query: Query,
    terms: Vec<Place>,
}

/// A value that rows are in order by.
#[derive(Debug, Clone)]
struct Place {
    order: Order,
    /// Whether it may be NULL. Asking for what cannot be would keep a database from seeking: it would read every page before.
    nullable: bool,
}

impl Paging {
    /// Orders a query so that each row of its answer has a place of its own.
    ///
    /// # Errors
    /// `InvalidRequest` for rows that are made of several: groups, aggregates, distinct values.
    pub fn new(mut query: Query, registry: &Registry) -> Result<Paging> {
        let whole = matches!(query.outputs[..], [Output::Entity(..)]);
        let aggregates = query.outputs.iter().any(|output| matches!(output, Output::Value(term) if calls(term)));
        let values = query.compound.is_some() && !whole;
        if values || !query.group_by.is_empty() || !query.having.is_empty() || aggregates || (query.distinct && !whole)
        {
            return Err(Error::new(
                Kind::InvalidRequest,
                "groups, distinct values and values of several selects cannot be read in batches",
            )
            .way_out("read them with `all`, or read the rows that they are made of"));
        }
        let cells = |_, _: &[usize]| Err(Error::bug("an order compares with no object"));
        let scope = Scope::new(registry, &cells, &Arc::default());
        let roots = roots(&query, &scope)?;
        let nullable =
            |by: &Term| !column(by).is_some_and(|column| roots.contains(&column.0) && is_set(registry, column));
        let mut tables = roots.clone();
        if !query.distinct {
            tables.extend(query.joins.iter().filter_map(|join| brings(join.along, &scope)));
        }
        let mut order = query.order_by.clone();
        for by in tables.into_iter().flat_map(|seen| keys(registry, seen)) {
            if !order.iter().any(|order| column(&order.by) == column(&by)) {
                order.push(Order { by, descending: false });
            }
        }
        query.order_by.clone_from(&order);
        query.extra.extend(order.iter().map(|order| order.by.clone()));
        let terms = order.into_iter().map(|order| Place { nullable: nullable(&order.by), order }).collect();
        Ok(Paging { query, terms })
    }

    /// How many values give a row its place; they stand where [`Compiled::extra_at`] says.
    #[must_use]
    pub fn width(&self) -> usize {
        self.terms.len()
    }

    /// So many rows at most, behind the row in this place; from the first row on where none is given.
    #[must_use]
    pub fn page(&self, behind: Option<&[Value<'static>]>, rows: u64, dialect: &Dialect) -> Query {
        let mut query = self.query.clone();
        query.limit = Some(rows);
        if let Some(place) = behind {
            query.offset = None;
            query.filter.push(self.after(place, dialect));
        }
        query
    }

    /// A row stands behind another one where the first value that differs is behind the other one's.
    fn after(&self, row: &[Value<'static>], dialect: &Dialect) -> Term {
        let mut equal: Vec<Term> = Vec::new();
        let mut ways: Vec<Term> = Vec::new();
        for (place, value) in self.terms.iter().zip(row) {
            if let Some(behind) = place.behind(value, dialect) {
                let mut all = equal.clone();
                all.push(behind);
                ways.push(if all.len() == 1 { all.remove(0) } else { Term::And(all) });
            }
            let by = place.order.by.clone();
            equal.push(match value {
                Value::Null => Term::IsNull(Box::new(by)),
                value => by.binary(Operator::Eq, Term::Value(value.clone())),
            });
        }
        if ways.len() == 1 {
            return ways.remove(0);
        }
        // Databases seek by a comparison, not by alternatives: without this they would read every page before.
        let from = self.terms.first().zip(row.first()).and_then(|(place, value)| place.from(value, dialect));
        let ways = Term::Or(ways);
        from.map_or(ways.clone(), |from| Term::And(vec![from, ways]))
    }
}

impl Place {
    /// Whether rows without a value stand behind the others.
    fn nulls_last(&self, dialect: &Dialect) -> bool {
        self.nullable && dialect.nulls_first == self.order.descending
    }

    /// What stands behind this value; `None`: nothing does.
    fn behind(&self, value: &Value<'static>, dialect: &Dialect) -> Option<Term> {
        let null = Term::IsNull(Box::new(self.order.by.clone()));
        if value.is_null() {
            return (!self.nulls_last(dialect)).then(|| Term::Not(Box::new(null)));
        }
        let operator = if self.order.descending { Operator::Lt } else { Operator::Gt };
        let more = self.order.by.clone().binary(operator, Term::Value(value.clone()));
        Some(if self.nulls_last(dialect) { Term::Or(vec![more, null]) } else { more })
    }

    /// This value and what stands behind it, where that is one comparison.
    fn from(&self, value: &Value<'static>, dialect: &Dialect) -> Option<Term> {
        let operator = if self.order.descending { Operator::Le } else { Operator::Ge };
        let one = !value.is_null() && !self.nulls_last(dialect);
        one.then(|| self.order.by.clone().binary(operator, Term::Value(value.clone())))
    }
}

/// The column that a term is, if it is one.
fn column(term: &Term) -> Option<(Seen, &'static str)> {
    match term {
        Term::Leaf(Leaf::Column { table, column }) => Some((*table, column)),
        _ => None,
    }
}

/// Whether a column has a value in each row of its table.
fn is_set(registry: &Registry, (seen, name): (Seen, &str)) -> bool {
    let table = registry.tables().iter().find(|table| table.name == seen.table);
    let column = table.and_then(|table| table.columns.iter().find(|column| column.name == name));
    column.is_some_and(|column| !column.nullable)
}

/// The key's columns.
pub fn key_terms(mapper: &Mapper) -> Vec<Term> {
    let column = |&at: &usize| mapper.table().columns[at].name;
    let term = |column| Term::Leaf(Leaf::Column { table: mapper.table().name.into(), column });
    mapper.key.iter().map(column).map(term).collect()
}

/// The columns that tell the rows of a table apart.
fn keys(registry: &Registry, seen: Seen) -> impl Iterator<Item = Term> {
    let table = registry.tables().iter().find(|table| table.name == seen.table);
    let key: Vec<usize> = table.map_or(Vec::new(), |table| {
        let key: Vec<usize> = table.primary_key().collect();
        if key.is_empty() { (0..table.columns.len()).collect() } else { key }
    });
    let columns = table.map_or(&[][..], |table| table.columns);
    key.into_iter().map(move |at| Term::Leaf(Leaf::Column { table: seen, column: columns[at].name }))
}

impl Compiled {
    /// Refuses what takes all rows at once: collections that are joined in, and a subquery that would be run for each
    /// batch anew.
    ///
    /// # Errors
    /// `InvalidRequest`, naming the relationship.
    pub fn check_batches(&self, registry: &Registry) -> Result<()> {
        let many = self.nodes.iter().find_map(|node| {
            let (parent, relation) = node.parent?;
            let relation = registry.relation(self.nodes[parent].mapper, relation);
            relation.many.then_some((relation, "joined"))
        });
        let subquery = self.later.iter().find(|later| later.strategy == Strategy::Subquery);
        let subquery =
            subquery.map(|later| (registry.relation(self.nodes[later.node].mapper, later.relation), "subquery"));
        let Some((relation, strategy)) = many.or(subquery) else { return Ok(()) };
        let name = format!("{}::{}", registry.mapper(relation.owner).name(), relation.name);
        Err(Error::new(
            Kind::InvalidRequest,
            format!("relationship `{name}` is loaded by `{strategy}`, which does not go with batches"),
        )
        .way_out(format!("load it batch by batch: `.options({name}.selectin())`")))
    }
}
