//! The derives of Realgar: `#[derive(Model)]`, `#[derive(Table)]` and `#[derive(ColumnType)]`.
//!
//! In goes a struct with attributes, out comes a description and a few small functions; whatever a function in `realgar`
//! can do is not written here. The way is `parse → model → check → expand`, and no step looks back. A mistake is told at
//! the user's own word, all mistakes at once, and the stubs of `expand/fallback.rs` keep others from following.

mod check;
mod column_type;
mod expand;
mod model;
mod parse;
mod problems;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::{model::Sort, problems::Problems};

#[doc = include_str!("../docs/model.md")]
// `table` has no place there, nor has `model` or `relationship` below: they are listed so that a mistake is told in our words.
#[proc_macro_derive(Model, attributes(model, column, relationship, table))]
pub fn model(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), Sort::Model)
}

#[doc = include_str!("../docs/table.md")]
#[proc_macro_derive(Table, attributes(table, column, relationship, model))]
pub fn table(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), Sort::Table)
}

#[doc = include_str!("../docs/column_type.md")]
#[proc_macro_derive(ColumnType, attributes(column_type))]
pub fn column_type(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut problems = Problems::default();
    let read = column_type::read(&input, &mut problems);
    match problems.into_errors() {
        None => expand::column_type(&input.ident, &read).into(),
        Some(errors) => [errors, expand::column_type_stub(&input)].into_iter().map(TokenStream::from).collect(),
    }
}

fn derive(input: &DeriveInput, sort: Sort) -> TokenStream {
    let mut problems = Problems::default();
    let mapping = parse::mapping(input, sort, &mut problems);
    check::all(&mapping, &mut problems);
    match problems.into_errors() {
        None => expand::full(&mapping).into(),
        Some(errors) => [errors, expand::stubs(&mapping)].into_iter().map(TokenStream::from).collect(),
    }
}
