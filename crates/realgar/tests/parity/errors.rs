//! The harness with errors: a small recording of its own, since none of those that stand here has one.

use realgar::{Result, prelude::*};
use serde_json::json;

use crate::{
    harness::{self, Run},
    mismatch::Mismatch,
    recording::Recording,
};

#[derive(Model)]
#[model(table = "people")]
struct Person {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
}

const STEP: &str = "add Ada twice";

fn recording() -> Recording {
    let bases = ["IntegrityError", "DatabaseError", "DBAPIError", "StatementError", "SQLAlchemyError"];
    Recording::from(&json!({
        "name": "errors",
        "stdout": ["Ada", "IntegrityError: (sqlite3.IntegrityError) UNIQUE constraint failed: people.name"],
        "steps": [
            { "step": "add Ada", "count": 1, "count_batched": 1, "transactions": ["BEGIN", "COMMIT"] },
            { "step": STEP, "count": 1, "count_batched": 1, "transactions": ["BEGIN", "ROLLBACK"],
              "error": { "type": "IntegrityError", "bases": bases } },
        ],
        "checks": [{ "check": format!("error in '{STEP}'"), "expected": true }],
        "tables": { "people": { "columns": ["id", "name"], "rows": [[1, "Ada"]] } },
    }))
}

async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Person]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let ada = s.add(new!(Person { name: "Ada" }));
    run.step("add Ada", s.commit()).await?;
    run.out(&s[ada].name);
    s.add(new!(Person { name: "Ada" }));
    run.error(STEP, s.commit()).await;
    s.close().await
}

async fn altered(alter: impl FnOnce(&mut Recording)) -> Vec<Mismatch> {
    let mut recording = recording();
    alter(&mut recording);
    harness::run(&recording, run).await.mismatches
}

fn error(recorded: Option<&str>, met: Option<&str>) -> Mismatch {
    Mismatch::Error { step: STEP.into(), recorded: recorded.map(Into::into), met: met.map(Into::into) }
}

#[tokio::test]
async fn the_same_error_is_no_mismatch() {
    assert_eq!(altered(|_| ()).await, []);
}

/// Else a step that ends with an error could send anything.
#[tokio::test]
async fn a_statement_that_fails_counts() {
    assert_eq!(harness::run(&recording(), run).await.sent(STEP), 1);
}

#[tokio::test]
async fn a_kind_altered_is_found() {
    let found = altered(|recording| {
        let error = recording.step_mut(STEP).error.as_mut().unwrap();
        error.class = "OperationalError".into();
        error.bases[0] = "OperationalError".into();
    });
    assert_eq!(found.await, [error(Some("OperationalError"), Some("IntegrityError"))]);
    let found = altered(|recording| recording.lines[1] = "OperationalError: database is locked".into()).await;
    assert!(matches!(&found[..], [Mismatch::Line { number: 2, .. }]), "{found:?}");
}

#[tokio::test]
async fn an_error_on_one_side_only_is_found() {
    let found = altered(|recording| recording.step_mut(STEP).error = None).await;
    assert_eq!(found, [error(None, Some("IntegrityError"))]);
    let found = altered(|recording| {
        recording.steps[0].error = recording.steps[1].error.clone();
    });
    let found = found.await;
    let [Mismatch::Error { step, recorded: Some(class), met: None }] = &found[..] else { panic!("{found:?}") };
    assert_eq!((step.as_str(), class.as_str()), ("add Ada", "IntegrityError"));
}

#[tokio::test]
async fn a_scenario_that_fails_is_found() {
    let failing = async |_: &Run<'_>| Err(realgar::Error::new(Kind::Timeout, "nobody came"));
    let found = harness::run(&recording(), failing).await.mismatches;
    assert!(found.contains(&Mismatch::Failed("Timeout: nobody came".into())), "{found:?}");
}
