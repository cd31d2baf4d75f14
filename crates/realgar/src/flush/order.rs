//! The order of rows. Between tables the foreign keys say it; in a table that refers to itself, and in tables that refer
//! to one another in a circle, it is found row by row.

use std::collections::{HashMap, VecDeque};

use crate::{
    error::{Error, Kind, Result},
    flush::{dependency::Sync, later::is_later},
    identity::{Entity, Identity},
    mapper::{MapperId, Registry},
    value::{Key, Value},
};

/// Objects, by mapper.
pub(super) struct ByMapper(Vec<Vec<Entity>>);

impl ByMapper {
    pub(super) fn new(registry: &Registry, entities: &mut dyn Iterator<Item = Entity>) -> ByMapper {
        let mut by_mapper = vec![Vec::new(); registry.mappers().len()];
        entities.for_each(|entity| by_mapper[entity.mapper.0 as usize].push(entity));
        ByMapper(by_mapper)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Entity> {
        self.0.iter().flatten().copied()
    }

    pub(super) fn take(&mut self, mapper: MapperId) -> Vec<Entity> {
        std::mem::take(&mut self.0[mapper.0 as usize])
    }
}

/// The new rows of a group of tables, as runs of rows of one table, parents before children.
pub(super) fn inserts(
    identity: &Identity,
    registry: &Registry,
    group: &[MapperId],
    rows: &mut ByMapper,
    syncs: &[Sync<'_>],
) -> Result<Vec<Vec<Entity>>> {
    if !is_circle(registry, group) {
        let rows = rows.take(group[0]);
        return Ok(if rows.is_empty() { Vec::new() } else { vec![rows] });
    }
    let rows = take(group, rows);
    let edges = syncs.iter().filter_map(|sync| sync.parent.map(|parent| (parent, sync.child)));
    // A row can refer to itself, unless the database makes its key.
    let unknown =
        |row: Entity| identity.mapper(row).generated.is_some_and(|column| identity.cell(row, column) == Value::Int(0));
    let edges = edges.filter(|&(parent, child)| parent != child || unknown(child));
    sort(identity, rows, edges)
}

/// The rows of a group of tables that go, as runs of rows of one table, children before parents.
pub(super) fn deletes(
    identity: &Identity,
    registry: &Registry,
    group: &[MapperId],
    rows: &mut ByMapper,
) -> Result<Vec<Vec<Entity>>> {
    if !is_circle(registry, group) {
        let rows = rows.take(group[0]);
        return Ok(if rows.is_empty() { Vec::new() } else { vec![rows] });
    }
    let rows = take(group, rows);
    let mut edges = Vec::new();
    for &child in &rows {
        let keys = identity.mapper(child).table().foreign_keys.iter();
        for key in keys.filter(|key| !is_later(registry, child.mapper, key)) {
            let parent = referred(identity, registry, child, key, &rows).filter(|&parent| parent != child);
            edges.extend(parent.map(|parent| (child, parent)));
        }
    }
    sort(identity, rows, edges.into_iter())
}

/// The known row that a foreign key of this row points at, as the database has it.
fn referred(
    identity: &Identity,
    registry: &Registry,
    child: Entity,
    key: &crate::schema::ForeignKey,
    rows: &[Entity],
) -> Option<Entity> {
    let target = registry.by_table(key.table)?;
    let table = identity.mapper(child).table();
    let held = |column: &str| {
        let position = table.position(column)?;
        Some(identity.was(child, position))
    };
    let columns = target.key.iter().map(|&position| target.table().columns[position].name);
    let values: Option<Vec<_>> = columns
        .map(|name| {
            key.references.iter().position(|referred| *referred == name).and_then(|found| held(key.columns[found]))
        })
        .collect();
    match values {
        Some(values) => identity.find(target.id, &Key::new(values)?),
        // The key of another unique column: the identity map does not know it, so the rows at hand are looked through.
        None => {
            let places = key.columns.iter().zip(key.references);
            let places = places.map(|(here, there)| Some((table.position(here)?, target.table().position(there)?)));
            let pairs: Vec<(usize, usize)> = places.collect::<Option<_>>()?;
            let is_parent = |row: &&Entity| {
                row.mapper == target.id
                    && pairs.iter().all(|&(here, there)| identity.was(child, here) == identity.was(**row, there))
            };
            rows.iter().find(is_parent).copied()
        }
    }
}

/// Whether rows of the group can refer to rows of the group.
pub(super) fn is_circle(registry: &Registry, group: &[MapperId]) -> bool {
    let mapper = registry.mapper(group[0]);
    let table = mapper.table();
    // A relationship with itself can go without a foreign key.
    let to_itself =
        mapper.relations.iter().any(|relation| relation.target == mapper.id && relation.secondary.is_none());
    group.len() > 1 || table.foreign_keys.iter().any(|key| key.table == table.name) || to_itself
}

/// The rows of the group, in one list.
fn take(group: &[MapperId], rows: &mut ByMapper) -> Vec<Entity> {
    group.iter().flat_map(|&mapper| rows.take(mapper)).collect()
}

/// Kahn's algorithm; rows without an order between them stay in the order given.
fn sort(
    identity: &Identity,
    rows: Vec<Entity>,
    edges: impl Iterator<Item = (Entity, Entity)>,
) -> Result<Vec<Vec<Entity>>> {
    let positions: HashMap<Entity, usize> = rows.iter().enumerate().map(|(position, &row)| (row, position)).collect();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut waits = vec![0_usize; rows.len()];
    for (first, second) in edges {
        if let (Some(&first), Some(&second)) = (positions.get(&first), positions.get(&second)) {
            after[first].push(second);
            waits[second] += 1;
        }
    }
    let mut ready: VecDeque<usize> = (0..rows.len()).filter(|&row| waits[row] == 0).collect();
    let mut sorted: Vec<Entity> = Vec::with_capacity(rows.len());
    while let Some(row) = ready.pop_front() {
        sorted.push(rows[row]);
        for &next in &after[row] {
            waits[next] -= 1;
            if waits[next] == 0 {
                ready.push_back(next);
            }
        }
    }
    if sorted.len() < rows.len() {
        let stuck = (0..rows.len()).filter(|&row| waits[row] > 0).take(5);
        let names: Vec<String> = stuck.map(|row| identity.describe(rows[row])).collect();
        return Err(Error::new(
            Kind::CircularDependency,
            format!("rows depend on one another in a circle: {}", names.join(", ")),
        )
        .way_out(
            "say `post_update` at one of the relationships, or flush a row without its reference first and set it then",
        ));
    }
    Ok(sorted.chunk_by(|a, b| a.mapper == b.mapper).map(<[Entity]>::to_vec).collect())
}
