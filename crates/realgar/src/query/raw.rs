//! SQL that the user writes: its values, and how the columns of its rows become the parts of an answer.

use std::borrow::Cow;

use crate::{
    error::{Error, Kind, Result},
    mapper::{Handle, Model, ModelDesc, Registry},
    query::{Compiled, Everywhere, FromRow, Node, Out, eager::Eager},
    sql::{Dialect, Rendered, places},
    value::{Cell, Row, Value},
};

/// A statement in the user's own words: see [`sql`].
#[derive(Debug, Clone)]
#[must_use = "a statement does nothing until it is sent: `.all(&mut session).await?`, `.execute(&mut session).await?`"]
pub struct Sql {
    text: Cow<'static, str>,
    params: Vec<Value<'static>>,
}

/// A statement in your own words, with bound values: for what the query builder cannot say.
///
/// The text is sent as it is. Realgar neither checks nor translates it, so it is yours to answer for: put values into
/// it by [`bind`](Sql::bind) only, and never a user's text. The places for values are `?` on every database; on
/// PostgreSQL they may be `$1`, `$2` instead, which leaves its operator `?` alone.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// let ada = s.add(new!(User { name: "Ada" }));
/// // Into handles, by the columns' names: the same objects that the session knows.
/// let users: Vec<Handle<User>> = sql("SELECT * FROM users WHERE name = ?").bind("Ada").all(&mut s).await?;
/// assert_eq!(users, [ada]);
/// // Into values, by position.
/// let rows: Vec<(i64, String)> = sql("SELECT id, upper(name) FROM users").all(&mut s).await?;
/// assert_eq!(rows, [(1, "ADA".to_owned())]);
/// assert_eq!(sql("DELETE FROM users WHERE id > ?").bind(1).execute(&mut s).await?, 0);
/// # Ok(()) }
/// ```
///
/// Source: `sqlalchemy.text`, `Select.from_statement`.
pub fn sql(text: impl Into<Cow<'static, str>>) -> Sql {
    Sql { text: text.into(), params: Vec::new() }
}

/// What can be bound to a place in raw SQL: values of any column's type, `Option` of them, `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound to a place in a statement",
    note = "bind values of a column's type, `Option` of them, `&str` or `&[u8]`; a list needs as many places as values"
)]
pub trait IntoParam {
    /// The value.
    fn into_param(self) -> Value<'static>;
}

impl<T: Cell> IntoParam for T {
    fn into_param(self) -> Value<'static> {
        self.to_cell().into_owned()
    }
}
impl IntoParam for &str {
    fn into_param(self) -> Value<'static> {
        Value::Text(Cow::Owned(self.to_owned()))
    }
}
impl IntoParam for &[u8] {
    fn into_param(self) -> Value<'static> {
        Value::Bytes(Cow::Owned(self.to_vec()))
    }
}

impl Sql {
    /// The value of the next place.
    pub fn bind(mut self, value: impl IntoParam) -> Self {
        self.params.push(value.into_param());
        self
    }

    /// The values of the next places, in order.
    pub fn bind_all<V: IntoParam>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.params.extend(values.into_iter().map(V::into_param));
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Text and values; transactions belong to the session.
    pub(crate) fn into_rendered(self, dialect: &Dialect) -> Result<Rendered> {
        let text = self.text.into_owned();
        let first = first_word(&text);
        if first.is_none() {
            return Err(Error::new(Kind::Programming, "a statement without text")
                .way_out("write one between the brackets: `sql(\"SELECT …\")`"));
        }
        let words = ["begin", "start", "commit", "end", "rollback"];
        if first.is_some_and(|first| words.iter().any(|word| first.eq_ignore_ascii_case(word))) {
            return Err(Error::new(Kind::InvalidRequest, "a statement that begins or ends a transaction")
                .with_statement(&text)
                .way_out("the session does that: `session.commit().await?`, `session.rollback().await?`"));
        }
        Ok(Rendered { text: places(&text, dialect).into_owned(), params: self.params, open: Vec::new() })
    }
}

/// The word that a statement begins with, behind blanks and comments; `None` where there is nothing else.
fn first_word(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start_matches(|next: char| next.is_whitespace() || next == ';');
        let comment = if text.starts_with("--") {
            text.find('\n')
        } else if text.starts_with("/*") {
            text.find("*/").map(|end| end + 1)
        } else {
            break;
        };
        text = &text[comment? + 1..];
    }
    (!text.is_empty()).then(|| text.split(|next: char| !next.is_ascii_alphabetic()).next().unwrap_or_default())
}

