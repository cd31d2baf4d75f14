//! The one `match` that picks how a relationship is loaded when it is asked for.

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, State},
    load::{Loader, lazy, selectin::known},
    mapper::{Relation, Strategy},
};

/// How the relationship of this object is loaded when asked for: as its query's options say, else as the mapping says.
#[must_use]
pub fn strategy(loader: &Loader<'_>, owner: Entity, relation: &Relation) -> Strategy {
    loader.identity.lazy(owner, relation.index).map_or(relation.lazy, |(strategy, _)| *strategy)
}

/// Loads a relationship of an object, unless it is loaded. An object without a row has nothing to load.
///
/// Answers what is there where that is not kept with the object (`dynamic`, `noload`).
///
/// # Errors
/// `ObjectDeleted` when the object was aged, and its row is gone; `InvalidRequest` where the strategy forbids it.
pub async fn load(loader: &mut Loader<'_>, owner: Entity, relation: &Relation) -> Result<Option<Vec<u32>>> {
    let loaded = loader.identity.related(owner, relation.index).items().is_some();
    if loaded || matches!(loader.identity.state(owner), State::Pending | State::Transient) {
        return Ok(None);
    }
    let (strategy, options) =
        loader.identity.lazy(owner, relation.index).cloned().unwrap_or((relation.lazy, Vec::new()));
    match strategy {
        Strategy::Select => lazy::one(loader, relation, owner, &options).await?,
        Strategy::Peers | Strategy::SelectIn | Strategy::Joined | Strategy::Subquery | Strategy::Immediate => {
            lazy::peers(loader, relation, owner, &options).await?;
        }
        Strategy::RaiseOnSql if known(loader, relation, owner).is_some() => {
            lazy::one(loader, relation, owner, &options).await?;
        }
        Strategy::NoLoad => return Ok(Some(Vec::new())),
        Strategy::Dynamic => {
            lazy::one(loader, relation, owner, &options).await?;
            if let Some(there) = loader.identity.forget_related(owner, relation.index) {
                return Ok(Some(there));
            }
        }
        Strategy::Raise | Strategy::RaiseOnSql | Strategy::WriteOnly => {
            return Err(refused(loader, owner, relation, strategy));
        }
    }
    match loader.identity.related(owner, relation.index).items() {
        Some(_) => Ok(None),
        None => Err(Error::new(Kind::ObjectDeleted, "the row of this object is gone")
            .with_entity(|| loader.identity.describe(owner))
            .way_out("`expunge` it, or add a new object with its values")),
    }
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
