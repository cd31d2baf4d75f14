//! The one `match` that picks how a relationship is loaded when it is asked for.

use crate::{
    error::Result,
    identity::{Entity, State},
    load::{Loader, lazy},
    mapper::{Relation, Strategy},
};

/// Loads a relationship of an object, unless it is loaded. An object without a row has nothing to load.
pub async fn load(loader: &mut Loader<'_>, owner: Entity, relation: &Relation) -> Result<()> {
    let loaded = loader.identity.related(owner, relation.index).items().is_some();
    if loaded || matches!(loader.identity.state(owner), State::Pending | State::Transient) {
        return Ok(());
    }
    let (strategy, options) =
        loader.identity.lazy(owner, relation.index).cloned().unwrap_or((relation.lazy, Vec::new()));
    match strategy {
        Strategy::Select => lazy::one(loader, relation, owner, &options).await,
        Strategy::Peers | Strategy::SelectIn | Strategy::Joined => lazy::peers(loader, relation, owner, &options).await,
    }
}
