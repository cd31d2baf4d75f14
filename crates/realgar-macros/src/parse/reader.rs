//! Reads values of attributes in the form they must have, and tells the form where they have another.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{BinOp, Expr, Lit, LitStr, Path, ext::IdentExt as _, parse_quote};

use super::attribute::{Form, Item};
use crate::{model::Variant, problems::Problems};

/// The words of an attribute, each with an example of its form.
pub(crate) type Words = &'static [(&'static str, &'static str)];

/// A word and the variant that it stands for.
pub(crate) type Choice = (&'static str, Variant);

/// The words for what the database does to referring rows.
pub(crate) const ACTIONS: &[Choice] = &[
    ("no action", "NoAction"),
    ("restrict", "Restrict"),
    ("cascade", "Cascade"),
    ("set null", "SetNull"),
    ("set default", "SetDefault"),
];

/// Where we read, and where mistakes go.
pub(crate) struct Reader<'a> {
    /// `User`, or `User::posts`.
    pub(crate) place: &'a str,
    /// The attribute's name.
    pub(crate) attribute: &'static str,
    /// What `Self` stands for.
    pub(crate) model: &'a Ident,
    pub(crate) words: Words,
    pub(crate) problems: &'a mut Problems,
}

impl Reader<'_> {
    /// The items with a known word; a word comes once, unless it is a list (`unique(…)`).
    pub(crate) fn known(&mut self, items: Vec<Item>) -> Vec<Item> {
        let mut known: Vec<Item> = Vec::new();
        for item in items {
            let word = item.word.to_string();
            let Some((_, form)) = self.words.iter().find(|(name, _)| word == *name) else {
                self.unknown(&item);
                continue;
            };
            if !form.ends_with(')') && known.iter().any(|earlier| earlier.word == item.word) {
                self.problem(&item.word, &format!("`{word}` stands here twice"), "leave one out");
                continue;
            }
            known.push(item);
        }
        known
    }

    fn unknown(&mut self, item: &Item) {
        let (word, attribute) = (&item.word, self.attribute);
        if word == "default" && attribute == "relationship" {
            return self.problem(
                word,
                "a relationship has no default",
                "give it in `new!`, or leave it out: nothing is related then",
            );
        }
        if word == "foreign_key" && attribute == "relationship" {
            return self.problem(
                word,
                "a relationship holds no key",
                "write `#[column(foreign_key = User::id)] user_id: i64` beside it; `foreign_keys` chooses among several",
            );
        }
        let what = format!("`#[{attribute}]` knows no `{word}`");
        if let Some(mend) = words_from_elsewhere(&word.to_string()) {
            return self.problem(word, &what, mend);
        }
        let known: Vec<String> = self.words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.problem(word, &what, &format!("its words are {}", known.join(", ")));
    }

    /// A mistake at these tokens.
    pub(crate) fn problem(&mut self, at: impl ToTokens, what: &str, mend: &str) {
        self.problems.push(at, self.place, what, mend);
    }

    /// The value is not of the form that its word wants.
    pub(crate) fn misfit<T>(&mut self, item: &Item) -> Option<T> {
        let word = item.word.to_string();
        let form = self.words.iter().find(|(name, _)| word == *name).map_or("", |(_, form)| form);
        let what = format!("`{word}` has another form");
        match &item.form {
            Form::Value(value) => self.problem(value, &what, &format!("write `{form}`")),
            _ => self.problem(&item.word, &what, &format!("write `{form}`")),
        }
        None
    }

    /// `word`
    pub(crate) fn flag(&mut self, item: &Item) -> bool {
        matches!(item.form, Form::Word) || self.misfit(item).unwrap_or(false)
    }

    /// `word = "text"`
    pub(crate) fn text(&mut self, item: &Item) -> Option<LitStr> {
        match value(item).map(peel) {
            Some(Expr::Lit(literal)) if let Lit::Str(text) = &literal.lit => Some(text.clone()),
            _ => self.misfit(item),
        }
    }

    /// `word = 80`
    pub(crate) fn number(&mut self, item: &Item) -> Option<u32> {
        match value(item).map(peel) {
            Some(Expr::Lit(literal)) if let Lit::Int(number) = &literal.lit => {
                number.base10_parse().ok().or_else(|| self.misfit(item))
            }
            _ => self.misfit(item),
        }
    }

    /// `word = EXPR`
    pub(crate) fn expr(&mut self, item: &Item) -> Option<Expr> {
        value(item).cloned().or_else(|| self.misfit(item))
    }

    /// `word = name`
    pub(crate) fn ident(&mut self, item: &Item) -> Option<Ident> {
        value(item).and_then(as_ident).or_else(|| self.misfit(item))
    }

    /// `word = name` or `word = "name"`, as text without `r#`.
    pub(crate) fn name(&mut self, item: &Item) -> Option<String> {
        if let Some(ident) = value(item).and_then(as_ident) {
            return Some(ident.unraw().to_string());
        }
        self.text(item).map(|text| text.value())
    }

    /// `word = name` or `word = (name, name)`
    pub(crate) fn idents(&mut self, item: &Item) -> Option<Vec<Ident>> {
        value(item).and_then(|value| several(value).into_iter().map(as_ident).collect()).or_else(|| self.misfit(item))
    }

    /// `word(name, name)`
    pub(crate) fn list(&mut self, item: &Item) -> Option<Vec<Ident>> {
        match &item.form {
            Form::List(items) if !items.is_empty() && items.iter().all(|item| matches!(item.form, Form::Word)) => {
                Some(items.iter().map(|item| item.word.clone()).collect())
            }
            _ => self.misfit(item),
        }
    }

    /// `word = PostTags`
    pub(crate) fn path(&mut self, item: &Item) -> Option<Path> {
        value(item).and_then(|value| self.as_path(value)).or_else(|| self.misfit(item))
    }

    /// `word = User::id`
    pub(crate) fn column(&mut self, item: &Item) -> Option<Path> {
        value(item).and_then(|value| self.as_column(value)).or_else(|| self.misfit(item))
    }

    /// `word = User::id` or `word = (User::id, User::name)`
    pub(crate) fn columns(&mut self, item: &Item) -> Option<Vec<Path>> {
        let paths = value(item).and_then(|value| several(value).into_iter().map(|one| self.as_column(one)).collect());
        paths.or_else(|| self.misfit(item))
    }

    /// `word = Post::title`, `word = (Post::created.desc(), Post::id)`; `true`: the largest first.
    pub(crate) fn orders(&mut self, item: &Item) -> Option<Vec<(Path, bool)>> {
        let one = |expr: &Expr| match peel(expr) {
            Expr::MethodCall(call) if call.args.is_empty() && (call.method == "asc" || call.method == "desc") => {
                self.as_column(&call.receiver).map(|path| (path, call.method == "desc"))
            }
            other => self.as_column(other).map(|path| (path, false)),
        };
        let orders = value(item).and_then(|value| several(value).into_iter().map(one).collect());
        orders.or_else(|| self.misfit(item))
    }

    /// `word = User::id == Follows::follower_id`
    pub(crate) fn join(&mut self, item: &Item) -> Option<(Path, Path)> {
        let pair = match value(item).map(peel) {
            Some(Expr::Binary(binary)) if matches!(binary.op, BinOp::Eq(_)) => {
                self.as_column(&binary.left).zip(self.as_column(&binary.right))
            }
            _ => None,
        };
        pair.or_else(|| self.misfit(item))
    }

    /// `word = "set null"`, whatever the case and the spaces.
    pub(crate) fn choice(&mut self, item: &Item, choices: &[Choice]) -> Option<Variant> {
        let text = self.text(item)?;
        let wanted = text.value().to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((_, variant)) = choices.iter().find(|(word, _)| *word == wanted) {
            return Some(variant);
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        self.unknown_value(&text, &item.word, &wanted, &words);
        None
    }

    /// A text that holds a word nobody knows.
    pub(crate) fn unknown_value(&mut self, text: &LitStr, word: &Ident, found: &str, known: &[&str]) {
        let known: Vec<String> = known.iter().map(|word| format!("\"{word}\"")).collect();
        self.problem(text, &format!("`{word}` knows no \"{found}\""), &format!("its words are {}", known.join(", ")));
    }

    fn as_path(&self, value: &Expr) -> Option<Path> {
        let Expr::Path(path) = peel(value) else { return None };
        let mut path = path.path.clone();
        // A free `const _` has no `Self`.
        if let Some(first) = path.segments.first_mut().filter(|first| first.ident == "Self") {
            let mut model = self.model.clone();
            model.set_span(first.ident.span());
            first.ident = model;
        }
        Some(path)
    }

    fn as_column(&self, value: &Expr) -> Option<Path> {
        self.as_path(value).filter(|path| path.segments.len() > 1)
    }
}

