//! Error texts as files: compared whole, and searched for values that must not be in them.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use realgar::{Error, Kind};

/// The values that the tests of this program put into columns. No text may repeat them.
pub(crate) const MARKER: &str = "open-sesame";
pub(crate) const NUMBER: i64 = 471_147;

/// The error has this kind, and its whole text is what stands in `told/<name>.txt`.
pub(crate) fn told(name: &str, kind: Kind, error: &Error) {
    assert_eq!(error.kind(), kind, "{error}");
    same(name, &error.to_string());
}

fn same(name: &str, text: &str) {
    for value in [MARKER, &NUMBER.to_string()] {
        assert!(!text.contains(value), "a value is part of the text: {text}");
    }
    let text = settled(text) + "\n";
    assert!(text.contains("\n  way out: ") || text.starts_with("Other"), "a text without a way out: {text}");
    let path = folder().join(name).with_extension("txt");
    if env::var_os("REALGAR_TELL").is_some() {
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("the folder can be made");
        fs::write(&path, &text).expect("the file can be written");
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, wanted, "\n{} says otherwise; REALGAR_TELL=1 writes it anew", path.display());
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors/told")
}

/// The text without what differs from run to run: places in the source, folders, times.
fn settled(text: &str) -> String {
    let temporary = env::temp_dir().display().to_string();
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let (word, end) = word.split_at(word.trim_end_matches([' ', '\n', ',', ')', ';', ':']).len());
        let place = word.contains("tests/errors/") && word.contains(".rs:");
        let word = match () {
            () if place => "src/main.rs:7:5".to_owned(),
            () if word.starts_with(&temporary) => {
                let file = word.rsplit('/').next().unwrap_or_default();
                format!("/srv/{}", if file.starts_with("realgar-") { "" } else { file })
            }
            () => word.to_owned(),
        };
        word + end
    });
    milliseconds(&words.collect::<String>())
}

/// `for 51 ms` becomes `for 50 ms`: tests wait that long.
fn milliseconds(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let time =
        |at: usize| words[at].parse::<u64>().is_ok() && words.get(at + 1).is_some_and(|next| next.starts_with("ms"));
    (0..words.len()).map(|at| if time(at) { "50" } else { words[at] }).collect::<Vec<_>>().join(" ")
}
