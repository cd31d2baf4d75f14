//! `#[column(…)]`

use syn::{Ident, ext::IdentExt as _};

use super::{
    attribute::Item,
    reader::{ACTIONS, Reader, Words, called},
};
use crate::model::{Column, ForeignKey, Property};

/// The words of a model's column.
pub(crate) const OF_MODEL: Words = &[
    ("primary_key", "primary_key"),
    ("unique", "unique"),
    ("index", "index"),
    ("length", "length = 80"),
    ("name", "name = \"name_in_the_database\""),
    ("constant", "constant = other_name"),
    ("default", "default = EXPR"),
    ("onupdate", "onupdate = Utc::now"),
    ("check", "check = \"age >= 0\""),
    ("server_default", "server_default = \"CURRENT_TIMESTAMP\""),
    ("computed", "computed = \"price * amount\""),
    ("secret", "secret"),
    ("version", "version"),
    ("validate", "validate = check_email"),
    ("foreign_key", "foreign_key = User::id"),
    ("on_delete", "on_delete = \"cascade\""),
    ("on_update", "on_update = \"cascade\""),
];

/// The words of a column in a bare association table: no object is ever made there, so nothing has a default.
pub(crate) const OF_TABLE: Words = &[
    ("primary_key", "primary_key"),
    ("unique", "unique"),
    ("index", "index"),
    ("length", "length = 80"),
    ("name", "name = \"name_in_the_database\""),
    ("constant", "constant = other_name"),
    ("check", "check = \"age >= 0\""),
    ("server_default", "server_default = \"CURRENT_TIMESTAMP\""),
    ("foreign_key", "foreign_key = User::id"),
    ("on_delete", "on_delete = \"cascade\""),
    ("on_update", "on_update = \"cascade\""),
];

/// The column, the name of its constant, and the foreign key that it is.
pub(crate) fn read(items: Vec<Item>, field: &syn::Field, reader: &mut Reader<'_>) -> super::Read {
    let ident = field.ident.clone().unwrap_or_else(|| reader.model.clone());
    let mut column = Column { name: ident.unraw().to_string(), ..Column::default() };
    let (mut constant, mut references) = (None, None);
    let (mut on_delete, mut on_update) = (None, None);
    let items = reader.known(items);
    for item in &items {
        match item.word.to_string().as_str() {
            "primary_key" => column.primary_key = reader.flag(item),
            "unique" => column.unique = reader.flag(item),
            "index" => column.index = reader.flag(item),
            "length" => column.length = reader.number(item),
            "name" => column.name = reader.text(item).map_or(column.name, |text| text.value()),
            "constant" => constant = reader.ident(item),
            "default" => column.default = reader.expr(item).map(called),
            "onupdate" => column.onupdate = reader.expr(item).map(called),
            "server_default" => column.server_default = reader.text(item),
            "computed" => column.computed = reader.text(item),
            "check" => column.check = reader.text(item),
            "secret" => column.secret = reader.flag(item),
            "version" => column.version = reader.flag(item).then(|| item.word.clone()),
            "validate" => column.validate = reader.expr(item),
            "foreign_key" => references = reader.column(item),
            "on_delete" => on_delete = reader.choice(item, ACTIONS),
            _ => on_update = reader.choice(item, ACTIONS),
        }
    }
    let word = |name: &str| items.iter().map(|item| &item.word).find(|word| *word == name).cloned();
    if word("foreign_key").is_none() {
        column.stray_action = word("on_delete").or_else(|| word("on_update"));
    }
    let key = references.map(|path| ForeignKey {
        word: word("foreign_key").unwrap_or_else(|| Ident::clone(&ident)),
        columns: vec![ident],
        references: vec![path],
        on_delete,
        on_update,
    });
    (Property::Column(column), constant, key)
}