/// Words that other libraries have for what is said otherwise here.
fn words_from_elsewhere(word: &str) -> Option<&'static str> {
    Some(match word {
        "ondelete" => "write `on_delete = \"cascade\"`",
        "pk" | "primary" => "write `primary_key`",
        "max_length" | "size" => "write `length = 80`",
        "fk" | "foreign" => "write `foreign_key = User::id`",
        "type" | "sql_type" | "column_type" => "the field's type says it: `String` is TEXT, `i64` BIGINT, and so on",
        "nullable" | "not_null" | "null" => "the field's type says it: `Option<String>` takes NULL, `String` does not",
        "autoincrement" | "auto_increment" | "auto" => {
            "a single integer key is generated where it is 0: `#[column(primary_key)] id: i64`"
        }
        "uselist" => "the field's type says it: `One<Option<Profile>>` is to one, `Many<Post>` to many",
        "column_name" | "rename" => "write `name = \"…\"`",
        "table_name" | "tablename" | "rename_all" => "write `table = \"…\"`",
        "references" | "belongs_to" => "write `#[column(foreign_key = User::id)]` at the field that holds the key",
        "has_many" | "has_one" => "write `Many<Post>` or `One<Option<Profile>>` as the field's type",
        _ => return None,
    })
}

fn value(item: &Item) -> Option<&Expr> {
    match &item.form {
        Form::Value(value) => Some(value),
        _ => None,
    }
}

/// What came through a `macro_rules!` stands in an invisible group.
fn peel(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => peel(&group.expr),
        Expr::Paren(paren) => peel(&paren.expr),
        other => other,
    }
}

fn several(value: &Expr) -> Vec<&Expr> {
    match peel(value) {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        one => vec![one],
    }
}

fn as_ident(value: &Expr) -> Option<Ident> {
    match peel(value) {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    }
}

/// A path to a function is called, anything else is the value itself: `Utc::now`, `Role::Member`.
pub(crate) fn called(value: Expr) -> Expr {
    let function = match peel(&value) {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.unraw().to_string();
            name.starts_with(|letter: char| letter.is_lowercase() || letter == '_')
        }),
        _ => false,
    };
    if function { parse_quote!(#value()) } else { value }
}
