//! The house test: reads the project's own sources and names file, line and rule where one is broken.
//!
//! Rooms import from lower floors only; each file opens with a module doc and keeps its size; SQL text and dialect names
//! stay in their rooms; nothing unfinished lands. `cases` tests the test itself.

mod cases;
mod imports;
mod rules;
mod semantics;
mod source;
mod tokens;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use rules::{Rule, Violation};
use source::Source;

/// The folders that are read, from the root of the repository. The first three must be there.
const FOLDERS: &[&str] = &[
    "crates/realgar/src",
    "crates/realgar-macros/src",
    "xtask/src",
    "crates/realgar/tests",
    "crates/realgar/examples",
    "crates/realgar-macros/tests",
    "crates/realgar-compile-fail/src",
    "crates/realgar-compile-fail/tests",
    "crates/realgar-guide/src",
];

/// Every broken rule of the house.
static VIOLATIONS: LazyLock<Vec<Violation>> = LazyLock::new(|| {
    let mut sources = sources();
    source::mark_test_files(&mut sources);
    sources.iter().flat_map(rules::check).collect()
});

#[test]
fn rooms_import_from_lower_floors_only() {
    assert_kept(Rule::Floors);
}

#[test]
fn every_file_opens_with_a_module_doc() {
    assert_kept(Rule::ModuleDoc);
}

#[test]
fn files_keep_their_size() {
    assert_kept(Rule::Size);
}

#[test]
fn no_sql_text_outside_sql() {
    assert_kept(Rule::SqlText);
}

#[test]
fn no_dialect_chosen_by_name() {
    assert_kept(Rule::DialectName);
}

#[test]
fn nothing_unfinished() {
    assert_kept(Rule::Unfinished);
}

/// A reader that finds no files would find no fault either.
#[test]
fn the_house_is_read() {
    let sources = sources();
    for folder in &FOLDERS[..3] {
        assert!(sources.iter().any(|source| source.path.starts_with(folder)), "no source was read in {folder}");
    }
    let this = "crates/realgar/tests/floors/main.rs";
    assert!(sources.iter().any(|source| source.path == this), "{this} was not read");
}

#[track_caller]
fn assert_kept(rule: Rule) {
    let broken: Vec<String> = VIOLATIONS
        .iter()
        .filter(|violation| violation.rule == rule)
        .map(|violation| format!("  {violation}"))
        .collect();
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<PathBuf> = FOLDERS.iter().flat_map(|folder| rust_files(&root.join(folder))).collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let path =
                file.strip_prefix(&root).expect("the file lies below the root").to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"));
            Source::new(&path, &text)
        })
        .collect()
}

/// The `.rs` files of a folder at any depth; none where there is no such folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder's entry can be read").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
