//! The figures of a comparison: the programs' lines in, medians of the turns out.

use std::{collections::BTreeMap, error::Error};

use serde::{Deserialize, Serialize};

use crate::machine::{Machine, command, versions};

/// What was measured on a database.
#[derive(Serialize, Deserialize)]
pub struct Figures {
    pub command: String,
    pub server: Option<String>,
    pub machine: Machine,
    pub versions: BTreeMap<String, String>,
    pub figures: Vec<Figure>,
    /// Programs that failed: which, at what, why.
    pub failed: Vec<[String; 3]>,
    /// Workloads whose programs did not all load or write the same.
    pub differing: Vec<String>,
}

/// A program's figures of a workload: medians over the turns, nanoseconds a unit (bytes a row for `w8`).
#[derive(Serialize, Deserialize, Default, Clone)]
pub struct Figure {
    pub program: String,
    pub workload: String,
    pub unit: String,
    pub units: u64,
    pub clock: f64,
    pub clock_least: f64,
    pub processor: f64,
    pub processor_least: f64,
    pub server_processor: f64,
    /// Round trips to the server in all, where there is one.
    pub trips: Option<u64>,
    pub sum: String,
}

impl Figures {
    pub fn of(&self, program: &str, workload: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.program == program && figure.workload == workload)
    }

    /// The workload's figure, or that of another form of it (`w4_100` of `w4`) that takes less of `what`.
    pub fn best(&self, program: &str, workload: &str, what: impl Fn(&Figure) -> f64) -> Option<&Figure> {
        let forms = self.figures.iter().filter(|figure| {
            let form = figure.workload.strip_prefix(workload);
            figure.program == program && form.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        });
        forms.min_by(|one, other| what(one).total_cmp(&what(other)))
    }
}

pub fn read(database: &str, lines: &str) -> Result<Figures, Box<dyn Error>> {
    let mut turns: BTreeMap<(String, String), Vec<Figure>> = BTreeMap::new();
    let mut order = Vec::new();
    let (mut server, mut failed, mut trips) = (None, Vec::new(), BTreeMap::new());
    for line in lines.lines().filter(|line| !line.is_empty()) {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["server", version] => server = Some(version.to_string()),
            [program, workload, "failed", why] => {
                failed.push([called(program.trim_start_matches("bench-")), workload.to_string(), why.to_string()]);
            }
            [program, workload, "trips", _, count] => {
                trips.insert((called(program), workload.to_string()), count.parse()?);
            }
            &[
                program,
                workload,
                unit,
                units,
                clock,
                clock_least,
                processor,
                processor_least,
                server_processor,
                sum,
            ] => {
                let figure = Figure {
                    program: called(program),
                    workload: workload.to_owned(),
                    unit: unit.to_owned(),
                    units: units.parse()?,
                    clock: clock.parse()?,
                    clock_least: clock_least.parse()?,
                    processor: processor.parse()?,
                    processor_least: processor_least.parse()?,
                    server_processor: server_processor.parse()?,
                    trips: None,
                    sum: sum.to_owned(),
                };
                let key = (figure.program.clone(), figure.workload.clone());
                if !order.contains(&key) {
                    order.push(key.clone());
                }
                turns.entry(key).or_default().push(figure);
            }
            _ => return Err(format!("not understood: {line}").into()),
        }
    }
    failed.dedup();
    let figures: Vec<Figure> =
        order.iter().map(|key| Figure { trips: trips.get(key).copied(), ..median(&turns[key]) }).collect();
    Ok(Figures {
        command: command(&format!("--full {database}")),
        server,
        machine: Machine::here(),
        versions: versions(database),
        differing: differing(&figures),
        figures,
        failed,
    })
}

/// Programs go by their peer's name, whatever they print.
fn called(program: &str) -> String {
    program.trim_end_matches("-async").trim_end_matches("-postgres").to_owned()
}

fn median(turns: &[Figure]) -> Figure {
    let of = |what: fn(&Figure) -> f64| {
        let mut all: Vec<f64> = turns.iter().map(what).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Figure {
        clock: of(|figure| figure.clock),
        clock_least: of(|figure| figure.clock_least),
        processor: of(|figure| figure.processor),
        processor_least: of(|figure| figure.processor_least),
        server_processor: of(|figure| figure.server_processor),
        ..turns[0].clone()
    }
}

/// Forms of a workload are the same work, and so are the raw program's; fewer units cannot be compared.
fn differing(figures: &[Figure]) -> Vec<String> {
    let mut sums: BTreeMap<(String, u64), Vec<&str>> = BTreeMap::new();
    for figure in figures {
        let name = figure.workload.split('_').take(if figure.workload.starts_with("w2") { 2 } else { 1 });
        let all = sums.entry((name.collect::<Vec<_>>().join("_"), figure.units)).or_default();
        all.push(&figure.sum);
    }
    let differ = sums.into_iter().filter(|(_, all)| all.iter().any(|sum| sum != &all[0]));
    differ.map(|((name, _), _)| name).collect()
}
