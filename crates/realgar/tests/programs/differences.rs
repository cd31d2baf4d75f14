//! Why a program may end otherwise than on the reference. Everything else is compared.

use crate::{
    model::{Life, Model},
    program::{Op, Program},
    recorded::Recorded,
    run::Trace,
};

/// What is known of a program that ends differently.
struct Case<'a> {
    program: &'a Program,
    here: &'a Trace,
    there: &'a Recorded,
}

impl Case<'_> {
    /// Whether an operation like this has this error there, and none here.
    fn error_there(&self, class: &str, op: impl Fn(&Op) -> bool) -> bool {
        self.there.errors.iter().any(|(at, error)| {
            error == class && op(&self.program.ops[*at]) && !self.here.errors.iter().any(|(here, _)| here == at)
        })
    }

    /// Whether all is the same but for errors of operations like this here, which have none there.
    fn same_but_for(&self, class: &str, op: impl Fn(&Op) -> bool) -> bool {
        let there = |at: &usize| self.there.errors.iter().any(|(there, _)| there == at);
        let extra = |(at, error): &&(usize, &str)| *error == class && op(&self.program.ops[*at]) && !there(at);
        let left = self.here.errors.iter().filter(|error| !extra(error)).map(|&(at, class)| (at, class.to_owned()));
        left.eq(self.there.errors.iter().cloned()) && self.here.tables.last() == Some(&self.there.tables)
    }

    /// Whether at some time, before an operation, this holds.
    fn sometime(&self, holds: impl Fn(&Model, &Op) -> bool) -> bool {
        let mut model = Model::new(self.program.schema);
        self.program.ops.iter().any(|op| {
            let found = holds(&model, op);
            model.apply(op);
            found
        })
    }
}

/// A reason, how many programs it holds for, and whether it does for this one. The first reason counts.
type Difference = (&'static str, usize, fn(&Case<'_>) -> bool);

#[rustfmt::skip]
const DIFFERENCES: &[Difference] = &[
    ("rows that are there already may refer to one another in a circle: a CircularDependencyError there, whatever is to be written", 146,
        |case| case.error_there("CircularDependencyError", |_| true)),
    ("an object whose deletion was committed has no row to delete: there it is taken in again, and nothing is deleted", 69,
        |case| case.same_but_for("InvalidRequestError", |op| matches!(op, Op::Delete(_)))),
    ("a new object that left its owner can find another one before the flush: there it is let go at once", 71,
        |case| case.sometime(|model, _| model.left().any(|var| model.life.get(&var) == Some(&Life::Pending)))),
    ("deletions cascade in the flush, to what is related then: there at once, to what is related at the call", 89,
        |case| case.sometime(|model, op| model.is_deleting() && moves(op))),
    ("a rollback puts back an object that was new in it and deleted in it: there it fails, not being able to", 5,
        |case| case.error_there("InvalidRequestError", |op| matches!(op, Op::Rollback | Op::Close | Op::Undo | Op::Keep))),
    ("what is new, or newly related, goes with the object that it is related to: there it is written all the same, and refused", 48,
        |case| case.sometime(|model, op| matches!(op, Op::Delete(var) if model.is_newly_related(*var)))),
    ("a collection is changed without loading it: there it is loaded first, and what is pending flushed before that", 17,
        |case| case.sometime(|model, op| matches!(op, Op::Append(..) | Op::Remove(..) | Op::Replace(..)) && model.is_waiting())),
    ("an association row goes once: there, both sides delete it after a removal and a deletion, and the second finds none", 1,
        |case| case.error_there("StaleDataError", |_| true)),
];

fn moves(op: &Op) -> bool {
    matches!(
        op,
        Op::Add(..) | Op::Append(..) | Op::Remove(..) | Op::Set(..) | Op::Replace(..) | Op::Assign(..) | Op::Again(..)
    )
}

/// The reasons, and how many programs each holds for.
pub fn reasons() -> impl Iterator<Item = (&'static str, usize)> {
    DIFFERENCES.iter().map(|(reason, programs, _)| (*reason, *programs))
}

/// The first reason that a program gives to differ.
pub fn difference(program: &Program, here: &Trace, there: &Recorded) -> Option<&'static str> {
    let case = Case { program, here, there };
    DIFFERENCES.iter().find(|(_, _, holds)| holds(&case)).map(|(reason, ..)| *reason)
}
