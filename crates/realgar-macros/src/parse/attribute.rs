//! The spelling of attributes: `#[name(word, word = value, word(…))]`, without any meaning.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::{
    Attribute, Expr, Meta, Result, Token, ext::IdentExt as _, parenthesized, parse::Parse, parse::ParseStream, token,
};

use crate::{
    model::{Place, place},
    problems::Problems,
};

/// One thing that an attribute says.
pub(crate) struct Item {
    pub(crate) word: Ident,
    pub(crate) form: Form,
}

/// What follows the word.
pub(crate) enum Form {
    /// `word`
    Word,
    /// `word = value`
    Value(Expr),
    /// `word(…)`
    List(Vec<Item>),
}

impl Item {
    /// Where its value stands; without one, the word; of a list, its first word.
    pub(crate) fn place(&self) -> Place {
        match &self.form {
            Form::Value(value) => place(value),
            Form::List(items) if let Some(first) = items.first() => place(&first.word),
            Form::Word | Form::List(_) => place(&self.word),
        }
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = input.call(Ident::parse_any)?;
        let form = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Form::Value(input.parse()?)
        } else if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            // `check("…")` says what `check = "…"` says, and can be said again.
            if content.peek(syn::LitStr) { Form::Value(content.parse()?) } else { Form::List(list(&content)?) }
        } else {
            Form::Word
        };
        Ok(Item { word, form })
    }
}

fn list(input: ParseStream<'_>) -> Result<Vec<Item>> {
    Ok(input.parse_terminated(Item::parse, Token![,])?.into_iter().collect())
}

/// `#[table("post_tags")]` is short for `#[table(name = "post_tags")]`.
fn table_list(input: ParseStream<'_>) -> Result<Vec<Item>> {
    if !input.peek(syn::LitStr) {
        return list(input);
    }
    let name: Expr = input.parse()?;
    let mut items =
        vec![Item { word: Ident::new("name", syn::spanned::Spanned::span(&name)), form: Form::Value(name) }];
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
        items.extend(list(input)?);
    }
    Ok(items)
}

/// All that the attributes of one name say.
pub(crate) struct Items {
    pub(crate) items: Vec<Item>,
    /// The first attribute, for mistakes about it as a whole.
    pub(crate) at: TokenStream,
}

/// Reads all attributes of this name; `None` when there is none.
pub(crate) fn items(attrs: &[Attribute], name: &str, place: &str, problems: &mut Problems) -> Option<Items> {
    let mut found: Option<Items> = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        let all = found.get_or_insert_with(|| Items { items: Vec::new(), at: attr.meta.to_token_stream() });
        let read = match &attr.meta {
            Meta::Path(_) => Ok(Vec::new()),
            _ if name == "table" => attr.parse_args_with(table_list),
            _ => attr.parse_args_with(list),
        };
        match read {
            Ok(items) => all.items.extend(items),
            Err(error) => problems.push_spelling(&error, place, name),
        }
    }
    found
}
