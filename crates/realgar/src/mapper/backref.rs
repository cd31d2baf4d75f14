//! Ways back without a field: `backref = author` on `User::posts` makes `Post::author`.
//!
//! The derive of the owner writes the constant and its description. Whether the way back of a `One` is to one or to many
//! depends on who holds the foreign key, which a derive cannot see: constants of both tables say it while compiling.

use std::marker::PhantomData;

use crate::{
    mapper::{Cardinality, Many, Model, One, TableDesc, route::is_referred},
    schema::names::{all_among, same},
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
        return is_referred(owner, remote_side); // the other end is the row, unless `remote_side` names other columns
    }
    let keys = owner.table.foreign_keys;
    let mut index = 0;
    while index < keys.len() {
        if same(keys[index].table, target.table.name) && all_among(foreign_keys, keys[index].columns) {
            return true;
        }
        index += 1;
    }
    // Without any foreign key there is `primaryjoin`, and a relationship to one holds its key, unless `foreign_keys` says
    // otherwise.
    !refers(owner, target) && !refers(target, owner) && holds_all(owner, foreign_keys)
}

const fn refers(holder: &TableDesc, to: &TableDesc) -> bool {
    let (mut index, keys) = (0, holder.table.foreign_keys);
    while index < keys.len() {
        if same(keys[index].table, to.table.name) {
            return true;
        }
        index += 1;
    }
    false
}

const fn holds_all(table: &TableDesc, names: &[&str]) -> bool {
    let mut index = 0;
    while index < names.len() {
        if !table.table.holds(names[index]) {
            return false;
        }
        index += 1;
    }
    true
}
