//! What the derives write, in order: the constants, the checks of keys and relationships, the traits. Nothing is decided here.
//!
//! All paths go through `::realgar::__private`, so that no name of the user's can come between.

mod backref;
mod check;
mod column_type;
mod fallback;
mod mapper;
mod path;
mod row;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Generics, spanned::Spanned};

pub(crate) use self::{
    column_type::{column_type, column_type_stub},
    fallback::stubs,
};
use crate::model::{Mapping, Sort};

/// The whole expansion of a struct without mistakes.
pub(crate) fn full(mapping: &Mapping) -> TokenStream {
    let (rt, model) = (runtime(), own_name(mapping));
    let constants = path::constants(mapping.fields.iter(), mapping);
    let ways_back = backref::constants(mapping);
    let foreign_keys = mapper::foreign_key_checks(mapping);
    let version_type = mapper::version_type(mapping);
    let (table, cell) = (mapper::table(mapping), row::cell(mapping));
    let checks = check::relationships(mapping);
    let model_traits = match mapping.sort {
        Sort::Model => traits_of_model(mapping),
        Sort::Table => TokenStream::new(),
    };
    quote! {
        #constants
        #ways_back
        #foreign_keys
        #version_type
        #checks

        #[automatically_derived]
        impl #rt::Table for #model {
            const DESC: &'static #rt::TableDesc = &#table;
            #cell
        }

        #model_traits
    }
}

fn traits_of_model(mapping: &Mapping) -> TokenStream {
    let (rt, name) = (runtime(), own_name(mapping));
    let (key, required) = (mapper::key(mapping), mapper::required(mapping));
    let model = mapper::model(mapping);
    let functions = [
        row::blank(mapping),
        row::from_row(mapping),
        row::set_cell(mapping),
        row::on_update(mapping),
        row::validate(mapping),
        row::field(mapping),
    ];
    let default = if mapping.no_default { TokenStream::new() } else { default(&name, &mapping.generics) };
    quote! {
        #[automatically_derived]
        impl #rt::Model for #name {
            type Key = #key;
            const MODEL: &'static #rt::ModelDesc = &#model;
            const REQUIRED: &'static [&'static str] = #required;
            #(#functions)*
        }
        #default
    }
}

/// `Default` answers a blank object, so that `..Default::default()` works in struct literals.
fn default(model: &Ident, generics: &Generics) -> TokenStream {
    let rt = runtime();
    let (head, arguments, bounds) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #head ::std::default::Default for #model #arguments #bounds {
            fn default() -> Self {
                <Self as #rt::Model>::blank()
            }
        }
    }
}

/// Where everything that we write comes from.
fn runtime() -> TokenStream {
    runtime_at(Span::call_site())
}

fn runtime_at(span: Span) -> TokenStream {
    quote_spanned!(span=> ::realgar::__private)
}

/// Our tokens at the place of the user's: rustc shows its errors there, and lints know them for ours.
fn at(user: &impl Spanned) -> Span {
    user.span().resolved_at(Span::call_site())
}

/// The struct's name as if we had written it: lints about user code should not look into ours.
fn own_name(mapping: &Mapping) -> Ident {
    let mut name = mapping.ident.clone();
    name.set_span(Span::call_site());
    name
}
