//! What a struct with mistakes gets: the same names and traits without contents, so that one mistake is one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, parse_quote};

use super::{backref, default, mapper, own_name, path, runtime};
use crate::model::{Mapping, Sort};

/// Constants and traits that stand for the real ones.
pub(crate) fn stubs(mapping: &Mapping) -> TokenStream {
    let mut generics = mapping.generics.clone();
    // What has type parameters has no constants that could be named without them.
    let mut constants = TokenStream::new();
    if generics.params.is_empty() {
        // A constant `select` would be in the way of `User::select()` elsewhere.
        let fields =
            mapping.fields.iter().filter(|field| field.constant() != "select" && field.constant() != "default");
        constants = path::constants(fields, mapping);
        constants.extend(backref::constants(mapping));
    } else {
        generics
            .make_where_clause()
            .predicates
            .push(parse_quote!(Self: ::std::marker::Send + ::std::marker::Sync + 'static));
    }
    let table = table(mapping, &generics);
    let model = match mapping.sort {
        Sort::Model => model(mapping, &generics),
        Sort::Table => TokenStream::new(),
    };
    quote!(#constants #table #model)
}

fn table(mapping: &Mapping, generics: &Generics) -> TokenStream {
    let (rt, ident, name, table) = (runtime(), own_name(mapping), mapping.name(), &mapping.table);
    let (head, arguments, bounds) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #head #rt::Table for #ident #arguments #bounds {
            const DESC: &'static #rt::TableDesc = &#rt::TableDesc {
                name: #name,
                table: #rt::schema::Table { name: #table, columns: &[], foreign_keys: &[], indexes: &[], checks: &[] },
                references: &[],
                model: ::std::option::Option::None,
            };
            fn cell(&self, _: usize) -> #rt::Value<'_> {
                ::std::unreachable!()
            }
        }
    }
}

fn model(mapping: &Mapping, generics: &Generics) -> TokenStream {
    let (rt, ident) = (runtime(), own_name(mapping));
    let (head, arguments, bounds) = generics.split_for_impl();
    // Without a key, any type will do.
    let key = if mapping.keys().next().is_some() { mapper::key(mapping) } else { quote!(i64) };
    let default = if mapping.no_default { TokenStream::new() } else { default(&ident, generics) };
    quote! {
        #[automatically_derived]
        impl #head #rt::Model for #ident #arguments #bounds {
            type Key = #key;
            const MODEL: &'static #rt::ModelDesc = &#rt::ModelDesc {
                table: <Self as #rt::Table>::DESC,
                relationships: &[],
                objects: || ::std::unreachable!(),
                fields: &[],
                required: &[],
                on_update: &[],
                validated: &[],
                version: ::std::option::Option::None,
                type_id: ::std::any::TypeId::of::<Self>,
            };
            const REQUIRED: &'static [&'static str] = &[];
            fn blank() -> Self {
                ::std::unreachable!()
            }
            fn from_row(_: &dyn #rt::Row, _: usize) -> #rt::Result<Self> {
                ::std::unreachable!()
            }
            fn set_cell(&mut self, _: usize, _: #rt::Value<'_>) -> #rt::Result<()> {
                ::std::unreachable!()
            }
            fn field(&mut self, _: usize) -> &mut #rt::Contents {
                ::std::unreachable!()
            }
        }
        #default
    }
}
