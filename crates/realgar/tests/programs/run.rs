//! Drives Realgar through a program, and compares with the oracle after every operation.

mod bench;
mod compare;
mod elsewhere;
mod handles;
mod perform;

use std::{collections::HashMap, pin::Pin};

use realgar::{Kind as ErrorKind, prelude::*};

pub use self::bench::Bench;
use crate::{
    model::Model,
    program::{Op, Program},
    schemas::Var,
    typed::{Any, Id},
};

/// Where Realgar and the oracle part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The number of the operation.
    pub at: usize,
    pub what: String,
}

/// What can be compared with the reference: the error of each operation that had one, and the tables of each commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    pub errors: Vec<(usize, &'static str)>,
    pub tables: Vec<String>,
}

/// Runs a program.
pub async fn run(bench: &Bench, program: &Program) -> Result<Trace, Mismatch> {
    let failed = |error: realgar::Error| Mismatch { at: 0, what: error.to_string() };
    bench.clear().await.map_err(failed)?;
    let mut runner = Runner {
        bench,
        model: Model::new(program.schema),
        handles: HashMap::new(),
        ids: HashMap::new(),
        trace: Trace::default(),
        turn: 0,
    };
    let mut s = bench.db.session();
    let mut at = 0;
    match runner.block(&mut s, &program.ops, &mut at).await {
        Ok(()) => Ok(runner.trace),
        Err(what) => Err(Mismatch { at, what }),
    }
}

/// What is said where something is not as it must be.
pub(crate) type Check<T = ()> = Result<T, String>;

fn said(error: realgar::Error) -> String {
    format!("an error that nobody expected: {error}")
}

pub(crate) struct Runner<'b> {
    pub bench: &'b Bench,
    pub model: Model,
    pub handles: HashMap<Var, Any>,
    /// The keys of rows, as far as they are known.
    pub ids: HashMap<Var, Id>,
    trace: Trace,
    /// Which way is looked at next.
    pub turn: usize,
}

impl Runner<'_> {
    /// Runs operations to the end of the program, or of the savepoint.
    fn block<'a>(
        &'a mut self,
        s: &'a mut Session,
        ops: &'a [Op],
        at: &'a mut usize,
    ) -> Pin<Box<dyn Future<Output = Check> + 'a>> {
        Box::pin(async move {
            while let Some(op) = ops.get(*at) {
                match op {
                    Op::Savepoint => self.savepoint(s, ops, at).await?,
                    Op::Keep | Op::Undo => return Ok(()),
                    op => self.step(s, op, *at).await?,
                }
                *at += 1;
            }
            Ok(())
        })
    }

    async fn savepoint(&mut self, s: &mut Session, ops: &[Op], at: &mut usize) -> Check {
        self.model.apply(&Op::Savepoint);
        *at += 1;
        let mut inside = Ok(());
        let result = s.savepoint(async |s| {
            inside = self.block(s, ops, at).await;
            match ops.get(*at) {
                Some(Op::Keep) if inside.is_ok() => Ok(()),
                // A commit is no matter of a savepoint: an error for the asking.
                _ => s.commit().await,
            }
        });
        let result = result.await;
        inside?;
        let end = ops.get(*at).unwrap_or(&Op::Undo);
        let expected = self.model.apply(end);
        self.judge(*at, &expected, result.map(drop))?;
        if *end == Op::Undo {
            self.trace.errors.pop(); // asked for
        }
        self.in_step(s)
    }

    async fn step(&mut self, s: &mut Session, op: &Op, at: usize) -> Check {
        let before = self.model.clone();
        let expected = self.model.apply(op);
        let outcome = self.perform(s, op, &before, expected.is_empty()).await;
        let outcome = match outcome {
            Ok(compared) => {
                compared?;
                Ok(())
            }
            Err(error) => Err(error),
        };
        let failed = outcome.is_err();
        self.judge(at, &expected, outcome)?;
        if failed {
            return Ok(());
        }
        if matches!(op, Op::Commit | Op::Rollback | Op::Close) {
            self.compare_tables().await?;
            self.in_step(s)?;
        }
        Ok(())
    }

    /// The operation ended as it must.
    fn judge(&mut self, at: usize, expected: &[ErrorKind], outcome: realgar::Result<()>) -> Check {
        match outcome {
            Ok(()) if expected.is_empty() => Ok(()),
            Ok(()) => Err(format!("expected {expected:?}, and it succeeded")),
            Err(error) if expected.contains(&error.kind()) => {
                self.trace.errors.push((at, error.kind().reference()));
                Ok(())
            }
            Err(error) if expected.is_empty() => Err(said(error)),
            Err(error) => Err(format!("expected {expected:?}, and got {:?}: {error}", error.kind())),
        }
    }
}
