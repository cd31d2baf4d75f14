//! The house test, tested: small sources and exactly the violations that each must give.

use crate::{
    rules::{self, MAX_CODE_LINES, MAX_LINES, Rule},
    source::{Source, mark_test_files},
};

/// Checks that a file with this path and text breaks these rules, written as `line: rule: …` up to where it is telling.
#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    assert_breaks(&Source::new(path, text), expected);
}

/// As `check`, for a file of the library, with a module doc put in front as line 1.
#[track_caller]
fn check_lib(file: &str, text: &str, expected: &[&str]) {
    check(&format!("crates/realgar/src/{file}"), &format!("//! Doc.\n{text}"), expected);
}

#[track_caller]
fn assert_breaks(source: &Source, expected: &[&str]) {
    let found: Vec<String> = rules::check(source).iter().map(ToString::to_string).collect();
    let as_expected = found.len() == expected.len()
        && expected.iter().all(|start| found.iter().any(|text| text.starts_with(&format!("{}:{start}", source.path))));
    assert!(as_expected, "expected {expected:#?}\nfound {found:#?}");
}

#[test]
fn a_violation_names_file_line_and_rule() {
    let source = Source::new("crates/realgar/src/sql.rs", "//! Doc.\nuse crate::session::Session;");
    let found = rules::check(&source);
    assert_eq!(
        found[0].to_string(),
        "crates/realgar/src/sql.rs:2: floors: `sql` (floor 2) imports `session` (floor 9), which lies above it"
    );
    assert_eq!(found[0].rule, Rule::Floors);
}

#[test]
fn lower_floors_and_the_own_room_are_free() {
    let text =
        "use crate::{error::Result, schema::Table, sql::{Expr, select::Select}};\nuse super::render;\nuse self::x::Y;";
    check_lib("sql/expr.rs", text, &[]);
    check_lib("value.rs", "use crate::error::Error;", &[]);
    check_lib("error.rs", "use crate::value::Value;", &[]);
    check_lib("session/db.rs", "fn f() { crate::flush::run(crate::load::rows()) }", &[]);
}

#[test]
fn an_import_from_above_is_found() {
    check_lib("sql.rs", "use crate::driver::Driver;", &["2: floors: `sql` (floor 2) imports `driver` (floor 3)"]);
    check_lib(
        "value/row.rs",
        "use crate::schema::Table;",
        &["2: floors: `value` (floor 0) imports `schema` (floor 1)"],
    );
    check_lib("load/lazy.rs", "pub(crate) use crate::flush;", &["2: floors: `load` (floor 7) imports `flush`"]);
    check_lib("query.rs", "fn f(x: &crate::identity::Map) {}", &["2: floors: `query` (floor 5) imports `identity`"]);
    check_lib(
        "query.rs",
        "fn f() {\n    crate::session::run();\n}",
        &["3: floors: `query` (floor 5) imports `session`"],
    );
    check_lib(
        "query.rs",
        "macro_rules! m { () => { $crate::load::x() } }",
        &["2: floors: `query` (floor 5) imports `load`"],
    );
}

#[test]
fn use_trees_are_read_at_any_depth() {
    let text = "use crate::{\n    error::Result,\n    sql::{Expr, Select as S},\n    flush::{\n        plan::Plan,\n        order::sort,\n    },\n    value::*,\n    session,\n};";
    check_lib(
        "load.rs",
        text,
        &["5: floors: `load` (floor 7) imports `flush`", "10: floors: `load` (floor 7) imports `session`"],
    );
    check_lib("sql.rs", "use {crate::load::row, crate::value::Row};", &["2: floors: `sql` (floor 2) imports `load`"]);
    check_lib(
        "sql/expr.rs",
        "use super::{render, super::query::Column};",
        &["2: floors: `sql` (floor 2) imports `query`"],
    );
}

#[test]
fn super_is_followed_to_the_crate_root() {
    check_lib("sql.rs", "use super::mapper::Handle;", &["2: floors: `sql` (floor 2) imports `mapper`"]);
    check_lib("sql/expr.rs", "use super::mapper::Handle;", &[]);
    check_lib("sql/expr.rs", "use super::super::mapper::Handle;", &["2: floors: `sql` (floor 2) imports `mapper`"]);
    check_lib("sql/dialect/sqlite.rs", "use super::super::mapper::Handle;", &[]);
    check_lib(
        "sql/dialect/sqlite.rs",
        "use self::super::super::super::load::x;",
        &["2: floors: `sql` (floor 2) imports `load`"],
    );
    check_lib("sql/mod.rs", "use super::load::x;", &["2: floors: `sql` (floor 2) imports `load`"]);
    check_lib("sql.rs", "mod inner {\n    use super::load::x;\n}", &[]);
    check_lib(
        "sql.rs",
        "mod inner {\n    use super::super::load::x;\n}",
        &["3: floors: `sql` (floor 2) imports `load`"],
    );
    check_lib("sql.rs", "mod inner { fn f() {} }\nuse super::load::x;", &["3: floors: `sql` (floor 2) imports `load`"]);
}

