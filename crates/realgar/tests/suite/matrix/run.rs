//! A query with a strategy, a loop that asks its objects for a relationship, and how that ended.

use std::{collections::HashMap, fmt};

use realgar::{Cardinality, Load, Relationship, prelude::*};

/// What a query and its loop came to.
pub struct Sent {
    pub statements: usize,
    pub end: &'static str,
}

/// Whether it is for collections only and stands in the mapping, not in a query's options.
pub fn of_mapping(strategy: &str) -> bool {
    matches!(strategy, "dynamic" | "write_only")
}

/// The relationship that is mapped for this strategy.
pub fn pick<R>(strategy: &str, [plain, dynamic, write_only]: [R; 3]) -> R {
    match strategy {
        "dynamic" => dynamic,
        "write_only" => write_only,
        _ => plain,
    }
}

/// The relationship by this strategy.
pub fn option<M: Model, C: Cardinality>(strategy: &str, relationship: Relationship<M, C>) -> Load<M, C::Target> {
    match strategy {
        "peers" => relationship.peers(),
        "select" => relationship.select(),
        "selectin" => relationship.selectin(),
        "joined" => relationship.joined(),
        "subquery" => relationship.subquery(),
        "immediate" => relationship.immediate(),
        "raise" => relationship.raise(),
        "raise_on_sql" => relationship.raise_on_sql(),
        "noload" => relationship.noload(),
        _ => unreachable!("{strategy} is no option"),
    }
}

/// Who is at the other end; `None` where loading is refused.
pub async fn ask<M: Model, C: Cardinality>(
    s: &mut Session,
    strategy: &str,
    owner: Handle<M>,
    relationship: Relationship<M, C>,
) -> realgar::Result<Option<Vec<Handle<C::Target>>>>
where
    C::Loaded: IntoIterator<Item = Handle<C::Target>>,
{
    match s.load(owner, relationship).await {
        Ok(found) => {
            assert_ne!(strategy, "write_only", "it is never loaded");
            Ok(Some(found.into_iter().collect()))
        }
        Err(error) if error.kind() == Kind::InvalidRequest => match strategy {
            "write_only" => relationship.of(owner).all(s).await.map(Some),
            "raise" | "raise_on_sql" => Ok(None),
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// All objects of a model by their keys.
pub async fn by_id<M: Model<Key = i64>>(s: &mut Session) -> realgar::Result<HashMap<i64, Handle<M>>> {
    M::select().all(s).await?.into_iter().map(|object| Ok((s.key(object)?, object))).collect()
}

/// What a loop found: for each parent what it should (``), nobody (`~`), or a refusal (`!`).
pub fn end<A: PartialEq + fmt::Debug>(found: Vec<Option<Vec<A>>>, want: Vec<Vec<A>>) -> &'static str {
    if !found.is_empty() && found.iter().all(Option::is_none) {
        return "!";
    }
    let found: Vec<Vec<A>> = found.into_iter().map(|found| found.expect("refused for all or for none")).collect();
    if !found.is_empty() && found.iter().all(Vec::is_empty) {
        return "~";
    }
    // Nobody promises the order of a collection without `order_by`.
    let same =
        |(found, want): (&Vec<A>, &Vec<A>)| found.len() == want.len() && want.iter().all(|one| found.contains(one));
    assert!(found.len() == want.len() && found.iter().zip(&want).all(same), "{found:?} instead of {want:?}");
    ""
}

/// Asks each object of a query for one relationship; `want` has the keys of those at the other end, in order.
pub async fn step<M: Model<Key = i64>, C: Cardinality>(
    db: &Db,
    strategy: &str,
    query: Select<Handle<M>>,
    relationship: Relationship<M, C>,
    want: impl Fn(i64) -> Vec<i64>,
) -> realgar::Result<Sent>
where
    C::Target: Model<Key = i64>,
    C::Loaded: IntoIterator<Item = Handle<C::Target>>,
{
    let query = if of_mapping(strategy) { query } else { query.options(option(strategy, relationship)) };
    let (mut s, recorder) = (db.session(), db.recorder());
    let parents = query.all(&mut s).await?;
    let mut found = Vec::new();
    for &parent in &parents {
        found.push(ask(&mut s, strategy, parent, relationship).await?);
    }
    let statements = recorder.count();
    let targets = by_id::<C::Target>(&mut s).await?;
    let mut wanted = Vec::new();
    for parent in parents {
        wanted.push(want(s.key(parent)?).iter().map(|id| targets[id]).collect());
    }
    Ok(Sent { statements, end: end(found, wanted) })
}
