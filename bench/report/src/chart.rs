//! Charts as SVG, readable on light and dark pages, with nothing from elsewhere.

use std::fmt::Write;

use crate::{
    figures::{Figure, Figures},
    table::{Line, PEERS, short},
};

const STYLE: &str = "<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.faint { fill: #57606a } .grid { stroke: #d0d7de; stroke-width: 1 } .limit { stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 4 3 }
.c0 { fill: #d1242f; stroke: #d1242f } .c1 { fill: #0969da; stroke: #0969da } .c2 { fill: #1a7f37; stroke: #1a7f37 }
.c3 { fill: #8250df; stroke: #8250df } .c4 { fill: #bf8700; stroke: #bf8700 } .c5 { fill: #0a7ea4; stroke: #0a7ea4 }
polyline { fill: none !important; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #3d444d } .limit { stroke: #9198a1 }
.c0 { fill: #ff7b72; stroke: #ff7b72 } .c1 { fill: #4493f8; stroke: #4493f8 } .c2 { fill: #3fb950; stroke: #3fb950 }
.c3 { fill: #ab7df8; stroke: #ab7df8 } .c4 { fill: #d29922; stroke: #d29922 } .c5 { fill: #39c5cf; stroke: #39c5cf }
}
</style>";

fn svg(width: f64, height: f64, title: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n{STYLE}\n{body}</svg>\n"
    )
}

fn word(x: f64, y: f64, anchor: &str, class: &str, text: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{text}</text>\n")
}

fn stroke(from: (f64, f64), to: (f64, f64), class: &str) -> String {
    let ((x1, y1), (x2, y2)) = (from, to);
    format!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" class=\"{class}\"/>\n")
}

/// Dots on a logarithmic scale, a row for each workload: how many times the raw program's figure.
pub fn ratios(figures: &Figures, lines: &[Line], title: &str, what: fn(&Figure) -> f64) -> String {
    const LEFT: f64 = 90.0;
    const WIDTH: f64 = 640.0;
    const ROW: f64 = 24.0;
    const TOP: f64 = 62.0;
    let (least, most) = (0.25_f64, 256.0_f64);
    let x = |ratio: f64| LEFT + WIDTH * (ratio.clamp(least, most) / least).ln() / (most / least).ln();
    let lines: Vec<&Line> = lines.iter().filter(|line| figures.of("realgar", line.name).is_some()).collect();
    let bottom = TOP + ROW * lines.len() as f64;
    let mut body = word(LEFT, 18.0, "start", "", title);
    let mut at = LEFT;
    for (place, name) in ["Realgar"].into_iter().chain(PEERS.map(|(_, title)| title)).enumerate() {
        write!(body, "<circle cx=\"{:.1}\" cy=\"36\" r=\"5\" class=\"c{place}\"/>\n", at + 5.0).unwrap();
        body += &word(at + 16.0, 40.0, "start", "", name);
        at += 40.0 + 8.0 * name.len() as f64;
    }
    for tick in [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0] {
        body += &stroke((x(tick), TOP - 8.0), (x(tick), bottom), if tick == 1.0 { "limit" } else { "grid" });
        let label = match tick {
            1.0 => "raw".to_owned(),
            256.0 => "256× and more".to_owned(),
            tick => format!("{tick}×"),
        };
        body += &word(x(tick), bottom + 16.0, "middle", "faint", &label);
    }
    for (row, line) in lines.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        body += &word(LEFT - 10.0, y + 4.0, "end", "", line.name);
        let Some(raw) = figures.of("raw", line.raw) else { continue };
        let peers = PEERS.iter().map(|(peer, _)| figures.best(peer, line.name, what));
        let all: Vec<_> = [figures.of("realgar", line.name)].into_iter().chain(peers).enumerate().collect();
        // Ours is drawn last, so that it is never hidden.
        for (place, figure) in all.into_iter().rev() {
            let Some(figure) = figure else { continue };
            let ratio = what(figure) / what(raw);
            let radius = if place == 0 { 6 } else { 5 };
            write!(
                body,
                "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"{radius}\" class=\"c{place}\"><title>{}: {}×</title></circle>\n",
                x(ratio),
                figure.program,
                short(ratio)
            )
            .unwrap();
        }
    }
    svg(LEFT + WIDTH + 30.0, bottom + 28.0, title, &body)
}

/// A named series: how much at which number of rows.
pub struct Series<'a> {
    pub name: &'a str,
    pub points: Vec<(f64, f64)>,
}

/// Lines over numbers of rows, which are on a logarithmic scale; `unit` is what a row takes.
pub fn per_row(title: &str, unit: &str, all: &[Series<'_>]) -> String {
    const LEFT: f64 = 60.0;
    const TOP: f64 = 34.0;
    const WIDTH: f64 = 460.0;
    const HEIGHT: f64 = 220.0;
    let points = || all.iter().flat_map(|series| &series.points);
    let highest = points().map(|point| point.1).fold(0.0, f64::max).max(1e-9) * 1.1;
    let (first, last) = points().fold((f64::MAX, 0.0_f64), |(low, high), point| (low.min(point.0), high.max(point.0)));
    let x = |rows: f64| LEFT + WIDTH * (rows / first).ln() / (last / first).ln().max(1e-9);
    let y = |amount: f64| TOP + HEIGHT * (1.0 - amount / highest);
    let mut body = word(LEFT, 18.0, "start", "", title);
    for step in 0..=4 {
        let amount = highest * f64::from(step) / 4.0;
        body += &stroke((LEFT, y(amount)), (LEFT + WIDTH, y(amount)), "grid");
        body += &word(LEFT - 8.0, y(amount) + 4.0, "end", "faint", &short(amount));
    }
    let mut rows = first;
    while rows <= last * 1.01 {
        body += &word(x(rows), TOP + HEIGHT + 18.0, "middle", "faint", &thousands(rows));
        rows *= 10.0;
    }
    body += &word(LEFT + WIDTH, TOP + HEIGHT + 34.0, "end", "faint", &format!("rows; {unit}"));
    for (place, series) in all.iter().enumerate() {
        let line: Vec<String> =
            series.points.iter().map(|&(rows, amount)| format!("{:.1},{:.1}", x(rows), y(amount))).collect();
        write!(body, "<polyline points=\"{}\" class=\"c{}\"/>\n", line.join(" "), place % 6).unwrap();
        let legend = TOP + 16.0 * place as f64 + 8.0;
        write!(
            body,
            "<circle cx=\"{:.1}\" cy=\"{legend:.1}\" r=\"5\" class=\"c{}\"/>\n",
            LEFT + WIDTH + 20.0,
            place % 6
        )
        .unwrap();
        body += &word(LEFT + WIDTH + 32.0, legend + 4.0, "start", "", series.name);
    }
    svg(LEFT + WIDTH + 190.0, TOP + HEIGHT + 44.0, title, &body)
}

fn thousands(rows: f64) -> String {
    if rows >= 1e6 { format!("{:.0}M", rows / 1e6) } else { format!("{:.0}k", rows / 1e3) }
}
