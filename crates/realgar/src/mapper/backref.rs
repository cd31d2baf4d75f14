//! Ways back without a field: `backref = author` on `User::posts` makes `Post::author`.
//!
//! The derive of the owner writes the constant and its description. Whether the way back of a `One` is to one or to many
//! depends on who holds the foreign key, which a derive cannot see: constants of both tables say it while compiling.

use std::marker::PhantomData;

use crate::{
    mapper::{Cardinality, Many, Model, One, TableDesc, model::same},
    schema::ForeignKey,
};

/// The way back to `M`.
pub struct Back<M>(PhantomData<fn() -> M>);

/// The type of a way back; `HELD`: the owner's table holds the foreign key.
pub trait WayBack<const HELD: bool> {
    /// `Many<M>` where the owner holds the key, `One<Option<M>>` where the other side does.
    type Type: Cardinality;
}

impl<M: Model> WayBack<true> for Back<M> {
    type Type = Many<M>;
}

impl<M: Model> WayBack<false> for Back<M> {
    type Type = One<Option<M>>;
}

/// Whether a relationship to one from `owner` to `target` goes along a foreign key of the owner's.
#[must_use]
pub const fn holds_key(owner: &TableDesc, target: &TableDesc, foreign_keys: &[&str], remote_side: &[&str]) -> bool {
    if same(owner.table.name, target.table.name) {
        return all_keys(owner, remote_side);
    }
    let keys = owner.table.foreign_keys;
    let mut index = 0;
    while index < keys.len() {
        if same(keys[index].table, target.table.name) && has_all(&keys[index], foreign_keys) {
            return true;
        }
        index += 1;
    }
    false
}

/// The other end of a self-reference is the row's key, unless `remote_side` names other columns.
const fn all_keys(owner: &TableDesc, remote_side: &[&str]) -> bool {
    let mut index = 0;
    while index < remote_side.len() {
        let columns = owner.table.columns;
        let (mut column, mut is_key) = (0, false);
        while column < columns.len() {
            is_key |= columns[column].primary_key && same(columns[column].name, remote_side[index]);
            column += 1;
        }
        if !is_key {
            return false;
        }
        index += 1;
    }
    true
}

const fn has_all(key: &ForeignKey, columns: &[&str]) -> bool {
    let mut index = 0;
    while index < columns.len() {
        let (mut held, mut found) = (0, false);
        while held < key.columns.len() {
            found |= same(key.columns[held], columns[index]);
            held += 1;
        }
        if !found {
            return false;
        }
        index += 1;
    }
    true
}
