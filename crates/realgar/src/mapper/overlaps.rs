//! Relationships that write the same column without being a pair: which of them wins is chance, so they are warned about.

use std::collections::HashMap;

use crate::mapper::{Mapper, Relation, RelationshipDesc};

/// Warns of every two relationships that write one column and neither are each other's way back nor say `overlaps`.
///
/// PARITY: "relationship X will copy column Q to column P, which conflicts with relationship(s): …".
pub(super) fn warn_of_overlaps(mappers: &[Mapper], written: &[Vec<&'static RelationshipDesc>]) {
    let mut writers: HashMap<(&str, &str), Vec<&Relation>> = HashMap::new();
    for relation in mappers.iter().flat_map(|mapper| &mapper.relations).filter(|relation| !relation.viewonly) {
        for column in columns(mappers, relation) {
            let others = writers.entry(column).or_default();
            let may = |other: &&&Relation| {
                let told = |a: &Relation, b: &Relation| described(written, a).overlaps.contains(&b.name);
                !is_pair(relation, other) && !told(relation, other) && !told(other, relation)
            };
            if let Some(other) = others.iter().find(may) {
                warn(mappers, relation, other, column);
            }
            others.push(relation);
        }
    }
}

fn described(written: &[Vec<&'static RelationshipDesc>], relation: &Relation) -> &'static RelationshipDesc {
    written[relation.owner.0 as usize][relation.index as usize]
}

fn is_pair(a: &Relation, b: &Relation) -> bool {
    let names = |a: &Relation, b: &Relation| a.inverse == Some(b.index) && a.target == b.owner;
    std::ptr::eq(a, b) || names(a, b) || names(b, a)
}

/// The columns that the flush writes for it: table and column.
fn columns<'a>(mappers: &'a [Mapper], relation: &'a Relation) -> Vec<(&'a str, &'a str)> {
    if let Some(secondary) = &relation.secondary {
        let both = secondary.near.iter().chain(&secondary.far);
        return both.map(|&(_, column)| (secondary.table.name, column)).collect();
    }
    let Some((holder, columns)) = relation.holder() else { return Vec::new() };
    let table = mappers[holder.0 as usize].table();
    columns.into_iter().map(|column| (table.name, table.columns[column].name)).collect()
}

fn warn(mappers: &[Mapper], relation: &Relation, other: &Relation, (table, column): (&str, &str)) {
    let name = |relation: &Relation| format!("{}::{}", mappers[relation.owner.0 as usize].name(), relation.name);
    tracing::warn!(
        target: "realgar",
        "relationships `{}` and `{}` both write `{table}.{column}`: make them a pair by `back_populates`, one of them \
         `viewonly`, or say `overlaps = {}` at the first",
        name(relation),
        name(other),
        other.name,
    );
}
