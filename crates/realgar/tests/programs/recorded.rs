//! Programs that ran on SQLAlchemy: Realgar ends with the same errors and the same tables, except where it is said why not.
//!
//! `record.py` made `recorded.jsonl`, and says how.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::{
    Benches,
    differences::{difference, reasons},
    generate,
    program::Program,
};

/// How many programs are recorded.
const PROGRAMS: u64 = 2_000;

/// A program, and what became of it there.
#[derive(Debug, Deserialize)]
pub struct Recorded {
    program: String,
    /// The number of an operation, and the class of its error.
    pub errors: Vec<(usize, String)>,
    /// The tables at the end.
    pub tables: String,
}

fn read() -> Vec<Recorded> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/recorded.jsonl");
    let text = fs::read_to_string(file).expect("what was recorded is there");
    let mut recorded: Vec<Recorded> =
        text.lines().map(|line| serde_json::from_str(line).expect("a recording")).collect();
    // A blanked-out primary key is an assertion there, and an error that a program can branch on here.
    let asserted =
        recorded.iter_mut().flat_map(|there| &mut there.errors).filter(|(_, class)| class == "AssertionError");
    asserted.for_each(|(_, class)| "FlushError".clone_into(class));
    recorded
}

/// Writes the programs that are to be recorded, where it is asked for.
#[test]
fn print_programs_for_the_recorder() {
    let texts: Vec<String> = (0..PROGRAMS).map(|seed| generate::program(seed).to_string()).collect();
    if let Some(file) = std::env::var_os("REALGAR_PRINT") {
        fs::write(file, texts.join("\n\n")).expect("the file can be written");
    }
}

#[test]
fn programs_end_as_they_do_on_the_reference() {
    let recorded = read();
    assert_eq!(recorded.len() as u64, PROGRAMS);
    let mut benches = Benches::new();
    let mut apart: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for there in &recorded {
        let program: Program = there.program.parse().expect("a program");
        assert_eq!(
            generate::sensible(&program),
            program,
            "the model forbids what was recorded: record again\n{program}"
        );
        let here = benches.run(&program).unwrap_or_else(|mismatch| panic!("{}\n{program}", mismatch.what));
        let tables = here.tables.last().map_or("", String::as_str);
        let errors = here.errors.iter().map(|&(at, class)| (at, class.to_owned()));
        if tables == there.tables && errors.eq(there.errors.iter().cloned()) {
            continue;
        }
        match difference(&program, &here, there) {
            Some(reason) => *apart.entry(reason).or_default() += 1,
            None => wrong.push(format!(
                "{program}\nhere:  {:?}\n{tables}\nthere: {:?}\n{}\n",
                here.errors, there.errors, there.tables
            )),
        }
    }
    for (reason, programs) in &apart {
        println!("{programs:5} of {PROGRAMS} programs differ: {reason}");
    }
    wrong.sort_by_key(String::len);
    assert!(
        wrong.is_empty(),
        "{} programs end otherwise than on the reference, the shortest of them:\n\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
    assert_eq!(apart, reasons().collect(), "so many programs differ, and for so many a reason is listed");
}