#[test]
fn names_at_the_crate_root_hide_their_floor() {
    check_lib("load.rs", "use crate::Error;", &["2: floors: `load` names `Error` by the crate root"]);
    check_lib("load.rs", "fn f() -> crate::Result<()> {}", &["2: floors: `load` names `Result` by the crate root"]);
    check_lib("load.rs", "use realgar::Session;", &["2: floors: `load` names `realgar` by the crate root"]);
    check_lib("load.rs", "use ::realgar::value::Value;", &["2: floors: `load` names `realgar` by the crate root"]);
    check_lib("load.rs", "use crate::__private::Store;", &["2: floors: `load` names `__private` by the crate root"]);
    check_lib("load.rs", "use crate::prelude::*;", &["2: floors: `load` names `prelude` by the crate root"]);
    check_lib("load.rs", "use crate::*;", &["2: floors: `load` names `*` by the crate root"]);
    check_lib("load.rs", "use super::Session;", &["2: floors: `load` names `Session` by the crate root"]);
    check_lib("load.rs", "use crate as root;", &["2: floors: `load` names `crate` by the crate root"]);
    check_lib(
        "load.rs",
        "use crate::{self as root, value::Value};",
        &["2: floors: `load` names `self` by the crate root"],
    );
    check_lib("load.rs", "extern crate self as other;", &["2: floors: `load` names `crate` by the crate root"]);
}

#[test]
fn files_beside_the_rooms_may_use_all_of_them() {
    check_lib("lib.rs", "pub use crate::session::Session;\npub mod __private { pub use crate::load::x; }", &[]);
    check_lib("prelude.rs", "pub use crate::{Session, flush::Plan};", &[]);
    check_lib("macros.rs", "macro_rules! new { () => { $crate::__private::x() } }", &[]);
    check("crates/realgar-macros/src/lib.rs", "//! Doc.\nuse crate::session::x;", &[]);
}

#[test]
fn a_new_top_level_file_needs_a_floor() {
    check_lib("cellar.rs", "", &["1: floors: `cellar` is no room"]);
}

