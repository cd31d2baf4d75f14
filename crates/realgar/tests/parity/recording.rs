//! What was recorded of the reference: a JSON file of `recorded/`, taken apart.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

/// One scenario as the reference ran it.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) name: String,
    /// The lines that it printed.
    pub(crate) lines: Vec<String>,
    /// Its named steps, in order.
    pub(crate) steps: Vec<Step>,
    /// What it asserted, in order; without what is compared as a line, as a count or as an error anyway.
    pub(crate) checks: Vec<Check>,
    /// All tables at the end, where they were recorded.
    pub(crate) tables: BTreeMap<String, Table>,
}

/// What was sent and seen between two points of a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// How many statements were sent.
    pub(crate) count: usize,
    /// The same, with a run of equal INSERTs counted once: the recorder counts a batch once, too.
    pub(crate) count_batched: usize,
    /// BEGIN, COMMIT, ROLLBACK.
    pub(crate) transactions: Vec<String>,
    pub(crate) error: Option<Error>,
}

/// The class of an error.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    pub(crate) class: String,
    /// What it derives from, itself included.
    pub(crate) bases: Vec<String>,
}

/// An assertion of the scenario, with the value that the reference gave.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// The content of a table, ordered by all its columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Value>,
}

impl Error {
    /// Whether an error of this class is at least of that one.
    pub(crate) fn is_a(&self, class: &str) -> bool {
        self.class == class || self.bases.iter().any(|base| base == class)
    }
}

impl Recording {
    /// The recording of this name.
    pub(crate) fn of(name: &str) -> Recording {
        let file = folder().join(format!("{name}.json"));
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let json: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(json["name"], name, "the recording goes by the name of its file");
        Recording::from(&json)
    }

    /// The step of this name, to alter it.
    pub(crate) fn step_mut(&mut self, name: &str) -> &mut Step {
        self.steps.iter_mut().find(|step| step.name == name).unwrap_or_else(|| panic!("no step `{name}`"))
    }
}

/// The names of all recordings' files, sorted.
pub(crate) fn files() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the recordings stand beside the tests");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("a folder's entry can be read").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity/recorded")
}

// A member that is missing is a panic, never a default: a comparison with nothing would always hold.
impl From<&Value> for Recording {
    fn from(json: &Value) -> Recording {
        let tables = json["tables"].as_object().expect("`tables` is an object");
        Recording {
            name: text(&json["name"]),
            lines: texts(&json["stdout"]),
            steps: list(&json["steps"]).iter().map(Step::from).collect(),
            checks: list(&json["checks"]).iter().map(Check::from).filter(Check::is_made).collect(),
            tables: tables.iter().map(|(name, table)| (name.clone(), Table::from(table))).collect(),
        }
    }
}

impl From<&Value> for Step {
    fn from(json: &Value) -> Step {
        Step {
            name: text(&json["step"]),
            count: number(&json["count"]),
            count_batched: number(&json["count_batched"]),
            transactions: texts(&json["transactions"]),
            error: json.get("error").map(|error| Error { class: text(&error["type"]), bases: texts(&error["bases"]) }),
        }
    }
}

impl From<&Value> for Check {
    fn from(json: &Value) -> Check {
        Check { name: text(&json["check"]), value: json["expected"].clone() }
    }
}

impl Check {
    /// Lines, counts and errors are compared with `stdout` and `steps`; what is left a scenario must check itself.
    fn is_made(&self) -> bool {
        self.name != "stdout" && !self.name.starts_with("statements in '") && !self.name.starts_with("error in '")
    }
}

impl From<&Value> for Table {
    fn from(json: &Value) -> Table {
        Table { columns: texts(&json["columns"]), rows: list(&json["rows"]).to_vec() }
    }
}

fn list(json: &Value) -> &[Value] {
    json.as_array().unwrap_or_else(|| panic!("a list is expected, not {json}"))
}

fn text(json: &Value) -> String {
    json.as_str().unwrap_or_else(|| panic!("a text is expected, not {json}")).to_owned()
}

fn texts(json: &Value) -> Vec<String> {
    list(json).iter().map(text).collect()
}

fn number(json: &Value) -> usize {
    let number = json.as_u64().unwrap_or_else(|| panic!("a number is expected, not {json}"));
    usize::try_from(number).expect("a count of statements is small")
}
