//! A second SELECT for many owners: `WHERE posts.user_id IN (…)`, 500 owners at a time.

use std::collections::HashSet;

use crate::{
    error::Result,
    identity::Entity,
    load::{
        Loader,
        get::refresh,
        lazy::one,
        listed::Listed,
        rows::{Job, fetch_all, finish},
    },
    mapper::{Direction, Relation, Strategy},
    query::{Branch, LoadOption},
    sql::Select,
    value::Key,
};

/// How many statements go out together at most: a bound for memory, not for speed.
const TOGETHER: usize = 32;

/// Loads a relationship for all these objects, as far as it is not loaded.
pub async fn load_together(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owners: Vec<u32>,
    branch: &Branch,
) -> Result<()> {
    if let [slot] = owners[..] {
        return one(loader, relation, Entity { mapper: relation.owner, slot }, branch).await;
    }
    let mut jobs = selectin(loader, relation, owners, branch).await?;
    finish(loader, &mut jobs).await
}

/// Asks what the database holds for a relationship to one that was set without knowing it.
pub async fn learn_together(loader: &mut Loader<'_>, relation: &Relation, owners: Vec<u32>) -> Result<()> {
    refresh_aged(loader, relation, &owners).await?;
    let branch = Branch::default();
    let loading = Loading::of(loader, relation, owners, None, &branch)?;
    let mut jobs = send(loader, vec![loading]).await?;
    finish(loader, &mut jobs).await
}

/// Loads a relationship for these objects, as far as it is not loaded; answers what is to be loaded from there.
pub(super) async fn selectin(
    loader: &mut Loader<'_>,
    relation: &Relation,
    owners: Vec<u32>,
    branch: &Branch,
) -> Result<Vec<Job>> {
    let (owners, ends) = unloaded(loader, relation, owners);
    refresh_aged(loader, relation, &owners).await?;
    let mut loading = Loading::of(loader, relation, owners, None, branch)?;
    loading.ends.extend(ends);
    send(loader, vec![loading]).await
}

/// Works off several relationships: statements that do not depend on one another go out together.
pub(super) async fn side_by_side(loader: &mut Loader<'_>, jobs: &mut [Job]) -> Result<Vec<Job>> {
    let (mut more, mut together) = (Vec::new(), Vec::<Loading<'_>>::new());
    let registry = loader.registry;
    for Job { mapper, relation, owners, found_by, branch, .. } in jobs {
        let relation = registry.relation(*mapper, *relation);
        if together.iter().any(|other| other.comes_before(relation)) {
            more.extend(send(loader, std::mem::take(&mut together)).await?);
        }
        let (owners, ends) = unloaded(loader, relation, std::mem::take(owners));
        refresh_aged(loader, relation, &owners).await?;
        let mut loading = Loading::of(loader, relation, owners, found_by.as_deref(), branch)?;
        loading.ends.extend(ends);
        together.push(loading);
    }
    more.extend(send(loader, together).await?);
    Ok(more)
}

/// Each of these objects once, as far as the relationship is not loaded; and who is at the other end of the others: what is
/// known without a statement still gets what the options ask for beyond it.
fn unloaded(loader: &Loader<'_>, relation: &Relation, mut owners: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
    let mut seen = HashSet::<u32, foldhash::fast::RandomState>::default();
    seen.reserve(owners.len());
    let mut ends = Vec::new();
    owners.retain(|&slot| {
        let owner = Entity { mapper: relation.owner, slot };
        seen.insert(slot)
            && match loader.identity.related(owner, relation.index).items() {
                Some(items) => {
                    ends.extend(items);
                    false
                }
                None => true,
            }
    });
    (owners, ends)
}

async fn refresh_aged(loader: &mut Loader<'_>, relation: &Relation, owners: &[u32]) -> Result<()> {
    let aged = |&slot: &u32| loader.identity.is_aged(Entity { mapper: relation.owner, slot });
    let aged: Vec<u32> = owners.iter().copied().filter(aged).collect();
    refresh(loader, relation.owner, &aged).await
}

/// A relationship that is being loaded for many owners.
struct Loading<'r> {
    relation: &'r Relation,
    branch: &'r Branch,
    /// Who is known to be at the other end without a statement.
    ends: Vec<u32>,
    statements: Vec<Listed>,
    /// To one: the owners, and the keys that are asked for.
    owners: Vec<u32>,
    wanted: HashSet<Key, foldhash::fast::RandomState>,
}

