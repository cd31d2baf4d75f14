//! The constants: `User::username`, `User::posts`, `User::TABLE`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{at, own_name, runtime};
use crate::model::{Field, Mapping, Property};

/// The inherent impl with the constants of these fields, and `TABLE`.
pub(super) fn constants<'a>(fields: impl Iterator<Item = &'a Field>, mapping: &Mapping) -> TokenStream {
    let (rt, model, vis) = (runtime(), own_name(mapping), &mapping.vis);
    let constants = fields.map(|field| constant(field, mapping));
    let doc = format!("The table `{}` of `{}`.", mapping.table, mapping.name());
    // The names are the user's fields', and nobody needs them all.
    quote! {
        #[allow(non_upper_case_globals, dead_code, unreachable_pub)]
        impl #model {
            #(#constants)*

            #[doc = #doc]
            #vis const TABLE: #rt::TableRef<#model> = #rt::TableRef::new();
        }
    }
}

/// One constant. Its name has the field's place in the source, so that editors lead there.
fn constant(field: &Field, mapping: &Mapping) -> TokenStream {
    let (rt, model) = (runtime(), own_name(mapping));
    let (vis, name, ty) = (&field.vis, field.constant(), &field.ty);
    let (sort, value) = match &field.property {
        Property::Column(column) => {
            let (table, column) = (&mapping.table, &column.name);
            // What the database makes or keeps is compared and selected as the value that it is.
            let ty =
                if field.is_auto() || field.is_deferred() { quote!(<#ty as #rt::Cell>::Inner) } else { quote!(#ty) };
            ("Column", quote!(#rt::Column<#model, #ty> = #rt::Column::new(#table, #column)))
        }
        Property::Relationship(_) => {
            let relationship = field.name();
            ("Relationship", quote!(#rt::Relationship<#model, #ty> = #rt::Relationship::new(#relationship)))
        }
    };
    let docs = &field.docs;
    let doc = if docs.is_empty() {
        let text = format!("{sort} `{}` of `{}`.", field.name(), mapping.name());
        quote!(#[doc = #text])
    } else {
        quote!(#(#docs)*)
    };
    quote_spanned! {at(&field.ident)=>
        #doc
        #vis const #name: #value;
    }
}