/// A row of raw SQL: a handle, a value, or a tuple of them.
///
/// Entities take columns by name, from left to right, each the first one that is not taken yet; values take the
/// columns that are left, in order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row of raw SQL",
    note = "read `Handle<Model>`, `Option<Handle<Model>>`, values, or tuples of up to eight of them"
)]
pub trait RawRow: FromRow {
    /// Adds its parts: models, and `None` for values.
    fn parts(to: &mut Vec<Option<&'static ModelDesc>>);
}

impl<M: Model> RawRow for Handle<M> {
    fn parts(to: &mut Vec<Option<&'static ModelDesc>>) {
        to.push(Some(M::MODEL));
    }
}
impl<M: Model> RawRow for Option<Handle<M>> {
    fn parts(to: &mut Vec<Option<&'static ModelDesc>>) {
        to.push(Some(M::MODEL));
    }
}
impl<T: Cell> RawRow for T {
    fn parts(to: &mut Vec<Option<&'static ModelDesc>>) {
        to.push(None);
    }
}

macro_rules! tuple_raw {
    ($($name:ident),*) => {
        impl<$($name: RawRow),*> RawRow for ($($name,)*) {
            fn parts(to: &mut Vec<Option<&'static ModelDesc>>) {
                $($name::parts(to);)*
            }
        }
    };
}
tuple_raw!(A);
tuple_raw!(A, B);
tuple_raw!(A, B, C);
tuple_raw!(A, B, C, D);
tuple_raw!(A, B, C, D, E);
tuple_raw!(A, B, C, D, E, F);
tuple_raw!(A, B, C, D, E, F, G);
tuple_raw!(A, B, C, D, E, F, G, H);

/// The plan for rows of raw SQL: entities' columns first, then values.
#[derive(Debug)]
pub struct RawPlan {
    /// The statement, and its parts over columns in the plan's order.
    pub compiled: Compiled,
    /// Model and name of each entity's columns, in that order.
    wanted: Vec<(&'static str, &'static str)>,
    values: usize,
}

impl RawPlan {
    /// The plan for a statement whose rows are these.
    pub fn new<R: RawRow>(sql: Rendered, registry: &Registry) -> Result<RawPlan> {
        let mut parts = Vec::new();
        R::parts(&mut parts);
        let mut compiled = Compiled { sql, ..Compiled::default() };
        let mut wanted = Vec::new();
        for desc in parts.iter().flatten() {
            let mapper =
                registry.by_type((desc.type_id)()).map_err(|error| error.with_entity(|| desc.name().into()))?;
            compiled.nodes.push(Node { mapper, at: wanted.len(), parent: None });
            wanted.extend(desc.table.table.columns.iter().map(|column| (desc.name(), column.name)));
        }
        let (mut entities, mut values) = (0.., wanted.len()..);
        let next = |part: &Option<_>| match part {
            Some(_) => entities.next().map(Out::Entity),
            None => values.next().map(Out::Cell),
        };
        compiled.outputs = parts.iter().filter_map(next).collect();
        compiled.extra_at = wanted.len();
        Eager::plan(registry, &mut compiled, &[], (Everywhere::default(), &[]), (false, false));
        let values = parts.len() - compiled.nodes.len();
        Ok(RawPlan { compiled, wanted, values })
    }

    /// Where the statement's rows have the plan's columns.
    pub fn places(&self, row: &dyn Row) -> Result<Vec<usize>> {
        let mut names: Vec<Option<&str>> = (0..).map_while(|index| row.name(index)).map(Some).collect();
        let mut places = Vec::with_capacity(self.wanted.len() + self.values);
        for &(model, column) in &self.wanted {
            let place = names.iter().position(|name| *name == Some(column)).ok_or_else(|| {
                Error::new(Kind::InvalidRequest, format!("the rows have no column `{column}`, which `{model}` needs"))
                    .way_out(format!("select all columns of `{model}`, each under its own name (`… AS {column}`)"))
            })?;
            names[place] = None;
            places.push(place);
        }
        let left = names.iter().enumerate().filter(|(_, name)| name.is_some()).map(|(place, _)| place);
        let left: Vec<usize> = left.collect();
        // Who asks for entities alone does not mind what else is there.
        if left.len() < self.values || (self.values > 0 && left.len() > self.values) {
            let (found, wanted) = (left.len(), self.values);
            return Err(Error::new(Kind::InvalidRequest, format!("the rows have {found} values, {wanted} are read"))
                .way_out("let the statement select as many columns as the row's type has parts"));
        }
        places.extend(left.into_iter().take(self.values));
        Ok(places)
    }
}
