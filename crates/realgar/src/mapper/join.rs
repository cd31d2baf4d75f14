//! From foreign keys to joins: which columns link two tables, and in which direction.

use crate::{
    error::{Error, Kind, Result},
    mapper::{Direction, JoinDesc, ModelDesc, RelationshipDesc, Secondary, TableDesc},
    schema::{ForeignKey, Table},
};

/// Which columns a relationship goes along.
pub(super) struct Join {
    pub direction: Direction,
    pub pairs: Vec<(usize, usize)>,
    pub secondary: Option<Secondary>,
}

/// The join of a relationship; `mirror` is the relationship it back-populates, whose joins serve this one too.
pub(super) fn join(
    owner: &ModelDesc,
    relationship: &RelationshipDesc,
    mirror: Option<&RelationshipDesc>,
) -> Result<Join> {
    let target = (relationship.target)();
    match relationship.secondary {
        Some(secondary) => through(owner, target, relationship, mirror, secondary()),
        None => direct(owner, target, relationship, mirror),
    }
}

fn direct(
    owner: &ModelDesc,
    target: &ModelDesc,
    relationship: &RelationshipDesc,
    mirror: Option<&RelationshipDesc>,
) -> Result<Join> {
    let (ours, theirs) = (&owner.table.table, &target.table.table);
    let chosen = |key: &ForeignKey, holder: &Table| {
        named(key, holder, relationship) && mirror.is_none_or(|mirror| named(key, holder, mirror))
    };
    let forward = ours.foreign_keys.iter().filter(|key| key.table == theirs.name && chosen(key, ours));
    let backward = theirs.foreign_keys.iter().filter(|key| key.table == ours.name && chosen(key, theirs));
    let itself = ours.name == theirs.name;
    let remote_is_key =
        relationship.remote_side.iter().all(|&side| ours.primary_key().any(|key| ours.columns[key].name == side));
    // A self-reference has one key that could be read both ways: `Many` is one-to-many and `One` many-to-one,
    // unless `remote_side` says otherwise.
    let (use_forward, use_backward) = match (relationship.many, itself) {
        (true, _) => (false, true),
        (false, true) => (remote_is_key, !remote_is_key),
        (false, false) => (true, true),
    };
    let forward = forward.filter(|_| use_forward).map(|key| (Direction::ManyToOne, key));
    let backward = backward.filter(|_| use_backward).map(|key| (Direction::OneToMany, key));
    let found: Vec<_> = forward.chain(backward).collect();
    let (direction, key) = match found[..] {
        [one] => one,
        [] => return Err(no_key(owner, target, relationship)),
        _ => return Err(several_keys(owner, target, relationship, &found)),
    };
    let pairs = match direction {
        Direction::ManyToOne => pairs(owner, key, ours, theirs)?,
        _ => pairs(target, key, theirs, ours)?.into_iter().map(|(here, there)| (there, here)).collect(),
    };
    Ok(Join { direction, pairs, secondary: None })
}

/// Whether a foreign key is the one that `foreign_keys` or `primaryjoin` names; without these, any is.
fn named(key: &ForeignKey, holder: &Table, relationship: &RelationshipDesc) -> bool {
    let listed = relationship.foreign_keys.is_empty()
        || (key.columns.len() == relationship.foreign_keys.len()
            && relationship.foreign_keys.iter().all(|column| key.columns.contains(column)));
    let joined = relationship.primaryjoin.is_none_or(|join| pair_of(&join, holder.name, key));
    listed && joined
}

fn pair_of(join: &JoinDesc, holder: &str, key: &ForeignKey) -> bool {
    let here = |(table, column): (&str, &str)| table == holder && key.columns == [column];
    let there = |(table, column): (&str, &str)| table == key.table && key.references == [column];
    (here(join.left) && there(join.right)) || (here(join.right) && there(join.left))
}

