//! `Select`: a question as data, typed by the rows of its answer. It is sent by `all`, `first`, `one`, `count`, `fetch`.

use std::marker::PhantomData;

use crate::{
    mapper::{Cardinality, Column, Handle, Model, ModelDesc, Relationship, Table, TableDesc, TableRef},
    query::{Expr, Expression, FromRow, IntoExpr, IntoOrder, Load, LoadOption, Order, Term},
    value::Cell,
};

/// A question without its type.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// What each row of the answer consists of.
    pub outputs: Vec<Output>,
    /// What else is selected, behind the outputs: loading by relationship needs the owner's key in each row.
    pub extra: Vec<Term>,
    /// Joins, in order.
    pub joins: Vec<JoinStep>,
    /// Criteria; all of them.
    pub filter: Vec<Term>,
    /// GROUP BY
    pub group_by: Vec<Term>,
    /// HAVING; all of them.
    pub having: Vec<Term>,
    /// ORDER BY
    pub order_by: Vec<Order>,
    /// LIMIT
    pub limit: Option<u64>,
    /// OFFSET
    pub offset: Option<u64>,
    /// DISTINCT
    pub distinct: bool,
    /// What is loaded with it.
    pub options: Vec<LoadOption>,
    /// Deferred columns that are loaded nevertheless: table and column.
    pub undefer: Vec<(&'static str, &'static str)>,
}

/// One part of a row of the answer.
#[derive(Debug, Clone)]
pub enum Output {
    /// An object.
    Entity(&'static ModelDesc),
    /// A value.
    Value(Term),
}

/// A join.
#[derive(Debug, Clone, Copy)]
pub struct JoinStep {
    /// What it goes along.
    pub along: Along,
    /// `LEFT OUTER JOIN`
    pub outer: bool,
}

/// What a join goes along.
#[derive(Debug, Clone, Copy)]
pub enum Along {
    /// A relationship of this table.
    Relationship(&'static TableDesc, &'static str),
    /// The one foreign key between this table and those before it.
    Table(&'static TableDesc),
    /// The association table of this relationship, seen from its target.
    Secondary(&'static ModelDesc, u16),
}

/// A question: made by [`User::select()`](SelectModel::select) or [`select()`], refined here, sent by [`all`](Select::all)
/// and its kin.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String, age: i32 }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// # s.add_all([new!(User { name: "Ada", age: 36 }), new!(User { name: "Bob", age: 12 })]);
/// let adults = User::select().filter(User::age.ge(18)).order_by(User::name).all(&mut s).await?;
/// assert_eq!(s[adults[0]].name, "Ada");
/// # Ok(()) }
/// ```
///
/// Source: SQLAlchemy's `select()`; there is no second, legacy way to ask.
#[derive(Debug, Clone)]
#[must_use = "a select does nothing until it is sent: `.all(&mut session).await?`"]
pub struct Select<R> {
    query: Query,
    row: PhantomData<fn() -> R>,
}

/// What can be selected: entities, columns, expressions, and tuples of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected",
    note = "select `entity::<Model>()`, columns, expressions, or tuples of them"
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

/// The objects of a model, beside other parts: `select((entity::<User>(), count(Post::id)))`.
#[must_use]
pub fn entity<M: Model>() -> EntityOf<M> {
    EntityOf(PhantomData)
}

impl<M: Model> Selectable for EntityOf<M> {
    type Row = Handle<M>;

    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Entity(M::MODEL));
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

/// Selects columns, expressions, entities: `select((User::name, count(Post::id)))` answers `Vec<(String, i64)>`.
pub fn select<S: Selectable>(what: S) -> Select<S::Row> {
    let mut query = Query::default();
    what.outputs(&mut query.outputs);
    Select { query, row: PhantomData }
}

/// `User::select()`, for every model.
pub trait SelectModel: Model {
    /// All objects of this model; a row of the answer is a handle.
    fn select() -> Select<Handle<Self>> {
        select(entity::<Self>())
    }
}
impl<M: Model> SelectModel for M {}

/// What `join` takes: a relationship, or a table that one foreign key leads to.
pub trait IntoJoin {
    /// What the join goes along.
    fn into_join(self) -> Along;
}

impl<M: Model, C: Cardinality> IntoJoin for Relationship<M, C> {
    fn into_join(self) -> Along {
        Along::Relationship(M::DESC, self.name())
    }
}

impl<M: Table> IntoJoin for TableRef<M> {
    fn into_join(self) -> Along {
        Along::Table(M::DESC)
    }
}

impl<R> Select<R> {
    /// Only rows that meet the criterion, beside those given before.
    pub fn filter(mut self, criterion: impl IntoExpr<bool>) -> Self {
        self.query.filter.push(criterion.into_expr().into());
        self
    }

    /// Only rows whose column has this value: `filter_by(User::name, "Ada")`.
    pub fn filter_by<M: Table, T>(self, column: Column<M, T>, value: impl IntoExpr<T>) -> Self {
        self.filter(column.eq(value))
    }

    /// Joins along a relationship, `join(Post::author)`, or to a table by its one foreign key, `join(PostTags::TABLE)`.
    ///
    /// A row of the answer is a joined row: an entity can stand in several. [`distinct`](Select::distinct) makes
    /// them one.
    pub fn join(mut self, along: impl IntoJoin) -> Self {
        self.query.joins.push(JoinStep { along: along.into_join(), outer: false });
        self
    }

    /// The same as a LEFT OUTER JOIN: rows without a partner stay.
    pub fn outer_join(mut self, along: impl IntoJoin) -> Self {
        self.query.joins.push(JoinStep { along: along.into_join(), outer: true });
        self
    }

    /// Sorts by these, after those given before: `order_by((User::age.desc(), User::name))`.
    pub fn order_by(mut self, order: impl IntoOrder) -> Self {
        order.into_order(&mut self.query.order_by);
        self
    }

    /// One row for each value of this, for aggregates.
    pub fn group_by(mut self, by: impl Expression) -> Self {
        self.query.group_by.push(by.term());
        self
    }

    /// Only groups that meet the criterion.
    pub fn having(mut self, criterion: impl IntoExpr<bool>) -> Self {
        self.query.having.push(criterion.into_expr().into());
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.query.limit = Some(rows);
        self
    }

    /// Without the first rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.query.offset = Some(rows);
        self
    }

    /// Equal rows once.
    pub fn distinct(mut self) -> Self {
        self.query.distinct = true;
        self
    }

    pub(crate) fn into_query(self) -> Query {
        self.query
    }
}

impl<M: Model> Select<Handle<M>> {
    /// Loads a relationship with the query: `options(User::posts.selectin().then(Post::tags.joined()))`.
    pub fn options<T>(mut self, load: Load<M, T>) -> Self {
        self.query.options.push(load.into_option());
        self
    }

    /// Loads a [`Deferred`](crate::Deferred) column with the query: `undefer(User::bio)`.
    ///
    /// Source: `undefer()`.
    pub fn undefer<T>(mut self, column: Column<M, T>) -> Self {
        self.query.undefer.push((column.table(), column.name()));
        self
    }
}
