//! Where a query's FROM begins: the tables that its outputs name, without those that its joins bring.

use crate::{
    error::{Error, Kind, Result},
    query::{Along, Leaf, Output, Query, Seen, Term, scope::Scope},
};

/// The tables of the FROM clause, before the joins.
pub(super) fn roots(query: &Query, scope: &Scope<'_>) -> Result<Vec<Seen>> {
    let brought: Vec<Seen> = query.joins.iter().filter_map(|join| brings(join.along, scope)).collect();
    let mut tables: Vec<Seen> = Vec::new();
    let mut add = |seen: Seen| {
        if !tables.contains(&seen) {
            tables.push(seen);
        }
    };
    query.from.iter().for_each(|&seen| add(seen));
    let mut only_brought = None;
    let mut named_here = |seen: Seen| match brought.contains(&seen) {
        false => add(seen),
        true => only_brought = only_brought.or(Some(seen)),
    };
    for output in &query.outputs {
        match output {
            Output::Entity(desc, alias) => named_here(Seen { table: desc.table.table.name, alias: *alias }),
            Output::Value(term) => named(term, &mut named_here),
        }
    }
    // Where the first join along a relationship starts, the joins begin, named or not: it stands last, beside them.
    // Only a join before it can have brought it; one after it that leads back is refused when it is compiled.
    let start = query.joins.iter().enumerate().find_map(|(at, join)| match join.along {
        Along::Relationship { from, .. } => Some((at, from)),
        _ => None,
    });
    let came = |at: usize, start: Seen| query.joins[..at].iter().any(|join| brings(join.along, scope) == Some(start));
    if let Some((_, start)) = start.filter(|&(at, start)| !came(at, start)) {
        tables.retain(|table| *table != start);
        tables.push(start);
    }
    // Joined to itself and nothing else: the join is refused for it.
    tables.extend(only_brought.filter(|_| tables.is_empty()));
    if tables.is_empty() {
        return Err(Error::new(Kind::InvalidRequest, "this select names no table")
            .way_out("say where its rows come from: `.select_from(User::TABLE)`, or select an entity or a column"));
    }
    Ok(tables)
}

/// Tells of tables that nothing links: every pair of their rows is an answer, which is rarely meant.
///
/// PARITY: the reference warns of it, too ("cartesian product between FROM element(s)"), once for each statement.
pub(super) fn warn_of_pairs(query: &Query, roots: &[Seen], scope: &Scope<'_>) {
    let mut linked: Vec<Vec<Seen>> = roots.iter().map(|&root| vec![root]).collect();
    let mut link = |tables: Vec<Seen>| {
        let (mut one, rest): (Vec<_>, Vec<_>) =
            linked.drain(..).partition(|group| group.iter().any(|table| tables.contains(table)));
        one.push(tables);
        linked = rest;
        linked.push(one.concat());
    };
    for join in &query.joins {
        let mut tables: Vec<Seen> = brings(join.along, scope).into_iter().collect();
        match join.along {
            Along::Relationship { from, .. } => tables.push(from),
            _ => tables.extend(roots.last()), // joins follow the last one
        }
        join.on.iter().for_each(|on| named(on, &mut |seen| tables.push(seen)));
        link(tables);
    }
    let mut criteria: Vec<&Term> = query.filter.iter().collect();
    while let Some(criterion) = criteria.pop() {
        if let Term::And(all) = criterion {
            criteria.extend(all);
            continue;
        }
        let mut tables = Vec::new();
        named(criterion, &mut |seen| tables.push(seen));
        link(tables);
    }
    let apart = |group: &&Vec<Seen>| roots.iter().any(|root| group.contains(root));
    let names: Vec<&str> = linked.iter().filter(apart).map(|group| group[0].table).collect();
    if let [one, other, ..] = names[..] {
        tracing::warn!(
            target: "realgar",
            "a query names the tables `{one}` and `{other}`, which nothing links: it answers every pair of their rows; \
             join them (`.join(…)`), or compare them (`.filter(…)`)"
        );
    }
}

/// The table that a join brings. One that leads a table to itself brings nothing: it is refused when it is compiled.
pub(super) fn brings(along: Along, scope: &Scope<'_>) -> Option<Seen> {
    match along {
        Along::Table(seen) => Some(seen),
        Along::Relationship { from, name, to } => {
            let relation = scope.registry.by_table(from.table)?.relation(name).ok()?;
            let end = Seen { table: scope.table(relation.target).name, alias: to };
            (end != from).then_some(end)
        }
        Along::Secondary(..) => None,
    }
}

/// The tables that an expression names; a select inside has a FROM of its own.
fn named(term: &Term, add: &mut impl FnMut(Seen)) {
    let mut left = vec![term]; // a list instead of recursion: nobody has looked yet how deep it is
    while let Some(term) = left.pop() {
        match term {
            Term::Leaf(Leaf::Column { table, .. }) => add(*table),
            Term::Leaf(Leaf::Related(test)) => add(test.owner),
            _ => left.extend(term.children().into_iter().rev()),
        }
    }
}