fn through(
    owner: &ModelDesc,
    target: &ModelDesc,
    relationship: &RelationshipDesc,
    mirror: Option<&RelationshipDesc>,
    secondary: &TableDesc,
) -> Result<Join> {
    let table = &secondary.table;
    let primary = relationship.primaryjoin.or(mirror.and_then(|mirror| mirror.secondaryjoin));
    let second = relationship.secondaryjoin.or(mirror.and_then(|mirror| mirror.primaryjoin));
    let mut near = keys_to(table, owner, primary);
    let mut far = keys_to(table, target, second);
    // With one end named, the other end of a self-reference is the key that is left.
    if near.len() == 1 {
        far.retain(|key| *key != near[0]);
    } else if far.len() == 1 {
        near.retain(|key| *key != far[0]);
    }
    let one = |keys: &[&'static ForeignKey], end: &ModelDesc, word: &str| match keys {
        [key] => Ok(*key),
        [] => Err(Error::new(
            Kind::NoForeignKeys,
            format!(
                "relationship `{}`: no foreign key links `{}` and `{}`",
                full(owner, relationship),
                table.name,
                end.table.table.name
            ),
        )
        .way_out(format!(
            "add `#[column(foreign_key = {}::…)]` to a field of `{}`",
            end.name(),
            secondary.name
        ))),
        _ => Err(Error::new(
            Kind::AmbiguousForeignKeys,
            format!(
                "relationship `{}`: several foreign keys link `{}` and `{}`",
                full(owner, relationship),
                table.name,
                end.table.table.name
            ),
        )
        .way_out(format!("say which: `{word} = {}::… == {}::…`", end.name(), secondary.name))),
    };
    let (near, far) = (one(&near, owner, "primaryjoin")?, one(&far, target, "secondaryjoin")?);
    let side = |key: &'static ForeignKey, end: &ModelDesc| -> Result<Vec<(usize, &'static str)>> {
        let columns = key.columns.iter().zip(key.references);
        columns.map(|(&here, &there)| Ok((referenced(secondary, key, &end.table.table, there)?, here))).collect()
    };
    Ok(Join {
        direction: Direction::ManyToMany,
        pairs: Vec::new(),
        secondary: Some(Secondary { table: table_of(relationship), near: side(near, owner)?, far: side(far, target)? }),
    })
}

fn table_of(relationship: &RelationshipDesc) -> &'static Table {
    &relationship.secondary.expect("asked for relationships with one")().table
}

fn keys_to(table: &Table, end: &ModelDesc, join: Option<JoinDesc>) -> Vec<&'static ForeignKey> {
    let keys = table.foreign_keys.iter().filter(|key| key.table == end.table.table.name);
    keys.filter(|key| join.is_none_or(|join| pair_of(&join, table.name, key))).collect()
}

fn pairs(holder: &ModelDesc, key: &ForeignKey, here: &Table, there: &Table) -> Result<Vec<(usize, usize)>> {
    let columns = key.columns.iter().zip(key.references);
    columns
        .map(|(&ours, &theirs)| {
            let position =
                here.position(ours).ok_or_else(|| Error::bug("a foreign key of a column that is not there"))?;
            Ok((position, referenced(holder.table, key, there, theirs)?))
        })
        .collect()
}

fn referenced(holder: &TableDesc, key: &ForeignKey, there: &Table, column: &str) -> Result<usize> {
    there.position(column).ok_or_else(|| {
        Error::new(
            Kind::NoReferencedColumn,
            format!("foreign key of `{}`: table `{}` has no column `{column}`", holder.name, key.table),
        )
        .way_out(format!("name a column that `{}` has", key.table))
    })
}

pub(super) fn full(owner: &ModelDesc, relationship: &RelationshipDesc) -> String {
    format!("{}::{}", owner.name(), relationship.name)
}

fn no_key(owner: &ModelDesc, target: &ModelDesc, relationship: &RelationshipDesc) -> Error {
    let (holder, referred) = if relationship.many { (target, owner) } else { (owner, target) };
    Error::new(
        Kind::NoForeignKeys,
        format!(
            "relationship `{}`: no foreign key links `{}` and `{}`",
            full(owner, relationship),
            owner.table.table.name,
            target.table.table.name
        ),
    )
    .way_out(format!("add `#[column(foreign_key = {})]` to a field of `{}`", key_of(referred), holder.name()))
}

/// `User::id`, where the key is one column.
fn key_of(model: &ModelDesc) -> String {
    let table = &model.table.table;
    let mut key = table.primary_key().map(|position| table.columns[position].name);
    match (key.next(), key.next()) {
        (Some(column), None) => format!("{}::{column}", model.name()),
        _ => format!("{}::…", model.name()),
    }
}

fn several_keys(
    owner: &ModelDesc,
    target: &ModelDesc,
    relationship: &RelationshipDesc,
    found: &[(Direction, &ForeignKey)],
) -> Error {
    let named = |&(direction, key): &(Direction, &ForeignKey)| {
        let holder = if direction == Direction::ManyToOne { owner } else { target };
        let columns: Vec<String> = key.columns.iter().map(|column| format!("{}::{column}", holder.name())).collect();
        match &columns[..] {
            [column] => format!("`foreign_keys = {column}`"),
            columns => format!("`foreign_keys = ({})`", columns.join(", ")),
        }
    };
    let ways: Vec<String> = found.iter().map(named).collect();
    Error::new(
        Kind::AmbiguousForeignKeys,
        format!(
            "relationship `{}`: several foreign keys link `{}` and `{}`",
            full(owner, relationship),
            owner.table.table.name,
            target.table.table.name
        ),
    )
    .way_out(format!("say in `#[relationship(…)]` which one is meant: {}", ways.join(" or ")))
}
