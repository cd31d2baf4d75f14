//! By key: from the identity map where the object is known, else by one SELECT. Aged objects take new values.

use crate::{
    error::{Error, Result},
    identity::{Entity, Reason},
    load::{
        Loader,
        plain::bare,
        rows::{fetch, finish},
    },
    mapper::MapperId,
    query::Everywhere,
    value::{Key, Value},
};

/// The object with this key. No statement when it is known and not aged.
pub async fn get(loader: &mut Loader<'_>, mapper: MapperId, key: &Key) -> Result<Option<Entity>> {
    let known = loader.identity.find(mapper, key);
    if let Some(known) = known.filter(|&known| !loader.identity.is_aged(known)) {
        return Ok(Some(known));
    }
    let dialect = loader.transaction.engine().dialect();
    // PARITY: criteria that hold everywhere are for rows that the session does not know yet; a refresh asks for its own.
    let everywhere = if known.is_some() { Everywhere::default() } else { loader.everywhere.clone() };
    let cells = |handle, columns: &[usize]| loader.identity.cells(handle, columns);
    let compiled = loader.plans.by_key(loader.registry, dialect, mapper, false, &everywhere, &cells)?;
    let params = compiled.with_values(loader.key(mapper, key).map(Value::into_owned).collect());
    if compiled.is_bare() {
        let found = bare(loader, &compiled, &params, Reason::Refresh).await?;
        return Ok(found.first().map(|&slot| Entity { mapper, slot }));
    }
    let mut found = None;
    let mut jobs = fetch(loader, &compiled, &params, Reason::Refresh, &mut |taken| {
        found = taken.entities[0].slot().map(|slot| Entity { mapper, slot });
        Ok(())
    })
    .await?;
    finish(loader, &mut jobs).await?;
    Ok(found)
}

/// Objects of one mapper take the database's values, 500 at a time. Their relationships wait until they are asked for.
pub(super) async fn refresh(loader: &mut Loader<'_>, mapper: MapperId, slots: &[u32]) -> Result<()> {
    for chunk in slots.chunks(loader.keys()) {
        let keys: Vec<Key> = chunk.iter().filter_map(|&slot| loader.identity.key(Entity { mapper, slot })).collect();
        let values: Vec<Value<'_>> = keys.iter().flat_map(|key| loader.key(mapper, key)).collect();
        let list = keys.len() > 1;
        let dialect = loader.transaction.engine().dialect();
        let none = |_, _: &[usize]| Err(Error::bug("a refresh compares with no object"));
        let compiled = loader.plans.by_key(loader.registry, dialect, mapper, list, &Everywhere::default(), &none)?;
        let params = match list {
            true => vec![loader.list(&values, loader.registry.mapper(mapper).key.len())?],
            false => values,
        };
        fetch(loader, &compiled, &params, Reason::Refresh, &mut |_| Ok(())).await?;
    }
    Ok(())
}
