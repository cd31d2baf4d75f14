//! What `#[derive(ColumnType)]` needs for an enum: text from a cell, and the error for a word that no variant has.

use std::borrow::Cow;

use crate::{
    error::{Error, Kind, Result},
    value::{Value, convert::misfit},
};

/// An enum that has a name in databases whose types have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Words {
    /// Its name there.
    pub name: &'static str,
    /// The words, in the order of the variants.
    pub words: &'static [&'static str],
}

/// The text of a cell. Called by the derive.
pub fn text(value: Value<'_>) -> Result<Cow<'_, str>> {
    match value {
        Value::Text(text) => Ok(text),
        other => misfit(&other, "text"),
    }
}

/// The word is no variant's. It is not repeated: it may be a secret. Called by the derive.
#[cold]
#[must_use]
pub fn unknown_word(name: &str, words: &[&str]) -> Error {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    Error::new(Kind::Data, format!("found text that is no `{name}`: its words are {}", words.join(", ")))
        .way_out("give the enum a variant for it, or mend the row")
}
