//! Which tables a statement selects from, under which names, and what expressions become there.

use std::sync::Arc;

use crate::{
    error::{Error, Kind, Result},
    mapper::{AnyHandle, Direction, Mapper, Registry, Relation},
    query::{AliasId, Ask, Leaf, LoaderCriterion, RelatedTest, Seen, Term, Test, derived, secret::veil},
    schema::Table,
    sql::{self, Expr, Name, Operator, Source},
    value::Value,
};

/// Looks up columns of an object that a query compares with; an object without a row is an error.
pub type Cells<'a> = &'a dyn Fn(AnyHandle, &[usize]) -> Result<Vec<Value<'static>>>;

/// The tables in sight, the innermost last, and every name that is taken.
pub(super) struct Scope<'a> {
    pub registry: &'a Registry,
    pub cells: Cells<'a>,
    /// The name of the subquery that the statement became, where it did.
    pub wrapped: Option<Name>,
    /// The names of the entities that are asked for, in order.
    pub roots: Vec<Name>,
    pub tables: Vec<(Seen, Name)>,
    taken: Vec<Name>,
    /// What holds for the rows of a table wherever it comes into sight.
    pub criteria: Arc<[LoaderCriterion]>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(registry: &'a Registry, cells: Cells<'a>, criteria: &Arc<[LoaderCriterion]>) -> Self {
        let (roots, tables, taken) = (Vec::new(), Vec::new(), Vec::new());
        Scope { registry, cells, wrapped: None, roots, tables, taken, criteria: criteria.clone() }
    }

    /// Brings a table into sight under its own name, or under a numbered one where that is taken.
    pub(super) fn enter(&mut self, seen: impl Into<Seen>) -> Name {
        let seen = seen.into();
        let own = seen.alias.is_none() && !self.taken.iter().any(|taken| taken == seen.table);
        let alias = self.alias(seen.table, own);
        self.tables.push((seen, alias.clone()));
        alias
    }

    /// A free name for a table that expressions shall not find: eager joins.
    pub(super) fn alias(&mut self, table: &'static str, own: bool) -> Name {
        let numbered = || (1..).map(|number| Name::Owned(format!("{table}_{number}")));
        let free = numbered().find(|name| !self.taken.contains(name));
        let alias = if own { Name::Borrowed(table) } else { free.unwrap_or(Name::Borrowed(table)) };
        self.taken.push(alias.clone());
        alias
    }

    /// A name for a table that expressions shall not find: its own, where that is not in sight.
    pub(super) fn free(&mut self, table: &'static str) -> Name {
        let own = !self.taken.iter().any(|taken| taken == table);
        self.alias(table, own)
    }

    /// The name of a table in sight.
    pub(super) fn name(&self, seen: impl Into<Seen>) -> Option<&Name> {
        let seen = seen.into();
        self.tables.iter().rev().find(|(found, _)| *found == seen).map(|(_, name)| name)
    }

    pub(super) fn known(&self, seen: impl Into<Seen>) -> Result<Name> {
        let seen = seen.into();
        self.name(seen).cloned().ok_or_else(|| self.out_of_sight(seen))
    }

    /// The expression over the tables in sight.
    pub(super) fn lower(&mut self, mut term: Term) -> Result<Expr> {
        term.check_depth()?;
        veil(term, self.registry).lower(&mut |leaf| match leaf {
            Leaf::Column { table, column } => Ok(Expr::column(self.known(table)?, column)),
            Leaf::Related(test) => self.related(*test),
            Leaf::Nested(nested) => {
                let nested = *nested;
                Ok(match nested.ask {
                    Ask::Exists => Expr::Exists(Box::new(derived::existing(nested.query, self)?)),
                    Ask::Value => Expr::Subquery(Box::new(derived::nested(nested.query, self)?)),
                    Ask::Among(term) => {
                        let left = self.lower(term)?;
                        Expr::InSelect(vec![left], Box::new(derived::nested(nested.query, self)?))
                    }
                })
            }
        })
    }

    pub(super) fn lower_all(&mut self, terms: Vec<Term>) -> Result<Vec<Expr>> {
        terms.into_iter().map(|term| self.lower(term)).collect()
    }

    /// Terms in which a table itself stands for the one of this name.
    pub(super) fn lower_for(&mut self, table: &'static str, name: &Name, terms: Vec<Term>) -> Result<Vec<Expr>> {
        self.tables.push((table.into(), name.clone()));
        let lowered = self.lower_all(terms);
        self.tables.pop();
        lowered
    }

    /// What holds for the rows of this table wherever it comes into sight. Inside such a criterion, none holds: it might
    /// be about the same table.
    pub(super) fn everywhere(&mut self, table: &'static str, name: &Name) -> Result<Vec<Expr>> {
        if self.criteria.is_empty() {
            return Ok(Vec::new());
        }
        let criteria = std::mem::take(&mut self.criteria);
        let terms = criteria.iter().filter(|criterion| criterion.table == table).map(|found| found.term.clone());
        let lowered = self.lower_for(table, name, terms.collect());
        self.criteria = criteria;
        lowered
    }

    fn related(&mut self, test: RelatedTest) -> Result<Expr> {
        let registry = self.registry;
        let relation = owner(registry, test.owner)?.relation(test.relationship)?;
        if let Test::Of(handle) = test.test {
            return self.at_the_end(relation, test.to, handle);
        }
        let owner = self.known(test.owner)?;
        let end = Seen { table: self.table(relation.target).name, alias: test.to };
        match test.test {
            Test::Any(criterion) => self.exists(relation, (&owner, end), criterion),
            Test::Nobody if relation.direction == Direction::ManyToOne => {
                let columns = &registry.mapper(relation.owner).table().columns;
                let null = |&(ours, _): &(usize, usize)| {
                    Expr::IsNull(Box::new(Expr::column(owner.clone(), columns[ours].name)))
                };
                Ok(Expr::And(relation.pairs.iter().map(null).collect()))
            }
            Test::Nobody => {
                Ok(Expr::Not(Box::new(self.exists(relation, (&owner, end), Term::Value(Value::Bool(true)))?)))
            }
            Test::Contains(handle) => self.contains(relation, &owner, handle),
            Test::Of(_) => Err(Error::bug("answered above")),
            Test::Other(handle) => self.other(relation, &owner, handle),
        }
    }

    /// The target in sight is at the end of this object's relationship.
    fn at_the_end(&mut self, relation: &Relation, alias: Option<AliasId>, owner: AnyHandle) -> Result<Expr> {
        let theirs = self.table(relation.target);
        let target = self.known(Seen { table: theirs.name, alias })?;
        let ours: Vec<usize> = relation.ours().collect();
        let values = (self.cells)(owner, &ours)?.into_iter().map(Expr::Value);
        let Some(secondary) = &relation.secondary else {
            let columns =
                relation.pairs.iter().map(|&(_, there)| Expr::column(target.clone(), theirs.columns[there].name));
            return Ok(all(columns.zip(values).map(|(column, value)| column.binary(Operator::Eq, value))));
        };
        let between = self.free(secondary.table.name);
        let mut filter = vec![self.far(relation, &target, &between)];
        let near = secondary.near.iter().map(|&(_, held)| Expr::column(between.clone(), held));
        filter.extend(near.zip(values).map(|(column, value)| column.binary(Operator::Eq, value)));
        let from = vec![Source::table(secondary.table.name).named(between)];
        Ok(Expr::Exists(Box::new(sql::Select { from, filter, ..sql::Select::default() })))
    }

    fn exists(&mut self, relation: &Relation, (owner, end): (&Name, Seen), criterion: Term) -> Result<Expr> {
        let before = self.tables.len();
        let inner = self.enter(end);
        let mut select =
            sql::Select { from: vec![Source::table(end.table).named(inner.clone())], ..sql::Select::default() };
        match &relation.secondary {
            None => select.filter.push(self.on(relation, owner, &inner)),
            Some(secondary) => {
                let between = self.free(secondary.table.name);
                select.from.push(Source::table(secondary.table.name).named(between.clone()));
                select.filter.push(self.near(relation, owner, &between));
                select.filter.push(self.far(relation, &inner, &between));
            }
        }
        select.filter.extend(self.everywhere(end.table, &inner)?);
        match self.lower(criterion)? {
            Expr::Value(Value::Bool(true)) => {} // `any(true)`: there is one at all
            criterion => select.filter.push(criterion),
        }
        self.tables.truncate(before);
        Ok(Expr::Exists(Box::new(select)))
    }

    fn contains(&mut self, relation: &Relation, owner: &Name, handle: AnyHandle) -> Result<Expr> {
        let ours = self.registry.mapper(relation.owner).table();
        let equal = |left: Expr, value: Value<'static>| left.binary(Operator::Eq, Expr::Value(value));
        let Some(secondary) = &relation.secondary else {
            let theirs: Vec<usize> = relation.pairs.iter().map(|&(_, theirs)| theirs).collect();
            let values = (self.cells)(handle, &theirs)?;
            let pairs = relation.pairs.iter().zip(values);
            let equals =
                pairs.map(|(&(column, _), value)| equal(Expr::column(owner.clone(), ours.columns[column].name), value));
            return Ok(Expr::And(equals.collect()));
        };
        let theirs: Vec<usize> = secondary.far.iter().map(|&(theirs, _)| theirs).collect();
        let values = (self.cells)(handle, &theirs)?;
        let between = self.free(secondary.table.name);
        let mut filter = vec![self.near(relation, owner, &between)];
        let far = secondary.far.iter().zip(values);
        filter.extend(far.map(|(&(_, column), value)| equal(Expr::column(between.clone(), column), value)));
        let from = vec![Source::table(secondary.table.name).named(between)];
        Ok(Expr::Exists(Box::new(sql::Select { from, filter, ..sql::Select::default() })))
    }

    /// It is another one than this object, or nobody: some column of the key differs, or is NULL.
    fn other(&mut self, relation: &Relation, owner: &Name, handle: AnyHandle) -> Result<Expr> {
        if relation.secondary.is_some() {
            return Ok(Expr::Not(Box::new(self.contains(relation, owner, handle)?)));
        }
        let ours = self.table(relation.owner);
        let theirs: Vec<usize> = relation.pairs.iter().map(|&(_, theirs)| theirs).collect();
        let values = (self.cells)(handle, &theirs)?;
        if values.iter().any(Value::is_null) {
            return Ok(Expr::And(Vec::new())); // its key names nobody, so it is at no row's end
        }
        let mut differs = Vec::new();
        for (&(column, _), value) in relation.pairs.iter().zip(values) {
            let key = Expr::column(owner.clone(), ours.columns[column].name);
            differs.push(key.clone().binary(Operator::Ne, Expr::Value(value)));
            if ours.columns[column].nullable {
                differs.push(Expr::IsNull(Box::new(key)));
            }
        }
        Ok(Expr::Or(differs))
    }

    /// ON for a relationship without an association table.
    pub(super) fn on(&self, relation: &Relation, owner: &Name, target: &Name) -> Expr {
        let (ours, theirs) = (self.table(relation.owner), self.table(relation.target));
        all(relation.pairs.iter().map(|&(here, there)| {
            let left = Expr::column(owner.clone(), ours.columns[here].name);
            left.binary(Operator::Eq, Expr::column(target.clone(), theirs.columns[there].name))
        }))
    }

    /// ON between the owner and the association table.
    pub(super) fn near(&self, relation: &Relation, owner: &Name, between: &Name) -> Expr {
        let secondary = relation.secondary.iter().flat_map(|secondary| &secondary.near);
        side(self.table(relation.owner), secondary, owner, between)
    }

    /// ON between the association table and the target.
    pub(super) fn far(&self, relation: &Relation, target: &Name, between: &Name) -> Expr {
        let secondary = relation.secondary.iter().flat_map(|secondary| &secondary.far);
        side(self.table(relation.target), secondary, target, between)
    }

    pub(super) fn table(&self, mapper: crate::mapper::MapperId) -> &'static Table {
        self.registry.mapper(mapper).table()
    }
}

pub(super) fn owner(registry: &Registry, table: Seen) -> Result<&Mapper> {
    registry.by_table(table.table).ok_or_else(|| {
        Error::new(Kind::InvalidRequest, format!("table `{}` is of no model of this database", table.table))
            .way_out("name its model in `models![…]` where the `Db` is made")
    })
}

pub(super) fn all(mut terms: impl Iterator<Item = Expr>) -> Expr {
    let first = terms.next().unwrap_or(Expr::And(Vec::new()));
    terms.fold(first, Expr::and)
}

fn side<'s>(
    table: &'static Table,
    pairs: impl Iterator<Item = &'s (usize, &'static str)>,
    end: &Name,
    between: &Name,
) -> Expr {
    all(pairs.map(|&(column, held)| {
        Expr::column(end.clone(), table.columns[column].name).binary(Operator::Eq, Expr::column(between.clone(), held))
    }))
}
