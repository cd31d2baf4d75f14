//! The database follows the file, by differences; the tables say what is in it.

use std::{fs, path::Path};

use realgar::{Event, prelude::*};

use crate::{
    LOCK,
    models::Package,
    program::{Folder, Run},
    read,
    sync::{Changes, Count, sync},
};

const EDGES: &str = "SELECT a.name, a.version, '->', b.name, b.version FROM dependencies
    JOIN packages a ON a.id = dependent_id JOIN packages b ON b.id = dependency_id ORDER BY 1, 2, 4, 5";

#[test]
fn the_first_run_stores_packages_sources_and_edges() {
    let folder = Folder::with("first", LOCK);
    let out = folder.follow(&[]);
    assert!(out.contains("Cargo.lock: 7 packages\n"), "{out}");
    assert!(out.contains("it.db: 7 packages added, 2 sources added, 8 edges added ("), "{out}");
    let packages = folder.rows(
        "SELECT p.name, version, checksum, url FROM packages p LEFT JOIN sources s ON s.id = source_id ORDER BY 1, 2",
    );
    assert_eq!(
        packages,
        [
            "app 0.1.0 - -",
            "base 3.0.0 b3 registry+https://example.org/index",
            "deep 2.0.0 d2 registry+https://example.org/index",
            "gone 1.0.0 - git+https://example.org/gone#0123",
            "left 1.0.0 a1 registry+https://example.org/index",
            "log 0.10.1 c1 registry+https://example.org/index",
            "log 0.3.9 c0 registry+https://example.org/index",
        ]
    );
    assert_eq!(
        folder.rows(EDGES),
        [
            "app 0.1.0 -> gone 1.0.0",
            "app 0.1.0 -> left 1.0.0",
            "app 0.1.0 -> log 0.10.1",
            "app 0.1.0 -> log 0.3.9",
            "deep 2.0.0 -> base 3.0.0",
            "left 1.0.0 -> deep 2.0.0",
            "left 1.0.0 -> log 0.10.1",
            "log 0.3.9 -> log 0.10.1",
        ]
    );
    assert!(folder.rows("PRAGMA foreign_key_check").is_empty());
    assert_eq!(folder.files(), ["Cargo.lock", "it.db"]);
}

#[test]
fn a_second_run_changes_nothing() {
    let folder = Folder::with("second", LOCK);
    folder.follow(&[]);
    let before = folder.dump();
    let bytes = fs::read(folder.path("it.db")).unwrap();
    let out = folder.follow(&["--echo"]);
    assert!(out.contains("it.db: nothing changed (4 statements)"), "{out}");
    assert_eq!(Run::writes(&out), [""; 0]);
    assert_eq!(folder.dump(), before);
    assert_eq!(fs::read(folder.path("it.db")).unwrap(), bytes);
}

#[test]
fn an_edited_file_writes_its_differences_only() {
    let folder = Folder::with("edited", LOCK);
    folder.follow(&[]);
    let keys = "SELECT id, name, version FROM packages WHERE name NOT IN ('gone', 'fresh') ORDER BY id";
    let before = folder.rows(keys);
    folder.write(edited());
    let out = folder.follow(&["--echo"]);
    let line =
        "1 package added, 1 package removed, 1 package changed, 1 source removed, 2 edges added, 2 edges removed";
    assert!(out.contains(&format!("it.db: {line} (")), "{out}");
    let mut writes: Vec<String> = Run::writes(&out).iter().map(|line| line.replace('"', "")).collect();
    writes.sort();
    assert_eq!(
        writes,
        [
            "DELETE FROM dependencies WHERE dependent_id = ? AND dependency_id = ?",
            "DELETE FROM packages WHERE id = ?",
            "DELETE FROM sources WHERE id = ?",
            "INSERT INTO dependencies (dependent_id, dependency_id) VALUES (?, ?)",
            "INSERT INTO packages (name, version, checksum, source_id) VALUES (?, ?, ?, ?)",
            "UPDATE packages SET checksum = ? WHERE id = ?",
        ]
    );
    assert_eq!(folder.rows(keys), before);
    assert_eq!(folder.rows("SELECT checksum FROM packages WHERE name = 'deep'"), ["d9"]);
    assert_eq!(
        folder.rows(EDGES),
        [
            "app 0.1.0 -> fresh 0.1.0",
            "app 0.1.0 -> left 1.0.0",
            "app 0.1.0 -> log 0.10.1",
            "app 0.1.0 -> log 0.3.9",
            "deep 2.0.0 -> base 3.0.0",
            "left 1.0.0 -> base 3.0.0",
            "left 1.0.0 -> deep 2.0.0",
            "log 0.3.9 -> log 0.10.1",
        ]
    );
    assert!(folder.rows("PRAGMA foreign_key_check").is_empty());
    assert!(folder.follow(&[]).contains("it.db: nothing changed"));

    // And back again: the tables hold the same as after the first file.
    folder.write(LOCK);
    folder.follow(&[]);
    let fresh = Folder::with("edited_fresh", LOCK);
    fresh.follow(&[]);
    assert_eq!(folder.rows(EDGES), fresh.rows(EDGES));
}

/// `gone` goes, `fresh` comes, `deep` has another checksum, `left` needs `base` in place of `log`.
fn edited() -> String {
    LOCK.replace("\"gone\",\n", "\"fresh\",\n")
        .replace("name = \"gone\"\nversion = \"1.0.0\"\nsource = \"git+https://example.org/gone#0123\"", "")
        .replace("[[package]]\n\n", "[[package]]\nname = \"fresh\"\nversion = \"0.1.0\"\n\n")
        .replace("\"d2\"", "\"d9\"")
        .replace("[\"deep\", \"log 0.10.1\"]", "[\"base\", \"deep\"]")
}

