//! What a relationship's settings ask of its columns and of each other: checked once the join is known.

use crate::{
    error::{Error, Kind, Result},
    mapper::{
        Direction, ModelDesc, PassiveDeletes, RelationshipDesc,
        join::{full, join},
    },
};

/// The target's columns that `order_by` names, by position.
pub(super) fn order_by(ours: &ModelDesc, relationship: &RelationshipDesc) -> Result<Vec<(usize, bool)>> {
    let theirs = (relationship.target)();
    let position = |table: &str, column: &str| {
        (table == theirs.table.table.name).then(|| theirs.table.table.position(column)).flatten()
    };
    let places = relationship.order_by.iter().map(|order| {
        let (table, column) = order.column;
        let place = position(table, column).map(|place| (place, order.descending));
        place.ok_or_else(|| {
            let full = full(ours, relationship);
            Error::new(Kind::Argument, format!("relationship `{full}` is ordered by `{table}.{column}`"))
                .way_out(format!("a collection is ordered by columns of `{}`", theirs.name()))
        })
    });
    places.collect()
}

/// A relationship and the way back go along one key, one of them to one.
pub(super) fn check_directions(
    (ours, relationship, direction): (&ModelDesc, &RelationshipDesc, Direction),
    (theirs, mirror): (&ModelDesc, &RelationshipDesc),
) -> Result<()> {
    let same = direction != Direction::ManyToMany
        && join(theirs, mirror, Some(relationship)).is_ok_and(|back| back.direction == direction);
    // Each side would report it.
    if !same || (mirror.back_populates.is_some() && mirror.name < relationship.name) {
        return Ok(());
    }
    let (full, back) = (full(ours, relationship), full(theirs, mirror));
    Err(Error::new(Kind::Argument, format!("relationship `{full}` and its way back `{back}` go in the same direction"))
        .way_out("make the side that holds the key `One<…>` and the other one `Many<…>`, or say `remote_side`"))
}

/// Cascades and deletions that contradict each other or the direction.
pub(super) fn check_settings(
    ours: &ModelDesc,
    relationship: &RelationshipDesc,
    direction: Direction,
    pairs: &[(usize, usize)],
) -> Result<()> {
    let full = full(ours, relationship);
    let wrong = |what: &str, mend: &str| {
        Err(Error::new(Kind::Argument, format!("relationship `{full}` {what}")).way_out(mend.to_owned()))
    };
    let cascade = relationship.cascade;
    if direction != Direction::OneToMany && cascade.delete_orphan && !relationship.single_parent {
        return wrong(
            "has the cascade delete-orphan, but its objects can have several owners",
            "put delete-orphan on the one-to-many side, or say `single_parent` where each has one owner only",
        );
    }
    if relationship.passive_deletes == PassiveDeletes::All && (cascade.delete || cascade.delete_orphan) {
        return wrong(
            "leaves all deletions to the database and cascades them, too",
            "write `passive_deletes` without \"all\", or leave `delete` and `delete-orphan` out of the cascade",
        );
    }
    if cascade.delete_orphan && !cascade.delete {
        tracing::warn!(
            target: "realgar",
            "relationship `{full}` has the cascade delete-orphan without delete: orphans are deleted, but not what a \
             deleted owner leaves behind; write `cascade = \"all, delete-orphan\"`"
        );
    }
    if relationship.post_update {
        let theirs = (relationship.target)();
        let nullable = |&(here, there): &(usize, usize)| match direction {
            Direction::ManyToOne => ours.table.table.columns[here].nullable,
            _ => theirs.table.table.columns[there].nullable,
        };
        if direction == Direction::ManyToMany || !pairs.iter().all(nullable) {
            return wrong(
                "is `post_update`, but no foreign key that takes NULL is there to be written later",
                "make the key's field an `Option`, or say `post_update` at the relationship along the other key",
            );
        }
    }
    Ok(())
}
