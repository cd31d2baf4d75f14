//! CPU seconds of a command and of all that it starts and waits for.

use std::{fs, process::Command};

/// Ticks of the clock in a second, in `/proc`: the same on every Linux.
const TICKS: f64 = 100.0;

/// Runs the command to its end, without its output; its CPU seconds, of user and system.
pub(super) fn seconds(command: &mut Command) -> Result<f64, String> {
    let before = of_children()?;
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} ended with {}:\n{said}", output.status));
    }
    Ok(of_children()? - before)
}

/// What our children that have ended took, with theirs.
fn of_children() -> Result<f64, String> {
    let stat =
        fs::read_to_string("/proc/self/stat").map_err(|error| format!("CPU time is read from /proc: {error}"))?;
    children(&stat).ok_or_else(|| format!("/proc/self/stat is not as expected: {stat}"))
}

/// The 16th and 17th value; the second is a name in brackets, which may hold anything.
fn children(stat: &str) -> Option<f64> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut values = behind.split_whitespace().skip(13);
    let user: f64 = values.next()?.parse().ok()?;
    let system: f64 = values.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_behind_the_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194304 100 200 0 0 11 12 350 50 20 0 1 0 99";
        assert_eq!(children(stat), Some(4.0));
    }

    #[test]
    fn a_busy_command_takes_time() {
        let mut command = Command::new("sh");
        command.args(["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"]);
        assert!(seconds(&mut command).unwrap() > 0.0);
        assert!(seconds(&mut Command::new("false")).is_err());
    }
}
