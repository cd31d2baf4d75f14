//! Foreign keys that are written by an UPDATE of their own, so that rows can refer to one another: `post_update`.
//!
//! New rows are inserted without such a key and updated once all rows are there; rows that go lose it first.

use std::collections::HashSet;

use crate::{
    flush::{Step, dependency::Sync},
    identity::{Entity, Identity},
    mapper::{MapperId, Registry, Relation},
    schema::ForeignKey,
};

/// The relationships whose key is written later.
fn relations(registry: &Registry) -> impl Iterator<Item = &Relation> {
    registry.mappers().iter().flat_map(|mapper| &mapper.relations).filter(|relation| relation.post_update)
}

/// Whether this foreign key of a mapper's is written later: no row waits for another because of it.
pub(super) fn is_later(registry: &Registry, mapper: MapperId, key: &ForeignKey) -> bool {
    let columns = registry.mapper(mapper).table().columns;
    relations(registry).filter_map(Relation::holder).any(|(holder, held)| {
        holder == mapper && held.iter().all(|&column| key.columns.contains(&columns[column].name))
    })
}

/// The keys that rows lose before they go.
pub(super) fn blanked<'r>(identity: &Identity, registry: &'r Registry, going: &[Entity]) -> Vec<Sync<'r>> {
    let mut syncs: Vec<Sync<'r>> = Vec::new();
    for relation in relations(registry) {
        let Some((holder, held)) = relation.holder() else { continue };
        for &child in going.iter().filter(|child| child.mapper == holder) {
            let has = |&column: &usize| {
                let old = identity.old(child).map(|old| old.get(column).is_null());
                !old.unwrap_or_else(|| identity.cell(child, column).is_null())
            };
            let known = |sync: &Sync<'_>| sync.child == child && sync.relation.holder() == relation.holder();
            if held.iter().any(has) && !syncs.iter().any(known) {
                syncs.push(Sync { child, parent: None, relation });
            }
        }
    }
    syncs
}

/// The updates that write these keys, each row once.
pub(super) fn steps<'r>(registry: &Registry, syncs: &[Sync<'_>]) -> Vec<Step<'r>> {
    let mut steps = Vec::new();
    let mut seen = HashSet::<Entity, foldhash::fast::RandomState>::default();
    for &mapper in registry.order().iter().flatten() {
        let children = syncs.iter().map(|sync| sync.child).filter(|child| child.mapper == mapper);
        let children: Vec<Entity> = children.filter(|&child| seen.insert(child)).collect();
        if !children.is_empty() {
            steps.push(Step::Later(mapper, children));
        }
    }
    steps
}