#[test]
fn visibility_is_no_import() {
    check_lib("sql/expr.rs", "pub(crate) fn f() {}\npub(super) fn g() {}\npub(in super::super) fn h() {}", &[]);
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = r##"
// use crate::session::Session;
/// [`crate::session::Session`], todo!(), Sqlite
/* use crate::session; /* nested */ use crate::Error; */
const A: &str = "use crate::session::Session; \" crate::load::x";
const B: &str = r#"crate::session::x " crate::load::y"#;
const C: &[u8] = b"crate::session::x";
const D: (char, char, char, u8) = ('"', '\'', '\u{22}', b'"');
fn f<'a, 'crate_>(x: &'a str) -> &'a str { x }
fn r#type() {}
"##;
    check_lib("sql.rs", text, &[]);
}

#[test]
fn code_between_literals_is_still_code() {
    let text = r##"fn f<'a>(x: &'a str) { g('"'); crate::load::x(r#"""#, '\\', b'\''); crate::flush::y() } /* // */ use crate::session;"##;
    check_lib(
        "sql.rs",
        text,
        &[
            "2: floors: `sql` (floor 2) imports `load`",
            "2: floors: `sql` (floor 2) imports `flush`",
            "2: floors: `sql` (floor 2) imports `session`",
        ],
    );
}

#[test]
fn tests_may_use_any_room() {
    let text = "#[cfg(test)]\nuse crate::load::x;\n#[cfg(test)]\n#[expect(dead_code)]\nmod tests {\n    use crate::Session;\n    const S: &str = \"SELECT 1\";\n    fn f(_: Sqlite) {}\n}\n";
    check_lib("value.rs", text, &[]);
    check_lib("value.rs", "#[cfg(all(test, feature = \"sqlite\"))] mod tests { use crate::session; }", &[]);
    check_lib(
        "value.rs",
        "#[cfg(not(test))] mod x { use crate::session::y; }",
        &["2: floors: `value` (floor 0) imports `session`"],
    );
    check_lib(
        "value.rs",
        "#[cfg(test)] mod tests { }\nuse crate::session;",
        &["3: floors: `value` (floor 0) imports `session`"],
    );
    check_lib(
        "value.rs",
        "struct S { #[cfg(test)] pub a: u8, b: crate::load::B }",
        &["2: floors: `value` (floor 0) imports `load`"],
    );
}

#[test]
fn a_test_module_may_have_a_file() {
    let mut sources = [
        Source::new("crates/realgar/src/flush.rs", "//! Doc.\n#[cfg(test)]\nmod tests;\nmod plan;"),
        Source::new("crates/realgar/src/flush/tests.rs", "//! Doc.\nuse crate::session::Session;"),
        Source::new("crates/realgar/src/flush/tests/cycles.rs", "//! Doc.\nuse crate::session::Session;"),
        Source::new("crates/realgar/src/flush/plan.rs", "//! Doc.\nuse crate::session::Session;"),
    ];
    mark_test_files(&mut sources);
    for source in &sources[..3] {
        assert_breaks(source, &[]);
    }
    assert_breaks(&sources[3], &["2: floors: `flush` (floor 8) imports `session`"]);
}

#[test]
fn a_file_without_a_module_doc_is_found() {
    let path = "crates/realgar/src/sql.rs";
    check(path, "//! Doc.\nfn f() {}", &[]);
    check(path, "fn f() {}", &["1: module doc"]);
    check(path, "\n//! Doc.", &["1: module doc"]);
    check(path, "// Doc.", &["1: module doc"]);
    check(path, "//!\nfn f() {}", &["1: module doc"]);
    check(path, "", &["1: module doc"]);
    check("xtask/src/main.rs", "fn main() {}", &["1: module doc"]);
    check("crates/realgar-macros/src/parse.rs", "fn f() {}", &["1: module doc"]);
    check("crates/realgar/examples/tour.rs", "fn main() {}", &[]);
}

#[test]
fn a_file_with_too_much_code_is_found() {
    let code = "const A: u8 = 1;\n\n// Why.\n";
    check_lib("sql.rs", &code.repeat(300), &[]);
    check_lib("sql.rs", &"fn f() {}\n".repeat(MAX_CODE_LINES), &[]);
    check_lib("sql.rs", &"fn f() {}\n".repeat(MAX_CODE_LINES + 1), &["1: size: 501 lines of code, 500 are the most"]);
    let text = format!("const A: &str = \"\n{}\";", "text\n".repeat(MAX_CODE_LINES));
    check("xtask/src/x.rs", &format!("//! Doc.\n{text}"), &["1: size: 502 lines of code"]);
    let tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn f() {}\n".repeat(MAX_LINES));
    check_lib("sql.rs", &tests, &[]);
}

#[test]
fn a_file_with_too_many_lines_is_found() {
    check_lib("sql.rs", &"// Why.\n".repeat(MAX_LINES - 1), &[]);
    check_lib("sql.rs", &"// Why.\n".repeat(MAX_LINES), &["1: size: 1001 lines, 1000 are the most"]);
}

#[test]
fn sql_outside_its_room_is_found() {
    check_lib(
        "load.rs",
        "const A: &str = \"SELECT 1\";",
        &["2: sql text: SQL text outside `sql`: a literal that starts with `SELECT`"],
    );
    check_lib("load.rs", "const A: &str = r#\"INSERT INTO x\"#;", &["2: sql text"]);
    check_lib("load.rs", "fn f() {\n    format!(\"UPDATE {x}\");\n}", &["3: sql text"]);
    check_lib("flush/execute.rs", "const A: &str = \"\\\n    DELETE FROM x\";", &["2: sql text"]);
    check_lib("schema.rs", "const A: &str = \"\\nCREATE TABLE x\";", &["2: sql text"]);
    check_lib("sql/write.rs", "const A: &str = \"INSERT INTO x\";", &[]);
    check_lib("driver/sqlite.rs", "const A: &str = \"SELECT 1\";", &[]);
    check_lib("load.rs", "/// \"SELECT 1\"\nconst A: &str = \"a SELECT 1\";\nconst B: &str = \"CREATED\";", &[]);
}

#[test]
fn a_dialect_chosen_by_name_is_found() {
    check_lib(
        "load.rs",
        "fn f() { match d { Dialect::Sqlite => 1 } }",
        &["2: dialect name: `Sqlite` chooses a dialect by name"],
    );
    check_lib("flush.rs", "fn f(d: PostgresDialect) {}", &["2: dialect name"]);
    check_lib("query.rs", "fn f() { MySql::x() }", &["2: dialect name"]);
    check_lib("load.rs", "fn f() { if name == \"sqlite\" {} }", &["2: dialect name"]);
    check_lib("session/db.rs", "use crate::driver::sqlite::Connection;", &["2: dialect name"]);
    check_lib("session/db.rs", "#[cfg(feature = \"sqlite\")]\nfn f() { cfg!(feature = \"sqlite\") }", &[]);
    check_lib("sql/dialect/sqlite.rs", "pub const SQLITE: Sqlite = Sqlite;", &[]);
    check_lib("driver.rs", "fn f() { Url::Sqlite }", &[]);
    check_lib("load.rs", "// As SQLite does it; Sqlite.\nconst A: &str = \"Sqlite says no\";", &[]);
}

#[test]
fn unfinished_code_is_found_in_tests_too() {
    check_lib("sql.rs", "fn f() { todo!() }", &["2: unfinished: `todo!` is no finished code"]);
    check_lib("sql.rs", "fn f() { unimplemented![] }\nfn g() { dbg!(1); }", &["2: unfinished", "3: unfinished"]);
    check_lib(
        "sql.rs",
        "#[cfg(test)]\nmod tests {\n    #[ignore = \"slow\"]\n    fn f() {}\n}",
        &["4: unfinished: `#[ignore]`"],
    );
    check("crates/realgar/tests/suite/main.rs", "#[test]\n#[ignore]\nfn f() {}", &["2: unfinished: `#[ignore]`"]);
    check("crates/realgar/examples/tour.rs", "fn main() { let todo = 1; let s = \"todo!()\"; }", &[]);
}
