//! `#[relationship(…)]`

use syn::Ident;

use super::{
    attribute::{Form, Item},
    reader::{Choice, Reader, Words},
};
use crate::model::{Backref, Cascade, Relationship, Variant};

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
    ("order_by", "order_by = (Post::created.desc(), Post::id)"),
    ("backref", "backref = author"),
    ("viewonly", "viewonly"),
    ("passive_deletes", "passive_deletes, or passive_deletes = \"all\""),
    ("post_update", "post_update"),
    ("single_parent", "single_parent"),
    ("innerjoin", "innerjoin"),
    ("join_depth", "join_depth = 2"),
    ("overlaps", "overlaps = (author, editor)"),
    ("validate", "validate = check_post"),
    ("constant", "constant = other_name"),
];

/// What may stand behind the name of a `backref`: joins and keys are those of the relationship itself.
const OF_BACKREF: Words = &[
    ("cascade", "cascade = \"all, delete-orphan\""),
    ("lazy", "lazy = \"selectin\""),
    ("order_by", "order_by = (Post::created.desc(), Post::id)"),
    ("viewonly", "viewonly"),
    ("passive_deletes", "passive_deletes, or passive_deletes = \"all\""),
    ("post_update", "post_update"),
    ("single_parent", "single_parent"),
    ("innerjoin", "innerjoin"),
    ("join_depth", "join_depth = 2"),
    ("overlaps", "overlaps = (author, editor)"),
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
    let (mut constant, mut backref) = (None, None);
    for item in reader.known(items) {
        relationship.places.push((item.word.to_string(), item.place()));
        if item.word == "backref" {
            backref = Some(item);
            continue;
        }
        let item = &item;
        match item.word.to_string().as_str() {
            "back_populates" => relationship.back_populates = reader.name(item),
            "secondary" => relationship.secondary = reader.path(item),
            "foreign_keys" => relationship.foreign_keys = reader.columns(item).unwrap_or_default(),
            "remote_side" => relationship.remote_side = reader.idents(item).unwrap_or_default(),
            "primaryjoin" => relationship.primaryjoin = reader.join(item),
            "secondaryjoin" => relationship.secondaryjoin = reader.join(item),
            "validate" => relationship.validate = reader.expr(item),
            "constant" => constant = reader.ident(item),
            _ => setting(item, &mut relationship, reader),
        }
    }
    if let Some(item) = backref {
        relationship.backref = read_backref(item, reader).map(Box::new);
    }
    (relationship, constant)
}

/// The words that a way back may have, too.
fn setting(item: &Item, relationship: &mut Relationship, reader: &mut Reader<'_>) {
    match item.word.to_string().as_str() {
        "cascade" => relationship.cascade = cascade(item, reader),
        "lazy" => relationship.lazy = reader.choice(item, STRATEGIES),
        "order_by" => relationship.order_by = reader.orders(item).unwrap_or_default(),
        "viewonly" => relationship.viewonly = reader.flag(item),
        "passive_deletes" => relationship.passive_deletes = passive_deletes(item, reader),
        "post_update" => relationship.post_update = reader.flag(item),
        "innerjoin" => relationship.innerjoin = reader.flag(item),
        "join_depth" => relationship.join_depth = reader.number(item),
        "overlaps" => relationship.overlaps = reader.idents(item).unwrap_or_default(),
        _ => relationship.single_parent = reader.flag(item),
    }
}

fn passive_deletes(item: &Item, reader: &mut Reader<'_>) -> Option<Variant> {
    match item.form {
        Form::Word => Some("Unloaded"),
        _ => reader.choice(item, &[("all", "All")]),
    }
}

/// `backref = author`, `backref(author, lazy = "joined")`
fn read_backref(item: Item, outer: &mut Reader<'_>) -> Option<Backref> {
    let mut items = match item.form {
        Form::List(items) => items,
        _ => {
            let name = outer.ident(&item)?;
            return Some(Backref { name, options: Relationship::default() });
        }
    };
    if items.first().is_none_or(|first| !matches!(first.form, Form::Word)) {
        outer.problem(&item.word, "a `backref` without a name", "write `backref(author, lazy = \"joined\")`");
        return None;
    }
    let name = items.remove(0).word;
    let mut reader = Reader {
        place: outer.place,
        attribute: "backref",
        model: outer.model,
        words: OF_BACKREF,
        problems: &mut *outer.problems,
    };
    let mut options = Relationship::default();
    for item in &reader.known(items) {
        setting(item, &mut options, &mut reader);
    }
    Some(Backref { name, options })
}

fn cascade(item: &Item, reader: &mut Reader<'_>) -> Cascade {
    let Some(text) = reader.text(item) else { return Cascade::default() };
    let mut cascade = Cascade::NONE;
    let value = text.value();
    let words: Vec<&str> = value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    for word in &words {
        match *word {
            "save-update" => cascade.save_update = true,
            "merge" => cascade.merge = true,
            "refresh-expire" => cascade.refresh_expire = true,
            "expunge" => cascade.expunge = true,
            "delete" => cascade.delete = Some(text.span()),
            "delete-orphan" => cascade.delete_orphan = Some(text.span()),
            "all" => {
                let delete_orphan = cascade.delete_orphan;
                let delete = Some(text.span());
                cascade = Cascade { refresh_expire: true, expunge: true, delete, delete_orphan, ..Cascade::default() };
            }
            "none" => {}
            unknown => reader.unknown_value(&text, &item.word, unknown, &CASCADES),
        }
    }
    // PARITY: `none` takes back whatever stands beside it.
    if words.contains(&"none") { Cascade::NONE } else { cascade }
}