#[tokio::test]
async fn everything_is_one_transaction_and_nothing_sends_no_write() -> realgar::Result<()> {
    let folder = Folder::with("recorded", LOCK);
    let locked = read::read(&folder.path("Cargo.lock")).unwrap();
    let db = Db::connect("sqlite::memory:", models![Package]).await?;
    db.create_all().await?;

    let recorder = db.recorder();
    let added = |added| Count { added, ..Count::default() };
    let first = Changes { packages: added(7), sources: added(2), edges: added(8) };
    assert_eq!(sync(&db, &locked).await?, first);
    assert_eq!(first.to_string(), "7 packages added, 2 sources added, 8 edges added");
    let marks = |events: Vec<Event>| -> Vec<Event> {
        events.into_iter().filter(|event| !matches!(event, Event::Statement(_))).collect()
    };
    assert_eq!(marks(recorder.take()), [Event::Begin, Event::Commit]);

    assert_eq!(sync(&db, &locked).await?, Changes::default());
    let texts: Vec<String> = recorder.statements().into_iter().map(|statement| statement.sql).collect();
    assert_eq!(texts.len(), 4);
    assert!(texts.iter().all(|sql| sql.starts_with("SELECT")), "{texts:?}");
    recorder.take();

    let emptied = Changes {
        packages: Count { removed: 7, ..Count::default() },
        sources: Count { removed: 2, ..Count::default() },
        edges: Count { removed: 8, ..Count::default() },
    };
    assert_eq!(sync(&db, &[]).await?, emptied);
    assert_eq!(marks(recorder.take()), [Event::Begin, Event::Commit]);
    assert_eq!(Package::select().count(&mut db.session()).await?, 0);
    Ok(())
}

#[test]
fn tables_say_who_is_needed_most_in_which_versions_and_who_is_not_needed() {
    let folder = Folder::with("tables", LOCK);
    let out = folder.follow(&[]);
    let report = out.split_once("\n\n").unwrap().1;
    assert_eq!(
        report,
        "\
Where packages come from
  packages   source
─────────────────────────────────────────────────
         5   registry+https://example.org/index
         1   git+https://example.org/gone#0123

Most depended on
  dependents   package
───────────────────────────
           3   log 0.10.1
           1   base 3.0.0
           1   deep 2.0.0
           1   gone 1.0.0
           1   left 1.0.0
           1   log 0.3.9

Several versions of one package
  count   package   versions
───────────────────────────────────
      2   log       0.3.9, 0.10.1

Nothing depends on
  package   version
─────────────────────
  app       0.1.0
"
    );
}

#[test]
fn why_shows_each_dependent_with_its_depth_and_path() {
    let folder = Folder::with("why", LOCK);
    let out = folder.follow(&["--why", "base"]);
    let (_, answer) = out.split_once("Who needs ").unwrap();
    assert_eq!(
        answer,
        "\
base 3.0.0
  depth   path
────────────────────────────────────────────────────────────
      1   deep 2.0.0 → base 3.0.0
      2   left 1.0.0 → deep 2.0.0 → base 3.0.0
      3   app 0.1.0 → left 1.0.0 → deep 2.0.0 → base 3.0.0
"
    );
    let out = folder.follow(&["--why", "log"]);
    assert!(out.contains("Who needs log 0.3.9\n") && out.contains("Who needs log 0.10.1\n"), "{out}");
    assert!(folder.follow(&["--why", "app"]).ends_with("Who needs app 0.1.0: none\n"));
}

#[test]
fn one_version_from_two_sources_is_one_version() {
    let package = |source: &str| format!("[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n{source}\n");
    let two = [package(""), package("source = \"registry+https://example.org/index\"")].concat();
    let folder = Folder::with("sources", &two);
    let out = folder.follow(&[]);
    assert!(out.contains("2 packages added, 1 source added ("), "{out}");
    assert!(out.contains("Several versions of one package: none\n"), "{out}");
}

#[test]
fn a_circle_ends_where_it_closes() {
    let package = |name: &str, needs: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\ndependencies = [{needs}]\n")
    };
    let lock =
        ["version = 3\n", &package("a", "\"b\", \"a\""), &package("b", "\"c\""), &package("c", "\"a\"")].concat();
    let folder = Folder::with("circle", &lock);
    let out = folder.follow(&["--why", "a"]);
    assert!(out.ends_with("1   c 1.0.0 → a 1.0.0\n      2   b 1.0.0 → c 1.0.0 → a 1.0.0\n"), "{out}");
    assert!(out.contains("Nothing depends on: none\n"), "{out}");
    assert!(folder.follow(&[]).contains("nothing changed"));
    folder.write("version = 4\n");
    assert!(folder.follow(&[]).contains("it.db: 3 packages removed, 4 edges removed"));
    assert_eq!(folder.dump(), [""; 0]);
}

#[test]
fn the_repository_s_own_lock_file_is_the_default() {
    let folder = Folder::new("own");
    let run = folder.run(&["--db", "it.db", "--why", "rusqlite"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock")).unwrap();
    let packages = text.lines().filter(|line| *line == "[[package]]").count();
    assert_eq!(folder.number("SELECT count(*) FROM packages"), packages as i64);
    assert!(folder.rows("PRAGMA foreign_key_check").is_empty());
    assert!(run.out.contains("→ rusqlite"), "{}", run.out);
    assert_eq!(folder.run(&[]).code, Some(0));
    assert_eq!(folder.files(), ["it.db", "lockfile.db"]);
}
