//! Which tables a statement selects from, under which names, and what expressions become there.

use crate::{
    error::{Error, Kind, Result},
    mapper::{AnyHandle, Direction, Mapper, Registry, Relation, TableDesc},
    query::{Along, Leaf, RelatedTest, Term, Test, secret::veil},
    schema::Table,
    sql::{self, Expr, Join, Name, Operator, Source},
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
    tables: Vec<(&'static str, Name)>,
    taken: Vec<Name>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(registry: &'a Registry, cells: Cells<'a>) -> Self {
        Scope { registry, cells, wrapped: None, tables: Vec::new(), taken: Vec::new() }
    }

    /// Brings a table into sight under its own name, or under a numbered one where that is taken.
    pub(super) fn enter(&mut self, table: &'static str) -> Name {
        let own = !self.taken.iter().any(|taken| taken == table);
        let alias = self.alias(table, own);
        self.tables.push((table, alias.clone()));
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
    fn free(&mut self, table: &'static str) -> Name {
        let own = !self.taken.iter().any(|taken| taken == table);
        self.alias(table, own)
    }

    /// The name of a table in sight.
    pub(super) fn name(&self, table: &str) -> Option<&Name> {
        self.tables.iter().rev().find(|(found, _)| *found == table).map(|(_, name)| name)
    }

    fn known(&self, table: &'static str) -> Result<Name> {
        self.name(table).cloned().ok_or_else(|| {
            let model = self.registry.by_table(table).map_or(table, Mapper::name);
            Error::new(Kind::InvalidRequest, format!("`{model}` is not part of this select"))
                .way_out(format!("join it: along a relationship, or `.join({model}::TABLE)`"))
        })
    }

    /// The expression over the tables in sight.
    pub(super) fn lower(&mut self, term: Term) -> Result<Expr> {
        veil(term, self.registry).lower(&mut |leaf| match leaf {
            Leaf::Column { table, column } => Ok(Expr::column(self.known(table)?, column)),
            Leaf::Related(test) => self.related(*test),
        })
    }

    pub(super) fn lower_all(&mut self, terms: Vec<Term>) -> Result<Vec<Expr>> {
        terms.into_iter().map(|term| self.lower(term)).collect()
    }

    fn related(&mut self, test: RelatedTest) -> Result<Expr> {
        let registry = self.registry;
        let relation = owner(registry, test.owner)?.relation(test.relationship)?;
        if let Test::Of(handle) = test.test {
            return self.at_the_end(relation, handle);
        }
        let owner = self.known(test.owner.table.name)?;
        match test.test {
            Test::Any(criterion) => self.exists(relation, &owner, criterion),
            Test::Nobody if relation.direction == Direction::ManyToOne => {
                let columns = &registry.mapper(relation.owner).table().columns;
                let null = |&(ours, _): &(usize, usize)| {
                    Expr::IsNull(Box::new(Expr::column(owner.clone(), columns[ours].name)))
                };
                Ok(Expr::And(relation.pairs.iter().map(null).collect()))
            }
            Test::Nobody => Ok(Expr::Not(Box::new(self.exists(relation, &owner, Term::Value(Value::Bool(true)))?))),
            Test::Contains(handle) => self.contains(relation, &owner, handle),
            Test::Of(_) => Err(Error::bug("answered above")),
        }
    }

    /// The target in sight is at the end of this object's relationship.
    fn at_the_end(&mut self, relation: &Relation, owner: AnyHandle) -> Result<Expr> {
        let theirs = self.table(relation.target);
        let target = self.known(theirs.name)?;
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

    fn exists(&mut self, relation: &Relation, owner: &Name, criterion: Term) -> Result<Expr> {
        let before = self.tables.len();
        let target = self.registry.mapper(relation.target).table();
        let inner = self.enter(target.name);
        let mut select =
            sql::Select { from: vec![Source::table(target.name).named(inner.clone())], ..sql::Select::default() };
        match &relation.secondary {
            None => select.filter.push(self.on(relation, owner, &inner)),
            Some(secondary) => {
                let between = self.free(secondary.table.name);
                select.from.push(Source::table(secondary.table.name).named(between.clone()));
                select.filter.push(self.near(relation, owner, &between));
                select.filter.push(self.far(relation, &inner, &between));
            }
        }
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

    fn table(&self, mapper: crate::mapper::MapperId) -> &'static Table {
        self.registry.mapper(mapper).table()
    }

    /// The joins of one step, in order.
    pub(super) fn join(&mut self, along: Along, outer: bool, to: &mut Vec<Join>) -> Result<()> {
        let registry = self.registry;
        let mut push = |table: &'static str, alias: Name, on: Expr| {
            to.push(Join { outer, source: Source::table(table).named(alias), on });
        };
        match along {
            Along::Relationship(desc, name) => {
                let relation = owner(registry, desc)?.relation(name)?;
                let left = self.known(desc.table.name)?;
                let target = self.table(relation.target).name;
                self.once(target)?;
                match &relation.secondary {
                    None => {
                        let right = self.enter(target);
                        push(target, right.clone(), self.on(relation, &left, &right));
                    }
                    Some(secondary) => {
                        let between = self.free(secondary.table.name);
                        push(secondary.table.name, between.clone(), self.near(relation, &left, &between));
                        let right = self.enter(target);
                        push(target, right.clone(), self.far(relation, &right, &between));
                    }
                }
            }
            Along::Table(desc) => {
                let table = &desc.table;
                self.once(table.name)?;
                let on = self.route(desc)?;
                let right = self.enter(table.name);
                push(table.name, right, on);
            }
            Along::Secondary(desc, index) => {
                let relation = registry.relation(registry.by_model(desc)?, index);
                let secondary =
                    relation.secondary.as_ref().ok_or_else(|| Error::bug("a join to no association table"))?;
                let target = self.known(self.table(relation.target).name)?;
                let between = self.enter(secondary.table.name);
                push(secondary.table.name, between.clone(), self.far(relation, &target, &between));
            }
        }
        Ok(())
    }

    fn once(&self, table: &str) -> Result<()> {
        match self.name(table) {
            None => Ok(()),
            Some(_) => Err(Error::new(Kind::InvalidRequest, format!("table `{table}` is joined twice in one select"))
                .way_out("use `any` or `has` for a second test along the relationship")),
        }
    }

    /// ON by the one foreign key between a table and those in sight.
    fn route(&self, desc: &'static TableDesc) -> Result<Expr> {
        let table = &desc.table;
        let mut found: Vec<Expr> = Vec::new();
        for (name, alias) in &self.tables {
            let other = self.registry.tables().iter().find(|table| table.name == *name);
            let forward = table.foreign_keys.iter().filter(|key| key.table == *name).map(|key| {
                let pairs = key.columns.iter().zip(key.references);
                all(pairs.map(|(&here, &there)| {
                    Expr::column(alias.clone(), there).binary(Operator::Eq, Expr::column(table.name, here))
                }))
            });
            let keys = other.iter().flat_map(|other| other.foreign_keys).filter(|key| key.table == table.name);
            let backward = keys.map(|key| {
                let pairs = key.columns.iter().zip(key.references);
                all(pairs.map(|(&here, &there)| {
                    Expr::column(alias.clone(), here).binary(Operator::Eq, Expr::column(table.name, there))
                }))
            });
            found.extend(forward.chain(backward));
        }
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Error::new(
                Kind::InvalidRequest,
                format!("no foreign key leads from this select to `{}`", table.name),
            )
            .way_out("join the tables between them first, or join along a relationship")),
            _ => Err(Error::new(
                Kind::AmbiguousForeignKeys,
                format!("several foreign keys lead from this select to `{}`", table.name),
            )
            .way_out("join along the relationship that is meant")),
        }
    }
}

fn owner<'r>(registry: &'r Registry, desc: &TableDesc) -> Result<&'r Mapper> {
    registry.by_table(desc.table.name).ok_or_else(|| {
        Error::new(Kind::InvalidRequest, format!("`{}` is not a model of this database", desc.name))
            .way_out("name it in `models![…]` where the `Db` is made")
    })
}

fn all(mut terms: impl Iterator<Item = Expr>) -> Expr {
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
