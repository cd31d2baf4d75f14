//! A plan in words, for people who want to know what a flush would do.

use crate::{
    flush::{
        Plan, Step,
        dependency::{Links, Sync},
    },
    identity::{Entity, Identity, State},
    mapper::{MapperId, Registry},
    value::Value,
};

impl Plan<'_> {
    /// The plan for people: each step with its table, columns and objects. Updates that would change nothing are left out.
    pub(super) fn lines(&self, identity: &Identity, registry: &Registry) -> Vec<String> {
        let table = |mapper: &MapperId| registry.mapper(*mapper).table().name;
        let list = |entities: &[Entity]| {
            let names: Vec<String> = entities.iter().map(|&entity| identity.describe(entity)).collect();
            names.join(", ")
        };
        let pairs = |links: &Links<'_>, pairs: &[(u32, u32)]| {
            let name = |mapper, slot| identity.describe(Entity { mapper, slot });
            let (near, far) = (links.relation.owner, links.relation.target);
            let names = pairs.iter().map(|&(a, b)| format!("{} and {}", name(near, a), name(far, b)));
            names.collect::<Vec<_>>().join(", ")
        };
        let link = |links: &Links<'_>| links.relation.secondary.as_ref().map_or("", |secondary| secondary.table.name);
        let mut lines = Vec::new();
        for step in &self.steps {
            match step {
                Step::Insert(mapper, entities) => lines.push(format!("insert {}: {}", table(mapper), list(entities))),
                Step::Update(mapper, entities) => {
                    lines.extend(updates(identity, registry, table(mapper), entities, &self.syncs));
                }
                Step::Switch(mapper, pairs) => {
                    let new: Vec<Entity> = pairs.iter().map(|&(new, _)| new).collect();
                    lines.push(format!("update {} (row switch): {}", table(mapper), list(&new)));
                }
                Step::Later(mapper, entities) => {
                    lines.extend(updates(identity, registry, table(mapper), entities, &self.later));
                }
                Step::Unlink(links) => lines.push(format!("delete {}: {}", link(links), pairs(links, &links.removed))),
                Step::Link(links) => lines.push(format!("insert {}: {}", link(links), pairs(links, &links.added))),
                Step::Delete(mapper, entities) => lines.push(format!("delete {}: {}", table(mapper), list(entities))),
            }
        }
        lines
    }
}

/// A line for each set of columns that differ, with the objects that share it.
fn updates(
    identity: &Identity,
    registry: &Registry,
    table: &str,
    entities: &[Entity],
    syncs: &[Sync<'_>],
) -> Vec<String> {
    let mut groups: Vec<(Vec<usize>, Vec<String>)> = Vec::new();
    for &entity in entities {
        let mut columns: Vec<usize> = identity.changed_columns(entity).into_iter().map(usize::from).collect();
        let copied = syncs.iter().filter(|sync| sync.child == entity && changes_key(identity, sync));
        columns.extend(copied.flat_map(|sync| sync.pairs().map(|(held, _)| held)));
        columns.extend(identity.expressions(entity).iter().map(|&(column, _)| column));
        columns.sort_unstable();
        columns.dedup();
        if columns.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| *known == columns) {
            Some((_, names)) => names.push(identity.describe(entity)),
            None => groups.push((columns, vec![identity.describe(entity)])),
        }
    }
    let line = |(columns, names): (Vec<usize>, Vec<String>)| {
        let mapper = registry.mapper(entities[0].mapper);
        let columns: Vec<&str> = columns.iter().map(|&column| mapper.table().columns[column].name).collect();
        format!("update {table} ({}): {}", columns.join(", "), names.join(", "))
    };
    groups.into_iter().map(line).collect()
}

/// Whether the child's foreign key becomes another one; the key of a parent that has no row yet is another one.
fn changes_key(identity: &Identity, sync: &Sync<'_>) -> bool {
    let new = |parent: &Entity| identity.state(*parent) == State::Pending;
    sync.parent.as_ref().is_some_and(new)
        || sync.pairs().any(|(held, key)| {
            let value = sync.parent.map_or(Value::Null, |parent| identity.cell(parent, key));
            identity.cell(sync.child, held) != value
        })
}
