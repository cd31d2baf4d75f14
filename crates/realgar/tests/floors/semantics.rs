//! `docs/semantics.md` against the tests: every row once, every test there, every count right.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// How many rows the reference's behaviour has.
const ROWS: usize = 160;
/// How many rows of P0 and P1 may differ.
const MAY_DIFFER: usize = 25;
/// How many rows a test may serve.
const ROWS_OF_A_TEST: usize = 3;

/// A line of a table: `| 41 | behaviour (P0) | same | `r041_…` |`.
#[derive(Debug)]
struct Row {
    number: usize,
    /// `P0`, `P1`, `P2`
    priority: String,
    /// `same`, `different`, `not yet`; behind a colon, why.
    verdict: String,
    tests: Vec<String>,
}

impl Row {
    fn parse(line: &str) -> Option<Row> {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").map(str::trim).collect();
        let [number, behaviour, verdict, ref rest @ ..] = cells[..] else { return None };
        let priority = behaviour.strip_suffix(')')?.rsplit_once('(')?.1.to_owned();
        let tests = rest.concat().split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some(Row { number: number.parse().ok()?, priority, verdict: verdict.to_owned(), tests })
    }

    /// `same`, `different`, `not yet`
    fn word(&self) -> &str {
        self.verdict.split(':').next().unwrap_or_default()
    }
}

fn crate_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    let path = crate_root().join("../../docs/semantics.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rows() -> Vec<Row> {
    document().lines().filter_map(Row::parse).collect()
}

/// The tests of the suite that show a row: functions in the sources, headings in Markdown as `rows/refused.md#r031_…`.
fn tests() -> BTreeSet<String> {
    let suite = crate_root().join("tests/suite");
    let mut found = BTreeSet::new();
    let mut folders: Vec<PathBuf> = vec![suite.clone(), crate_root().join("../realgar-axum/tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the suite can be read") {
            let path = entry.expect("a folder's entry can be read").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let place = path.strip_prefix(&suite).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let name = |line: &str| match path.extension().and_then(|extension| extension.to_str())? {
                "rs" => {
                    Some(line.trim().trim_start_matches("async ").strip_prefix("fn ")?.split_once('(')?.0.to_owned())
                }
                "md" => Some(format!("{place}#{}", line.strip_prefix("# ")?)),
                _ => None,
            };
            found.extend(text.lines().filter_map(name).filter(|name| row_of(name).is_some()));
        }
    }
    found
}

/// The cases that do not compile: `cases/foreign_keys/none_between_the_tables.rs`.
fn cases() -> BTreeSet<String> {
    let root = crate_root().join("../realgar-compile-fail");
    let folders = fs::read_dir(root.join("cases")).expect("the cases can be read");
    let files = folders.flat_map(|folder| fs::read_dir(folder.expect("an entry").path()).expect("a folder of cases"));
    let paths = files.map(|file| file.expect("an entry").path());
    let names = paths.filter_map(|path| Some(path.strip_prefix(&root).ok()?.to_string_lossy().replace('\\', "/")));
    names.filter(|name| name.ends_with(".rs")).collect()
}

/// 41 of `r041_append`, and of `rows/refused.md#r041_append`.
fn row_of(test: &str) -> Option<usize> {
    let name = test.rsplit('#').next()?;
    let (number, words) = name.strip_prefix('r')?.split_once('_')?;
    (number.len() == 3 && !words.is_empty()).then(|| number.parse().ok()).flatten()
}

#[test]
fn every_row_stands_once_and_in_order() {
    let numbers: Vec<usize> = rows().iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=ROWS).collect::<Vec<_>>());
}

#[test]
fn every_row_says_how_it_is_here_and_names_its_tests() {
    let mut tests = tests();
    tests.extend(cases());
    assert!(tests.len() >= ROWS / ROWS_OF_A_TEST, "the reader found {} tests", tests.len());
    for row in rows() {
        assert!(["same", "different", "not yet"].contains(&row.word()), "{row:?}");
        assert!(row.word() != "different" || row.verdict.len() > "different: ".len(), "it says why: {row:?}");
        assert!(row.word() == "not yet" || !row.tests.is_empty(), "it has a test: {row:?}");
        for test in &row.tests {
            assert!(tests.contains(test), "`{test}` of row {} is not there", row.number);
        }
    }
}

#[test]
fn every_test_is_named_at_its_row_and_serves_three_at_most() {
    let mut served: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in rows() {
        row.tests.into_iter().for_each(|test| served.entry(test).or_default().push(row.number));
    }
    for (test, rows) in served.iter().filter(|(test, _)| row_of(test).is_none()) {
        assert!(rows.len() <= ROWS_OF_A_TEST, "`{test}` serves rows {rows:?}");
    }
    for test in tests() {
        let rows = served.get(&test).map_or(&[][..], Vec::as_slice);
        assert!(row_of(&test).is_some_and(|row| rows.contains(&row)), "`{test}` is not named at its row");
        assert!(rows.len() <= ROWS_OF_A_TEST, "`{test}` serves rows {rows:?}");
    }
}

#[test]
fn the_head_counts() {
    let document = document();
    let rows = rows();
    let count =
        |word: &str, priority: &str| rows.iter().filter(|row| row.word() == word && row.priority == priority).count();
    for word in ["same", "different", "not yet"] {
        let [p0, p1, p2] = ["P0", "P1", "P2"].map(|priority| count(word, priority));
        let line = format!("| {word} | {p0} | {p1} | {p2} |");
        assert!(document.lines().any(|other| other == line), "the head says `{line}`");
    }
    let differ = count("different", "P0") + count("different", "P1");
    assert!(differ <= MAY_DIFFER, "{differ} rows differ");
}

/// The reader itself reads.
#[test]
fn a_line_of_the_table_is_read() {
    let row = Row::parse("| 41 | append (P0) | different: so | `r041_append`, `rows/refused.md#r041_none` |").unwrap();
    assert_eq!((row.number, row.priority.as_str(), row.word(), row.tests.len()), (41, "P0", "different", 2));
    assert!(Row::parse("| same | 1 | 2 | 3 |").is_none() && Row::parse("|---|---|---|---|").is_none());
    assert_eq!(
        [row_of("r041_a"), row_of("a.md#r007_b"), row_of("run_of"), row_of("r41_a")],
        [Some(41), Some(7), None, None]
    );
}
