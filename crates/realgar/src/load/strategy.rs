//! The one `match` that picks how a relationship is loaded when it is asked for.

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, State},
    load::{Loader, lazy, selectin::known},
    mapper::{Relation, Strategy},
    query::Branch,
};

/// How the relationship of this object is loaded when asked for: as its query's options say, else as the mapping says.
#[must_use]
pub fn strategy(loader: &Loader<'_>, owner: Entity, relation: &Relation) -> Strategy {
    loader.identity.lazy(owner, relation.index).map_or(relation.lazy, |(strategy, _)| *strategy)
}

/// Loads a relationship of an object, unless it is loaded. An object without a row has nothing to load.
///
/// Answers what is there where that is not kept with the object (`dynamic`, `noload`).
pub async fn load(loader: &mut Loader<'_>, owner: Entity, relation: &Relation) -> Result<Option<Vec<u32>>> {
    let loaded = loader.identity.related(owner, relation.index).items().is_some();
    if loaded || matches!(loader.identity.state(owner), State::Pending | State::Transient) {
        return Ok(None);
    }
    let (strategy, mut branch) =
        loader.identity.lazy(owner, relation.index).cloned().unwrap_or((relation.lazy, Branch::default()));
    if branch.everywhere.is_plain() {
        branch.everywhere = loader.everywhere.clone();
    }
    match strategy {
        Strategy::Select => lazy::one(loader, relation, owner, &branch).await?,
        Strategy::Peers | Strategy::SelectIn | Strategy::Joined | Strategy::Subquery | Strategy::Immediate => {
            lazy::peers(loader, relation, owner, &branch).await?;
        }
        Strategy::RaiseOnSql if known(loader, relation, owner).is_some() => {
            lazy::one(loader, relation, owner, &branch).await?;
        }
        Strategy::NoLoad => return Ok(Some(Vec::new())),
        Strategy::Dynamic => lazy::one(loader, relation, owner, &branch).await?,
        Strategy::Raise | Strategy::RaiseOnSql | Strategy::WriteOnly => {
            return Err(refused(loader, owner, relation, strategy));
        }
    }
    if loader.identity.is_aged(owner) && loader.identity.old(owner).is_none() {
        // Its row was asked for, and no row came.
        loader.identity.forget_related(owner, relation.index);
        return Err(gone(loader.identity, owner));
    }
    match strategy {
        Strategy::Dynamic => Ok(loader.identity.forget_related(owner, relation.index)),
        _ => Ok(None),
    }
}

/// The error for an object whose row is not there any more.
#[cold]
pub(super) fn gone(identity: &Identity, entity: Entity) -> Error {
    Error::new(Kind::ObjectDeleted, "the row of this object was deleted meanwhile")
        .with_entity(|| identity.describe(entity))
        .way_out("`session.expunge(…)?` it, or add a new object with its values")
}

#[cold]
fn refused(loader: &Loader<'_>, owner: Entity, relation: &Relation, strategy: Strategy) -> Error {
    let name = format!("{}::{}", loader.registry.mapper(relation.owner).name(), relation.name);
    let (word, way_out) = match strategy {
        Strategy::WriteOnly => ("write_only", format!("ask it as a query: `{name}.of(…)`")),
        Strategy::RaiseOnSql => ("raise_on_sql", format!("load it with the query: `.options({name}.selectin())`")),
        _ => ("raise", format!("load it with the query: `.options({name}.selectin())`")),
    };
    Error::new(Kind::InvalidRequest, format!("relationship `{name}` is `{word}`: it is not loaded when asked for"))
        .with_entity(|| loader.identity.describe(owner))
        .way_out(way_out)
}
