//! Makes a test of each program in the pages of `docs/guide`.

use std::{env, fmt::Write as _, fs, path::Path};

const PAGES: &str = "../../docs/guide";

fn main() {
    println!("cargo::rerun-if-changed={PAGES}");
    let entries = fs::read_dir(PAGES).unwrap_or_else(|error| panic!("{PAGES}: {error}"));
    let mut pages: Vec<_> = entries.map(|entry| entry.expect("a folder's entry").path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    let tests: String = pages.iter().map(|page| page_tests(page)).collect();
    let folder = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("pages.rs"), tests).expect("the folder can be written to");
}

fn page_tests(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let name = page.file_stem().and_then(|name| name.to_str()).expect("a name in ASCII").replace('-', "_");
    let mut tests = String::new();
    for program in programs(&text) {
        let (line, code) = (program.line, &program.code);
        // A program with a `main` is one as it stands; the rest are the inside of one.
        let test = if code.contains("async fn main()") {
            format!("mod page_{name}_{line} {{\n{code}\n#[test]\nfn runs() -> realgar::Result<()> {{ main() }}\n}}\n")
        } else {
            format!(
                "#[tokio::test]\nasync fn page_{name}_{line}() -> realgar::Result<()> {{\n\
                 use realgar::prelude::*;\n{code}\nOk(())\n}}\n"
            )
        };
        tests.push_str(&test);
    }
    tests
}

/// Code that is compiled together, and the line where it begins.
struct Program {
    line: usize,
    code: String,
}

fn programs(page: &str) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    let (mut end, mut new) = (None, true);
    for (index, line) in page.lines().enumerate() {
        match (end, line.trim()) {
            (Some(mark), found) if found == mark => end = None,
            (Some(_), _) => {
                let program = programs.last_mut().expect("begun below");
                writeln!(program.code, "{line}").expect("a String takes everything");
            }
            (None, "<!-- new program -->") => new = true,
            (None, begin @ ("```rust" | "<!-- rust")) => {
                end = Some(if begin == "```rust" { "```" } else { "-->" });
                if new {
                    programs.push(Program { line: index + 1, code: String::new() });
                }
                new = false;
            }
            (None, _) => {}
        }
    }
    programs
}
