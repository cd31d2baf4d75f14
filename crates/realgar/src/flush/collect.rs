//! Who changed: fields that were written, deletions and what they cascade to, orphans. The last place that may load.

use std::{collections::BTreeMap, panic::Location};

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity, Related, State},
    load::{Loader, learn_together, load_together},
    mapper::{Direction, MapperId, PassiveDeletes, Registry, Relation, Strategy},
    query::Branch,
};

/// Brings the session's lists to what the flush has to write.
pub(super) async fn collect(loader: &mut Loader<'_>) -> Result<()> {
    if let Some(problem) = loader.identity.take_problem() {
        return Err(problem);
    }
    take_over(loader).await?;
    replaced(loader).await?;
    let mut next = 0;
    loop {
        orphans(loader.identity, loader.registry)?;
        let Some(&entity) = loader.identity.doomed().get(next) else { break };
        next += 1;
        let mapper = loader.registry.mapper(entity.mapper);
        for relation in &mapper.relations {
            release(loader, entity, relation, next).await?;
        }
    }
    check_keys(loader.identity)
}

/// Relationship fields that were written through `session[handle]` become `set` and `replace`. What a collection holds
/// must be known before it can be replaced.
pub async fn take_over(loader: &mut Loader<'_>) -> Result<()> {
    let mut written: Vec<Entity> = loader.identity.touched().to_vec();
    written.retain(|&entity| !loader.identity.carried(entity).is_empty());
    for &entity in &written {
        if loader.identity.state(entity) != State::Persistent {
            continue;
        }
        for index in loader.identity.carried(entity) {
            let relation = loader.registry.relation(entity.mapper, index);
            if relation.many && loader.identity.related(entity, index).items().is_none() {
                let branch = Branch::of(loader.everywhere.clone());
                load_together(loader, relation, vec![entity.slot], &branch).await?; // to know what leaves it
            }
        }
    }
    if written.is_empty() { Ok(()) } else { loader.identity.absorb(written, Location::caller()) }
}

/// Who was at the end of a relationship to one that was set without knowing it: the flush has to unlink or delete them.
async fn replaced(loader: &mut Loader<'_>) -> Result<()> {
    let matters = |&(owner, index): &(Entity, u16)| {
        let relation = loader.registry.relation(owner.mapper, index);
        let hangs = match relation.direction {
            Direction::OneToMany => !relation.many && !relation.viewonly,
            Direction::ManyToOne => relation.cascade.delete_orphan,
            Direction::ManyToMany => false,
        };
        hangs && loader.identity.state(owner) == State::Persistent
    };
    let changed: Vec<(Entity, u16)> = loader.identity.changed().iter().copied().filter(matters).collect();
    let mut unknown: BTreeMap<(MapperId, u16), Vec<u32>> = BTreeMap::new();
    for &(owner, index) in changed.iter().filter(|(owner, index)| loader.identity.related(*owner, *index).is_guess()) {
        unknown.entry((owner.mapper, index)).or_default().push(owner.slot);
    }
    for ((mapper, index), owners) in unknown {
        learn_together(loader, loader.registry.relation(mapper, index), owners).await?;
    }
    for (owner, index) in changed {
        loader.identity.let_go(owner, loader.registry.relation(owner.mapper, index));
    }
    Ok(())
}

/// Objects that left a collection with delete-orphan and found no other place are deleted, or never inserted.
fn orphans(identity: &mut Identity, registry: &Registry) -> Result<()> {
    for (child, owner, index) in identity.take_orphans() {
        let relation = registry.relation(owner.mapper, index);
        if has_owner(identity, registry, child, owner, relation) {
            continue;
        }
        match identity.state(child) {
            State::Pending => identity.forget_pending(child),
            State::Persistent => identity.doom(child),
            _ => {}
        }
    }
    Ok(())
}

/// Whether the object has an owner along this relationship now; `left` is whose it was.
fn has_owner(identity: &Identity, registry: &Registry, child: Entity, left: Entity, relation: &Relation) -> bool {
    let inverse = relation.inverse.map(|inverse| registry.relation(relation.target, inverse));
    match inverse.map(|inverse| identity.related(child, inverse.index)) {
        Some(Related::One { now, .. }) => return now.is_some(),
        Some(Related::Many { now, .. }) => return !now.is_empty(),
        Some(Related::Queued(queue)) => return !queue.added.is_empty(),
        Some(Related::Unloaded) | None => {}
    }
    let back = match identity.related(left, relation.index) {
        // Not loaded: what was in it stays unless it was taken out.
        Related::Queued(queue) => identity.state(child) == State::Persistent && !queue.removed.contains(&child.slot),
        loaded => loaded.has(child.slot),
    };
    back || identity.changed().iter().any(|&(owner, index)| {
        (owner.mapper, index) == (relation.owner, relation.index) && identity.related(owner, index).has(child.slot)
    })
}

