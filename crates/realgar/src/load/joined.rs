//! What an outer join brought, sorted to its owners, each object once.

use std::collections::{HashMap, HashSet};

use crate::{
    identity::{Entity, Identity},
    mapper::Relation,
};

/// From this length on, a hash set tells duplicates; below it, looking is faster.
const LONG: usize = 16;

/// For so many objects, room is made before they come.
const MOST: usize = 64;

/// Objects by owner, in the order in which rows brought them.
#[derive(Default)]
pub(super) struct Joined {
    owners: Vec<(u32, Vec<u32>)>,
    positions: HashMap<u32, usize, foldhash::fast::RandomState>,
    /// The owner of the last row: rows of one owner mostly follow one another.
    last: usize,
    /// How much the owner before had: the next one will have about as much.
    usual: usize,
    long: HashSet<(u32, u32), foldhash::fast::RandomState>,
}

impl Joined {
    /// With room for so many owners.
    pub(super) fn of(owners: usize) -> Joined {
        let mut joined = Joined::default();
        joined.owners.reserve(owners);
        joined.positions.reserve(owners);
        joined
    }

    /// Notes a row: this object belongs to this owner, or nobody does.
    pub(super) fn add(&mut self, owner: u32, item: Option<u32>) {
        if self.owners.get(self.last).is_none_or(|(last, _)| *last != owner) {
            self.usual = self.owners.get(self.last).map_or(0, |(_, items)| items.len());
            let next = self.owners.len();
            self.last = *self.positions.entry(owner).or_insert(next);
            if self.last == next {
                self.owners.push((owner, Vec::new()));
            }
        }
        let Some(item) = item else { return };
        let items = &mut self.owners[self.last].1;
        let new = match items.len() {
            0..LONG => !items.contains(&item),
            LONG => {
                self.long.extend(items.iter().map(|&item| (owner, item)));
                self.long.insert((owner, item))
            }
            _ => self.long.insert((owner, item)),
        };
        if new {
            if items.is_empty() {
                items.reserve_exact(self.usual.clamp(1, MOST));
            }
            items.push(item);
        }
    }

    /// Gives every owner what belongs to it; a relationship that is loaded already stays as it is.
    pub(super) fn hand_over(self, identity: &mut Identity, relation: &Relation) {
        for (owner, mut items) in self.owners {
            let owner = Entity { mapper: relation.owner, slot: owner };
            if !relation.many && items.len() > 1 {
                tracing::warn!(
                    target: "realgar",
                    "`{}::{}` of {} found {} rows where one was wanted, and takes the first: make it a `Many`, or the key \
                     unique",
                    identity.mapper(owner).name(),
                    relation.name,
                    identity.describe(owner),
                    items.len(),
                );
                items.truncate(1);
            }
            identity.fill(owner, relation, items);
        }
    }
}
