//! The harness itself: whatever is altered in a recording, it reports that and nothing else.

use realgar::Result;
use serde_json::json;

use crate::{
    harness::{self, Run},
    mismatch::Mismatch,
    recording::{Check, Recording},
    s0_01_one_to_many, s0_02_many_to_many,
};

/// What a scenario mismatches in its altered recording.
async fn mismatches(
    name: &str,
    scenario: impl AsyncFnOnce(&Run<'_>) -> Result<()>,
    alter: impl FnOnce(&mut Recording),
) -> Vec<Mismatch> {
    let mut recording = Recording::of(name);
    alter(&mut recording);
    harness::run(&recording, scenario).await.mismatches
}

/// The same for `s0_01_one_to_many`.
async fn altered(alter: impl FnOnce(&mut Recording)) -> Vec<Mismatch> {
    mismatches("s0_01_one_to_many", s0_01_one_to_many::run, alter).await
}

#[tokio::test]
async fn nothing_altered_is_no_mismatch() {
    assert_eq!(altered(|_| ()).await, []);
}

#[tokio::test]
async fn a_line_altered_is_found() {
    let found = altered(|recording| recording.lines[1] = "Author of 'Hello': Eve".into()).await;
    let [recorded, printed] = ["Author of 'Hello': Eve", "Author of 'Hello': Ada"].map(|line| Some(line.to_owned()));
    assert_eq!(found, [Mismatch::Line { number: 2, recorded, printed }]);
    assert_eq!(found[0].to_string(), "line 2\n  - Author of 'Hello': Eve\n  + Author of 'Hello': Ada");
}

#[tokio::test]
async fn lines_missing_and_lines_too_many_are_found() {
    let found = altered(|recording| recording.lines.push("More".into())).await;
    assert_eq!(found, [Mismatch::Line { number: 3, recorded: Some("More".into()), printed: None }]);
    let found = altered(|recording| recording.lines.truncate(1)).await;
    let printed = Some("Author of 'Hello': Ada".to_owned());
    assert_eq!(found, [Mismatch::Line { number: 2, recorded: None, printed }]);
}

#[tokio::test]
async fn a_row_altered_is_found() {
    let found = altered(|recording| recording.tables.get_mut("posts").unwrap().rows[1][1] = json!("Welt")).await;
    let (recorded, row) = (Some(json!([2, "Welt", 1])), Some(json!([2, "World", 1])));
    assert_eq!(found, [Mismatch::Row { table: "posts".into(), number: 2, recorded, found: row }]);
}

#[tokio::test]
async fn rows_missing_and_rows_too_many_are_found() {
    let found = altered(|recording| recording.tables.get_mut("users").unwrap().rows.push(json!([2, "Bob"]))).await;
    let recorded = Some(json!([2, "Bob"]));
    assert_eq!(found, [Mismatch::Row { table: "users".into(), number: 2, recorded, found: None }]);
    let found = altered(|recording| recording.tables.get_mut("users").unwrap().rows.clear()).await;
    let row = Some(json!([1, "Ada"]));
    assert_eq!(found, [Mismatch::Row { table: "users".into(), number: 1, recorded: None, found: row }]);
}

#[tokio::test]
async fn a_column_altered_is_found() {
    let found = altered(|recording| recording.tables.get_mut("users").unwrap().columns[1] = "title".into()).await;
    let [recorded, columns] = [["id", "title"], ["id", "name"]].map(|columns| Some(columns.map(String::from).to_vec()));
    assert_eq!(found, [Mismatch::Columns { table: "users".into(), recorded, found: columns }]);
}

/// Its columns are what only one side has, and so are its rows.
#[tokio::test]
async fn a_table_that_was_not_recorded_is_found() {
    let alter = |recording: &mut Recording| drop(recording.tables.remove("post_tag"));
    let found = mismatches("s0_02_many_to_many", s0_02_many_to_many::run, alter).await;
    let columns = Some(vec!["post_id".to_owned(), "tag_id".to_owned()]);
    assert_eq!(found[0], Mismatch::Columns { table: "post_tag".into(), recorded: None, found: columns });
    assert_eq!(found.len(), 1 + 3, "and its three rows");
}

#[tokio::test]
async fn a_count_lowered_is_found() {
    let step = "fresh session: lazy collection";
    let found = altered(|recording| recording.step_mut(step).count = 0).await;
    let [Mismatch::Statements { step: name, allowed: 0, sent }] = &found[..] else { panic!("{found:?}") };
    assert_eq!((name.as_str(), sent.len()), (step, 1));
    assert!(sent[0].contains(r#"FROM "posts""#), "the report shows what was sent: {}", sent[0]);
}

#[tokio::test]
async fn a_transaction_mark_altered_is_found() {
    let found = altered(|recording| recording.step_mut("add + commit").transactions[1] = "ROLLBACK".into()).await;
    let [recorded, seen] = [["BEGIN", "ROLLBACK"], ["BEGIN", "COMMIT"]].map(|marks| marks.map(String::from).to_vec());
    assert_eq!(found, [Mismatch::Transactions { step: "add + commit".into(), recorded, seen }]);
}

#[tokio::test]
async fn a_step_altered_or_left_out_is_found() {
    let found = altered(|recording| recording.step_mut("add + commit").name = "add".into()).await;
    let (recorded, run) = (Some("add".to_owned()), Some("add + commit".to_owned()));
    assert_eq!(found, [Mismatch::Step { recorded, run }]);
    let found = altered(|recording| recording.steps.push(recording.steps[1].clone())).await;
    let recorded = Some("build graph in memory (no SQL)".to_owned());
    assert_eq!(found, [Mismatch::Step { recorded, run: None }]);
}

#[tokio::test]
async fn a_check_altered_or_left_out_is_found() {
    let found = altered(|recording| recording.checks[2].value = json!(false)).await;
    let [recorded, got] = [false, true].map(|same| Some(("identity".to_owned(), json!(same))));
    assert_eq!(found, [Mismatch::Check { recorded, got }]);
    let check = Check { name: "more".into(), value: json!(1) };
    let found = altered(|recording| recording.checks.push(check)).await;
    assert_eq!(found, [Mismatch::Check { recorded: Some(("more".into(), json!(1))), got: None }]);
}
