//! What a step sent, and how that compares with what was recorded for it.

use realgar::{Event, Kind, Recorder};

use crate::{
    harness::Run,
    kinds::Kinds,
    mismatch::Mismatch,
    recording::{self, Step},
};

impl Run<'_> {
    /// What the last step wrote: `["INSERT posts x2"]`.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.kinds().into_iter().filter(|kind| !kind.starts_with("SELECT")).collect()
    }

    /// What the last step sent: `["SELECT posts", "UPDATE posts x2"]`.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let mut kinds = Kinds::default();
        self.last
            .borrow()
            .iter()
            .for_each(|statement| kinds.add(&statement.sql.replace('`', "\""), statement.executions));
        kinds.spelled()
    }

    /// The texts of what the last step sent.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.last.borrow().iter().map(|statement| statement.sql.replace('`', "\"")).collect()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.recorder.borrow().as_ref().map(Recorder::take).unwrap_or_default()
    }

    pub(super) fn compare_events(&self, name: &str, recorded: Option<&Step>) {
        let (mut statements, mut seen) = (Vec::new(), Vec::new());
        for event in self.events() {
            match event {
                Event::Statement(statement) => statements.push(statement),
                mark => seen.push(format!("{mark:?}").to_uppercase()),
            }
        }
        self.last.replace(statements);
        let sent = self.texts();
        self.sent.borrow_mut().push((name.to_owned(), sent.len()));
        let Some(step) = recorded else { return };
        // The recorder counts a batch once, so the reference's batches count once too.
        let allowed = step.count.min(step.count_batched);
        if sent.len() > allowed {
            self.note(Mismatch::Statements { step: name.to_owned(), allowed, sent });
        }
        if seen != step.transactions {
            let recorded = step.transactions.clone();
            self.note(Mismatch::Transactions { step: name.to_owned(), recorded, seen });
        }
    }

    pub(super) fn compare_kinds(&self, step: &str, recorded: Option<&recording::Error>, kind: Option<Kind>) {
        let same = match (recorded, kind) {
            (None, None) => true,
            // The root of all errors would agree with each of them.
            (Some(_), Some(Kind::Other)) => false,
            (Some(recorded), Some(kind)) => recorded.is_a(kind.reference()),
            _ => false,
        };
        if !same {
            let recorded = recorded.map(|recorded| recorded.class.clone());
            let met = kind.map(|kind| kind.reference().to_owned());
            self.note(Mismatch::Error { step: step.to_owned(), recorded, met });
        }
    }
}
