//! The functions that touch fields: a new object, an object from a row, a column or relationship by position.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{at, runtime, runtime_at};
use crate::model::{Field, Mapping, Property};

/// `Table::cell`
pub(super) fn cell(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let arms = mapping.columns().enumerate().map(|(position, (field, column))| {
        let (ident, cell) = (&field.ident, cell_of(field));
        let veil = if column.secret { quote!(.veil()) } else { TokenStream::new() };
        quote!(#position => #cell::to_cell(&self.#ident)#veil)
    });
    let other = no_column(mapping);
    quote! {
        fn cell(&self, column: usize) -> #rt::Value<'_> {
            match column {
                #(#arms,)*
                #other
            }
        }
    }
}

/// `Model::blank`
pub(super) fn blank(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let fields = mapping.fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        match &field.property {
            Property::Relationship(_) => unset(field),
            Property::Column(column) => match &column.default {
                Some(value) => quote!(#ident: #rt::IntoField::<#ty>::into_field(#value)),
                None => {
                    let cell = cell_of(field);
                    quote!(#ident: #cell::blank())
                }
            },
        }
    });
    quote! {
        fn blank() -> Self {
            Self { #(#fields),* }
        }
    }
}

/// `Model::from_row`
pub(super) fn from_row(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let mut positions = 0usize..;
    let fields = mapping.fields.iter().map(|field| {
        let ident = &field.ident;
        match &field.property {
            Property::Relationship(_) => unset(field),
            Property::Column(column) => {
                let (position, cell) = (positions.next(), cell_of(field));
                let (table, name) = (&mapping.table, &column.name);
                quote!(#ident: #cell::read_column(row, at, #position, &[#table, #name])?)
            }
        }
    });
    quote! {
        fn from_row(row: &dyn #rt::Row, at: usize) -> #rt::Result<Self> {
            ::std::result::Result::Ok(Self { #(#fields),* })
        }
    }
}

/// `Model::set_cell`
pub(super) fn set_cell(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let arms = mapping.columns().enumerate().map(|(position, (field, _))| {
        let (ident, cell) = (&field.ident, cell_of(field));
        quote!(#position => self.#ident = #cell::from_cell(value)?)
    });
    let other = no_column(mapping);
    quote! {
        fn set_cell(&mut self, column: usize, value: #rt::Value<'_>) -> #rt::Result<()> {
            match column {
                #(#arms,)*
                #other
            }
            ::std::result::Result::Ok(())
        }
    }
}

/// `Model::on_update`, where a column says something about it.
pub(super) fn on_update(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let arms: Vec<_> = mapping
        .columns()
        .enumerate()
        .filter_map(|(position, (field, column))| {
            let (ident, ty, value) = (&field.ident, &field.ty, column.onupdate.as_ref()?);
            Some(quote!(#position => self.#ident = #rt::IntoField::<#ty>::into_field(#value)))
        })
        .collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn on_update(&mut self, column: usize) {
            match column {
                #(#arms,)*
                _ => {}
            }
        }
    }
}

/// `Model::validate`, where a column says something about it.
pub(super) fn validate(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let arms: Vec<_> = mapping
        .columns()
        .enumerate()
        .filter_map(|(position, (field, column))| {
            let (ident, accepts) = (&field.ident, column.validate.as_ref()?);
            let what = format!("{}::{}", mapping.name(), field.name());
            Some(quote!(#position => #rt::validated((#accepts)(&self.#ident), #what)))
        })
        .collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn validate(&self, column: usize) -> #rt::Result<()> {
            match column {
                #(#arms,)*
                _ => ::std::result::Result::Ok(()),
            }
        }
    }
}

/// `Model::field`
pub(super) fn field(mapping: &Mapping) -> TokenStream {
    let rt = runtime();
    let arms = mapping.relationships().enumerate().map(|(position, (field, _))| {
        let (ident, rt) = (&field.ident, runtime_at(at(&field.ty)));
        quote_spanned!(at(&field.ty)=> #position => #rt::Field::contents(&mut self.#ident))
    });
    let text = format!("`{}` has no relationship {{}}", mapping.name());
    quote! {
        fn field(&mut self, relationship: usize) -> &mut #rt::Contents {
            match relationship {
                #(#arms,)*
                other => ::std::unreachable!(#text, other),
            }
        }
    }
}

fn unset(field: &Field) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    quote_spanned!(at(ty)=> #ident: <#ty as ::std::default::Default>::default())
}

/// `<i64 as Cell>`
fn cell_of(field: &Field) -> TokenStream {
    let ty = &field.ty;
    let rt = runtime_at(at(ty));
    quote_spanned!(at(ty)=> <#ty as #rt::Cell>)
}

fn no_column(mapping: &Mapping) -> TokenStream {
    let text = format!("`{}` has no column {{}}", mapping.name());
    quote!(other => ::std::unreachable!(#text, other),)
}
