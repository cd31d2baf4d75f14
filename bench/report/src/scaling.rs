//! How time and memory grow with the number of rows, and many sessions at once.

use std::{error::Error, fmt::Write};

use serde::{Deserialize, Serialize};

use crate::{
    chart::{self, Series},
    machine::Machine,
    table::short,
};

#[derive(Serialize, Deserialize)]
pub struct Scaling {
    pub command: String,
    pub server: Option<String>,
    pub machine: Machine,
    pub points: Vec<Point>,
    pub crowds: Vec<Crowd>,
}

/// What was done, to so many rows.
#[derive(Serialize, Deserialize)]
pub struct Point {
    pub work: String,
    pub rows: u64,
    /// Nanoseconds of processor time a row.
    pub processor: f64,
    /// Nanoseconds a row.
    pub clock: f64,
    /// The process's greatest memory more than before, in bytes a row.
    pub memory: f64,
}

/// Many sessions at once.
#[derive(Serialize, Deserialize, Clone)]
pub struct Crowd {
    pub program: String,
    pub sessions: u64,
    pub connections: u64,
    /// Units of work a second.
    pub throughput: f64,
    /// Milliseconds.
    pub p50: f64,
    pub p99: f64,
    /// Microseconds of processor time a unit of work.
    pub processor: f64,
}

pub fn read(lines: &str) -> Result<Scaling, Box<dyn Error>> {
    let (mut server, mut points, mut crowds) = (None, Vec::new(), Vec::new());
    for line in lines.lines().filter(|line| !line.is_empty()) {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["server", version] => server = Some(version.to_string()),
            &["scaling", work, rows, processor, clock, memory] => points.push(Point {
                work: work.to_owned(),
                rows: rows.parse()?,
                processor: processor.parse()?,
                clock: clock.parse()?,
                memory: memory.parse()?,
            }),
            &["crowd", program, sessions, connections, throughput, p50, p99, processor] => crowds.push(Crowd {
                program: program.to_owned(),
                sessions: sessions.parse()?,
                connections: connections.parse()?,
                throughput: throughput.parse()?,
                p50: p50.parse()?,
                p99: p99.parse()?,
                processor: processor.parse()?,
            }),
            _ => return Err(format!("not understood: {line}").into()),
        }
    }
    let command = "cargo xtask bench --scaling".to_owned();
    let crowds = medians(crowds);
    Ok(Scaling { command, server, machine: Machine::here(), points, crowds })
}

/// Of each program's turns, the one in the middle by throughput.
fn medians(mut turns: Vec<Crowd>) -> Vec<Crowd> {
    turns.sort_by(|one, other| other.program.cmp(&one.program).then(one.throughput.total_cmp(&other.throughput)));
    let programs = turns.chunk_by(|one, other| one.program == other.program);
    programs.map(|turns| turns[turns.len() / 2].clone()).collect()
}

impl Scaling {
    fn works(&self) -> Vec<&str> {
        let mut works: Vec<&str> = self.points.iter().map(|point| point.work.as_str()).collect();
        works.dedup();
        works
    }

    pub fn chart(&self, title: &str, unit: &str, what: fn(&Point) -> f64) -> String {
        let series = |name| {
            let points = self.points.iter().filter(|point| point.work == name);
            Series { name, points: points.map(|point| (point.rows as f64, what(point))).collect() }
        };
        chart::per_row(title, unit, &self.works().into_iter().map(series).collect::<Vec<_>>())
    }

    /// Microseconds and bytes a row.
    pub fn table(&self) -> String {
        let mut rows: Vec<u64> = self.points.iter().map(|point| point.rows).collect();
        rows.sort();
        rows.dedup();
        let mut text = "| what | ".to_owned();
        rows.iter().for_each(|rows| write!(text, "{rows} rows | ").unwrap());
        text += &format!("\n|---|{}\n", "---:|".repeat(rows.len()));
        for work in self.works() {
            write!(text, "| {work} | ").unwrap();
            for rows in &rows {
                let point = self.points.iter().find(|point| point.work == work && point.rows == *rows);
                let cell = point.map_or_else(String::new, |point| {
                    let mib = point.memory * point.rows as f64 / f64::from(1 << 20);
                    format!("{} µs, {:.0} B ({mib:.0} MiB)", short(point.processor / 1000.0), point.memory)
                });
                write!(text, "{cell} | ").unwrap();
            }
            text.push('\n');
        }
        text
    }

    pub fn crowd_table(&self) -> String {
        let mut text = "| program | sessions | connections | a second | p50 | p99 | processor a unit |\n".to_owned();
        text += "|---|---:|---:|---:|---:|---:|---:|\n";
        for crowd in &self.crowds {
            let Crowd { program, sessions, connections, throughput, p50, p99, processor } = crowd;
            writeln!(
                text,
                "| {program} | {sessions} | {connections} | {throughput:.0} | {p50:.0} ms | {p99:.0} ms | {} µs |",
                short(*processor)
            )
            .unwrap();
        }
        text
    }
}
