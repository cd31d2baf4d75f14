//! Relationships as the registry resolved them: direction, columns on both sides, and the way back.

use std::any::Any;

use crate::{
    error::Result,
    mapper::{Cascade, MapperId, PassiveDeletes, Strategy},
    schema::Table,
};

/// A relationship of one mapper to another, by positions instead of names.
#[derive(Debug)]
pub struct Relation {
    /// Its name.
    pub name: &'static str,
    /// Whose it is.
    pub owner: MapperId,
    /// Its position among the owner's relationships.
    pub index: u16,
    /// Who stands at the other end.
    pub target: MapperId,
    /// Which side holds the foreign key.
    pub direction: Direction,
    /// Whether there can be several at the other end.
    pub many: bool,
    /// Column pairs: ours, and theirs (or the association table's near side is in `secondary`).
    pub pairs: Vec<(usize, usize)>,
    /// The association table.
    pub secondary: Option<Secondary>,
    /// The relationship of the target that is kept in step with this one.
    pub inverse: Option<u16>,
    /// What travels along it.
    pub cascade: Cascade,
    /// How it is loaded when nothing else is said.
    pub lazy: Strategy,
    /// Columns of the target that a collection is ordered by, and whether the largest comes first.
    pub order_by: Vec<(usize, bool)>,
    /// Read only: nothing is written for it.
    pub viewonly: bool,
    /// What a deletion leaves to the database.
    pub passive_deletes: PassiveDeletes,
    /// The foreign key is written by an UPDATE of its own.
    pub post_update: bool,
    /// Nobody at the other end has two owners.
    pub single_parent: bool,
    /// Where it is joined in: by an inner join.
    pub innerjoin: bool,
    /// Joined with itself by the mapping: so deep; none: not at all.
    pub join_depth: Option<u32>,
    /// What a function of the user's says of an object that is to be related.
    pub validate: Option<fn(&dyn Any) -> Result<()>>,
}

/// Which side holds the foreign key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The other side does.
    OneToMany,
    /// This side does.
    ManyToOne,
    /// An association table does, for both.
    ManyToMany,
}

/// An association table between two mappers.
#[derive(Debug)]
pub struct Secondary {
    /// The table.
    pub table: &'static Table,
    /// Our column, and the association table's column that holds it.
    pub near: Vec<(usize, &'static str)>,
    /// Their column, and the association table's column that holds it.
    pub far: Vec<(usize, &'static str)>,
}

impl Relation {
    /// Our columns, in the order of the pairs: what names the rows at the other end.
    pub fn ours(&self) -> impl Iterator<Item = usize> + '_ {
        let near = self.secondary.iter().flat_map(|secondary| secondary.near.iter().map(|&(ours, _)| ours));
        self.pairs.iter().map(|&(ours, _)| ours).chain(near)
    }

    /// Who holds the foreign key, and its columns; nobody where an association table does.
    #[must_use]
    pub fn holder(&self) -> Option<(MapperId, Vec<usize>)> {
        match self.direction {
            Direction::ManyToOne => Some((self.owner, self.pairs.iter().map(|&(ours, _)| ours).collect())),
            Direction::OneToMany => Some((self.target, self.pairs.iter().map(|&(_, theirs)| theirs).collect())),
            Direction::ManyToMany => None,
        }
    }
}
