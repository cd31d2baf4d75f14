//! One rule per direction: which keys are copied from parent to child, and which association rows come and go.

use std::collections::HashSet;

use crate::{
    identity::{Entity, Identity, Related, State},
    mapper::{Direction, Registry, Relation},
};

/// The foreign key of `child` takes the key of `parent`, or NULL.
#[derive(Debug, Clone, Copy)]
pub struct Sync<'r> {
    /// Whose foreign key it is.
    pub child: Entity,
    /// Whose key it takes.
    pub parent: Option<Entity>,
    /// The relationship whose columns they are.
    pub relation: &'r Relation,
}

impl Sync<'_> {
    /// Positions of the child's columns, each with that of the parent's column whose value it takes.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let ours = self.child.mapper == self.relation.owner && self.relation.direction == Direction::ManyToOne;
        self.relation.pairs.iter().map(move |&(near, far)| if ours { (near, far) } else { (far, near) })
    }
}

/// Rows of one association table that come or go: pairs of a near and a far object.
#[derive(Debug)]
pub struct Links<'r> {
    /// The relationship that writes them.
    pub relation: &'r Relation,
    /// New rows.
    pub added: Vec<(u32, u32)>,
    /// Rows to remove.
    pub removed: Vec<(u32, u32)>,
}

/// What the changed relationships ask of the rows.
#[derive(Debug, Default)]
pub(super) struct Dependencies<'r> {
    pub syncs: Vec<Sync<'r>>,
    /// Keys that are copied once all rows are there.
    pub later: Vec<Sync<'r>>,
    pub links: Vec<Links<'r>>,
}

pub(super) fn dependencies<'r>(identity: &Identity, registry: &'r Registry) -> Dependencies<'r> {
    let mut found = Dependencies::default();
    // What was changed, changed back by a load, and changed again is in the list twice.
    let changed = identity.changed();
    let mut seen =
        HashSet::<_, foldhash::fast::RandomState>::with_capacity_and_hasher(changed.len(), Default::default());
    for &(owner, index) in changed {
        let relation = registry.relation(owner.mapper, index);
        let related = identity.related(owner, index);
        if relation.viewonly || !seen.insert((owner, index)) {
            continue;
        }
        warn_of_strangers(identity, registry, owner, relation, related);
        match relation.direction {
            Direction::ManyToOne => many_to_one(identity, owner, relation, related, &mut found.syncs),
            Direction::OneToMany => one_to_many(identity, owner, relation, related, &mut found.syncs),
            Direction::ManyToMany => many_to_many(identity, registry, owner, relation, &mut found.links),
        }
    }
    found.later = found.syncs.extract_if(.., |sync| sync.relation.post_update).collect();
    found
}

fn is_written(identity: &Identity, entity: Entity) -> bool {
    matches!(identity.state(entity), State::Pending | State::Persistent) && !identity.is_doomed(entity)
}

/// Objects whose addition was rolled back, or did not travel along the relationship: nothing is written for them.
fn warn_of_strangers(identity: &Identity, registry: &Registry, owner: Entity, relation: &Relation, related: &Related) {
    let target = |slot| Entity { mapper: relation.target, slot };
    let is_stranger = |slot: &&u32| identity.state(target(**slot)) == State::Transient;
    let queued = if related.items().is_none() { related.added() } else { Vec::new() };
    for &slot in related.items().unwrap_or(&queued).iter().filter(is_stranger) {
        if is_written(identity, owner) {
            // PARITY: "Object of type … not in session, add operation along … will not proceed".
            tracing::warn!(
                target: "realgar",
                "`{}::{}` of {} holds {}, which is not in the session: nothing is written for it; `add_again` it first",
                registry.mapper(owner.mapper).name(),
                relation.name,
                identity.describe(owner),
                identity.describe(target(slot)),
            );
        }
    }
}

fn many_to_one<'r>(
    identity: &Identity,
    owner: Entity,
    relation: &'r Relation,
    related: &Related,
    to: &mut Vec<Sync<'r>>,
) {
    if let Related::One { now, .. } = related
        && related.is_changed()
        && is_written(identity, owner)
    {
        let parent = now.map(|slot| Entity { mapper: relation.target, slot });
        if parent.is_none_or(|parent| identity.state(parent) != State::Transient) {
            to.push(Sync { child: owner, parent, relation });
        }
    }
}

/// Where the child has the way back, its own side has changed in step, and says it all.
fn one_to_many<'r>(
    identity: &Identity,
    owner: Entity,
    relation: &'r Relation,
    related: &Related,
    to: &mut Vec<Sync<'r>>,
) {
    if relation.inverse.is_some() {
        return;
    }
    let child = |slot| Entity { mapper: relation.target, slot };
    for slot in related.removed() {
        let moved = to
            .iter()
            .any(|sync| sync.child == child(slot) && sync.parent.is_some() && sync.relation.index == relation.index);
        if is_written(identity, child(slot)) && !moved {
            to.push(Sync { child: child(slot), parent: None, relation });
        }
    }
    if is_written(identity, owner) {
        for slot in related.added().into_iter().filter(|&slot| is_written(identity, child(slot))) {
            to.retain(|sync| {
                sync.child != child(slot) || sync.parent.is_some() || sync.relation.index != relation.index
            });
            to.push(Sync { child: child(slot), parent: Some(owner), relation });
        }
    }
}

/// Of a pair of relationships, one writes for both; each holds the same changes.
fn many_to_many<'r>(
    identity: &Identity,
    registry: &Registry,
    owner: Entity,
    relation: &'r Relation,
    to: &mut Vec<Links<'r>>,
) {
    if !writes_secondary(registry, relation) {
        return;
    }
    let position = to.iter().position(|links| std::ptr::eq(links.relation, relation)).unwrap_or_else(|| {
        to.push(Links { relation, added: Vec::new(), removed: Vec::new() });
        to.len() - 1
    });
    let links = &mut to[position];
    let related = identity.related(owner, relation.index);
    let far = |slot| Entity { mapper: relation.target, slot };
    let added = related.added().into_iter().filter(|&slot| is_written(identity, far(slot)));
    if is_written(identity, owner) {
        links.added.extend(added.map(|far| (owner.slot, far)));
    }
    links.removed.extend(related.removed().into_iter().map(|far| (owner.slot, far)));
}

/// Whether this side writes the rows of the association table. Where only one side names the other, the other one holds
/// the changes of both.
fn writes_secondary(registry: &Registry, relation: &Relation) -> bool {
    if relation.viewonly {
        return false;
    }
    let Some(inverse) = relation.inverse else { return true };
    let mutual = registry.relation(relation.target, inverse).inverse == Some(relation.index);
    mutual && (relation.owner, relation.index) <= (relation.target, inverse)
}
