//! DELETE, and the rows of association tables that come and go.

use std::collections::HashSet;

use crate::{
    driver::Batch,
    error::{Error, Kind, Result},
    flush::{
        Texts,
        blame::{Write, blame},
        dependency::Links,
        fit::row_of,
        update::stale,
    },
    identity::{Entity, Identity, State},
    load::Loader,
    mapper::{MapperId, Registry, Secondary},
    schema::Table,
    sql::Batches,
    value::{Key, Value},
};

pub(super) async fn delete(
    loader: &mut Loader<'_>,
    texts: &Texts,
    mapper: MapperId,
    entities: &[Entity],
) -> Result<()> {
    let mapper = loader.registry.mapper(mapper);
    let dialect = loader.transaction.engine().dialect();
    // A row that was gone, and whose key a new object got meanwhile, is not deleted in its place.
    let entities: Vec<Entity> =
        entities.iter().copied().filter(|&entity| loader.identity.state(entity) == State::Persistent).collect();
    let pieces = match dialect.batches {
        Batches::Values => generations(loader.identity, mapper.table(), &entities),
        Batches::Rows | Batches::Arrays => vec![&entities[..]],
    };
    for entities in pieces {
        let text = texts.delete(mapper, dialect, entities.len())?;
        let mut batch = Deletes { identity: loader.identity, registry: loader.registry, entities };
        loader.transaction.execute_many(&text, &mut batch).await?;
    }
    Ok(())
}

/// The same objects in pieces: no row of a piece refers to another one in it.
///
/// DIALECT: some databases look at foreign keys after each row of a statement, in an order of their own.
fn generations<'e>(identity: &Identity, table: &Table, entities: &'e [Entity]) -> Vec<&'e [Entity]> {
    let place = |columns: &[&str]| columns.iter().filter_map(|name| table.position(name)).collect::<Vec<usize>>();
    let own = table.foreign_keys.iter().filter(|key| key.table == table.name);
    let own: Vec<(Vec<usize>, Vec<usize>)> = own.map(|key| (place(key.columns), place(key.references))).collect();
    let key = |entity: Entity, columns: &[usize]| Key::new(columns.iter().map(|&column| identity.was(entity, column)));
    let mut referred: Vec<HashSet<Key>> = vec![HashSet::new(); own.len()];
    let (mut pieces, mut start) = (Vec::new(), 0);
    for (at, &entity) in entities.iter().enumerate() {
        let ends = |(known, (_, columns)): (&HashSet<Key>, &(Vec<usize>, Vec<usize>))| {
            key(entity, columns).is_some_and(|key| known.contains(&key))
        };
        if referred.iter().zip(&own).any(ends) {
            pieces.push(&entities[start..at]);
            start = at;
            referred.iter_mut().for_each(HashSet::clear);
        }
        for (known, (columns, _)) in referred.iter_mut().zip(&own) {
            known.extend(key(entity, columns));
        }
    }
    pieces.push(&entities[start..]);
    pieces
}

struct Deletes<'a> {
    identity: &'a mut Identity,
    registry: &'a Registry,
    entities: &'a [Entity],
}

impl Batch for Deletes<'_> {
    fn len(&self) -> usize {
        self.entities.len()
    }

    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
        row_of(self.identity, self.entities[index], to)
    }

    fn done(&mut self, index: usize, affected: u64, _: i64) -> Result<()> {
        let mapper = self.identity.mapper(self.entities[index]);
        if affected != 1 {
            if let Some(version) = mapper.desc.version {
                return Err(stale(mapper, version, "a DELETE", affected));
            }
            // PARITY: the row is gone, which is what was wanted; the reference warns.
            tracing::warn!(target: "realgar", "a DELETE of {} met {affected} rows", self.identity.describe(self.entities[index]));
        }
        self.identity.deleted(self.entities[index]);
        Ok(())
    }

    fn position(&self, column: &str) -> Option<usize> {
        let entity = self.entities.first()?;
        let mapper = self.identity.mapper(*entity);
        mapper.key.iter().position(|&key| mapper.table().columns[key].name == column)
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        blame(self.identity, self.registry, self.entities[index], Write::Delete, error)
    }
}

pub(super) async fn link(loader: &mut Loader<'_>, texts: &Texts, links: &Links<'_>, add: bool) -> Result<()> {
    let Some(secondary) = &links.relation.secondary else { return Ok(()) };
    let dialect = loader.transaction.engine().dialect();
    let pairs = if add { &links.added } else { &links.removed };
    let text = if add {
        texts.link(secondary, dialect, pairs.len())?
    } else {
        texts.unlink(secondary, dialect, pairs.len())?
    };
    let near = |slot| Entity { mapper: links.relation.owner, slot };
    let far = |slot| Entity { mapper: links.relation.target, slot };
    let pairs: Vec<(Entity, Entity)> = pairs.iter().map(|&(a, b)| (near(a), far(b))).collect();
    let relationship = format!("{}::{}", loader.registry.mapper(links.relation.owner).name(), links.relation.name);
    let mut batch = LinkRows { identity: loader.identity, secondary, relationship, pairs: &pairs, add };
    loader.transaction.execute_many(&text, &mut batch).await
}

struct LinkRows<'a> {
    identity: &'a Identity,
    secondary: &'a Secondary,
    /// `Post::tags`
    relationship: String,
    pairs: &'a [(Entity, Entity)],
    add: bool,
}

impl Batch for LinkRows<'_> {
    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn bind(&mut self, index: usize, to: &mut dyn FnMut(Value<'_>) -> Result<()>) -> Result<()> {
        let (near, far) = self.pairs[index];
        self.secondary.near.iter().try_for_each(|&(column, _)| to(self.identity.cell(near, column)))?;
        self.secondary.far.iter().try_for_each(|&(column, _)| to(self.identity.cell(far, column)))
    }

    fn done(&mut self, _: usize, affected: u64, _: i64) -> Result<()> {
        if affected == 1 {
            return Ok(());
        }
        let (table, what) =
            (self.secondary.table.name, if self.add { "an INSERT into" } else { "a DELETE of one row of" });
        Err(Error::new(Kind::StaleData, format!("{what} `{table}` met {affected} rows")).way_out(format!(
            "somebody changed the association meanwhile: roll back, and load `{}` again",
            self.relationship
        )))
    }

    fn position(&self, column: &str) -> Option<usize> {
        self.secondary.near.iter().chain(&self.secondary.far).position(|(_, held)| *held == column)
    }

    fn blame(&self, index: usize, error: Error) -> Error {
        let (near, far) = self.pairs[index];
        let error =
            error.with_entity(|| format!("{} and {}", self.identity.describe(near), self.identity.describe(far)));
        match error.kind() {
            Kind::UniqueViolation => error.way_out(format!(
                "the two are linked already: look before you append, `session.load(…, {}).await?`",
                self.relationship
            )),
            _ => error,
        }
    }
}
