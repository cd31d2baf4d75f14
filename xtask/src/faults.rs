//! Tests the test of random programs: each deliberate fault, put into a copy of the sources, must be found.

use std::{fs, path::Path};

use crate::cargo::{Cargo, root};

/// Where the faults are listed.
const LIST: &str = "crates/realgar/tests/programs/faults.txt";

/// What is copied.
const SOURCES: [&str; 6] = ["Cargo.toml", "Cargo.lock", "README.md", "crates", "examples", "xtask"];

/// A fault: a piece of a file, and what stands there instead.
struct Fault<'a> {
    name: &'a str,
    file: &'a str,
    right: &'a str,
    wrong: &'a str,
}

/// Makes each fault and runs the random programs, which must fail because of it.
pub(crate) fn run() -> Result<(), String> {
    let root = root();
    let copy = root.join("target/faults");
    fs::create_dir_all(&copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    let list = read(&root.join(LIST))?;
    let mut missed = Vec::new();
    for fault in parse(&list)? {
        for source in SOURCES {
            mirror(&root.join(source), &copy.join(source))?;
        }
        let file = copy.join("crates/realgar").join(fault.file);
        let text = read(&file)?;
        if text.matches(fault.right).count() != 1 {
            return Err(format!("{}: `{}` must stand in {} once", fault.name, fault.right.trim(), fault.file));
        }
        write(&file, &text.replace(fault.right, fault.wrong))?;
        let cargo = |name, words| Cargo::new(name, words).within(&copy).target(&root.join("target"));
        // What does not compile would look as if it had been found.
        cargo("fault", "test --quiet --package realgar --all-features --test programs --no-run").run()?;
        let found =
            cargo("fault", "test --quiet --package realgar --all-features --test programs random").fails_quietly()?;
        println!("==> {}: {}", fault.name, if found { "found" } else { "missed" });
        if !found {
            missed.push(fault.name);
        }
    }
    if missed.is_empty() { Ok(()) } else { Err(format!("not found: {}", missed.join(", "))) }
}

/// Faults are four lines each, parted by blank ones.
fn parse(list: &str) -> Result<Vec<Fault<'_>>, String> {
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    lines
        .chunks(4)
        .map(|fault| match fault {
            &[name, file, right, wrong] => Ok(Fault { name, file, right, wrong }),
            rest => Err(format!("{LIST}: a fault has four lines, not {}", rest.len())),
        })
        .collect()
}

/// Copies a file, or a folder with everything in it; what is the same already keeps its time, so that little is built.
fn mirror(from: &Path, to: &Path) -> Result<(), String> {
    if from.is_dir() {
        fs::create_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
        for entry in fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))? {
            let name = entry.map_err(|error| error.to_string())?.file_name();
            if name == "node_modules" {
                continue; // what the browser's tests fetch is no part of any crate
            }
            mirror(&from.join(&name), &to.join(&name))?;
        }
        return Ok(());
    }
    let bytes = fs::read(from).map_err(|error| format!("{}: {error}", from.display()))?;
    if fs::read(to).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).map_err(|error| format!("{}: {error}", to.display()))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_a_place() {
        let list = read(&root().join(LIST)).expect("the list is there");
        let faults = parse(&list).expect("it is well formed");
        assert_eq!(faults.len(), 5);
        for fault in faults {
            let text = read(&root().join("crates/realgar").join(fault.file)).expect("its file is there");
            assert_eq!(text.matches(fault.right).count(), 1, "{}", fault.name);
            assert_ne!(fault.right, fault.wrong);
        }
    }
}
