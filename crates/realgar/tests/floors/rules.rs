//! The rules of the house, one function each, and what a broken one says.

use std::fmt;

use crate::{
    imports::{self, room},
    source::Source,
    tokens::{Kind, Token},
};

/// The most lines of code that a file may have: no blanks, no comments, no tests.
pub(crate) const MAX_CODE_LINES: usize = 500;

/// The most lines that a file may have, docs in, tests out.
pub(crate) const MAX_LINES: usize = 1_000;

/// A rule of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A room imports from its own floor and those below.
    Floors,
    /// A file opens with a module doc.
    ModuleDoc,
    /// A file can be read in one sitting.
    Size,
    /// SQL is written in `sql`.
    SqlText,
    /// A dialect is asked for its abilities, not for its name.
    DialectName,
    /// What lands is finished, and its tests run.
    Unfinished,
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Rule::Floors => "floors",
            Rule::ModuleDoc => "module doc",
            Rule::Size => "size",
            Rule::SqlText => "sql text",
            Rule::DialectName => "dialect name",
            Rule::Unfinished => "unfinished",
        })
    }
}

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    path: String,
    line: usize,
    pub(crate) rule: Rule,
    what: String,
}

impl Violation {
    pub(crate) fn new(source: &Source, line: usize, rule: Rule, what: impl Into<String>) -> Violation {
        Violation { path: source.path.clone(), line, rule, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { path, line, rule, what } = self;
        write!(out, "{path}:{line}: {rule}: {what}")
    }
}

/// Every rule that a file breaks. Tests and examples only have to be finished.
pub(crate) fn check(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    unfinished(source, &mut found);
    if source.path.contains("/src/") {
        module_doc(source, &mut found);
        size(source, &mut found);
    }
    imports::check(source, &mut found);
    if room(source).is_some_and(|room| !["sql", "driver"].contains(&room)) {
        sql_text(source, &mut found);
        dialect_name(source, &mut found);
    }
    found
}

fn module_doc(source: &Source, found: &mut Vec<Violation>) {
    let doc = source.first_line.strip_prefix("//!").unwrap_or_default();
    if doc.trim().is_empty() {
        let what = "the first line is no module doc (`//! …`): say what enters, what leaves, what is kept here";
        found.push(Violation::new(source, 1, Rule::ModuleDoc, what));
    }
}

fn size(source: &Source, found: &mut Vec<Violation>) {
    for (lines, most, sort) in
        [(source.code_lines, MAX_CODE_LINES, "lines of code"), (source.lines, MAX_LINES, "lines")]
    {
        if lines > most {
            let what = format!("{lines} {sort}, {most} are the most: find the room or file that is missing");
            found.push(Violation::new(source, 1, Rule::Size, what));
        }
    }
}

fn sql_text(source: &Source, found: &mut Vec<Violation>) {
    let openings = ["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM", "CREATE "];
    for token in source.code.iter().filter(|token| token.kind == Kind::Text) {
        // A literal may begin with a line break, escaped or not.
        let text = token.text.replace("\\n", " ");
        let text = text.trim_start_matches(|next: char| next.is_whitespace() || next == '\\');
        if let Some(opening) = openings.iter().find(|opening| text.starts_with(**opening)) {
            let what = format!("SQL text outside `sql`: a literal that starts with `{}`", opening.trim_end());
            found.push(Violation::new(source, token.line, Rule::SqlText, what));
        }
    }
}

fn dialect_name(source: &Source, found: &mut Vec<Violation>) {
    for (at, token) in source.code.iter().enumerate() {
        let named = match token.kind {
            Kind::Word => names_a_dialect(&token.text),
            // `#[cfg(feature = "sqlite")]` chooses what is built, not what is done.
            Kind::Text => is_a_dialect(&token.text) && !is_feature(&source.code[..at]),
            Kind::Other | Kind::Mark => false,
        };
        if named {
            let what = format!("`{}` chooses a dialect by name: ask it for an ability", token.text);
            found.push(Violation::new(source, token.line, Rule::DialectName, what));
        }
    }
}

fn names_a_dialect(word: &str) -> bool {
    is_a_dialect(word)
        || ["Sqlite", "Postgres", "MySql", "SQLITE", "POSTGRES", "MYSQL"].iter().any(|name| word.contains(name))
}

fn is_a_dialect(name: &str) -> bool {
    ["sqlite", "postgres", "postgresql", "mysql", "mariadb"].contains(&name)
}

fn is_feature(before: &[Token]) -> bool {
    matches!(before, [.., word, mark] if word.is("feature") && mark.is("="))
}

fn unfinished(source: &Source, found: &mut Vec<Violation>) {
    for window in source.all.windows(3) {
        let [first, second, third] = window else { continue };
        let called = second.is("!") && ["todo", "unimplemented", "dbg"].iter().any(|name| first.is(name));
        let ignored = first.is("#") && second.is("[") && third.is("ignore");
        let what = match () {
            () if called => format!("`{}!` is no finished code", first.text),
            () if ignored => "`#[ignore]` hides a test: assert today's answer and say why it is wrong".to_owned(),
            () => continue,
        };
        found.push(Violation::new(source, first.line, Rule::Unfinished, what));
    }
}
