//! `impl ColumnType` for enums without data and for structs around one value.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Ident, Type, ext::IdentExt as _};

use super::{at, runtime, runtime_at};
use crate::column_type::Shape;

/// The impl for a type without mistakes.
pub(crate) fn column_type(ident: &Ident, shape: &Shape) -> TokenStream {
    let rt = runtime();
    let mut name = ident.clone();
    name.set_span(Span::call_site());
    let body = match shape {
        Shape::Words(words, named) => of_words(words, named.as_deref(), &ident.unraw().to_string()),
        Shape::Around(member, ty) => around(member, ty),
        Shape::Nothing => return TokenStream::new(),
    };
    quote! {
        #[automatically_derived]
        impl #rt::ColumnType for #name {
            #body
        }
    }
}

/// What a type with mistakes gets, so that its columns are no mistakes of their own. What has type parameters gets
/// nothing: they would have to be bounded.
pub(crate) fn column_type_stub(input: &DeriveInput) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let rt = runtime();
    let mut name = input.ident.clone();
    name.set_span(Span::call_site());
    quote! {
        #[automatically_derived]
        impl #rt::ColumnType for #name {
            const TYPE: #rt::Type = #rt::Type::Text;

            fn to_value(&self) -> #rt::Value<'_> {
                ::std::unreachable!()
            }

            fn from_value(_: #rt::Value<'_>) -> #rt::Result<Self> {
                ::std::unreachable!()
            }

            fn blank() -> Self {
                ::std::unreachable!()
            }
        }
    }
}

fn of_words(words: &[(Ident, String)], named: Option<&str>, name: &str) -> TokenStream {
    let rt = runtime();
    let variants: Vec<&Ident> = words.iter().map(|(variant, _)| variant).collect();
    let texts: Vec<&String> = words.iter().map(|(_, text)| text).collect();
    let first = variants[0];
    let ty = match named {
        None => quote!(#rt::Type::Text),
        Some(named) => quote!(#rt::Type::Enum(&#rt::Words { name: #named, words: &[#(#texts),*] })),
    };
    quote! {
        const TYPE: #rt::Type = #ty;

        fn to_value(&self) -> #rt::Value<'_> {
            #rt::Value::Text(::std::borrow::Cow::Borrowed(match self {
                #(Self::#variants => #texts,)*
            }))
        }

        fn from_value(value: #rt::Value<'_>) -> #rt::Result<Self> {
            match &*#rt::text(value)? {
                #(#texts => ::std::result::Result::Ok(Self::#variants),)*
                _ => ::std::result::Result::Err(#rt::unknown_word(#name, &[#(#texts),*])),
            }
        }

        fn blank() -> Self {
            Self::#first
        }
    }
}

fn around(member: &TokenStream, ty: &Type) -> TokenStream {
    let rt = runtime();
    let inside = runtime_at(at(ty));
    let inner = quote_spanned!(at(ty)=> <#ty as #inside::ColumnType>);
    quote! {
        const TYPE: #rt::Type = #inner::TYPE;

        fn to_value(&self) -> #rt::Value<'_> {
            #inner::to_value(&self.#member)
        }

        fn from_value(value: #rt::Value<'_>) -> #rt::Result<Self> {
            ::std::result::Result::Ok(Self { #member: #inner::from_value(value)? })
        }

        fn blank() -> Self {
            Self { #member: #inner::blank() }
        }
    }
}
