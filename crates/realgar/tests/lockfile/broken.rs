//! What cannot be done ends with a reason, and leaves the database as it was.

use std::fs;

use crate::{LOCK, program::Folder};

/// Lock files that are none, the line that is blamed, and the reason.
const BROKEN: &[(&str, usize, &str)] = &[
    ("", 1, "this is no lock file"),
    ("[package]\nname = \"app\"\nversion = \"0.1.0\"\n", 1, "expected a sequence"),
    ("version = 4\n\n[[package]\nname = \"a\"\n", 3, "unclosed"),
    ("version = 4\n<<<<<<< HEAD\n", 2, "expected"),
    ("version = 9\n", 1, "lock file version 9 is not known, 1 to 4 are"),
    ("version = \"4\"\n", 1, "invalid type"),
    ("version = 4\n\n[[package]]\nname = \"a\"\n", 3, "missing field `version`"),
    ("version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.x\"\n", 5, "unexpected character 'x'"),
    (
        "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b\",\n]\n",
        7,
        "`b` is no package",
    ),
    (
        "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"a 2.0.0\"]\n",
        5,
        "dependency `a 2.0.0` fits 0 of 1 packages",
    ),
    (
        "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n",
        5,
        "package `a 1.0.0` stands here a second time",
    ),
    (
        "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\ndependencies = [\"a\"]\n",
        11,
        "dependency `a` fits 2 of 2 packages",
    ),
];

#[test]
fn a_broken_file_is_named_with_line_and_cause_and_the_database_stays() {
    let folder = Folder::with("broken", LOCK);
    folder.follow(&[]);
    let before = (folder.dump(), fs::read(folder.path("it.db")).unwrap());
    for &(lock, line, cause) in BROKEN {
        folder.write(lock);
        let run = folder.run(&["Cargo.lock", "--db", "it.db"]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{lock}");
        assert!(run.err.starts_with(&format!("lockfile: Cargo.lock:{line}: ")), "{lock}\n{}", run.err);
        assert!(run.err.contains(cause), "{lock}\n{}", run.err);
        assert_eq!((folder.dump(), fs::read(folder.path("it.db")).unwrap()), before, "{lock}");
        assert_eq!(folder.files(), ["Cargo.lock", "it.db"]);
    }
}

#[test]
fn bad_input_makes_no_database() {
    let folder = Folder::with("bad", "nonsense");
    assert_eq!(folder.run(&["Cargo.lock", "--db", "it.db"]).code, Some(1));
    folder.write(b"version = 4\n# \xff\n");
    let run = folder.run(&["Cargo.lock", "--db", "it.db"]);
    assert_eq!((run.code, run.err.as_str()), (Some(1), "lockfile: Cargo.lock:2: this is not UTF-8 text\n"));
    let run = folder.run(&["elsewhere/Cargo.lock", "--db", "it.db"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.starts_with("lockfile: elsewhere/Cargo.lock: "), "{}", run.err);
    let run = folder.run(&[".", "--db", "it.db"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.starts_with("lockfile: .: "), "{}", run.err);
    assert_eq!(folder.files(), ["Cargo.lock"]);
}

#[test]
fn a_file_that_is_no_database_stays_as_it_is() {
    let folder = Folder::with("foreign", LOCK);
    let text = "this is a letter, not a database\n".repeat(100);
    fs::write(folder.path("it.db"), &text).unwrap();
    let run = folder.run(&["Cargo.lock", "--db", "it.db"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("it.db") && run.err.contains("not a database"), "{}", run.err);
    assert_eq!(fs::read_to_string(folder.path("it.db")).unwrap(), text);
    assert_eq!(folder.files(), ["Cargo.lock", "it.db"]);
}

#[test]
fn an_unknown_package_is_answered_with_names_near_it() {
    let folder = Folder::with("unknown", LOCK);
    for (name, want) in [
        ("lgo", "no package is named `lgo`; near it: log\n"),
        ("as", "no package is named `as`; near it: base\n"),
        ("entirely-else", "no package is named `entirely-else`\n"),
        ("", "no package is named ``; near it: app, base, deep, gone, left, log\n"),
    ] {
        let run = folder.run(&["Cargo.lock", "--db", "it.db", "--why", name]);
        assert_eq!((run.code, run.err), (Some(1), format!("lockfile: {want}")));
    }
}

#[test]
fn arguments_that_are_not_understood_show_the_usage() {
    let folder = Folder::with("usage", LOCK);
    for arguments in [&["--database", "x"][..], &["--db"], &["--why"], &["a", "b"], &["-x"]] {
        let run = folder.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.err.contains("\nusage: lockfile [PATH]"), "{}", run.err);
    }
    let help = folder.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    assert!(help.out.starts_with("usage: "));
    assert_eq!(folder.files(), ["Cargo.lock"]);
}

#[test]
fn a_path_may_hold_what_means_something_in_a_url() {
    let folder = Folder::with("path", LOCK);
    let run = folder.run(&["Cargo.lock", "--db", "100%25 a?b#c.db"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(folder.files(), ["100%25 a?b#c.db", "Cargo.lock"]);
}
