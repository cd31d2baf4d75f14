//! From foreign keys to joins: the positions of the columns that link two tables.

use crate::{
    error::{Error, Kind, Result},
    mapper::{Direction, Secondary, TableDesc, link::Link, route::Route},
    schema::{ForeignKey, Table},
};

/// Which columns a relationship goes along.
pub(super) struct Join {
    pub pairs: Vec<(usize, usize)>,
    pub secondary: Option<Secondary>,
}

/// The join of a relationship along its foreign keys.
pub(super) fn join(link: &Link, route: Route) -> Result<Join> {
    let (ours, theirs) = (link.ours.table, link.theirs.table);
    if let (Some(far), Some(secondary)) = (route.far, link.relationship.secondary) {
        let (near, far) = (ends(secondary, route.near, &ours.table)?, ends(secondary, far, &theirs.table)?);
        return Ok(Join { pairs: Vec::new(), secondary: Some(Secondary { table: &secondary.table, near, far }) });
    }
    let pairs = match route.direction {
        Direction::ManyToOne => pairs(ours, route.near, &theirs.table)?,
        _ => pairs(theirs, route.near, &ours.table)?.into_iter().map(|(here, there)| (there, here)).collect(),
    };
    Ok(Join { pairs, secondary: None })
}

/// The target's columns that `order_by` names, by position.
pub(super) fn order_by(link: &Link) -> Result<Vec<(usize, bool)>> {
    let theirs = &link.theirs.table.table;
    let orders = link.relationship.order_by.iter().map(|order| {
        let place = theirs.position(order.column.1).map(|place| (place, order.descending));
        place.ok_or_else(|| Error::bug("a collection ordered by a column that is not there"))
    });
    orders.collect()
}

fn pairs(holder: &TableDesc, key: &ForeignKey, there: &Table) -> Result<Vec<(usize, usize)>> {
    let columns = key.columns.iter().zip(key.references);
    columns
        .map(|(&ours, &theirs)| {
            let position = holder.table.position(ours);
            let position = position.ok_or_else(|| Error::bug("a foreign key of a column that is not there"))?;
            Ok((position, referenced(holder, key, there, theirs)?))
        })
        .collect()
}

fn ends(secondary: &TableDesc, key: &'static ForeignKey, end: &Table) -> Result<Vec<(usize, &'static str)>> {
    let columns = key.columns.iter().zip(key.references);
    columns.map(|(&here, &there)| Ok((referenced(secondary, key, end, there)?, here))).collect()
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
