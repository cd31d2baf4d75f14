//! Joins: along relationships, by foreign keys, on a criterion; and what to write where there is no way.

use crate::{
    error::{Error, Kind, Result},
    mapper::Relation,
    query::{
        Along, JoinStep, Seen, Term,
        scope::{Scope, all, owner},
    },
    schema::{ForeignKey, Table},
    sql::{Expr, Join, Name, Operator, Source},
};

impl Scope<'_> {
    /// The joins of one step, in order.
    pub(super) fn join(&mut self, step: JoinStep, to: &mut Vec<Join>) -> Result<()> {
        let mut push = |table: &'static str, alias: Name, on: Expr| {
            to.push(Join { outer: step.outer, source: Source::table(table).named(alias), on });
        };
        let registry = self.registry;
        match step.along {
            Along::Relationship { from, name, to } => {
                let relation = owner(registry, from)?.relation(name)?;
                let left = self.known(from)?;
                let target = Seen { table: self.table(relation.target).name, alias: to };
                self.once(target, Some(relation))?;
                match &relation.secondary {
                    None => {
                        let right = self.enter(target);
                        let on = self.on(relation, &left, &right);
                        let on = self.beside((target.table, &right), on, step.on)?;
                        push(target.table, right, on);
                    }
                    Some(secondary) => {
                        let table = secondary.table.name;
                        let between = if self.name(table).is_none() { self.enter(table) } else { self.free(table) };
                        push(table, between.clone(), self.near(relation, &left, &between));
                        let right = self.enter(target);
                        let on = self.far(relation, &right, &between);
                        let on = self.beside((target.table, &right), on, step.on)?;
                        push(target.table, right, on);
                    }
                }
            }
            Along::Table(seen) => {
                self.once(seen, None)?;
                let (name, on) = self.criterion(seen, step.on)?;
                let on = self.beside((seen.table, &name), on, None)?;
                push(seen.table, name, on);
            }
            Along::Secondary(desc, index) => {
                let relation = registry.relation(registry.by_type((desc.type_id)())?, index);
                let secondary =
                    relation.secondary.as_ref().ok_or_else(|| Error::bug("a join to no association table"))?;
                let target = self.known(self.table(relation.target).name)?;
                let between = self.enter(secondary.table.name);
                push(secondary.table.name, between.clone(), self.far(relation, &target, &between));
            }
        }
        Ok(())
    }

    /// ON with what holds beside the keys: what the caller says, and what holds for the table everywhere.
    fn beside(&mut self, (table, name): (&'static str, &Name), on: Expr, also: Option<Term>) -> Result<Expr> {
        let also = self.lower_all(also.into_iter().collect())?;
        let everywhere = self.everywhere(table, name)?;
        Ok(also.into_iter().chain(everywhere).fold(on, Expr::and))
    }

    /// The name of a table that comes into sight, and its ON: as the caller says, else by the one foreign key.
    fn criterion(&mut self, seen: Seen, on: Option<Term>) -> Result<(Name, Expr)> {
        match on {
            Some(on) => {
                let name = self.enter(seen);
                Ok((name, self.lower(on)?))
            }
            None => {
                let before = self.tables.len();
                let name = self.enter(seen);
                let on = self.route(seen, &name, before)?;
                Ok((name, on))
            }
        }
    }

    fn once(&self, seen: Seen, along: Option<&Relation>) -> Result<()> {
        if self.name(seen).is_none() {
            return Ok(());
        }
        let model = self.model(seen.table);
        let join = match along {
            Some(relation) => format!("`.join({}.of_type(other))`", self.full(relation)),
            None => "`.join_on(other, …)`".to_owned(),
        };
        let way_out = match seen.alias {
            None => format!("join it under an alias: `let other = alias::<{model}>();`, then {join}"),
            Some(_) => format!("make a second alias for the second join: `let other = alias::<{model}>();`"),
        };
        let what = match seen.alias {
            None => {
                format!("`{model}` is part of this select already, so it cannot be joined under its own name again")
            }
            Some(_) => format!("this alias of `{model}` is part of the select already"),
        };
        Err(Error::new(Kind::InvalidRequest, what)
            .way_out(format!("{way_out}; a mere test along a relationship is `any` or `has`")))
    }

    /// ON by the one foreign key between a table and those in sight before it.
    fn route(&self, seen: Seen, name: &Name, before: usize) -> Result<Expr> {
        let tables = self.registry.tables();
        let find = |name: &str| tables.iter().copied().find(|table| table.name == name);
        let Some(table) = find(seen.table) else { return owner(self.registry, seen).map(|_| Expr::And(Vec::new())) };
        let mut found: Vec<(String, Expr)> = Vec::new();
        for (other, alias) in &self.tables[..before] {
            let Some(left) = find(other.table) else { continue };
            let forward = table.foreign_keys.iter().filter(|key| key.table == left.name);
            found.extend(forward.map(|key| (spelled(key, table), equal(key, name, alias))));
            let backward = left.foreign_keys.iter().filter(|key| key.table == table.name);
            found.extend(backward.map(|key| (spelled(key, left), equal(key, alias, name))));
        }
        match found.len() {
            1 => Ok(found.remove(0).1),
            0 => Err(self.no_route(seen, before)),
            _ => {
                let mut keys: Vec<String> = found.into_iter().map(|(key, _)| key).collect();
                keys.dedup();
                Err(self.several_routes(seen, before, &keys))
            }
        }
    }

    fn no_route(&self, seen: Seen, before: usize) -> Error {
        let from: Vec<_> = self.tables[..before].iter().map(|(other, _)| format!("`{}`", other.table)).collect();
        let what = format!("no foreign key links `{}` with {}", seen.table, from.join(", "));
        let ways = self.ways(seen, before);
        let tables = self.registry.tables();
        let between = tables.iter().find(|table| {
            let in_sight = |(other, _): &(Seen, Name)| self.linked(table.name, other.table);
            self.linked(table.name, seen.table) && self.tables[..before].iter().any(in_sight)
        });
        let way_out = match (&ways[..], between) {
            ([], Some(table)) => format!("join the table between them first: `{}`", self.spelled_table(table.name)),
            ([], None) => "join the tables between them first, or say the condition: `.join_on(table, …)`".to_owned(),
            (ways, _) => format!("join along a relationship: {}", ways.join(" or ")),
        };
        Error::new(Kind::InvalidRequest, what).way_out(way_out)
    }

    /// Whether a foreign key leads from one of the tables to the other.
    fn linked(&self, one: &str, other: &str) -> bool {
        let refers = |from: &str, to: &str| {
            let mut holders = self.registry.tables().iter().filter(|table| table.name == from);
            holders.any(|table| table.foreign_keys.iter().any(|key| key.table == to))
        };
        refers(one, other) || refers(other, one)
    }

    fn several_routes(&self, seen: Seen, before: usize, keys: &[String]) -> Error {
        let ways = self.ways(seen, before);
        let on = "say the condition: `.join_on(table, …)`";
        let way_out = match &ways[..] {
            [] => on.to_owned(),
            ways => format!("join along the relationship that is meant: {}; or {on}", ways.join(" or ")),
        };
        Error::new(
            Kind::AmbiguousForeignKeys,
            format!("several ways lead from this select to `{}`: {}", seen.table, keys.join(", ")),
        )
        .way_out(way_out)
    }

    /// The error for a column, entity or relationship of a table that is not in sight.
    pub(super) fn out_of_sight(&self, seen: Seen) -> Error {
        let model = self.model(seen.table);
        let under_alias = self.tables.iter().any(|(other, _)| other.table == seen.table);
        let (what, way_out) = match seen.alias {
            Some(_) => (format!("an alias of `{model}` is not part of this select"), self.join_to(seen)),
            None if under_alias => (
                format!("`{model}` is part of this select under an alias only"),
                format!("name the alias: `alias.col({model}::…)`, `alias.rel({model}::…)`"),
            ),
            None => (format!("`{model}` is not part of this select"), self.join_to(seen)),
        };
        Error::new(Kind::InvalidRequest, what).way_out(way_out)
    }

    fn join_to(&self, seen: Seen) -> String {
        let table = self.spelled_table(seen.table);
        match self.ways(seen, self.tables.len()).first() {
            Some(way) => format!("join it: {way}"),
            None if seen.alias.is_some() => {
                "join it: `.join_on(alias, …)`, along a relationship, or select from it".into()
            }
            None if self.tables.iter().any(|(other, _)| self.linked(other.table, seen.table)) => {
                format!("join it: `.join({table})`")
            }
            None => {
                format!("join it along a relationship, over the tables between; or say how: `.join_on({table}, …)`")
            }
        }
    }

    /// Joins along relationships, from the first tables in sight to this one, as they are written.
    fn ways(&self, seen: Seen, before: usize) -> Vec<String> {
        let mut ways = Vec::new();
        for (other, _) in self.tables[..before].iter().rev() {
            let relations = self.registry.by_table(other.table).map_or(&[][..], |mapper| &mapper.relations);
            for relation in relations.iter().filter(|relation| self.table(relation.target).name == seen.table) {
                let name = match other.alias {
                    None => self.full(relation),
                    Some(_) => format!("alias.rel({})", self.full(relation)),
                };
                let way = match seen.alias {
                    None => format!("`.join({name})`"),
                    Some(_) => format!("`.join({name}.of_type(alias))`"),
                };
                if !ways.contains(&way) {
                    ways.push(way);
                }
            }
        }
        ways
    }

    fn full(&self, relation: &Relation) -> String {
        format!("{}::{}", self.registry.mapper(relation.owner).name(), relation.name)
    }

    fn model(&self, table: &'static str) -> &'static str {
        self.registry.struct_of(table).unwrap_or(table)
    }

    fn spelled_table(&self, table: &'static str) -> String {
        self.registry.struct_of(table).map_or_else(|| table.to_owned(), |name| format!("{name}::TABLE"))
    }
}

/// `posts.user_id → users`
fn spelled(key: &ForeignKey, holder: &Table) -> String {
    format!("{}.{} → {}", holder.name, key.columns.join("+"), key.table)
}

/// ON: the key's columns in its holder equal those that it refers to.
fn equal(key: &ForeignKey, holder: &Name, referred: &Name) -> Expr {
    let pairs = key.columns.iter().zip(key.references);
    all(pairs.map(|(&here, &there)| {
        Expr::column(referred.clone(), there).binary(Operator::Eq, Expr::column(holder.clone(), here))
    }))
}
