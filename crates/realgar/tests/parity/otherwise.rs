//! Where this crate does otherwise than the reference, on purpose: said at the place, and listed in `differences.rs`.

use realgar::{Kind, Result};
use serde_json::Value;

use crate::{
    compare::Line,
    differences::{self, At},
    harness::Run,
    mismatch::Mismatch,
};

impl Run<'_> {
    /// The next step of the recording, whose mistake does not get past the compiler here.
    pub(crate) async fn caught_when_compiled(&self, step: &str) {
        self.listed(At::Compiled(step));
        self.passed(step).await;
    }

    /// The next step of the recording, which is no matter of this crate.
    pub(crate) async fn left_out(&self, step: &str) {
        self.listed(At::LeftOut(step));
        self.passed(step).await;
    }

    /// The next step of the recording, which ends with an error there and does its work here.
    pub(crate) async fn no_error<T>(&self, step: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.listed(At::NoError(step));
        let (class, _) = self.recorded_error(step);
        let (_, result) = self.watch(step, work).await;
        self.print(Line::Error(vec![class]));
        result
    }

    /// The next step of the recording, which ends with an error here too, of a kind that is not the recorded class.
    pub(crate) async fn other_error<T>(&self, step: &str, kind: Kind, work: impl Future<Output = Result<T>>) {
        self.listed(At::OtherError(step));
        let (class, is_a) = self.recorded_error(step);
        assert!(!is_a(kind.reference()), "{step}: `{kind:?}` is `{class}`: `error` will do");
        let (_, result) = self.watch(step, work).await;
        let met = result.err().map(|error| error.kind());
        if met != Some(kind) {
            let met = met.map(|met| format!("{met:?}"));
            self.note(Mismatch::Error { step: step.to_owned(), recorded: Some(format!("{kind:?}")), met });
        }
        self.print(Line::Error(vec![class]));
    }

    /// An assertion of the scenario that has another value here: this one.
    pub(crate) fn check_otherwise(&self, name: &str, got: impl Into<Value>, here: impl Into<Value>) {
        self.listed(At::Check(name));
        let (got, here) = (got.into(), here.into());
        let (_, _, check) = self.recorded();
        let recorded = check.map(|check| (check.name.clone(), check.value.clone()));
        if got != here || recorded.as_ref().is_none_or(|(found, value)| found != name || *value == here) {
            self.note(Mismatch::Check { recorded, got: Some((name.to_owned(), got)) });
        }
        self.pass_check();
    }

    /// Prints a line that reads otherwise there.
    pub(crate) fn out_otherwise(&self, recorded: &str, here: impl Into<String>) {
        let here = here.into();
        assert_ne!(recorded, here, "`out` will do");
        self.listed(At::Line(recorded, &here));
        self.print(Line::Otherwise { recorded: recorded.to_owned(), here });
    }

    /// A step of the recording that is an error, and is not run.
    async fn passed(&self, step: &str) {
        let (class, _) = self.recorded_error(step);
        self.watch(step, async {}).await;
        self.print(Line::Error(vec![class]));
    }

    /// The class of the error that is recorded for the next step, and what else it is.
    fn recorded_error(&self, step: &str) -> (String, impl Fn(&str) -> bool) {
        let error = self.recorded().1.and_then(|step| step.error.clone());
        let error = error.unwrap_or_else(|| panic!("no error is recorded for `{step}`"));
        (error.class.clone(), move |class: &str| error.is_a(class))
    }

    #[track_caller]
    fn listed(&self, at: At<'_>) {
        let recording = &self.recorded().0.name;
        assert!(differences::is_listed(recording, at), "{recording}: {at:?} is not listed in `differences.rs`");
    }
}

#[cfg(test)]
mod tests {
    use realgar::Error;

    use super::*;
    use crate::{harness, recording::Recording};

    const OTHER: &str = "removing from the collection would blank a primary key column";

    /// What is found where this step fails with this kind.
    async fn mismatches(kind: Kind) -> Vec<Mismatch> {
        let recording = Recording::of("s4_07_association_object");
        let to_it = async |run: &Run<'_>| {
            for step in recording.steps.iter().take_while(|step| step.name != OTHER) {
                run.watch(&step.name, async {}).await;
            }
            run.other_error(OTHER, Kind::Flush, async { Err::<(), _>(Error::new(kind, "blank")) }).await;
            Ok(())
        };
        let found = harness::run(&recording, to_it).await.mismatches;
        found.into_iter().filter(|found| matches!(found, Mismatch::Error { step, .. } if step == OTHER)).collect()
    }

    #[tokio::test]
    async fn only_the_kind_that_is_said_will_do() {
        assert_eq!(mismatches(Kind::Flush).await, []);
        assert_eq!(mismatches(Kind::Argument).await.len(), 1);
    }

    #[tokio::test]
    #[should_panic(expected = "is not listed in `differences.rs`")]
    async fn what_is_not_listed_cannot_differ() {
        let unlisted = async |run: &Run<'_>| {
            run.left_out("configure_mappers").await;
            Ok(())
        };
        harness::run(&Recording::of("s0_06_no_foreign_keys"), unlisted).await;
    }

    #[tokio::test]
    async fn another_value_than_the_one_said_is_found() {
        let name = "backref attribute absent before mapper configuration, present after first use";
        for (got, mismatches) in [(true, 0), (false, 1)] {
            let one = async |run: &Run<'_>| {
                run.check_otherwise(name, got, true);
                Ok(())
            };
            let found = harness::run(&Recording::of("s1_01_author_book_backref"), one).await.mismatches;
            let of_it = |found: &&Mismatch| matches!(found, Mismatch::Check { got: Some((got, _)), .. } if got == name);
            assert_eq!(found.iter().filter(of_it).count(), mismatches);
        }
    }
}
