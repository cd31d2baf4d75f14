//! Brings the database to what the lock file says: loads what is there, compares, and writes only what differs.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use realgar::prelude::*;

use crate::{
    models::{Package, Source},
    read::Locked,
};

/// How many of one thing came, went, or took another value.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
}

/// What differed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    pub packages: Count,
    pub sources: Count,
    pub edges: Count,
}

/// What makes two packages the same one: name, version, source.
type Identity = (String, String, Option<String>);

/// Writes the differences, all of them in one transaction.
pub async fn sync(db: &Db, file: &[Locked]) -> realgar::Result<Changes> {
    let mut s = db.session();
    let mut changes = Changes::default();
    let mut stored = stored(&mut s).await?;
    let mut sources: HashMap<String, Handle<Source>> =
        Source::select().all(&mut s).await?.into_iter().map(|source| (s[source].url.clone(), source)).collect();

    // Each package of the file: the one that is there, or a new one.
    let mut packages = Vec::with_capacity(file.len());
    for locked in file {
        let identity = (locked.name.clone(), locked.version.clone(), locked.source.clone());
        if let Some(package) = stored.remove(&identity) {
            if s[package].checksum != locked.checksum {
                s[package].checksum.clone_from(&locked.checksum);
                changes.packages.changed += 1;
            }
            packages.push(package);
            continue;
        }
        let source = locked.source.as_ref().map(|url| {
            *sources.entry(url.clone()).or_insert_with(|| {
                changes.sources.added += 1;
                s.add(new!(Source { url }))
            })
        });
        let Locked { name, version, checksum, .. } = locked.clone();
        packages.push(s.add(new!(Package { name, version, checksum, source })));
        changes.packages.added += 1;
    }

    // Its edges: only those that are new or gone are touched.
    for (locked, &package) in file.iter().zip(&packages) {
        let wanted: Vec<Handle<Package>> = locked.dependencies.iter().map(|&index| packages[index]).collect();
        let held = s.loaded(package, Package::dependencies)?;
        for gone in difference(&held, &wanted) {
            s.remove(package, Package::dependencies, gone)?;
            changes.edges.removed += 1;
        }
        for new in difference(&wanted, &held) {
            s.append(package, Package::dependencies, new)?;
            changes.edges.added += 1;
        }
    }

    // What the file no longer has.
    for gone in stored.into_values() {
        changes.edges.removed += s.loaded(gone, Package::dependencies)?.len();
        changes.packages.removed += 1;
        s.delete(gone)?;
    }
    for unused in Source::select().filter(Source::packages.is_empty()).all(&mut s).await? {
        changes.sources.removed += 1;
        s.delete(unused)?;
    }
    s.commit().await?;
    Ok(changes)
}

/// Every package that the database holds, with its source and its dependencies.
async fn stored(s: &mut Session) -> realgar::Result<HashMap<Identity, Handle<Package>>> {
    let packages =
        Package::select().options(Package::source.joined()).options(Package::dependencies.selectin()).all(s).await?;
    let mut stored = HashMap::with_capacity(packages.len());
    for package in packages {
        let view = s.view(package);
        let source = view.one(Package::source)?.map(|source| source.url.clone());
        stored.insert((view.name.clone(), view.version.clone(), source), package);
    }
    Ok(stored)
}

/// What is in `these` and not in `those`, in order.
fn difference(these: &[Handle<Package>], those: &[Handle<Package>]) -> Vec<Handle<Package>> {
    let those: HashSet<_> = those.iter().collect();
    these.iter().filter(|package| !those.contains(package)).copied().collect()
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (noun, count) in [("package", self.packages), ("source", self.sources), ("edge", self.edges)] {
            for (number, verb) in [(count.added, "added"), (count.removed, "removed"), (count.changed, "changed")] {
                if number > 0 {
                    parts.push(format!("{} {verb}", plural(number, noun)));
                }
            }
        }
        if parts.is_empty() { f.write_str("nothing changed") } else { f.write_str(&parts.join(", ")) }
    }
}

/// `1 package`, `2 packages`.
pub fn plural(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
