//! Every version of the format, and every way in which it names a dependency.

use crate::{
    program::Folder,
    read::{Locked, read},
};

fn parsed(name: &str, lock: &str) -> Vec<Locked> {
    read(&Folder::with(name, lock).path("Cargo.lock")).unwrap()
}

#[test]
fn version_1_keeps_checksums_and_the_root_apart() {
    let locked = parsed(
        "v1",
        r#"
[root]
name = "app"
version = "0.1.0"
dependencies = ["log 0.4.1 (registry+https://example.org/index)", "own 0.2.0"]

[[package]]
name = "log"
version = "0.4.1"
source = "registry+https://example.org/index"

[[package]]
name = "own"
version = "0.2.0"

[metadata]
"checksum log 0.4.1 (registry+https://example.org/index)" = "abc"
"checksum own 0.2.0" = "<none>"
"#,
    );
    let names: Vec<&str> = locked.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["log", "own", "app"]);
    assert_eq!(locked[0].checksum.as_deref(), Some("abc"));
    assert_eq!(locked[1].checksum, None);
    assert_eq!(locked[2].dependencies, [0, 1]);
}

#[test]
fn versions_2_to_4_shorten_what_is_clear() {
    for version in ["", "version = 3", "version = 4"] {
        let locked = parsed("v234", &[version, SHORTENED].concat());
        assert_eq!(locked[0].dependencies, [1, 2, 3, 4, 5, 6], "{version}");
    }
}

/// `four` is a member of the workspace and a package of the registry: without a source it is the member.
const SHORTENED: &str = r#"
[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "one",
 "two 1.0.0",
 "two 2.0.0+build",
 "three 1.0.0 (git+https://example.org/three?branch=x%2Fy)",
 "three 1.0.0 (registry+https://example.org/index)",
 "four 1.0.0",
]

[[package]]
name = "one"
version = "1.0.0"

[[package]]
name = "two"
version = "1.0.0"

[[package]]
name = "two"
version = "2.0.0+build"

[[package]]
name = "three"
version = "1.0.0"
source = "git+https://example.org/three?branch=x%2Fy#0123"

[[package]]
name = "three"
version = "1.0.0"
source = "registry+https://example.org/index"

[[package]]
name = "four"
version = "1.0.0"

[[package]]
name = "four"
version = "1.0.0"
source = "registry+https://example.org/index"
"#;

#[test]
fn a_replaced_package_needs_its_replacement() {
    let locked = parsed(
        "replaced",
        r#"
[[package]]
name = "log"
version = "0.4.1"
source = "registry+https://example.org/index"
replace = "log 0.4.1"

[[package]]
name = "log"
version = "0.4.1"
"#,
    );
    assert_eq!(locked[0].dependencies, [1]);
}

#[test]
fn line_ends_of_windows_and_tables_of_patches_are_read() {
    let lock = "version = 3\r\n\r\n[[package]]\r\nname = \"a\"\r\nversion = \"1.0.0\"\r\n\r\n[[patch.unused]]\r\nname = \"b\"\r\nversion = \"1.0.0\"\r\n";
    assert_eq!(parsed("windows", lock).len(), 1);
}
