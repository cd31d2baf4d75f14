//! Every kind has a page in `docs/errors`, and the index names them all; every kind was produced and told.

use std::{collections::BTreeSet, fs, path::Path};

use realgar::prelude::*;

use crate::told;

/// A derived model cannot have these: what they are about does not compile.
const COMPILE_ERRORS: [Kind; 3] = [Kind::NoForeignKeys, Kind::NoReferencedTable, Kind::NoReferencedColumn];

/// Only a server can be lost there: the tests of faults, which have one, cut its connection.
const OF_SERVERS: [Kind; 1] = [Kind::UnknownOutcome];

fn book() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_kind_has_a_page_that_is_complete() {
    let index = fs::read_to_string(book().join("docs/errors/README.md")).expect("the index is there");
    for kind in Kind::ALL {
        let page =
            fs::read_to_string(book().join(kind.page())).unwrap_or_else(|error| panic!("{}: {error}", kind.page()));
        assert!(page.starts_with(&format!("# {kind:?}\n")), "{}", kind.page());
        assert!(page.contains("```") && page.contains("\n## "), "{} has no program or no mend", kind.page());
        let file = kind.page().rsplit('/').next().unwrap();
        let row = format!("| [`{kind:?}`]({file}) | `{}` |", kind.reference());
        assert!(index.contains(&row), "the index lacks the row: {row}");
    }
}

#[test]
fn every_kind_is_produced_and_told() {
    let elsewhere = |kind: &Kind| COMPILE_ERRORS.contains(kind) || OF_SERVERS.contains(kind);
    for kind in Kind::ALL.into_iter().filter(|kind| !elsewhere(kind)) {
        let name = kind.page().rsplit('/').next().unwrap();
        let text =
            fs::read_to_string(told::folder().join("kinds").join(name).with_extension("txt")).unwrap_or_default();
        assert!(text.starts_with(&format!("{kind:?}: ")), "{kind:?} is not told: {text:?}");
    }
}

#[test]
fn pages_are_of_kinds() {
    let names: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind.page().to_owned()).collect();
    for entry in fs::read_dir(book().join("docs/errors")).expect("the folder is there") {
        let name = format!("docs/errors/{}", entry.expect("an entry").file_name().display());
        assert!(names.contains(&name) || name.ends_with("README.md"), "{name} is the page of no kind");
    }
}
