//! One source file as the rules see it: its tokens with and without tests, its lines, its place in the house.

use std::{
    collections::BTreeSet,
    ops::{Range, RangeInclusive},
};

use crate::tokens::{Kind, Token, tokens};

/// A file of the repository.
pub(crate) struct Source {
    /// Its path from the root of the repository, with `/`.
    pub(crate) path: String,
    /// Its first line.
    pub(crate) first_line: String,
    /// Every token, tests too.
    pub(crate) all: Vec<Token>,
    /// The tokens outside `#[cfg(test)]`; none where the whole file is a test module.
    pub(crate) code: Vec<Token>,
    /// How many lines hold code that is no test.
    pub(crate) code_lines: usize,
    /// How many lines there are, tests left out.
    pub(crate) lines: usize,
    /// Modules in files of their own that are tests: `#[cfg(test)] mod tests;`.
    test_modules: Vec<String>,
}

impl Source {
    /// Reads a source text.
    pub(crate) fn new(path: &str, text: &str) -> Source {
        let all = tokens(text);
        let tests = tests(&all);
        let test_modules = tests.iter().filter_map(|range| module_file(&all[range.clone()])).collect();
        let in_tests = |at: usize| tests.iter().any(|range| range.contains(&at));
        let code: Vec<Token> = (0..all.len()).filter(|&at| !in_tests(at)).map(|at| all[at].clone()).collect();
        let test_lines = covered(tests.iter().map(|range| all[range.start].line..=all[range.end - 1].last_line));
        let blank: BTreeSet<usize> =
            (1..).zip(text.lines()).filter(|(_, line)| line.trim().is_empty()).map(|(number, _)| number).collect();
        let code_lines = covered(code.iter().map(|token| token.line..=token.last_line)).difference(&blank).count();
        Source {
            path: path.to_owned(),
            first_line: text.lines().next().unwrap_or_default().to_owned(),
            code_lines,
            lines: text.lines().count() - test_lines.len(),
            all,
            code,
            test_modules,
        }
    }

    /// The module that this file of the library is: `["sql", "expr"]`; nothing for the crate root, `None` for other files.
    pub(crate) fn module(&self) -> Option<Vec<&str>> {
        let inside = self.path.strip_prefix("crates/realgar/src/")?.strip_suffix(".rs")?;
        let mut module: Vec<&str> = inside.split('/').collect();
        module.pop_if(|last| *last == "mod" || *last == "lib");
        Some(module)
    }
}

/// Treats files that are declared as `#[cfg(test)] mod name;` as tests from the first line to the last.
///
/// Their sizes still count: tests move to a file of their own to be read.
pub(crate) fn mark_test_files(sources: &mut [Source]) {
    let mut places = Vec::new();
    for source in &*sources {
        let stem = source.path.trim_end_matches(".rs");
        let folder = ["/lib", "/main", "/mod"].iter().find_map(|door| stem.strip_suffix(door)).unwrap_or(stem);
        places.extend(source.test_modules.iter().map(|name| format!("{folder}/{name}")));
    }
    for source in sources {
        let stem = source.path.trim_end_matches(".rs");
        let is_test = |place: &String| {
            stem.strip_prefix(place.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if places.iter().any(is_test) {
            source.code.clear();
        }
    }
}

/// Where `#[cfg(test)]` items stand, attribute included.
fn tests(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let item = if is_cfg_test(&tokens[at..]) { item_end(tokens, at) } else { None };
        match item {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether `#[cfg(test)]` or `#[cfg(all(test, …))]` starts here.
fn is_cfg_test(tokens: &[Token]) -> bool {
    let starts =
        |words: &[&str]| tokens.len() > words.len() && tokens.iter().zip(words).all(|(token, word)| token.is(word));
    starts(&["#", "[", "cfg", "(", "test", ")"]) || starts(&["#", "[", "cfg", "(", "all", "(", "test", ","])
}

/// The end of the item whose first attribute starts here; `None` for what is no item (a field, a match arm).
fn item_end(tokens: &[Token], attribute: usize) -> Option<usize> {
    let mut at = attribute;
    while tokens.get(at)?.is("#") {
        at = group_end(tokens, at + 1);
    }
    let first = tokens.get(at)?;
    let items = [
        "pub",
        "mod",
        "fn",
        "use",
        "impl",
        "struct",
        "enum",
        "const",
        "static",
        "trait",
        "type",
        "async",
        "macro_rules",
    ];
    if !items.iter().any(|word| first.is(word)) {
        return None;
    }
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" if tokens[at].is(";") => return Some(at + 1),
            "{" if tokens[at].is("{") => return Some(group_end(tokens, at)),
            "(" | "[" if tokens[at].kind == Kind::Mark => at = group_end(tokens, at),
            ")" | "]" | "}" if tokens[at].kind == Kind::Mark => return None,
            _ => at += 1,
        }
    }
    None
}

/// The position after the bracket that closes the one that opens here.
fn group_end(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open).filter(|(_, token)| token.kind == Kind::Mark) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// The name of a module that stands in a file of its own: `mod name;`.
fn module_file(item: &[Token]) -> Option<String> {
    match item {
        [.., word, name, end] if word.is("mod") && end.is(";") => Some(name.text.clone()),
        _ => None,
    }
}

fn covered(ranges: impl Iterator<Item = RangeInclusive<usize>>) -> BTreeSet<usize> {
    ranges.flatten().collect()
}
