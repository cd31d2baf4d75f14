//! Ways out of what is wrong with a line: names that are meant, words of other languages.

use realgar::{Db, ModelDesc, dynamic::AnyColumn};
use strsim::osa_distance;

use super::token::{Token, tokens};

/// What somebody meant who wrote this name: one that differs in case, or in two letters at most.
fn meant<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let (name, most) = (name.to_lowercase(), if name.chars().count() < 4 { 1 } else { 2 });
    let far = |other: &str| osa_distance(&name, &other.to_lowercase());
    names.map(|other| (far(other), other)).filter(|(far, _)| *far <= most).min().map(|(_, other)| other)
}

/// A field that the model has not.
pub(super) fn no_field(db: &Db, model: &'static ModelDesc, name: &str) -> String {
    let relationships = db.relationships(model).unwrap_or_default();
    let relationships: Vec<&str> = relationships.iter().map(|found| found.name).collect();
    let fields = || AnyColumn::all(model).map(AnyColumn::field).chain(relationships.iter().copied());
    let way_out = match meant(name, fields()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it has {}", fields().collect::<Vec<_>>().join(", ")),
    };
    format!("`{}` has no field `{name}`\n  way out: {way_out}", model.name())
}

/// A model or variable that is not there.
pub(super) fn nothing_called<'n>(db: &Db, name: &str, variables: impl Iterator<Item = &'n str>) -> String {
    let models = db.models();
    let way_out = match meant(name, models.iter().map(|model| model.name()).chain(variables)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`models` lists the models; a variable is made by `name = …`".to_owned(),
    };
    format!("there is nothing called `{name}`\n  way out: {way_out}")
}

/// What is said here in place of a line that is not understood.
pub(super) fn elsewhere(line: &str) -> Option<&'static str> {
    let first = line.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    Some(match first.as_str() {
        "select" => "a query is written `User where name = 'Ada' order by name limit 5`",
        "insert" => "a row is made by `add User(name='Ada')`, then `commit`",
        "update" => "a field is changed by `ada.name = 'Grace'`, then `commit`",
        "drop" | "alter" | "create" => "the shell leaves tables as they are",
        "for" | "while" | "if" | "def" | "class" | "with" | "try" | "async" | "lambda" => {
            "the shell has no blocks; `.title` behind a list takes the field of each"
        }
        _ => "`help` says what there is",
    })
}

/// Whether a bracket is still open: then the next line belongs to this one.
pub(super) fn is_open(text: &str) -> bool {
    let Ok(tokens) = tokens(text) else { return false };
    let depth = tokens.iter().map(|token| match token {
        Token::Mark("(" | "[" | "{") => 1,
        Token::Mark(")" | "]" | "}") => -1,
        _ => 0,
    });
    depth.sum::<i32>() > 0
}

/// The line without the prompt that stands before it where it was copied from.
pub(super) fn without_prompt(line: &str) -> &str {
    let line = line.trim();
    line.strip_prefix(">>>").or(line.strip_prefix("...")).unwrap_or(line).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        let names = ["name", "User", "id"];
        for (name, is_meant) in
            [("nmae", Some("name")), ("user", Some("User")), ("i", Some("id")), ("x9", None), ("", None)]
        {
            assert_eq!(meant(name, names.into_iter()), is_meant, "{name}");
        }
    }

    #[test]
    fn open_brackets() {
        for open in ["User(", "x = [1,", "f(a, [b]", "User( # )"] {
            assert!(is_open(open), "{open}");
        }
        for closed in ["", "User()", "')'", "'(' 1", "f)", "'open (", "x # ("] {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
