//! Databases of their own: a scenario writes one, and its tables are read from outside when it has ended. A file of SQLite,
//! or a schema of the server that `REALGAR_TEST_URL` names.

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

/// A folder that holds one database, and is removed with everything in it; or a schema of a server.
pub(crate) struct Folder {
    path: PathBuf,
    server: Option<String>,
}

impl Folder {
    pub(crate) async fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("realgar-parity-{}-{number}", process::id()));
        fs::create_dir(&path).expect("a new folder can be made for temporary files");
        let server = match env::var("REALGAR_TEST_URL") {
            Ok(server) if !server.is_empty() => {
                Some(server::schema(&server, &format!("parity{}_{number}", process::id())).await)
            }
            _ => None,
        };
        Folder { path, server }
    }

    fn file(&self) -> PathBuf {
        self.path.join("scenario.db")
    }

    /// The URL of the database.
    pub(crate) fn url(&self) -> String {
        if let Some(server) = &self.server {
            return server.clone();
        }
        // What has a meaning in a URL may well stand in a path.
        format!("sqlite:///{}", self.file().display().to_string().replace('%', "%25").replace('?', "%3F"))
    }

    /// All tables, each ordered by all its columns. Read with another library's eyes, not through Realgar; on a server,
    /// as JSON that the server makes.
    pub(crate) async fn tables(&self) -> BTreeMap<String, Table> {
        if let Some(server) = &self.server {
            return server::tables(server).await.expect("the tables of a scenario can be read");
        }
        if !self.file().exists() {
            return BTreeMap::new();
        }
        tables(&self.file()).expect("the tables of a scenario can be read")
    }
}

mod server {
    use std::collections::BTreeMap;

    use realgar::{Db, ModelDesc, Result, sql};
    use serde_json::Value;

    use crate::recording::Table;

    const NONE: [&ModelDesc; 0] = [];

    /// Makes a schema; the URL in which everything happens there.
    pub(super) async fn schema(server: &str, name: &str) -> String {
        let (make, url) = match is_mysql(server) {
            // What is a schema elsewhere is a database there.
            true => (format!("CREATE DATABASE {name}"), server.replacen("/test", &format!("/{name}"), 1)),
            false => (format!("CREATE SCHEMA {name}"), format!("{server}?options=-csearch_path%3D{name}")),
        };
        let db = Db::builder(NONE).pool_size(1).connect(server).await.expect("the server answers");
        let mut s = db.session();
        sql(make).execute(&mut s).await.expect("the schema can be made");
        s.commit().await.expect("the schema is there");
        url
    }

    fn is_mysql(server: &str) -> bool {
        server.starts_with("mysql")
    }

    /// The columns of all tables: table, column, type.
    const COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
                           WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position";
    const MYSQL_COLUMNS: &str = "SELECT table_name, column_name, data_type FROM information_schema.columns \
                                 WHERE table_schema = database() ORDER BY table_name, ordinal_position";

    pub(super) async fn tables(server: &str) -> Result<BTreeMap<String, Table>> {
        let db = Db::connect(server, NONE).await?;
        let mut s = db.session();
        let mysql = is_mysql(server);
        let columns: Vec<(String, String, String)> =
            sql(if mysql { MYSQL_COLUMNS } else { COLUMNS }).all(&mut s).await?;
        let mut found: BTreeMap<String, (Table, Vec<String>)> = BTreeMap::new();
        for (table, column, r#type) in columns {
            let (table, shown) =
                found.entry(table).or_insert_with(|| (Table { columns: Vec::new(), rows: Vec::new() }, Vec::new()));
            // Where the recordings were made, moments are text.
            shown.push(match r#type.starts_with("timestamp") {
                true => format!("to_char(\"{column}\", 'YYYY-MM-DD HH24:MI:SS.US')"),
                false => format!("\"{column}\""),
            });
            table.columns.push(column);
        }
        for (name, (table, shown)) in &mut found {
            let order: Vec<String> = table.columns.iter().map(|column| format!("\"{column}\"")).collect();
            let (shown, order) = (shown.join(", "), order.join(", "));
            let rows = sql(match mysql {
                true => format!("SELECT JSON_ARRAY({shown}) FROM \"{name}\" ORDER BY {order}"),
                false => format!("SELECT json_build_array({shown})::text FROM \"{name}\" ORDER BY {order}"),
            });
            for row in rows.all::<String>(&mut s).await? {
                let mut row: Vec<Value> = serde_json::from_str(&row).expect("the server makes JSON");
                // Where the recordings were made, truth values are numbers.
                for cell in &mut row {
                    if let Value::Bool(value) = cell {
                        *cell = i64::from(*value).into();
                    }
                }
                table.rows.push(row.into());
            }
        }
        Ok(found.into_iter().map(|(name, (table, _))| (name, table)).collect())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Should that fail, the system removes it some day; a panic here would hide what the test has to say.
        let _ = fs::remove_dir_all(&self.path);
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
