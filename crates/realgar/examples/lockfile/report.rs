//! Answers from the database, as tables for people.

use std::collections::HashSet;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use realgar::prelude::*;
use semver::Version;

use crate::models::{Dependencies, Package, Source};

/// How many of the most depended-on packages are shown, and how many names near one that is not there.
const TOP: usize = 10;

/// The tables that are always shown.
pub async fn overview(s: &mut Session) -> realgar::Result<String> {
    Ok([sources(s).await?, most_needed(s).await?, several_versions(s).await?, not_needed(s).await?].join("\n"))
}

async fn sources(s: &mut Session) -> realgar::Result<String> {
    let counts: Vec<(String, i64)> = select((Source::url, count(Package::id)))
        .join(Source::packages)
        .group_by(Source::url)
        .order_by((count(Package::id).desc(), Source::url))
        .all(s)
        .await?;
    let rows = counts.into_iter().map(|(url, packages)| [packages.to_string(), url]);
    Ok(table("Where packages come from", ["packages", "source"], rows))
}

async fn most_needed(s: &mut Session) -> realgar::Result<String> {
    let counts: Vec<(i64, i64)> = select((Dependencies::dependency_id, count(Dependencies::dependent_id)))
        .group_by(Dependencies::dependency_id)
        .all(s)
        .await?;
    let mut rows = Vec::new();
    // One query brings the packages into the session; `get` then finds them there.
    Package::select().filter(Package::dependents.any(true)).all(s).await?;
    for (id, dependents) in counts {
        if let Some(package) = s.get::<Package>(id).await? {
            rows.push((dependents, label(&s[package])));
        }
    }
    rows.sort_by(|(more, one), (less, other)| less.cmp(more).then_with(|| one.cmp(other)));
    rows.truncate(TOP);
    let rows = rows.into_iter().map(|(dependents, package)| [dependents.to_string(), package]);
    Ok(table("Most depended on", ["dependents", "package"], rows))
}

async fn several_versions(s: &mut Session) -> realgar::Result<String> {
    let repeated: Vec<String> = select(Package::name)
        .group_by(Package::name)
        .having(min(Package::version).ne(max(Package::version)))
        .order_by(Package::name)
        .all(s)
        .await?;
    let mut found: Vec<(String, String)> =
        select((Package::name, Package::version)).filter(Package::name.in_(&repeated)).distinct().all(s).await?;
    found.sort_by_cached_key(|(_, version)| Version::parse(version).ok());
    let rows = repeated.into_iter().map(|name| {
        let same = found.iter().filter(|(package, _)| *package == name);
        let versions: Vec<&str> = same.map(|(_, version)| version.as_str()).collect();
        [versions.len().to_string(), name, versions.join(", ")]
    });
    Ok(table("Several versions of one package", ["count", "package", "versions"], rows))
}

async fn not_needed(s: &mut Session) -> realgar::Result<String> {
    let roots: Vec<(String, String)> = select((Package::name, Package::version))
        .filter(Package::dependents.is_empty())
        .order_by((Package::name, Package::version))
        .all(s)
        .await?;
    let rows = roots.into_iter().map(|(name, version)| [name, version]);
    Ok(table("Nothing depends on", ["package", "version"], rows))
}

/// Who needs the packages of this name, through any depth; `None` where there is no such package.
pub async fn why(s: &mut Session, name: &str) -> realgar::Result<Option<String>> {
    let mut wanted = Package::select().filter_by(Package::name, name).all(s).await?;
    if wanted.is_empty() {
        return Ok(None);
    }
    wanted.sort_by_cached_key(|&package| Version::parse(&s[package].version).ok());
    let mut tables = Vec::new();
    for package in wanted {
        let paths = paths_to(s, package).await?;
        let rows = paths.iter().skip(1).map(|path| {
            let labels: Vec<String> = path.iter().map(|&step| label(&s[step])).collect();
            [(path.len() - 1).to_string(), labels.join(" → ")]
        });
        tables.push(table(&format!("Who needs {}", label(&s[package])), ["depth", "path"], rows));
    }
    Ok(Some(tables.join("\n")))
}

/// The shortest path from each package that needs this one, nearest first. A circle ends where it closes.
async fn paths_to(s: &mut Session, package: Handle<Package>) -> realgar::Result<Vec<Vec<Handle<Package>>>> {
    let mut met = HashSet::from([package]);
    let mut paths = vec![vec![package]];
    let mut next = 0;
    while let Some(path) = paths.get(next).cloned() {
        let mut dependents = s.load(path[0], Package::dependents).await?;
        dependents.sort_by_cached_key(|&dependent| label(&s[dependent]));
        for dependent in dependents {
            if met.insert(dependent) {
                paths.push([&[dependent], &path[..]].concat());
            }
        }
        next += 1;
    }
    Ok(paths)
}

/// What to say of a name that no package has.
pub async fn unknown(s: &mut Session, name: &str) -> realgar::Result<String> {
    let mut names: Vec<String> = select(Package::name).distinct().order_by(Package::name).all(s).await?;
    names.retain(|known| known.contains(name) || strsim::damerau_levenshtein(known, name) <= 1 + name.len() / 5);
    names.truncate(TOP);
    let near = if names.is_empty() { String::new() } else { format!("; near it: {}", names.join(", ")) };
    Ok(format!("no package is named `{name}`{near}"))
}

fn table<const N: usize>(title: &str, header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─')));
    table.set_header(header).add_rows(rows);
    if table.is_empty() {
        return format!("{title}: none\n");
    }
    for (column, name) in table.column_iter_mut().zip(header) {
        if matches!(name, "packages" | "dependents" | "count" | "depth") {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{title}\n{}\n", table.trim_fmt())
}

/// How a package is named to people.
fn label(package: &Package) -> String {
    format!("{} {}", package.name, package.version)
}
