//! Reads a `Cargo.lock`, versions 1 to 4: what stands in it, with every dependency led to its package.
//!
//! The TOML is read with spans, so that every complaint names its line. Nothing here knows of the database.

use std::{collections::HashMap, error::Error, fmt, fs, ops::Range, path::Path};

use semver::Version;
use serde::Deserialize;
use toml::Spanned;

/// One package of a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    pub name: String,
    pub version: String,
    pub source: Option<String>,
    pub checksum: Option<String>,
    /// What it needs: places in the list of packages, each once.
    pub dependencies: Vec<usize>,
}

/// The file cannot be read as a lock file: which one, where in it, why.
#[derive(Debug)]
pub struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Broken {}

/// The file as TOML says it.
#[derive(Deserialize)]
struct File {
    version: Option<Spanned<u32>>,
    #[serde(default, rename = "package")]
    packages: Vec<Spanned<Entry>>,
    /// The workspace's own package, which the oldest files keep apart.
    root: Option<Spanned<Entry>>,
    /// Where version 1 keeps the checksums.
    #[serde(default)]
    metadata: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: Version,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<Spanned<String>>,
    replace: Option<Spanned<String>>,
}

/// The packages of a lock file, in its order.
pub fn read(path: &Path) -> Result<Vec<Locked>, Broken> {
    let bytes = fs::read(path).map_err(|error| Broken(format!("{}: {error}", path.display())))?;
    let broken = |span: Range<usize>, cause: &str| {
        let before = bytes.get(..span.start).unwrap_or(&bytes);
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        Broken(format!("{}:{line}: {cause}", path.display()))
    };
    let text = str::from_utf8(&bytes).map_err(|error| {
        let at = error.valid_up_to();
        broken(at..at, "this is not UTF-8 text")
    })?;
    let file: File = toml::from_str(text).map_err(|error| broken(error.span().unwrap_or_default(), error.message()))?;
    packages(file).map_err(|(span, cause)| broken(span, &cause))
}

fn packages(file: File) -> Result<Vec<Locked>, (Range<usize>, String)> {
    match &file.version {
        Some(version) if !(1..=4).contains(version.as_ref()) => {
            return Err((version.span(), format!("lock file version {} is not known, 1 to 4 are", version.as_ref())));
        }
        None if file.packages.is_empty() => {
            return Err((0..0, "neither a version nor a package: this is no lock file".to_owned()));
        }
        _ => {}
    }
    let entries: Vec<Spanned<Entry>> = file.packages.into_iter().chain(file.root).collect();
    let mut by_name = HashMap::<&str, Vec<usize>>::new();
    for (index, entry) in entries.iter().enumerate() {
        let same = by_name.entry(&entry.as_ref().name).or_default();
        if same.iter().any(|&other| entries[other].as_ref().is(entry.as_ref())) {
            return Err((entry.span(), format!("package `{}` stands here a second time", entry.as_ref().title())));
        }
        same.push(index);
    }
    let locked = entries.iter().map(Spanned::as_ref).map(|entry| {
        let mut dependencies = Vec::with_capacity(entry.dependencies.len());
        // A replaced package has no dependencies but its replacement.
        for wanted in entry.dependencies.iter().chain(&entry.replace) {
            let found = find(wanted.as_ref(), &entries, &by_name).map_err(|cause| (wanted.span(), cause))?;
            if !dependencies.contains(&found) {
                dependencies.push(found);
            }
        }
        let apart = || file.metadata.get(&format!("checksum {}", entry.title())).filter(|sum| *sum != "<none>");
        Ok(Locked {
            name: entry.name.clone(),
            version: entry.version.to_string(),
            source: entry.source.clone(),
            checksum: entry.checksum.as_ref().or_else(apart).cloned(),
            dependencies,
        })
    });
    locked.collect()
}

/// The package that `name`, `name version` or `name version (source)` means.
fn find(wanted: &str, entries: &[Spanned<Entry>], by_name: &HashMap<&str, Vec<usize>>) -> Result<usize, String> {
    let mut words = wanted.split_whitespace();
    let named = words.next().and_then(|name| by_name.get(name)).map_or(&[][..], Vec::as_slice);
    let (version, source) = (words.next(), words.next().map(|word| word.trim_matches(['(', ')'])));
    let entry = |index: usize| entries[index].as_ref();
    let mut fits: Vec<usize> = named.to_vec();
    fits.retain(|&index| version.is_none_or(|version| entry(index).version.to_string() == version));
    fits.retain(|&index| source.is_none_or(|source| entry(index).source.as_deref().map(place) == Some(place(source))));
    // Without a source the workspace's own package is meant, where there is one.
    if fits.len() > 1 && source.is_none() {
        fits.retain(|&index| entry(index).source.is_none());
    }
    match fits[..] {
        [found] => Ok(found),
        [] if named.is_empty() => Err(format!("dependency `{wanted}` is no package of this file")),
        _ => Err(format!("dependency `{wanted}` fits {} of {} packages with this name", fits.len(), named.len())),
    }
}

/// A source without the commit that it was resolved to.
fn place(source: &str) -> &str {
    source.split_once('#').map_or(source, |(place, _)| place)
}

impl Entry {
    fn is(&self, other: &Entry) -> bool {
        (&self.name, &self.version, &self.source) == (&other.name, &other.version, &other.source)
    }

    fn title(&self) -> String {
        match &self.source {
            Some(source) => format!("{} {} ({source})", self.name, self.version),
            None => format!("{} {}", self.name, self.version),
        }
    }
}
