//! Rows that are one object each and nothing else: what a get brings, and most queries. No list is made for what joins,
//! options and further loads need.

use crate::{
    error::Result,
    identity::{Reading, Reason},
    load::Loader,
    query::Compiled,
    value::{Row, Value},
};

/// Sends a statement whose rows are bare objects, and answers their slots, row by row.
pub(super) async fn bare(
    loader: &mut Loader<'_>,
    compiled: &Compiled,
    params: &[Value<'_>],
    reason: Reason,
) -> Result<Vec<u32>> {
    let node = compiled.nodes[0];
    let identity = &mut *loader.identity;
    let reading = Reading { certain: compiled.brings_objects(), ..identity.begin_query(node.mapper, reason) };
    let mut slots = Vec::new();
    let on_row = &mut |row: &dyn Row| {
        if let Some((slot, _)) = identity.meet(node.mapper, row, node.at, reading)? {
            slots.push(slot);
        }
        Ok(())
    };
    loader.transaction.select(&compiled.sql.text, params, on_row).await?;
    match slots[..] {
        _ if reading.query == 0 => {}
        [] => {}
        [slot] => loader.identity.end_single(node.mapper, reading, slot),
        _ => loader.identity.end_query(node.mapper, reading, slots.clone(), Vec::new()),
    }
    Ok(slots)
}
