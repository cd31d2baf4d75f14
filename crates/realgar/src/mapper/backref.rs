//! Ways back without a field: `backref = author` on `User::posts` makes `Post::author`.
//!
//! The derive of the owner writes the constant and its description. Whether the way back of a `One` is to one or to many
//! depends on who holds the foreign key, which a derive cannot see: constants of both tables say it while compiling.

use std::marker::PhantomData;

use crate::{
    mapper::{Cardinality, Many, Model, One, TableDesc, route::is_key},
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
        return is_key(owner, remote_side); // the other end is the row's key, unless `remote_side` names other columns
    }
    let keys = owner.table.foreign_keys;
    let mut index = 0;
    while index < keys.len() {
        if same(keys[index].table, target.table.name) && all_among(foreign_keys, keys[index].columns) {
            return true;
        }
        index += 1;
    }
    false
}
