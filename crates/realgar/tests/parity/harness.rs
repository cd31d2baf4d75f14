//! The harness: runs a scenario on a database of its own, step by step, and lists where it differs from its recording.

mod sent;

use std::cell::{Cell, RefCell};

use realgar::{Builder, Db, Error, ModelDesc, Recorder, Result, Statement};
use serde_json::Value;

use crate::{
    compare::{self, Line},
    files::Folder,
    mismatch::Mismatch,
    recording::{Check, Recording, Step},
};

/// A scenario that is under way. It is lent shared, so that a step can print and check.
pub(crate) struct Run<'r> {
    recording: &'r Recording,
    folder: Folder,
    /// Databases beside the scenario's own.
    aside: RefCell<Vec<Folder>>,
    recorder: RefCell<Option<Recorder>>,
    printed: RefCell<Vec<Line>>,
    checked: Cell<usize>,
    /// The steps so far, each with its statements.
    sent: RefCell<Vec<(String, usize)>>,
    /// The statements of the last step.
    last: RefCell<Vec<Statement>>,
    mismatches: RefCell<Vec<Mismatch>>,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) mismatches: Vec<Mismatch>,
    sent: Vec<(String, usize)>,
}

impl Report {
    /// How many statements a step sent.
    pub(crate) fn sent(&self, step: &str) -> usize {
        let found = self.sent.iter().find(|(name, _)| name == step);
        found.unwrap_or_else(|| panic!("no step `{step}` was run")).1
    }

    #[track_caller]
    pub(crate) fn assert_same(&self) {
        let list: Vec<String> = self.mismatches.iter().map(ToString::to_string).collect();
        assert!(list.is_empty(), "{} mismatches (- reference, + here)\n\n{}\n", list.len(), list.join("\n\n"));
    }
}

/// Runs a scenario and compares everything with the recording.
pub(crate) async fn run(recording: &Recording, scenario: impl AsyncFnOnce(&Run<'_>) -> Result<()>) -> Report {
    let run = Run {
        recording,
        folder: Folder::new().await,
        aside: RefCell::default(),
        recorder: RefCell::default(),
        printed: RefCell::default(),
        checked: Cell::default(),
        sent: RefCell::default(),
        last: RefCell::default(),
        mismatches: RefCell::default(),
    };
    let result = scenario(&run).await;
    let mut mismatches = run.mismatches.take();
    mismatches.extend(result.err().map(|error| Mismatch::Failed(error.to_string())));
    let (steps, checks) = (run.sent.borrow().len(), run.checked.get());
    mismatches.extend(compare::left_out(recording, steps, checks));
    mismatches.extend(compare::lines(&recording.lines, &run.printed.borrow()));
    // A recording without tables was made without asking for them.
    if !recording.tables.is_empty() {
        mismatches.extend(compare::tables(&recording.tables, &run.folder.tables().await));
    }
    Report { mismatches, sent: run.sent.take() }
}

impl Run<'_> {
    /// A database of the scenario's own, watched from here on.
    pub(crate) async fn connect(&self, models: impl AsRef<[&'static ModelDesc]>) -> Result<Db> {
        self.open(Db::builder(models)).await
    }

    /// The same with settings.
    pub(crate) async fn open(&self, builder: Builder) -> Result<Db> {
        let db = builder.connect(&self.folder.url()).await?;
        self.recorder.replace(Some(db.recorder()));
        Ok(db)
    }

    /// Another database, whose tables are not compared, watched from here on instead of the one before.
    pub(crate) async fn connect_aside(&self, models: impl AsRef<[&'static ModelDesc]>) -> Result<Db> {
        let folder = Folder::new().await;
        let db = Db::connect(&folder.url(), models).await;
        self.aside.borrow_mut().push(folder);
        let db = db?;
        self.recorder.replace(Some(db.recorder()));
        Ok(db)
    }

    /// Prints a line.
    pub(crate) fn out(&self, line: impl Into<String>) {
        self.print(Line::Text(line.into()));
    }

    pub(crate) fn print(&self, line: Line) {
        self.printed.borrow_mut().push(line);
    }

    /// What was printed so far.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.printed.borrow().iter().map(Line::shown).collect()
    }

    /// The recording, and what is recorded for the next step and the next check.
    pub(crate) fn recorded(&self) -> (&Recording, Option<&Step>, Option<&Check>) {
        let (step, check) = (self.sent.borrow().len(), self.checked.get());
        (self.recording, self.recording.steps.get(step), self.recording.checks.get(check))
    }

    /// An assertion of the scenario: the value must be the one that the reference gave. None may be left out.
    pub(crate) fn check(&self, name: &str, value: impl Into<Value>) {
        let got = Some((name.to_owned(), value.into()));
        let (_, _, recorded) = self.recorded();
        self.checked.set(self.checked.get() + 1);
        let recorded = recorded.map(|check| (check.name.clone(), check.value.clone()));
        if recorded != got {
            self.note(Mismatch::Check { recorded, got });
        }
    }

    /// A check that has another value here, as is known.
    pub(crate) fn pass_check(&self) {
        self.checked.set(self.checked.get() + 1);
    }

    /// The next step of the recording.
    pub(crate) async fn step<T>(&self, name: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let (recorded, result) = self.watch(name, work).await;
        let class = recorded.and_then(|step| step.error.as_ref());
        self.compare_kinds(name, class, result.as_ref().err().map(Error::kind));
        result
    }

    /// A step up to its statements and marks: what is recorded for it, and what came of it.
    pub(crate) async fn watch<T>(&self, name: &str, work: impl Future<Output = T>) -> (Option<&Step>, T) {
        self.events(); // what lies between two steps is compared with nothing
        let result = work.await;
        let at = self.sent.borrow().len();
        let recorded = self.recording.steps.get(at);
        if recorded.is_none_or(|step| step.name != name) {
            self.note(Mismatch::Step { recorded: recorded.map(|step| step.name.clone()), run: Some(name.to_owned()) });
        }
        // A step out of order is noted once, and still compared with its own recording.
        let recorded = self.recording.steps[at.min(self.recording.steps.len())..]
            .iter()
            .chain(&self.recording.steps)
            .find(|step| step.name == name);
        self.compare_events(name, recorded);
        (recorded, result)
    }

    /// The next step of the recording, which ends with an error; its class is printed.
    pub(crate) async fn error<T>(&self, name: &str, work: impl Future<Output = Result<T>>) {
        let at = self.sent.borrow().len();
        let Err(error) = self.step(name, work).await else { return };
        let recorded = self.recording.steps.get(at).and_then(|step| step.error.as_ref());
        let mut classes = vec![error.kind().reference().to_owned()];
        classes.extend(recorded.map(|recorded| recorded.class.clone()));
        self.print(Line::Error(classes));
    }

    pub(crate) fn note(&self, mismatch: Mismatch) {
        self.mismatches.borrow_mut().push(mismatch);
    }
}
