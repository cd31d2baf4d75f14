//! What can be selected: entities, aliases, columns, expressions, and tuples of them.

use std::marker::PhantomData;

use crate::{
    mapper::{Column, Handle, Model, ModelDesc, TableRef},
    query::{Alias, AliasId, Expr, Expression, FromRow, Term},
    value::Cell,
};

/// One part of a row of the answer.
#[derive(Debug, Clone)]
pub enum Output {
    /// An object, of the model itself or of an alias.
    Entity(&'static ModelDesc, Option<AliasId>),
    /// A value.
    Value(Term),
}

/// What can be selected: entities, columns, expressions, and tuples of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected",
    note = "select entities (`User::TABLE`), aliases, columns, expressions, or tuples of up to eight of them"
)]
pub trait Selectable {
    /// A row of the answer.
    type Row: FromRow;

    /// Adds its parts.
    fn outputs(self, to: &mut Vec<Output>);
}

/// A model as a part of a select: see [`entity`].
#[derive(Debug, Clone, Copy)]
pub struct EntityOf<M>(PhantomData<fn() -> M>);

/// The objects of a model, beside other parts: `select((entity::<User>(), count(Post::id)))`; `User::TABLE` says the same.
#[must_use]
pub fn entity<M: Model>() -> EntityOf<M> {
    EntityOf(PhantomData)
}

impl<M: Model> Selectable for EntityOf<M> {
    type Row = Handle<M>;

    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Entity(M::MODEL, None));
    }
}

impl<M: Model> Selectable for TableRef<M> {
    type Row = Handle<M>;

    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Entity(M::MODEL, None));
    }
}

impl<M: Model> Selectable for Alias<M> {
    type Row = Handle<M>;

    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Entity(M::MODEL, Some(self.id())));
    }
}

/// The objects of a model where an outer join may have found nobody: `Post::TABLE.optional()`.
#[derive(Debug, Clone, Copy)]
pub struct OptionalOf<M> {
    alias: Option<AliasId>,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> TableRef<M> {
    /// The objects of the model where an outer join may have found nobody: `Option<Handle<M>>` in each row.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, name: String, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User { name: "Ada" }));
    /// let rows = select((User::TABLE, Post::TABLE.optional())).outer_join(User::posts).all(&mut s).await?;
    /// assert_eq!(rows, [(ada, None)]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn optional(self) -> OptionalOf<M> {
        OptionalOf { alias: None, model: PhantomData }
    }
}

impl<M: Model> Alias<M> {
    /// The objects of the alias where an outer join may have found nobody: `Option<Handle<M>>` in each row.
    #[must_use]
    pub fn optional(self) -> OptionalOf<M> {
        OptionalOf { alias: Some(self.id()), model: PhantomData }
    }
}

impl<M: Model> Selectable for OptionalOf<M> {
    type Row = Option<Handle<M>>;

    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Entity(M::MODEL, self.alias));
    }
}

impl<M, T: Cell> Selectable for Column<M, T> {
    type Row = T;

    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Value(self.term()));
    }
}

impl<T: Cell> Selectable for Expr<T> {
    type Row = T;

    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Value(self.term()));
    }
}

macro_rules! tuple_select {
    ($($name:ident),*) => {
        impl<$($name: Selectable),*> Selectable for ($($name,)*) {
            type Row = ($($name::Row,)*);

            #[allow(non_snake_case)]
            fn outputs(self, to: &mut Vec<Output>) {
                let ($($name,)*) = self;
                $($name.outputs(to);)*
            }
        }
    };
}
tuple_select!(A);
tuple_select!(A, B);
tuple_select!(A, B, C);
tuple_select!(A, B, C, D);
tuple_select!(A, B, C, D, E);
tuple_select!(A, B, C, D, E, F);
tuple_select!(A, B, C, D, E, F, G);
tuple_select!(A, B, C, D, E, F, G, H);
