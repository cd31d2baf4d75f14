//! From what the user wrote to `model`: the struct's shape here, its attributes in the files below.
//!
//! Spelling is judged here (unknown words, values of a wrong form); what fields mean for each other is `check`'s.

mod attribute;
mod column;
mod reader;
mod relationship;
mod table;

use quote::ToTokens as _;
use syn::{Data, DeriveInput, Fields, Type, ext::IdentExt as _};

use self::reader::Reader;
use crate::{
    model::{Field, ForeignKey, Mapping, Property, Relationship, Sort, last_segment},
    problems::Problems,
};

/// The struct as plain data; where something is wrong, the rest of it.
pub(crate) fn mapping(input: &DeriveInput, sort: Sort, problems: &mut Problems) -> Mapping {
    let mut mapping = Mapping {
        sort,
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        generics: input.generics.clone(),
        table: snake_case(&input.ident.unraw().to_string()),
        fields: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        no_default: false,
    };
    let place = mapping.name();
    let generics = &input.generics;
    if !generics.params.is_empty() || generics.where_clause.is_some() {
        let at = if generics.params.is_empty() {
            generics.where_clause.to_token_stream()
        } else {
            generics.to_token_stream()
        };
        problems.push(at, &place, "a table is one concrete type", "leave out type parameters, lifetimes and `where`");
    }
    if let Some(fields) = named_fields(input, sort, problems) {
        for field in fields {
            read_field(field, &mut mapping, problems);
        }
    }
    table::read(&input.attrs, &mut mapping, problems);
    mapping
}

fn named_fields<'a>(
    input: &'a DeriveInput,
    sort: Sort,
    problems: &mut Problems,
) -> Option<impl Iterator<Item = &'a syn::Field> + use<'a>> {
    let found = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields.named.iter()),
            Fields::Unnamed(_) => "a tuple struct has no names for columns",
            Fields::Unit => "a struct without fields has no columns",
        },
        Data::Enum(_) => "an enum is no row of a table",
        Data::Union(_) => "a union is no row of a table",
    };
    let derive = match sort {
        Sort::Model => "Model",
        Sort::Table => "Table",
    };
    let mend = format!("`#[derive({derive})]` goes above a struct with named fields, one for each column");
    problems.push(&input.ident, &input.ident.unraw().to_string(), found, mend);
    None
}

fn read_field(field: &syn::Field, mapping: &mut Mapping, problems: &mut Problems) {
    let Some(ident) = &field.ident else { return };
    let place = format!("{}::{}", mapping.ident.unraw(), ident.unraw());
    let (property, constant, key) = read_property(field, &place, mapping, problems);
    mapping.foreign_keys.extend(key);
    mapping.fields.push(Field {
        ident: ident.clone(),
        vis: field.vis.clone(),
        ty: field.ty.clone(),
        docs: field.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect(),
        constant,
        property,
    });
}

type Read = (Property, Option<syn::Ident>, Option<ForeignKey>);

fn read_property(field: &syn::Field, place: &str, mapping: &Mapping, problems: &mut Problems) -> Read {
    let words = match mapping.sort {
        Sort::Model => column::OF_MODEL,
        Sort::Table => column::OF_TABLE,
    };
    for attr in field.attrs.iter().filter(|attr| ["model", "table"].iter().any(|name| attr.path().is_ident(name))) {
        let mend = "write `#[column(…)]` or `#[relationship(…)]` on a field";
        problems.push(attr.path(), place, "an attribute of the whole struct, on a field", mend);
    }
    let columns = attribute::items(&field.attrs, "column", place, problems);
    let relationships = attribute::items(&field.attrs, "relationship", place, problems);
    let Some(many) = cardinality(&field.ty) else {
        if let Some(items) = relationships {
            let mend = "the field's type says how many: `One<User>`, `One<Option<User>>` or `Many<Post>`, written so";
            problems.push(items.at, place, "`#[relationship]` on a field that is neither `One` nor `Many`", mend);
        }
        let mut reader = Reader { place, attribute: "column", model: &mapping.ident, words, problems };
        return column::read(columns.map(|found| found.items).unwrap_or_default(), field, &mut reader);
    };
    if mapping.sort == Sort::Table {
        let mend = "a bare association table has columns only; a table with relationships is a `#[derive(Model)]`";
        problems.push(&field.ty, place, "a relationship in a `#[derive(Table)]`", mend);
        return (Property::Relationship(Relationship::default()), None, None);
    }
    if let Some(items) = columns {
        let mend = "write `#[relationship(…)]` here, and put `#[column(…)]` on the field that holds the foreign key";
        problems.push(items.at, place, "`#[column]` on a relationship", mend);
    }
    let mut reader =
        Reader { place, attribute: "relationship", model: &mapping.ident, words: relationship::WORDS, problems };
    let items = relationships.map(|found| found.items).unwrap_or_default();
    let (relationship, constant) = relationship::read(items, many, &mut reader);
    (Property::Relationship(relationship), constant, None)
}

/// `Some(true)` for `Many<…>`, `Some(false)` for `One<…>`, `None` for a column.
fn cardinality(ty: &Type) -> Option<bool> {
    let name = last_segment(ty)?;
    (name == "Many" || name == "One").then(|| name == "Many")
}

/// `UserGroup` → `user_group`, `HTTPResponse` → `http_response`.
pub(crate) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let starts_word = letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        let breaks = before.is_some_and(|before| before != '_' && (!before.is_uppercase() || starts_word));
        if letter.is_uppercase() && breaks {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
