//! `#[model(…)]` and `#[table(…)]`: what is said above the struct.

use syn::Attribute;

use super::{
    attribute::{self, Form, Item},
    reader::{ACTIONS, Reader, Words},
};
use crate::{
    model::{ForeignKey, Index, Mapping, Sort},
    problems::Problems,
};

const OF_MODEL: Words = &[
    ("table", "table = \"users\""),
    ("unique", "unique(first_field, second_field)"),
    ("index", "index(first_field, second_field)"),
    ("foreign_key", "foreign_key(columns = (order_id, line), references = (Line::order_id, Line::no))"),
    ("check", "check(\"first_field < second_field\")"),
    ("no_default", "no_default"),
];

const OF_TABLE: Words = &[
    ("name", "name = \"post_tags\""),
    ("unique", "unique(first_field, second_field)"),
    ("index", "index(first_field, second_field)"),
    ("foreign_key", "foreign_key(columns = (order_id, line), references = (Line::order_id, Line::no))"),
    ("check", "check(\"first_field < second_field\")"),
];

const OF_FOREIGN_KEY: Words = &[
    ("columns", "columns = (order_id, line)"),
    ("references", "references = (Line::order_id, Line::no)"),
    ("on_delete", "on_delete = \"cascade\""),
    ("on_update", "on_update = \"cascade\""),
];

/// Reads what stands above the struct into the mapping.
pub(crate) fn read(attrs: &[Attribute], mapping: &mut Mapping, problems: &mut Problems) {
    let (attribute, words) = match mapping.sort {
        Sort::Model => ("model", OF_MODEL),
        Sort::Table => ("table", OF_TABLE),
    };
    let (place, model) = (mapping.name(), mapping.ident.clone());
    let (other, mend) = match mapping.sort {
        Sort::Model => ("table", "write `#[model(table = \"…\")]` above a model"),
        Sort::Table => ("model", "write `#[table(\"…\")]` above an association table"),
    };
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(other)) {
        problems.push(attr.path(), &place, format!("`#[{other}]` belongs to the other derive"), mend);
    }
    for attr in attrs.iter().filter(|attr| ["column", "relationship"].iter().any(|name| attr.path().is_ident(name))) {
        let mend = format!("put it on a field; what is said of the whole stands in `#[{attribute}(…)]`");
        problems.push(attr.path(), &place, "an attribute of fields, above the struct", &mend);
    }
    let Some(found) = attribute::items(attrs, attribute, &place, problems) else { return };
    let mut reader = Reader { place: &place, attribute, model: &model, words, problems };
    for item in reader.known(found.items) {
        match item.word.to_string().as_str() {
            "table" | "name" => mapping.table = reader.text(&item).map_or(mapping.table.clone(), |text| text.value()),
            "no_default" => mapping.no_default = reader.flag(&item),
            "check" => mapping.checks.extend(reader.text(&item).map(|text| text.value())),
            "foreign_key" => mapping.foreign_keys.extend(foreign_key(item, &mut reader)),
            word => {
                let unique = word == "unique";
                mapping.indexes.extend(reader.list(&item).map(|columns| Index { columns, unique }));
            }
        }
    }
}

/// `foreign_key(columns = (…), references = (…))`
fn foreign_key(item: Item, outer: &mut Reader<'_>) -> Option<ForeignKey> {
    let Form::List(items) = item.form else {
        return outer.misfit(&item);
    };
    let mut reader = Reader {
        place: outer.place,
        attribute: "foreign_key",
        model: outer.model,
        words: OF_FOREIGN_KEY,
        problems: &mut *outer.problems,
    };
    let (mut columns, mut references) = (None, None);
    let (mut on_delete, mut on_update) = (None, None);
    for item in &reader.known(items) {
        match item.word.to_string().as_str() {
            "columns" => columns = Some(reader.idents(item)),
            "references" => references = Some(reader.columns(item)),
            "on_delete" => on_delete = reader.choice(item, ACTIONS),
            _ => on_update = reader.choice(item, ACTIONS),
        }
    }
    if columns.is_none() || references.is_none() {
        let left_out = if columns.is_none() { "columns" } else { "references" };
        let (_, form) = OF_MODEL[3];
        reader.problem(&item.word, &format!("`foreign_key` without `{left_out}`"), &format!("write `{form}`"));
    }
    Some(ForeignKey { word: item.word, columns: columns??, references: references??, on_delete, on_update })
}