impl<'r> Loading<'r> {
    /// The statements for these owners. `found_by`: a query that finds their keys, which then need not be listed (strategy
    /// `subquery`).
    fn of(
        loader: &Loader<'_>,
        relation: &'r Relation,
        owners: Vec<u32>,
        found_by: Option<&Select>,
        branch: &'r Branch,
    ) -> Result<Loading<'r>> {
        let wanted = HashSet::default();
        let mut loading = Loading { relation, branch, ends: Vec::new(), statements: Vec::new(), owners, wanted };
        let at_once = |count: usize| if found_by.is_some() { count.max(1) } else { loader.keys() };
        if relation.direction == Direction::ManyToOne {
            let keys = loading.want(loader);
            for chunk in keys.chunks(at_once(keys.len())) {
                loading.statements.push(Listed::to_one(loader, relation, chunk, found_by, branch)?);
            }
        } else {
            for chunk in loading.owners.chunks(at_once(loading.owners.len())) {
                loading.statements.push(Listed::to_many(loader, relation, chunk, found_by, branch)?);
            }
        }
        Ok(loading)
    }

    /// The keys of those whom only the database knows.
    fn want(&mut self, loader: &Loader<'_>) -> Vec<Key> {
        // PARITY: with criteria, the reference asks the database also for whom it knows.
        let shortcut = !self.branch.chooses() && self.branch.everywhere.is_plain();
        let mut keys = Vec::new();
        for &slot in &self.owners {
            let owner = Entity { mapper: self.relation.owner, slot };
            if (!shortcut || known(loader, self.relation, owner).is_none())
                && let Some(key) = far_key(loader, self.relation, slot).filter(|key| !self.wanted.contains(key))
            {
                self.wanted.insert(key.clone());
                keys.push(key);
            }
        }
        keys
    }

    /// Whether this must be done before that relationship can be prepared: they are the same one, or this brings objects
    /// that need not be asked for then.
    fn comes_before(&self, relation: &Relation) -> bool {
        let same = self.relation.owner == relation.owner && self.relation.index == relation.index;
        let mut nodes = self.statements.iter().flat_map(|listed| &listed.compiled.nodes);
        same || (relation.direction == Direction::ManyToOne && nodes.any(|node| node.mapper == relation.target))
    }

    /// Hands over what came back; answers what is to be loaded beyond what was known before.
    fn done(mut self, loader: &mut Loader<'_>) -> Result<Vec<Job>> {
        if self.relation.direction != Direction::ManyToOne {
            for listed in self.statements {
                listed.joined.hand_over(loader.identity, self.relation);
            }
        } else {
            for slot in self.owners {
                let owner = Entity { mapper: self.relation.owner, slot };
                let key = far_key(loader, self.relation, slot);
                let item = match key.filter(|key| self.wanted.contains(key)) {
                    // No row: whoever the session still knows there is gone.
                    Some(key) => self.statements.iter().find_map(|listed| listed.by_key.get(&key).copied()),
                    None => {
                        let item = loader.identity.referred(owner, self.relation).flatten();
                        self.ends.extend(item);
                        item
                    }
                };
                loader.identity.fill(owner, self.relation, item.into_iter().collect());
            }
        }
        further(loader, self.relation, &self.ends, self.branch)
    }
}

/// The key of the object at the other end, as the owner has it.
fn far_key(loader: &Loader<'_>, relation: &Relation, owner: u32) -> Option<Key> {
    let owner = Entity { mapper: relation.owner, slot: owner };
    Key::new(relation.pairs.iter().map(|&(ours, _)| loader.identity.cell(owner, ours)))
}

/// Sends what is prepared and hands over what comes back; answers what is to be loaded from there.
async fn send(loader: &mut Loader<'_>, mut loadings: Vec<Loading<'_>>) -> Result<Vec<Job>> {
    let mut listed: Vec<&mut Listed> = loadings.iter_mut().flat_map(|loading| &mut loading.statements).collect();
    let mut found = Vec::with_capacity(listed.len());
    for listed in listed.chunks_mut(TOGETHER) {
        found.extend(fetch_all(loader, listed).await?);
    }
    let (mut found, mut jobs) = (found.into_iter(), Vec::new());
    for loading in loadings {
        jobs.extend(found.by_ref().take(loading.statements.len()).flatten());
        jobs.extend(loading.done(loader)?);
    }
    Ok(jobs)
}

/// What the options ask for beyond objects that were reached without a statement.
pub(super) fn further(loader: &Loader<'_>, relation: &Relation, ends: &[u32], branch: &Branch) -> Result<Vec<Job>> {
    let wanted = branch.then.iter().filter(|option| option.strategy.is_eager() && !ends.is_empty());
    let job = |option: &LoadOption| {
        let further = loader.registry.mapper(relation.target).relation(option.relationship)?;
        Ok(Job {
            mapper: relation.target,
            relation: further.index,
            owners: ends.to_vec(),
            one_by_one: option.strategy == Strategy::Immediate,
            found_by: None,
            branch: Branch { everywhere: branch.everywhere.clone(), ..option.branch.clone() },
        })
    };
    wanted.map(job).collect()
}

/// Who is at the other end of a many-to-one relationship, where no statement is needed to tell and the object there
/// is not aged. `None` for any other: only the database can tell.
pub(super) fn known(loader: &Loader<'_>, relation: &Relation, owner: Entity) -> Option<Option<u32>> {
    if relation.direction != Direction::ManyToOne {
        return None;
    }
    let target = loader.identity.referred(owner, relation)?;
    let aged = target.is_some_and(|slot| loader.identity.is_aged(Entity { mapper: relation.target, slot }));
    (!aged).then_some(target)
}
