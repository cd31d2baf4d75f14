//! Ways back without a field: the constant `Post::author` that `backref = author` on `User::posts` makes.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Type, Visibility, ext::IdentExt as _, parse_quote};

use super::{at, mapper, own_name, runtime};
use crate::model::{Backref, Field, Mapping, Relationship, last_segment, target};

/// The constants, each in an inherent impl of the model at the other end.
pub(super) fn constants(mapping: &Mapping) -> TokenStream {
    let written = mapping.relationships().filter_map(|(field, relationship)| {
        // As stubs, they would stand in the way of `Post::select()` or of the field elsewhere.
        let backref = relationship.backref.as_deref()?;
        let in_the_way = backref.name == "select" || backref.name == "default" || relationship.back_populates.is_some();
        if in_the_way {
            return None;
        }
        Some(constant(backref, field, relationship, mapping, &other_end(field, mapping)?))
    });
    written.collect()
}

/// The model at the other end; an impl block cannot be one of `Self`.
fn other_end(field: &Field, mapping: &Mapping) -> Option<Type> {
    let target = target(&field.ty)?;
    let own = last_segment(target).is_some_and(|name| name == "Self");
    let name = own_name(mapping);
    Some(if own { parse_quote!(#name) } else { target.clone() })
}

fn constant(
    backref: &Backref,
    field: &Field,
    relationship: &Relationship,
    mapping: &Mapping,
    target: &Type,
) -> TokenStream {
    let (rt, name, text) = (runtime(), &backref.name, backref.name.unraw().to_string());
    let ty = way_back(relationship, mapping, target);
    // A private field is private to its own module, and the constant may be wanted where the other model is.
    let vis = match &field.vis {
        Visibility::Public(_) => quote_spanned!(at(name)=> pub),
        _ => quote_spanned!(at(name)=> pub(crate)),
    };
    let doc = format!("The way back of `{}::{}`.", mapping.name(), field.name());
    let constant = quote_spanned! {at(name)=>
        #[doc = #doc]
        #vis const #name: #rt::Relationship<#target, #ty> = #rt::Relationship::new(#text);
    };
    // The compiler's word on a model of another crate points at the name, not at the derive.
    quote_spanned! {at(name)=>
        #[allow(non_upper_case_globals, dead_code, unreachable_pub, private_interfaces)]
        impl #target {
            #constant
        }
    }
}

/// The type of the way back: `Many<User>`, or `One<Option<User>>`.
fn way_back(relationship: &Relationship, mapping: &Mapping, target: &Type) -> Type {
    let (rt, owner) = (runtime(), own_name(mapping));
    let held = match (relationship.secondary.is_some(), relationship.many) {
        (true, _) => quote!(true),
        (false, true) => quote!(false),
        (false, false) => {
            let (foreign_keys, remote_side) =
                (mapper::foreign_keys(relationship), mapper::remote_side(relationship, mapping));
            quote! {{
                #rt::holds_key(
                    <#owner as #rt::Table>::DESC,
                    <#target as #rt::Table>::DESC,
                    #foreign_keys,
                    #remote_side,
                )
            }}
        }
    };
    parse_quote!(<#rt::Back<#owner> as #rt::WayBack<#held>>::Type)
}

/// The description of the way back, as the registry adds it to the other model.
pub(super) fn describe(
    backref: &Backref,
    field: &Field,
    relationship: &Relationship,
    mapping: &Mapping,
) -> TokenStream {
    let rt = runtime();
    let Some(target) = other_end(field, mapping) else { return TokenStream::new() };
    let (name, back) = (backref.name.unraw().to_string(), field.name());
    let ty = way_back(relationship, mapping, &target);
    let [many, optional] = ["MANY", "OPTIONAL"].map(|what| mapper::cardinality(&ty, what));
    let (secondary, settings) = (mapper::secondary(relationship), mapper::settings(&backref.options));
    quote! {
        &#rt::RelationshipDesc {
            name: #name,
            target: #rt::model::<Self>,
            to: <Self as #rt::Table>::DESC,
            many: #many,
            optional: #optional,
            secondary: #secondary,
            back_populates: ::std::option::Option::Some(#back),
            backref: ::std::option::Option::None,
            primaryjoin: ::std::option::Option::None,
            secondaryjoin: ::std::option::Option::None,
            foreign_keys: &[],
            remote_side: &[],
            validate: ::std::option::Option::None,
            #settings
        }
    }
}