/// What a deleted object does to those it is related to.
///
/// What it needs is loaded for all that wait to be released, `next` being the first of them, at once.
async fn release(loader: &mut Loader<'_>, entity: Entity, relation: &Relation, next: usize) -> Result<()> {
    let untouched = relation.direction == Direction::OneToMany && relation.passive_deletes == PassiveDeletes::All;
    if relation.viewonly || untouched || (relation.direction == Direction::ManyToOne && !relation.cascade.delete) {
        return Ok(());
    }
    let loaded = loader.identity.related(entity, relation.index).items().is_some();
    if !loaded && relation.passive_deletes == PassiveDeletes::No {
        if relation.lazy == Strategy::WriteOnly {
            return Err(not_read(loader.identity, entity, relation));
        }
        let waiting = loader.identity.doomed()[next..].iter().filter(|other| other.mapper == entity.mapper);
        let owners = std::iter::once(entity.slot).chain(waiting.map(|other| other.slot)).collect();
        load_together(loader, relation, owners, &Branch::default()).await?; // all rows, also those hidden elsewhere
    }
    let identity = &mut *loader.identity;
    let related = identity.related(entity, relation.index);
    // What was added to a collection that stays unloaded is known all the same.
    let mut items = related.items().map_or_else(|| related.added(), <[u32]>::to_vec);
    // What the database still holds and memory has let go of needs its key blanked, too.
    let gone = related.removed();
    if relation.direction == Direction::OneToMany && !relation.cascade.delete {
        let more: Vec<u32> =
            gone.into_iter().filter(|slot| relation.inverse.is_none() && !items.contains(slot)).collect();
        items.extend(more);
    }
    for slot in items {
        let item = Entity { mapper: relation.target, slot };
        if relation.cascade.delete {
            match identity.state(item) {
                State::Persistent => identity.doom(item),
                State::Pending => identity.forget_pending(item),
                _ => {}
            }
        }
        match relation.direction {
            Direction::ManyToMany => identity.remove(entity, relation, slot)?,
            Direction::OneToMany if relation.cascade.delete => {}
            Direction::OneToMany if !relation.many => identity.set(entity, relation, None),
            Direction::OneToMany if identity.holds(entity, relation, slot) => {
                identity.remove(entity, relation, slot)?
            }
            _ => {}
        }
    }
    Ok(())
}

/// A `write_only` collection is never read as a whole, not for a deletion either.
fn not_read(identity: &Identity, entity: Entity, relation: &Relation) -> Error {
    let name = format!("{}::{}", identity.mapper(entity).name(), relation.name);
    Error::new(Kind::InvalidRequest, format!("`{name}` is `write_only`: it is not read to delete its owner"))
        .with_entity(|| identity.describe(entity))
        .way_out("say `passive_deletes` at the relationship, and `on_delete` at the foreign key")
}

/// A key that the database made does not change.
fn check_keys(identity: &Identity) -> Result<()> {
    for &entity in identity.touched() {
        let mapper = identity.mapper(entity);
        if let Some(column) = mapper.generated.filter(|&column| identity.is_changed(entity, column)) {
            let name = mapper.table().columns[column].name;
            let shown = |value: crate::value::Value<'_>| match value {
                crate::value::Value::Int(key) => key.to_string(),
                other => other.sort().to_owned(),
            };
            return Err(Error::new(
                Kind::InvalidRequest,
                format!(
                    "`{}::{name}` was changed from {} to {}, but the database makes this key",
                    mapper.name(),
                    shown(identity.was(entity, column)),
                    shown(identity.cell(entity, column))
                ),
            )
            .with_entity(|| identity.describe(entity))
            .way_out(
                "assign its fields one by one, or a struct with the same key; to copy a row, `add` a new object. \
                 A rollback gives the object its values back",
            ));
        }
    }
    Ok(())
}
