//! Time of the processor and memory. Processor time of the whole process is steadier than the clock on a shared machine.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::{CROWD_CONNECTIONS, CROWD_SESSIONS, server, trips::Trips};

/// A workload is not repeated once this much time went into it: some programs need minutes for what takes others a second.
const ENOUGH: Duration = Duration::from_secs(5);

/// `<database> <workload,…>`; `REPEATS` in the environment says how often each is timed (7), after one run to warm up.
/// With `TRIPS` in the environment, round trips to the server are counted in a run of each, and nothing is timed.
pub struct Args {
    pub target: String,
    only: Vec<String>,
    trips: Option<Trips>,
}

impl Args {
    pub fn parse() -> Args {
        let mut words = std::env::args().skip(1);
        let mut target = words.next().expect("usage: <database> <workload,…>");
        let only = words.next().unwrap_or_else(|| "all".to_owned());
        let trips = std::env::var_os("TRIPS").map(|_| Trips::on_the_way_to(&mut target));
        Args { target, only: only.split(',').map(str::to_owned).collect(), trips }
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

#[derive(Clone, Copy, Default)]
struct Times {
    clock: Duration,
    processor: Duration,
    server: Duration,
}

/// Runs from its making to the end of the workload; `start` and `stop` leave out what prepares and cleans up.
pub struct Timer {
    server: Duration,
    start: (Instant, Duration),
    trips: Option<Trips>,
    stopped: Option<(Times, u64)>,
}

impl Timer {
    fn new(trips: Option<Trips>) -> Timer {
        let mut timer = Timer { server: Duration::ZERO, start: (Instant::now(), processor()), trips, stopped: None };
        timer.start();
        timer
    }

    pub fn start(&mut self) {
        self.trips.as_ref().map(Trips::take);
        self.server = server::processor();
        self.start = (Instant::now(), processor());
    }

    pub fn stop(&mut self) {
        let (clock, processor) = (self.start.0.elapsed(), processor() - self.start.1);
        let server = server::processor().saturating_sub(self.server);
        self.stopped = Some((Times { clock, processor, server }, self.trips.as_ref().map_or(0, Trips::take)));
    }

    fn end(mut self) -> (Times, u64) {
        if self.stopped.is_none() {
            self.stop();
        }
        self.stopped.unwrap_or_default()
    }
}

/// Times `run`, which answers a sum, and prints one line, its words parted by tabs: peer, workload, unit, number of units;
/// clock median, clock least, processor median, processor least, the server's processor median (nanoseconds a unit); sum.
/// Or: peer, workload, `trips`, number of units, number of round trips.
pub fn bench(args: &Args, peer: &str, name: &str, units: i64, unit: &str, mut run: impl FnMut(&mut Timer) -> u64) {
    if !args.wants(name) {
        return;
    }
    if let Some(trips) = &args.trips {
        run(&mut Timer::new(None)); // statements are prepared now
        let mut timer = Timer::new(Some(trips.clone()));
        run(&mut timer);
        return println!("{peer}\t{name}\ttrips\t{units}\t{}", timer.end().1);
    }
    let repeats: usize = std::env::var("REPEATS").ok().and_then(|repeats| repeats.parse().ok()).unwrap_or(7);
    let (mut sum, mut times, began) = (0, Vec::new(), Instant::now());
    for turn in 0..=repeats {
        let mut timer = Timer::new(None);
        sum = run(&mut timer);
        // What takes so long needs no warming up.
        if turn > 0 || began.elapsed() > ENOUGH {
            times.push(timer.end().0);
        }
        if began.elapsed() > ENOUGH {
            break;
        }
    }
    let (clock, clock_least) = median(times.iter().map(|times| times.clock), units);
    let (processor, processor_least) = median(times.iter().map(|times| times.processor), units);
    let (server, _) = median(times.iter().map(|times| times.server), units);
    println!(
        "{peer}\t{name}\t{unit}\t{units}\t{clock:.1}\t{clock_least:.1}\t{processor:.1}\t{processor_least:.1}\t{server:.1}\t{sum}"
    );
}

fn median(times: impl Iterator<Item = Duration>, units: i64) -> (f64, f64) {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    let per_unit = |time: Duration| time.as_nanos() as f64 / units as f64;
    (per_unit(times[times.len() / 2]), per_unit(times[0]))
}

/// Runs `load`, which answers a sum and the number of rows it holds in memory, and prints a line like those of [`bench`], with
/// bytes a row for each time: what the process's memory grew by at its greatest. Alone in its process.
pub fn memory(args: &Args, peer: &str, load: impl FnOnce() -> (u64, usize)) {
    if !args.wants("w8") || args.trips.is_some() {
        return;
    }
    let before = peak();
    let (sum, rows) = load();
    let bytes = (peak() - before) as f64 * 1024.0 / rows as f64;
    println!("{peer}\tw8\trow\t{rows}\t{bytes:.1}\t{bytes:.1}\t{bytes:.1}\t{bytes:.1}\t0\t{sum}");
}

/// A piece of work that is done once, on so many rows.
pub struct Scaling<'a> {
    name: &'a str,
    rows: u64,
    before: u64,
    timer: Timer,
}

/// Begins it.
pub fn scaling(name: &str, rows: u64) -> Scaling<'_> {
    Scaling { name, rows, before: peak(), timer: Timer::new(None) }
}

impl Scaling<'_> {
    /// Prints what a row took: `scaling`, the work's name, rows, processor and clock (nanoseconds), and what the process's
    /// memory grew by at its greatest (bytes).
    pub fn end(self) {
        let Scaling { name, rows, before, timer } = self;
        let (Times { clock, processor, .. }, _) = timer.end();
        let per_row = |amount: f64| amount / rows as f64;
        let memory = per_row((peak() - before) as f64 * 1024.0);
        let [processor, clock] = [processor, clock].map(|time| per_row(time.as_nanos() as f64));
        println!("scaling\t{name}\t{rows}\t{processor:.1}\t{clock:.1}\t{memory:.1}");
    }
}

/// Runs `work`, which answers how long each unit of work took, and prints: `crowd`, peer, sessions, connections, units a second,
/// the milliseconds half of them and 99 of 100 took at most, microseconds of processor time a unit.
pub fn crowd(peer: &str, work: impl FnOnce() -> Vec<Duration>) {
    let mut timer = Timer::new(None);
    let mut units = work();
    timer.stop();
    units.sort();
    let (Times { clock, processor, .. }, _) = timer.end();
    let count = units.len() as f64;
    let at = |share: f64| units[((count - 1.0) * share) as usize].as_secs_f64() * 1e3;
    println!(
        "crowd\t{peer}\t{CROWD_SESSIONS}\t{CROWD_CONNECTIONS}\t{:.0}\t{:.1}\t{:.1}\t{:.1}",
        count / clock.as_secs_f64(),
        at(0.5),
        at(0.99),
        processor.as_secs_f64() * 1e6 / count
    );
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
