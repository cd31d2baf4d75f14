//! The plan of a flush: steps as data, in the order in which they will run, printable before anything is sent.

use std::{collections::HashSet, fmt};

use crate::{
    error::Result,
    flush::{
        dependency::{Links, Sync, dependencies},
        later,
        order::{self, ByMapper},
        switch::switches,
    },
    identity::{Entity, Identity, State},
    mapper::{MapperId, Registry},
};

/// What a flush will do, step by step.
#[derive(Debug, Default)]
pub struct Plan<'r> {
    /// The steps, in order.
    pub steps: Vec<Step<'r>>,
    /// Keys to be copied before the rows that hold them are written.
    pub syncs: Vec<Sync<'r>>,
    /// Keys to be copied when all rows are there, or lost before rows go.
    pub later: Vec<Sync<'r>>,
}

/// One step of a flush.
#[derive(Debug)]
pub enum Step<'r> {
    /// New rows.
    Insert(MapperId, Vec<Entity>),
    /// Changed rows; which columns differ is seen once keys are copied.
    Update(MapperId, Vec<Entity>),
    /// Rows of deleted objects that become those of new ones: the new object, and the old one.
    Switch(MapperId, Vec<(Entity, Entity)>),
    /// Rows whose foreign key waited for other rows.
    Later(MapperId, Vec<Entity>),
    /// Association rows that go.
    Unlink(Links<'r>),
    /// Association rows that come.
    Link(Links<'r>),
    /// Rows that go.
    Delete(MapperId, Vec<Entity>),
}

/// Makes the plan: rows that are referred to come first, and go last; association rows between.
pub(super) fn plan<'r>(identity: &Identity, registry: &'r Registry) -> Result<Plan<'r>> {
    let found = dependencies(identity, registry);
    let mut plan = Plan::default();
    let switches = switches(identity, registry, &found.syncs);
    let switched: HashSet<Entity> = switches.iter().flat_map(|&(new, old)| [new, old]).collect();
    let by_mapper = |entities: &mut dyn Iterator<Item = Entity>| ByMapper::new(registry, entities);
    let taken = |entity: &Entity| switched.contains(entity);
    let persistent = |entity: &Entity| identity.state(*entity) == State::Persistent;
    let mut inserts = by_mapper(&mut identity.pending().iter().map(|&(entity, _)| entity).filter(|new| !taken(new)));
    let touched = identity.touched().iter().copied().filter(|entity| !identity.is_doomed(*entity));
    let mut seen = HashSet::<Entity, foldhash::fast::RandomState>::default();
    let synced = found.syncs.iter().map(|sync| sync.child).filter(persistent);
    let synced = synced.filter(|&child| !identity.is_touched(child) && seen.insert(child));
    let mut updates = by_mapper(&mut touched.filter(persistent).chain(synced));
    let mut deletes = by_mapper(&mut identity.doomed().iter().copied().filter(|old| persistent(old) && !taken(old)));
    let going: Vec<Entity> = deletes.all().collect();
    for group in registry.order() {
        let mut changed = Vec::new();
        for mapper in group {
            let entities = updates.take(*mapper);
            if !entities.is_empty() {
                changed.push(Step::Update(*mapper, entities));
            }
            let taken: Vec<_> = switches.iter().copied().filter(|(new, _)| new.mapper == *mapper).collect();
            if !taken.is_empty() {
                changed.push(Step::Switch(*mapper, taken));
            }
        }
        // A changed row can give up a unique value that a new one takes. Where rows of a group refer to one another,
        // the new ones come first all the same: a changed row can refer to them.
        if !order::is_circle(registry, group) {
            plan.steps.append(&mut changed);
        }
        for run in order::inserts(identity, registry, group, &mut inserts, &found.syncs)? {
            plan.steps.push(Step::Insert(run[0].mapper, run));
        }
        plan.steps.append(&mut changed);
    }
    plan.later = found.later;
    plan.later.extend(later::blanked(identity, registry, &going));
    plan.steps.extend(later::steps(registry, &plan.later));
    let (mut unlinks, mut links) = (Vec::new(), Vec::new());
    for Links { relation, added, removed } in found.links {
        if !removed.is_empty() {
            unlinks.push(Step::Unlink(Links { relation, added: Vec::new(), removed }));
        }
        if !added.is_empty() {
            links.push(Step::Link(Links { relation, added, removed: Vec::new() }));
        }
    }
    plan.steps.extend(unlinks);
    plan.steps.extend(links);
    for group in registry.order().iter().rev() {
        for run in order::deletes(identity, registry, group, &mut deletes)? {
            plan.steps.push(Step::Delete(run[0].mapper, run));
        }
    }
    plan.syncs = found.syncs;
    Ok(plan)
}

impl Plan<'_> {
    /// The plan in words, one line a step.
    #[must_use]
    pub fn describe(&self, registry: &Registry) -> String {
        use fmt::Write;

        let mut text = String::new();
        let table = |mapper: &MapperId| registry.mapper(*mapper).table().name;
        let link = |links: &Links<'_>| links.relation.secondary.as_ref().map_or("", |secondary| secondary.table.name);
        for step in &self.steps {
            let _ = match step {
                Step::Insert(mapper, entities) => writeln!(text, "insert {} x{}", table(mapper), entities.len()),
                Step::Update(mapper, entities) => writeln!(text, "update {} x{}", table(mapper), entities.len()),
                Step::Switch(mapper, pairs) => writeln!(text, "update {} x{} (row switch)", table(mapper), pairs.len()),
                Step::Later(mapper, entities) => writeln!(text, "update {} x{} (later)", table(mapper), entities.len()),
                Step::Unlink(links) => writeln!(text, "delete {} x{}", link(links), links.removed.len()),
                Step::Link(links) => writeln!(text, "insert {} x{}", link(links), links.added.len()),
                Step::Delete(mapper, entities) => writeln!(text, "delete {} x{}", table(mapper), entities.len()),
            };
        }
        text
    }
}
