//! Databases in files of their own: a scenario writes one, and its tables are read from outside when it has ended.

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicUsize, Ordering},
};

use realgar::rusqlite::{Connection, OpenFlags, Result, types::ValueRef};
use serde_json::Value;

use crate::recording::Table;

/// A folder that holds one database, and is removed with everything in it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("realgar-parity-{}-{number}", process::id()));
        fs::create_dir(&path).expect("a new folder can be made for temporary files");
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("scenario.db")
    }

    /// The URL of the database.
    pub(crate) fn url(&self) -> String {
        // What has a meaning in a URL may well stand in a path.
        format!("sqlite:///{}", self.file().display().to_string().replace('%', "%25").replace('?', "%3F"))
    }

    /// All tables, each ordered by all its columns. Read with another library's eyes, not through Realgar.
    pub(crate) fn tables(&self) -> BTreeMap<String, Table> {
        if !self.file().exists() {
            return BTreeMap::new();
        }
        tables(&self.file()).expect("the tables of a scenario can be read")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Should that fail, the system removes it some day; a panic here would hide what the test has to say.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tables(file: &std::path::Path) -> Result<BTreeMap<String, Table>> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut names =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")?;
    let names = names.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>>>()?;
    names.into_iter().map(|name| Ok((name.clone(), table(&connection, &name)?))).collect()
}

fn table(connection: &Connection, name: &str) -> Result<Table> {
    let columns = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
    let columns: Vec<String> = columns.column_names().map(str::to_owned).collect();
    let order = (1..=columns.len()).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let mut rows = connection.prepare(&format!("SELECT * FROM \"{name}\" ORDER BY {order}"))?;
    let cells = |row: &realgar::rusqlite::Row<'_>| {
        (0..columns.len()).map(|at| Ok(json(row.get_ref(at)?))).collect::<Result<Value>>()
    };
    let rows = rows.query_map([], cells)?.collect::<Result<Vec<Value>>>()?;
    Ok(Table { columns, rows })
}

/// A cell as recordings hold it.
fn json(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => value.into(),
        ValueRef::Real(value) => value.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => format!("{bytes:?}").into(),
    }
}
