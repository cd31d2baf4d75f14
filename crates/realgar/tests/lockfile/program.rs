//! Runs the built example in a folder of its own.

use std::{
    env::consts::EXE_SUFFIX,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use realgar::rusqlite::{Connection, types::Value};

/// A folder with a `Cargo.lock` and the database `it.db`, each when it is made.
pub struct Folder(PathBuf);

/// What a run printed, and how it ended.
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Folder {
    pub fn new(name: &str) -> Folder {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lockfile").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn with(name: &str, lock: &str) -> Folder {
        let folder = Folder::new(name);
        folder.write(lock);
        folder
    }

    pub fn write(&self, lock: impl AsRef<[u8]>) {
        fs::write(self.path("Cargo.lock"), lock).unwrap();
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// The names of the files that are there.
    pub fn files(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// Runs with exactly these arguments, in the folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::new(example()).args(arguments).current_dir(&self.0).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs on the folder's lock file and database; it has to succeed.
    pub fn follow(&self, more: &[&str]) -> String {
        let run = self.run(&[&["Cargo.lock", "--db", "it.db"], more].concat());
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.out);
        run.out
    }

    /// The one number that a query answers.
    pub fn number(&self, sql: &str) -> i64 {
        Connection::open(self.path("it.db")).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// All rows of a query, each as text.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let connection = Connection::open(self.path("it.db")).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let cell = |value: Value| match value {
            Value::Null => "-".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) => text,
            Value::Blob(_) => "blob".to_owned(),
        };
        let rows = statement.query_map([], |row| {
            let cells: Result<Vec<String>, _> = (0..columns).map(|column| row.get(column).map(cell)).collect();
            cells.map(|cells| cells.join(" "))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// Every row of every table, with its keys.
    pub fn dump(&self) -> Vec<String> {
        ["sources", "packages", "dependencies"]
            .iter()
            .flat_map(|table| self.rows(&format!("SELECT '{table}', * FROM {table} ORDER BY 2, 3")))
            .collect()
    }
}

impl Run {
    /// The statements of `--echo` that write rows.
    pub fn writes(out: &str) -> Vec<&str> {
        out.lines().filter(|line| ["INSERT", "UPDATE", "DELETE"].iter().any(|verb| line.starts_with(verb))).collect()
    }
}

/// `cargo test` builds the examples beside the tests.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap();
    let example = built.join("examples").join(format!("lockfile{EXE_SUFFIX}"));
    assert!(example.exists(), "{} is missing: `cargo build --example lockfile` makes it", example.display());
    example
}
