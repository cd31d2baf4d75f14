//! Mistakes, collected: each at the user's own word, with what is wrong and how to mend it.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// All mistakes of one derive.
#[derive(Default)]
pub(crate) struct Problems(Option<syn::Error>);

impl Problems {
    /// A mistake at these tokens; `place` is `User`, or `User::posts`.
    pub(crate) fn push(&mut self, at: impl ToTokens, place: &str, what: impl Display, mend: impl Display) {
        self.add(syn::Error::new_spanned(at, text(place, &what, &mend)));
    }

    /// A mistake of spelling that syn found, told with its place.
    pub(crate) fn push_spelling(&mut self, found: &syn::Error, place: &str, attribute: &str) {
        for error in found.clone() {
            let mend = format!("`#[{attribute}(…)]` takes words, `word = value` and `word(…)`, separated by commas");
            self.add(syn::Error::new(error.span(), text(place, &error, &mend)));
        }
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The `compile_error!`s, if any.
    pub(crate) fn into_errors(self) -> Option<TokenStream> {
        self.0.map(syn::Error::into_compile_error)
    }

    fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }
}

fn text(place: &str, what: &dyn Display, mend: &dyn Display) -> String {
    format!("`{place}`: {what}\n{mend}")
}
