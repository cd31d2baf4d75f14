//! Processor time of the database server, if there is one: of its processes that serve the database of the benchmark.

use std::{fs, time::Duration};

use crate::POSTGRES_WORK;

pub fn processor() -> Duration {
    if !std::env::args().nth(1).is_some_and(|target| target.starts_with("postgres")) {
        return Duration::ZERO;
    }
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let title = format!("postgres: postgres {POSTGRES_WORK} ");
    let serving = processes
        .filter(|path| fs::read(path.join("cmdline")).is_ok_and(|command| command.starts_with(title.as_bytes())));
    let nanoseconds = serving.filter_map(|path| {
        let times = fs::read_to_string(path.join("schedstat")).ok()?;
        times.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}
