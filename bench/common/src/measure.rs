//! Time of the processor and memory. Processor time of the whole process is steadier than the clock on a shared machine.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// `<database> <workload,…>`; `REPEATS` in the environment says how often each is timed (7), after one run to warm up.
pub struct Args {
    pub target: String,
    only: Vec<String>,
}

impl Args {
    pub fn parse() -> Args {
        let mut words = std::env::args().skip(1);
        let target = words.next().expect("usage: <database> <workload,…>");
        let only = words.next().unwrap_or_else(|| "all".to_owned());
        Args { target, only: only.split(',').map(str::to_owned).collect() }
    }

    /// Whether this workload is asked for: by its name, or by the beginning of it (`w3` is `w3_joined`, too). W8 is
    /// never among `all`, since it measures the memory of the whole process.
    pub fn wants(&self, name: &str) -> bool {
        let under = |only: &str| name.strip_prefix(only).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        self.only.iter().any(|only| (only == "all" && name != "w8") || under(only))
    }

    pub fn says(&self, word: &str) -> bool {
        self.only.iter().any(|only| only == word)
    }
}

fn processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[derive(Clone, Copy)]
struct Times {
    clock: Duration,
    processor: Duration,
}

/// Runs from its making to the end of the workload; `start` and `stop` leave out what prepares and cleans up.
pub struct Timer {
    start: (Instant, Duration),
    stopped: Option<Times>,
}

impl Timer {
    fn new() -> Timer {
        Timer { start: (Instant::now(), processor()), stopped: None }
    }

    pub fn start(&mut self) {
        self.start = (Instant::now(), processor());
    }

    pub fn stop(&mut self) {
        let processor = processor() - self.start.1;
        self.stopped = Some(Times { clock: self.start.0.elapsed(), processor });
    }

    fn times(mut self) -> Times {
        if self.stopped.is_none() {
            self.stop();
        }
        self.stopped.unwrap_or(Times { clock: Duration::ZERO, processor: Duration::ZERO })
    }
}

/// Times `run`, which answers a sum, and prints one line, its words parted by tabs:
/// peer, workload, unit, clock median, clock least, processor median, processor least (nanoseconds a unit), sum.
pub fn bench(args: &Args, peer: &str, name: &str, units: i64, unit: &str, mut run: impl FnMut(&mut Timer) -> u64) {
    if !args.wants(name) {
        return;
    }
    let repeats: usize = std::env::var("REPEATS").ok().and_then(|repeats| repeats.parse().ok()).unwrap_or(7);
    let mut sum = 0;
    let mut times = Vec::new();
    for turn in 0..=repeats {
        let mut timer = Timer::new();
        sum = run(&mut timer);
        if turn > 0 {
            times.push(timer.times());
        }
    }
    let (clock, clock_least) = median(times.iter().map(|times| times.clock), units);
    let (processor, processor_least) = median(times.iter().map(|times| times.processor), units);
    println!("{peer}\t{name}\t{unit}\t{clock:.1}\t{clock_least:.1}\t{processor:.1}\t{processor_least:.1}\t{sum}");
}

fn median(times: impl Iterator<Item = Duration>, units: i64) -> (f64, f64) {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    let per_unit = |time: Duration| time.as_nanos() as f64 / units as f64;
    (per_unit(times[times.len() / 2]), per_unit(times[0]))
}

/// Runs `load`, which answers a sum and the number of rows it holds in memory, and prints one line: peer, `w8`, `row`, the
/// process's greatest memory after and before (KiB), bytes a row twice, sum. Alone in its process.
pub fn memory(args: &Args, peer: &str, load: impl FnOnce() -> (u64, usize)) {
    if !args.wants("w8") {
        return;
    }
    let before = peak();
    let (sum, rows) = load();
    let after = peak();
    let bytes = (after - before) as f64 * 1024.0 / rows as f64;
    println!("{peer}\tw8\trow\t{after}\t{before}\t{bytes:.1}\t{bytes:.1}\t{sum}");
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
