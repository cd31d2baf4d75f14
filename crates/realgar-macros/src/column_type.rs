//! `#[derive(ColumnType)]`: from an enum without data or a struct around one value to what is stored.

use quote::ToTokens as _;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, Lit, LitStr, Meta, Type, ext::IdentExt as _};

use crate::{parse::snake_case, problems::Problems};

/// What a type is as a column.
pub(crate) enum Shape {
    /// Each variant with the word that stands for it, and the name that the type has in databases.
    Words(Vec<(Ident, String)>, Option<String>),
    /// A struct around one value: the field's name or number, and its type.
    Around(proc_macro2::TokenStream, Box<Type>),
    /// Neither; the problems say so.
    Nothing,
}

/// Reads what the derive stands above.
pub(crate) fn read(input: &DeriveInput, problems: &mut Problems) -> Shape {
    let place = input.ident.unraw().to_string();
    if !input.generics.params.is_empty() {
        let mend = "leave out type parameters and lifetimes; `Json<T>` stores any type that serde knows";
        problems.push(&input.generics, &place, "a column's type is one concrete type", mend);
    }
    let attrs = || input.attrs.iter().filter(|attr| attr.path().is_ident("column_type"));
    let name = attrs().find_map(|attr| match &attr.meta {
        Meta::List(list) => list.parse_args::<syn::MetaNameValue>().ok().and_then(|pair| text_of(pair, "name")),
        _ => None,
    });
    let named = name.is_some() && matches!(input.data, Data::Enum(_));
    for attr in attrs().skip(usize::from(named)) {
        let mend = "it stands above a variant; above an enum, `#[column_type(name = \"…\")]` names its type, once";
        problems.push(attr, &place, "`#[column_type]` above the type", mend);
    }
    match &input.data {
        Data::Enum(data) => words(data, input, name.map(|name| name.value()), problems),
        Data::Struct(data) => around(&data.fields, input, problems),
        Data::Union(_) => {
            problems.push(&input.ident, &place, "a union is no column", "use an enum without data");
            Shape::Nothing
        }
    }
}

fn words(data: &syn::DataEnum, input: &DeriveInput, named: Option<String>, problems: &mut Problems) -> Shape {
    let name = input.ident.unraw().to_string();
    if data.variants.is_empty() {
        problems.push(&input.ident, &name, "an enum without variants has no values", "give it a variant");
    }
    let mut words: Vec<(Ident, String)> = Vec::new();
    for variant in &data.variants {
        let place = format!("{name}::{}", variant.ident.unraw());
        if !matches!(variant.fields, Fields::Unit) {
            let mend = "leave the data out, or store the whole as JSON: `Json<…>` with serde's derives";
            problems.push(&variant.fields, &place, "a variant with data, of which a column could hold no part", mend);
        }
        let word =
            rename(&variant.attrs, &place, problems).unwrap_or_else(|| snake_case(&variant.ident.unraw().to_string()));
        if let Some((other, _)) = words.iter().find(|(_, other)| *other == word) {
            let what = format!("its word \"{word}\" is that of `{other}` too");
            problems.push(&variant.ident, &place, what, "give one of them another: `#[column_type(rename = \"…\")]`");
        }
        words.push((variant.ident.clone(), word));
    }
    Shape::Words(words, named)
}

fn around(fields: &Fields, input: &DeriveInput, problems: &mut Problems) -> Shape {
    let mut all = fields.iter();
    match (all.next(), all.next()) {
        (Some(field), None) => {
            let member = field.ident.as_ref().map_or_else(|| quote::quote!(0), Ident::to_token_stream);
            Shape::Around(member, Box::new(field.ty.clone()))
        }
        _ => {
            let what = format!("a struct of {} fields, where one column holds one value", fields.len());
            let mend = "keep one field: `struct Email(String)`; or store the whole as JSON: `Json<…>`";
            problems.push(&input.ident, &input.ident.unraw().to_string(), what, mend);
            Shape::Nothing
        }
    }
}

/// `#[column_type(rename = "…")]`
fn rename(attrs: &[Attribute], place: &str, problems: &mut Problems) -> Option<String> {
    let mut found: Option<LitStr> = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("column_type")) {
        let text = match &attr.meta {
            Meta::List(list) => list.parse_args::<syn::MetaNameValue>().ok().and_then(|pair| text_of(pair, "rename")),
            _ => None,
        };
        if text.is_none() || found.is_some() {
            let mend = "write `#[column_type(rename = \"…\")]`, once";
            problems.push(&attr.meta, place, "`column_type` has another form", mend);
        }
        found = found.or(text);
    }
    found.map(|text| text.value())
}

/// The text of `word = "…"`
fn text_of(pair: syn::MetaNameValue, word: &str) -> Option<LitStr> {
    match pair.value {
        Expr::Lit(literal) if pair.path.is_ident(word) => match literal.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
