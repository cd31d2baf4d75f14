//! Free constants that judge each relationship while compiling (no others fire in `cargo check`): one for a
//! relationship, in it a call for each of its words, shown at that word. The first mistake ends the constant.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::{at, own_name, runtime, runtime_at};
use crate::model::{Field, Mapping, Place, Relationship, place};

/// The checks of all relationships.
pub(super) fn relationships(mapping: &Mapping) -> TokenStream {
    mapping.relationships().enumerate().map(|(index, (field, found))| check(index, field, found, mapping)).collect()
}

fn check(index: usize, field: &Field, relationship: &Relationship, mapping: &Mapping) -> TokenStream {
    let (rt, model) = (runtime(), own_name(mapping));
    let ty = named(&field.ty, &model);
    let target = quote_spanned!(at(&field.ty)=> <#ty as #rt::Cardinality>::Target);
    let target = quote_spanned!(at(&field.ty)=> <#target as #rt::Model>::MODEL);
    let calls = calls(field, relationship);
    quote! {
        const _: () = {
            let link = &#rt::Link::new(<#model as #rt::Model>::MODEL, #index, #target);
            #calls
        };
    }
}

/// The calls in the order in which one mistake explains the next.
fn calls(field: &Field, relationship: &Relationship) -> TokenStream {
    let said = |words: &[&str]| words.iter().find_map(|word| relationship.place(word));
    let at_type = place(&field.ty);
    let always = |words: &[&str]| Some(said(words).unwrap_or(at_type));
    let calls = [
        ("check_way_back", said(&["back_populates"])),
        ("check_route", always(&["foreign_keys", "primaryjoin", "secondaryjoin", "secondary"])),
        ("check_ends", Some(at_type)),
        ("check_cascade", said(&["cascade"])),
        ("check_lazy", said(&["lazy"])),
        ("check_order_by", said(&["order_by"])),
        ("check_passive_deletes", said(&["passive_deletes"])),
        ("check_post_update", said(&["post_update"])),
        ("check_backref", said(&["backref"])),
    ];
    calls.into_iter().filter_map(|(name, place)| place.map(|place| call(name, place))).collect()
}

fn call(name: &str, place: Place) -> TokenStream {
    spanned_call(&format!("Link::{name}"), place, quote!(link))
}

/// A call of ours that is shown at the user's tokens, from the first to the last.
pub(super) fn spanned_call(name: &str, (first, last): Place, arguments: TokenStream) -> TokenStream {
    let [first, last] = [first, last].map(|span| span.resolved_at(Span::call_site()));
    let rt = runtime_at(first);
    let name: Vec<Ident> = name.split("::").map(|part| Ident::new(part, first)).collect();
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(last);
    let path = quote_spanned!(first=> #rt::#(#name)::*);
    quote!(#path #arguments;)
}

/// A free constant has no `Self`.
fn named(ty: &impl quote::ToTokens, model: &Ident) -> TokenStream {
    fn walk(tokens: TokenStream, model: &Ident) -> TokenStream {
        let one = |token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut model = model.clone();
                model.set_span(ident.span());
                TokenTree::Ident(model)
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), walk(group.stream(), model));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        };
        tokens.into_iter().map(one).collect()
    }
    walk(ty.to_token_stream(), model)
}
