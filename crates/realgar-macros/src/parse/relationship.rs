//! `#[relationship(…)]`

use syn::Ident;

use super::{
    attribute::Item,
    reader::{Choice, Reader, Words},
};
use crate::model::{Cascade, Relationship};

/// The words of a relationship.
pub(crate) const WORDS: Words = &[
    ("back_populates", "back_populates = author"),
    ("secondary", "secondary = PostTags"),
    ("cascade", "cascade = \"all, delete-orphan\""),
    ("lazy", "lazy = \"selectin\""),
    ("foreign_keys", "foreign_keys = (Post::author_id, Post::editor_id)"),
    ("remote_side", "remote_side = id"),
    ("primaryjoin", "primaryjoin = User::id == Follows::follower_id"),
    ("secondaryjoin", "secondaryjoin = User::id == Follows::followed_id"),
    ("constant", "constant = other_name"),
];

/// The words of `realgar::Cascade::WORDS`: the test `cascades_know_every_word` compares the two lists.
const CASCADES: [&str; 8] =
    ["save-update", "merge", "refresh-expire", "expunge", "delete", "all", "delete-orphan", "none"];

const STRATEGIES: &[Choice] = &[
    ("peers", "Peers"),
    ("select", "Select"),
    ("selectin", "SelectIn"),
    ("joined", "Joined"),
    ("subquery", "Subquery"),
    ("immediate", "Immediate"),
    ("raise", "Raise"),
    ("raise_on_sql", "RaiseOnSql"),
    ("noload", "NoLoad"),
    ("dynamic", "Dynamic"),
    ("write_only", "WriteOnly"),
];

/// The relationship, and the name of its constant.
pub(crate) fn read(items: Vec<Item>, many: bool, reader: &mut Reader<'_>) -> (Relationship, Option<Ident>) {
    let mut relationship = Relationship { many, ..Relationship::default() };
    let mut constant = None;
    for item in &reader.known(items) {
        match item.word.to_string().as_str() {
            "back_populates" => relationship.back_populates = reader.name(item),
            "secondary" => relationship.secondary = reader.path(item),
            "cascade" => relationship.cascade = cascade(item, reader),
            "lazy" => relationship.lazy = reader.choice(item, STRATEGIES),
            "foreign_keys" => relationship.foreign_keys = reader.columns(item).unwrap_or_default(),
            "remote_side" => relationship.remote_side = reader.idents(item).unwrap_or_default(),
            "primaryjoin" => relationship.primaryjoin = reader.join(item),
            "secondaryjoin" => relationship.secondaryjoin = reader.join(item),
            _ => constant = reader.ident(item),
        }
    }
    (relationship, constant)
}

fn cascade(item: &Item, reader: &mut Reader<'_>) -> Cascade {
    let mut cascade = Cascade::default();
    let Some(text) = reader.text(item) else { return cascade };
    let value = text.value();
    let words: Vec<&str> = value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    for word in &words {
        match *word {
            "delete" | "all" => cascade.delete = true,
            "delete-orphan" => cascade.delete_orphan = Some(text.span()),
            // These travel anyway, or there is nothing to switch; they are read because people write them.
            known if CASCADES.contains(&known) => {}
            unknown => reader.unknown_value(&text, &item.word, unknown, &CASCADES),
        }
    }
    // PARITY: `none` takes back whatever stands beside it.
    if words.contains(&"none") { Cascade::default() } else { cascade }
}
