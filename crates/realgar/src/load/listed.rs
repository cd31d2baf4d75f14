//! One SELECT for many owners: what is sent, and whose what comes back is.

use std::{collections::HashMap, sync::Arc};

use crate::{
    error::{Error, Kind, Result},
    identity::{Entity, Identity},
    load::{Loader, joined::Joined},
    mapper::Relation,
    query::{Branch, Compiled, Met, Taken},
    sql::Select,
    value::{Key, KeyCells, Row, Value},
};

/// A statement of a relationship, ready to be sent.
pub(super) struct Listed {
    pub(super) compiled: Arc<Compiled>,
    pub(super) params: Vec<Value<'static>>,
    /// Where in a row the key stands.
    key: KeyCells,
    /// The column of the object in the row that is the key, where it is one.
    held: Option<usize>,
    to_many: bool,
    /// To many: the owners by their keys. To one: who was found, by theirs.
    pub(super) by_key: HashMap<Key, u32, foldhash::fast::RandomState>,
    /// To many: what belongs to each owner.
    pub(super) joined: Joined,
    /// The owner of the last row: rows of one owner mostly follow one another.
    last: Option<(Key, u32)>,
}

impl Listed {
    /// What belongs to these owners.
    pub(super) fn to_many(
        loader: &Loader<'_>,
        relation: &Relation,
        owners: &[u32],
        found_by: Option<&Select>,
        branch: &Branch,
    ) -> Result<Listed> {
        let compiled = plan(loader, relation, found_by, branch)?;
        let ours: Vec<usize> = relation.ours().collect();
        let mut by_key = HashMap::<Key, u32, foldhash::fast::RandomState>::default();
        by_key.reserve(owners.len());
        let mut values: Vec<Value<'static>> = Vec::with_capacity(owners.len() * ours.len());
        let mut joined = Joined::of(owners.len());
        for &slot in owners {
            joined.add(slot, None); // an owner of nothing is loaded, too
            let owner = Entity { mapper: relation.owner, slot };
            let cells = || ours.iter().map(|&column| loader.identity.cell(owner, column));
            if let Some(key) = Key::new(cells()) {
                values.extend(cells().map(Value::into_owned));
                by_key.insert(key, slot);
            }
        }
        let params = match found_by {
            Some(_) => compiled.sql.params.clone(),
            None => compiled.with_values(vec![loader.list(&values, ours.len())?]),
        };
        // Where in a row the owner's key stands: in the foreign key, or behind the entity for an association table.
        let types = ours.iter().map(|&column| loader.registry.mapper(relation.owner).table().columns[column].r#type);
        let key = match &relation.secondary {
            Some(_) => KeyCells::new((0..ours.len()).map(|index| compiled.extra_at + index).zip(types)),
            None => KeyCells::new(relation.pairs.iter().map(|&(_, theirs)| compiled.nodes[0].at + theirs).zip(types)),
        };
        let held = match &relation.pairs[..] {
            [(_, theirs)] if relation.secondary.is_none() => Some(*theirs),
            _ => None,
        };
        Ok(Listed { compiled, params, key, held, to_many: true, by_key, joined, last: None })
    }

    /// Who has these keys.
    pub(super) fn to_one(
        loader: &Loader<'_>,
        relation: &Relation,
        keys: &[Key],
        found_by: Option<&Select>,
        branch: &Branch,
    ) -> Result<Listed> {
        let compiled = plan(loader, relation, found_by, branch)?;
        let owner = loader.registry.mapper(relation.owner).table();
        let secret = relation.ours().any(|column| owner.columns[column].secret);
        let values = keys.iter().flat_map(Key::values);
        let values: Vec<Value<'_>> = values.map(|value| if secret { value.veil() } else { value }).collect();
        let params = match found_by {
            Some(_) => compiled.sql.params.clone(),
            None => compiled.with_values(vec![loader.list(&values, relation.pairs.len())?]),
        };
        let table = loader.registry.mapper(relation.target).table();
        let place = |&(_, theirs): &(usize, usize)| (compiled.nodes[0].at + theirs, table.columns[theirs].r#type);
        let key = KeyCells::new(relation.pairs.iter().map(place));
        let (by_key, joined) = (HashMap::default(), Joined::default());
        Ok(Listed { compiled, params, key, held: None, to_many: false, by_key, joined, last: None })
    }

    /// Sorts a row to whom it belongs.
    pub(super) fn take(&mut self, taken: &Taken<'_>) -> Result<()> {
        let Some(slot) = taken.entities[0].slot() else { return Ok(()) };
        let key = self.key.read(taken.row, 0)?;
        self.sort(slot, key)
    }

    /// The same for a row that brings one object and nothing else. Where the row has just become the object, its foreign
    /// key is read there: that is faster.
    pub(super) fn take_object(&mut self, identity: &Identity, row: &dyn Row, met: Met) -> Result<()> {
        let Some(slot) = met.slot() else { return Ok(()) };
        let entity = Entity { mapper: met.owner.mapper(), slot };
        let key = match self.held {
            Some(column) if identity.has_just_come(entity) => Key::single(identity.cell(entity, column)),
            _ => self.key.read(row, 0)?,
        };
        self.sort(slot, key)
    }

    fn sort(&mut self, slot: u32, key: Option<Key>) -> Result<()> {
        let Some(key) = key else { return Ok(()) };
        if !self.to_many {
            self.by_key.insert(key, slot);
            return Ok(());
        }
        let owner = match &self.last {
            Some((known, owner)) if *known == key => Some(*owner),
            _ => self.by_key.get(&key).copied(),
        };
        if let Some(owner) = owner {
            self.joined.add(owner, Some(slot));
            self.last = Some((key, owner));
        }
        Ok(())
    }
}

/// The select for a relationship of many owners: listed, or found by a query.
fn plan(loader: &Loader<'_>, relation: &Relation, found_by: Option<&Select>, branch: &Branch) -> Result<Arc<Compiled>> {
    let dialect = loader.transaction.engine().dialect();
    let cells = |handle, columns: &[usize]| loader.identity.cells(handle, columns);
    match found_by {
        Some(owners) => loader.plans.by_owners(loader.registry, dialect, relation, owners, branch, &cells),
        None => loader.plans.by_relation(loader.registry, dialect, relation, true, branch, &cells),
    }
}

impl Loader<'_> {
    /// The values as one parameter.
    pub(super) fn list(&self, values: &[Value<'_>], columns: usize) -> Result<Value<'static>> {
        let dialect = self.transaction.engine().dialect();
        dialect.list(values, columns).ok_or_else(|| {
            Error::new(Kind::Unsupported, format!("{} cannot look up a list of keys of this type", dialect.name))
                .way_out("load with `.joined()`, or one by one with `.select()`")
        })
    }
}
