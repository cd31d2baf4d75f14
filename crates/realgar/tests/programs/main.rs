//! Random programs of session operations against Realgar and against a plain model of what tables and objects must hold.
//!
//! `REALGAR_PROGRAMS=1000000 REALGAR_SEED=7 cargo test --release --test programs random -- --nocapture` runs more of them,
//! or others. A program that fails is made short and printed; paste it into `regressions.rs`.

mod generate;
mod look;
mod model;
mod program;
mod regressions;
mod run;
mod schemas;
mod shrink;
mod typed;

use std::{
    env,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Instant,
};

use program::Program;
use run::{Bench, Mismatch, Trace};
use schemas::Schema;

/// One thread's databases.
pub(crate) struct Benches {
    runtime: tokio::runtime::Runtime,
    memory: Vec<Option<Bench>>,
}

impl Benches {
    pub(crate) fn new() -> Benches {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        Benches { runtime, memory: Schema::ALL.iter().map(|_| None).collect() }
    }

    /// Runs a program; a panic is a mismatch, too, and takes its database with it.
    pub(crate) fn run(&mut self, program: &Program) -> Result<Trace, Mismatch> {
        let bench = self.memory[program.schema as usize].take();
        let runtime = &self.runtime;
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            runtime.block_on(async {
                let bench = match bench {
                    Some(bench) => bench,
                    None => Bench::new(program.schema, None).await.expect("a database in memory"),
                };
                let result = run::run(&bench, program).await;
                (bench, result)
            })
        }));
        match ran {
            Ok((bench, result)) => {
                self.memory[program.schema as usize] = Some(bench);
                result
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something else");
                Err(Mismatch { at: usize::MAX, what: format!("a panic: {text}") })
            }
        }
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

/// The first seed whose program fails.
fn search(first: u64, programs: u64) -> Option<u64> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let (next, failed) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let found = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut benches = Benches::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= programs || found.load(Ordering::Relaxed) {
                        return;
                    }
                    if benches.run(&generate::program(first + index)).is_err() {
                        failed.fetch_min(first + index, Ordering::Relaxed);
                        found.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    (failed != u64::MAX).then_some(failed)
}

#[test]
fn random_programs_agree_with_the_model() {
    let (first, programs) = (number("REALGAR_SEED", 0), number("REALGAR_PROGRAMS", 20_000));
    let start = Instant::now();
    let Some(seed) = search(first, programs) else {
        println!("{programs} programs from seed {first}: all agree, {:.1} s", start.elapsed().as_secs_f64());
        return;
    };
    let mut benches = Benches::new();
    let program = generate::program(seed);
    let short = shrink::shrink(program, &mut |program| benches.run(program).is_err());
    let mismatch = benches.run(&short).expect_err("it failed just now");
    let at = short.ops.get(mismatch.at).map_or_else(|| "somewhere".to_owned(), |op| format!("at `{op}`"));
    panic!("seed {seed} fails {at}: {}\n\n{short}\n", mismatch.what);
}

#[test]
fn a_program_is_printed_and_parsed_again() {
    for seed in 0..400 {
        let program = generate::program(seed);
        assert_eq!(program.to_string().parse::<Program>().as_ref(), Ok(&program));
        assert_eq!(generate::sensible(&program), program, "seed {seed}: what was generated makes sense");
    }
    assert!("library\nfly author0".parse::<Program>().is_err());
}
