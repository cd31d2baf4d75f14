//! A statement's rows become objects, and then what is to be loaded with them is loaded.

use std::collections::HashSet;

use crate::{
    driver::Ask,
    error::Result,
    identity::{Entity, Identity, Reading, Reason},
    load::{
        Loader,
        joined::Joined,
        lazy::fetch_one,
        listed::Listed,
        plain::bare,
        selectin::{further, side_by_side},
    },
    mapper::{MapperId, Strategy},
    query::{Branch, Compiled, Later, Met, Node, Out, Taken},
    sql::Select,
    value::{Row, Value},
};

/// A relationship that is still to be loaded for these objects.
pub struct Job {
    /// Whose relationship it is.
    pub mapper: MapperId,
    /// The relationship.
    pub relation: u16,
    /// The objects.
    pub owners: Vec<u32>,
    /// One SELECT for each of them.
    pub one_by_one: bool,
    /// Their keys as a query finds them, where they need not be listed.
    pub found_by: Option<Box<Select>>,
    /// What is said about the objects at its end.
    pub branch: Branch,
}

/// What is done with a row once its entities are objects.
pub(super) type OnTaken<'a> = &'a mut (dyn FnMut(&mut Taken<'_>) -> Result<()> + Send);

/// Sends a query, hands over each row of its answer, and loads what is to be loaded with it.
///
/// One statement, and for each relationship loaded by `selectin` one more for 500 owners.
pub async fn run(
    loader: &mut Loader<'_>,
    compiled: &Compiled,
    params: &[Value<'_>],
    on_row: &mut (dyn FnMut(&mut Taken<'_>) -> Result<()> + Send),
) -> Result<()> {
    loader.identity.begin_populate();
    let mut jobs = fetch(loader, compiled, params, Reason::Query, on_row).await?;
    finish(loader, &mut jobs).await
}

/// The same for a query whose rows are objects of its first node and nothing else: their slots, row by row.
pub async fn objects(loader: &mut Loader<'_>, compiled: &Compiled, params: &[Value<'_>]) -> Result<Vec<u32>> {
    if compiled.is_bare() {
        return bare(loader, compiled, params, Reason::Query).await;
    }
    let mut reader = Reader::new(loader.identity, compiled, Reason::Query);
    let identity = &mut *loader.identity;
    loader.transaction.select(&compiled.sql.text, params, &mut |row| reader.object(identity, row)).await?;
    let slots = reader.parts[0].met.clone();
    let mut jobs = reader.finish(loader);
    finish(loader, &mut jobs).await?;
    Ok(slots)
}

/// Works off relationships to be loaded, and those that come up on the way: a list instead of recursion. What is on the
/// list at the same time goes out together.
pub async fn finish(loader: &mut Loader<'_>, jobs: &mut Vec<Job>) -> Result<()> {
    // In a box: every query and get would carry room for it, and few need it.
    if jobs.is_empty() { Ok(()) } else { Box::pin(work_off(loader, jobs)).await }
}

async fn work_off(loader: &mut Loader<'_>, jobs: &mut Vec<Job>) -> Result<()> {
    let mut next = 0;
    while let Some(job) = jobs.get_mut(next) {
        if !job.one_by_one {
            let end = jobs.iter().skip(next).position(|job| job.one_by_one).map_or(jobs.len(), |count| next + count);
            let more = side_by_side(loader, &mut jobs[next..end]).await?;
            next = end;
            jobs.extend(more);
            continue;
        }
        next += 1;
        let (owners, branch) = (std::mem::take(&mut job.owners), std::mem::take(&mut job.branch));
        let relation = loader.registry.relation(job.mapper, job.relation);
        for slot in owners {
            let owner = Entity { mapper: relation.owner, slot };
            let more = match loader.identity.related(owner, relation.index).items() {
                Some(ends) => further(loader, relation, ends, &branch)?,
                None => fetch_one(loader, relation, owner, &branch).await?,
            };
            jobs.extend(more);
        }
    }
    Ok(())
}

/// Sends a statement and makes objects of its rows, which know one another as results of one query.
pub(super) async fn fetch(
    loader: &mut Loader<'_>,
    compiled: &Compiled,
    params: &[Value<'_>],
    reason: Reason,
    on_row: OnTaken<'_>,
) -> Result<Vec<Job>> {
    let mut reader = Reader::new(loader.identity, compiled, reason);
    let identity = &mut *loader.identity;
    loader.transaction.select(&compiled.sql.text, params, &mut |row| reader.row(identity, row, on_row)).await?;
    Ok(reader.finish(loader))
}

/// Sends several statements together; answers for each what is to be loaded from there.
pub(super) async fn fetch_all(loader: &mut Loader<'_>, listed: &mut [&mut Listed]) -> Result<Vec<Vec<Job>>> {
    if let [one] = listed {
        let (compiled, params) = (one.compiled.clone(), std::mem::take(&mut one.params));
        let mut reader = Reader::new(loader.identity, &compiled, Reason::Relationship);
        let identity = &mut *loader.identity;
        let on_row = &mut |row: &dyn Row| reader.listed(identity, row, one);
        loader.transaction.select(&compiled.sql.text, &params, on_row).await?;
        return Ok(vec![reader.finish(loader)]);
    }
    let sent: Vec<_> = listed.iter_mut().map(|one| (one.compiled.clone(), std::mem::take(&mut one.params))).collect();
    let asks: Vec<Ask<'_>> = sent.iter().map(|(compiled, params)| Ask { sql: &compiled.sql.text, params }).collect();
    let identity = &mut *loader.identity;
    let mut readers: Vec<Reader<'_>> =
        sent.iter().map(|(compiled, _)| Reader::new(identity, compiled, Reason::Relationship)).collect();
    let on_row = &mut |index: usize, row: &dyn Row| readers[index].listed(identity, row, listed[index]);
    loader.transaction.select_all(&asks, on_row).await?;
    Ok(readers.into_iter().map(|reader| reader.finish(loader)).collect())
}

/// What is remembered from row to row.
pub(super) struct Reader<'c> {
    compiled: &'c Compiled,
    parts: Vec<Part>,
    /// Each part's object in the row at hand.
    entities: Vec<Met>,
    answered: Answered,
    /// Whether a row brings one object and nothing else.
    plain: bool,
    /// Whether known objects take more of a row than is usual.
    overwrites: bool,
}

/// One entity of the rows.
struct Part {
    node: Node,
    reading: Reading,
    /// The objects met: they know one another as peers, and may be owners of what is loaded later.
    met: Vec<u32>,
    /// Whether anybody will want to know.
    notes: bool,
    /// What was joined in for owners.
    joined: Option<Box<Joined>>,
}

/// The objects that were answered already, where joins repeat them.
#[derive(Default)]
struct Answered {
    last: Option<u32>,
    all: HashSet<u32, foldhash::fast::RandomState>,
}

impl Answered {
    /// Whether it is new; rows of one object mostly follow one another.
    fn is_new(&mut self, slot: u32) -> bool {
        self.last != Some(slot) && {
            self.last = Some(slot);
            self.all.insert(slot)
        }
    }
}

impl<'c> Reader<'c> {
    pub(super) fn new(identity: &mut Identity, compiled: &'c Compiled, reason: Reason) -> Reader<'c> {
        let nobody = |node: &Node| Met { owner: identity.owner(node.mapper), object: None };
        let entities = compiled.nodes.iter().map(nobody).collect();
        let certain = compiled.certain && matches!(compiled.outputs[..], [Out::Entity(0)]);
        let part = |(index, &node): (usize, &Node)| {
            let wanted = compiled.lazy.iter().any(|later| later.node == index);
            // Options for what is loaded later hold for the objects of this query, also for those that are known.
            let reason = if wanted { Reason::Query } else { reason };
            let reading = Reading {
                certain: certain && index == 0,
                repeats: has_collection(identity, &compiled.nodes, index),
                ..identity.begin_query(node.mapper, reason)
            };
            Part {
                node,
                reading,
                met: Vec::new(),
                notes: reading.query != 0 || !compiled.later.is_empty(),
                joined: node.parent.map(|_| Box::default()),
            }
        };
        Reader {
            compiled,
            parts: compiled.nodes.iter().enumerate().map(part).collect(),
            entities,
            answered: Answered::default(),
            plain: compiled.is_plain(),
            overwrites: compiled.populate || !compiled.undeferred.is_empty(),
        }
    }

    pub(super) fn row(&mut self, identity: &mut Identity, row: &dyn Row, on_row: OnTaken<'_>) -> Result<()> {
        if self.plain {
            self.object(identity, row)?;
        } else {
            self.meet_all(identity, row)?;
            if self.compiled.unique && !self.entities[0].slot().is_some_and(|slot| self.answered.is_new(slot)) {
                return Ok(());
            }
        }
        let outputs = &self.compiled.outputs;
        on_row(&mut Taken { row, outputs, entities: &self.entities, next: 0 })
    }

    /// A row that is sorted to whom it belongs.
    fn listed(&mut self, identity: &mut Identity, row: &dyn Row, listed: &mut Listed) -> Result<()> {
        if self.plain {
            self.object(identity, row)?;
            return listed.take_object(identity, row, self.entities[0]);
        }
        self.row(identity, row, &mut |taken| listed.take(taken))
    }

    /// The object of a row that brings nothing else.
    #[inline]
    fn object(&mut self, identity: &mut Identity, row: &dyn Row) -> Result<()> {
        let Part { node, reading, met, notes, .. } = &mut self.parts[0];
        let object = identity.meet(node.mapper, row, node.at, *reading)?;
        if let Some((slot, _)) = object
            && *notes
        {
            met.push(slot);
        }
        self.entities[0].object = object;
        Ok(())
    }

    /// The objects of a row that has several, or that does more than bring them.
    fn meet_all(&mut self, identity: &mut Identity, row: &dyn Row) -> Result<()> {
        for (index, part) in self.parts.iter_mut().enumerate() {
            let owner = match part.node.parent {
                None => None,
                Some((parent, _)) => match self.entities[parent].slot() {
                    Some(slot) => Some(slot),
                    None => {
                        self.entities[index].object = None; // nobody is there to be its owner
                        continue;
                    }
                },
            };
            let Node { mapper, at, .. } = part.node;
            let object = identity.meet(mapper, row, at, part.reading)?;
            let slot = object.map(|(slot, _)| slot);
            if let Some(slot) = slot {
                if self.overwrites {
                    overwrite(self.compiled, identity, (index, Entity { mapper, slot }), row, at)?;
                }
                if part.met.last() != Some(&slot) {
                    part.met.push(slot);
                }
            }
            if let (Some(joined), Some(owner)) = (&mut part.joined, owner) {
                joined.add(owner, slot);
            }
            self.entities[index].object = object;
        }
        Ok(())
    }

    /// Hands what was joined in to its owners; answers what is still to be loaded.
    pub(super) fn finish(self, loader: &mut Loader<'_>) -> Vec<Job> {
        let nodes = &self.compiled.nodes;
        let job = |later: &Later| Job {
            mapper: nodes[later.node].mapper,
            relation: later.relation,
            owners: self.parts[later.node].met.clone(),
            one_by_one: later.strategy == Strategy::Immediate,
            found_by: later.owners.clone(),
            branch: later.branch.clone(),
        };
        let jobs = self.compiled.later.iter().map(job).collect();
        for (index, part) in self.parts.into_iter().enumerate() {
            if let (Some(joined), Some((parent, relation))) = (part.joined, part.node.parent) {
                let relation = loader.registry.relation(nodes[parent].mapper, relation);
                joined.hand_over(loader.identity, relation);
            }
            if part.reading.query != 0 {
                let lazy = self.compiled.lazy.iter().filter(|later| later.node == index);
                let options = lazy.map(|later| (later.relation, (later.strategy, later.branch.clone())));
                loader.identity.end_query(part.node.mapper, part.reading, part.met, options.collect());
            }
        }
        jobs
    }
}

/// Whether a collection of this node's objects is joined in.
fn has_collection(identity: &Identity, nodes: &[Node], node: usize) -> bool {
    let relations = &identity.mapper_of(nodes[node].mapper).relations;
    let joined = nodes.iter().filter_map(|other| other.parent).filter(|&(owner, _)| owner == node);
    joined.into_iter().any(|(_, relation)| relations[relation as usize].many)
}

/// What a query says to take of a row beside what is new: all of it, or deferred columns.
#[cold]
fn overwrite(
    compiled: &Compiled,
    identity: &mut Identity,
    (node, entity): (usize, Entity),
    row: &dyn Row,
    at: usize,
) -> Result<()> {
    if compiled.populate {
        identity.populate(entity, row, at)?;
    }
    let deferred = compiled.undeferred.iter().filter(|&&(of, _)| of == node);
    deferred.into_iter().try_for_each(|&(_, column)| identity.undefer(entity, column, row.get(at + column)?))
}
