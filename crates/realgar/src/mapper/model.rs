//! The traits that `#[derive(Model)]` and `#[derive(Table)]` implement: a description and a few small functions.

use crate::{
    error::{Error, Kind, Result},
    mapper::{
        Contents, Field, Handle, IntoField, IntoKey, Many, ModelDesc, One, Relationship, TableDesc, With,
        mistake::Explanation, text::Text,
    },
    schema::names::{same, unraw},
    value::{Row, Value},
};

/// A Rust type that stands for a table; `#[derive(Table)]` for bare association tables, `#[derive(Model)]` for models.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    note = "write `#[derive(Model)]` above a model, or `#[derive(Table)]` above a bare association table"
)]
pub trait Table: Sized + Send + Sync + 'static {
    /// The table's description.
    const DESC: &'static TableDesc;

    /// The field of the column at this position.
    fn cell(&self, column: usize) -> Value<'_>;
}

/// A model: a struct whose values are rows of a table, held by a session. Implemented by `#[derive(Model)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    note = "write `#[derive(Model)]` above the struct; where it is there, name the model itself, without `&` or `Option`",
    note = "what has a handle is in its session already: it is not added again"
)]
pub trait Model: Table {
    /// The primary key: the column's type, or a tuple in the order of the fields.
    type Key: IntoKey;

    /// The model's description.
    const MODEL: &'static ModelDesc;

    /// The columns that a new object must be given.
    const REQUIRED: &'static [&'static str];

    /// A new object with its defaults; what is required holds any value.
    fn blank() -> Self;

    /// The object that a row describes; its columns stand from `at` on, in order. Relationship fields are unset.
    fn from_row(row: &dyn Row, at: usize) -> Result<Self>;

    /// Sets the field of the column at this position.
    fn set_cell(&mut self, column: usize, value: Value<'_>) -> Result<()>;

    /// Fills the column at this position as its `onupdate` says.
    fn on_update(&mut self, column: usize) {
        let _ = column;
    }

    /// Whether the column at this position holds what its `validate` accepts.
    fn validate(&self, column: usize) -> Result<()> {
        let _ = column;
        Ok(())
    }

    /// The relationship field at this position.
    fn field(&mut self, relationship: usize) -> &mut Contents;

    /// The new object with a relationship that has no field here: one that a `backref` elsewhere made.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, #[relationship(backref = author)] posts: Many<Post> }
    /// # #[derive(Model)] struct Post { #[column(primary_key)] id: i64, title: String, #[column(foreign_key = User::id)] user_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User {}));
    /// let post = s.add(new!(Post { title: "Hello" }).with(Post::author, ada));
    /// assert_eq!(s.loaded(ada, User::posts)?, [post]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    fn with<C: Cardinality>(self, relationship: Relationship<Self, C>, to: impl IntoField<C>) -> With<Self> {
        With::new(self).with(relationship, to)
    }
}

/// What `load` answers for a relationship field's type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a relationship",
    note = "write `Many<Post>`, `One<User>` or `One<Option<User>>`, where the type inside is a `#[derive(Model)]`"
)]
pub trait Cardinality: Field + Sized + 'static {
    /// The model at the other end.
    type Target: Model;

    /// `Vec<Handle<T>>` for `Many<T>`, `Handle<T>` for `One<T>`, `Option<Handle<T>>` for `One<Option<T>>`.
    type Loaded: Send;

    /// Whether there can be several.
    const MANY: bool;

    /// Whether there may be none.
    const OPTIONAL: bool;

    /// The answer made of the handles found.
    fn answer(found: Vec<Handle<Self::Target>>) -> Result<Self::Loaded>;
}

impl<T: Model> Cardinality for Many<T> {
    type Target = T;
    type Loaded = Vec<Handle<T>>;
    const MANY: bool = true;
    const OPTIONAL: bool = true;

    fn answer(found: Vec<Handle<T>>) -> Result<Self::Loaded> {
        Ok(found)
    }
}

impl<T: Model> Cardinality for One<T> {
    type Target = T;
    type Loaded = Handle<T>;
    const MANY: bool = false;
    const OPTIONAL: bool = false;

    fn answer(found: Vec<Handle<T>>) -> Result<Self::Loaded> {
        found.first().copied().ok_or_else(|| {
            Error::new(Kind::NoResultFound, format!("no `{}` stands at its end", T::DESC.name))
                .way_out("declare the field as `One<Option<_>>` where there may be nobody")
        })
    }
}

impl<T: Model> Cardinality for One<Option<T>> {
    type Target = T;
    type Loaded = Option<Handle<T>>;
    const MANY: bool = false;
    const OPTIONAL: bool = true;

    fn answer(found: Vec<Handle<T>>) -> Result<Self::Loaded> {
        Ok(found.first().copied())
    }
}

/// A relationship to one: `One<T>` and `One<Option<T>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is to many, where a relationship to one is needed",
    note = "`set` and `has` are for `One`; `append`, `remove`, `replace` and `any` are for `Many`"
)]
pub trait ToOne: Cardinality + Default {}
impl<T: Model> ToOne for One<T> {}
impl<T: Model> ToOne for One<Option<T>> {}

/// A relationship to many: `Many<T>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is to one, where a relationship to many is needed",
    note = "`append`, `remove`, `replace` and `any` are for `Many`; `set` and `has` are for `One`"
)]
pub trait ToMany: Cardinality {}
impl<T: Model> ToMany for Many<T> {}

/// A table's description. Called by the derive, as is `model`: functions with a name are compiled once, closures at each place.
#[must_use]
pub fn table<T: Table>() -> &'static TableDesc {
    T::DESC
}

/// A model's description.
#[must_use]
pub fn model<M: Model>() -> &'static ModelDesc {
    M::MODEL
}

/// What a `validate` function said, as an error that names what it was asked about. Called by the derive.
pub fn validated(answer: Result<(), impl std::fmt::Display>, what: &'static str) -> Result<()> {
    answer.map_err(|reason| {
        Error::new(Kind::Validation, format!("`{what}`: {reason}"))
            .way_out("set what its `validate` accepts; nothing was sent")
    })
}

/// Fails to compile when a required column is not among those given to `new!`.
#[track_caller]
pub const fn required_given(model: &TableDesc, required: &[&str], given: &[&str]) {
    let (mut wanted, mut missing, mut mend) = (0, Text::EMPTY, Text::EMPTY);
    while wanted < required.len() {
        let (mut index, mut found) = (0, false);
        while index < given.len() {
            found |= same(required[wanted], unraw(given[index]));
            index += 1;
        }
        if !found {
            let comma = if missing.is_empty() { "`" } else { "`, `" };
            missing = missing.and(comma).and(required[wanted]);
            let comma = if mend.is_empty() { "" } else { ", " };
            mend = mend.and(comma).and(required[wanted]).and(": …");
        }
        wanted += 1;
    }
    if !missing.is_empty() {
        let explanation = Explanation::new(
            Kind::Argument,
            Text::of(&["`new!` of `", model.name, "` leaves out ", missing.as_str(), "`"]),
            Text::of(&[
                "write `",
                mend.as_str(),
                "`, or let the field be an `Option` or have a `#[column(default = …)]`",
            ]),
        );
        explanation.stop();
    }
}
