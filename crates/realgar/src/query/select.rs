//! `Select`: a question as data, typed by the rows of its answer. It is sent by `all`, `first`, `one`, `count`, `fetch`.

use std::marker::PhantomData;

use crate::{
    mapper::{Cardinality, Column, Handle, MapperId, Model, ModelDesc, Relationship, Table, TableRef},
    query::{
        Alias, AliasId, Compound, Everywhere, Expression, IntoColumns, IntoExpr, IntoGroup, IntoLoad, IntoOrder,
        IntoTable, LoadOption, LoaderCriterion, Lock, Order, Output, Path, Seen, Selectable, Term,
        columns::{Names, Undefer},
        entity,
    },
};

/// A question without its type.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// What each row of the answer consists of.
    pub outputs: Vec<Output>,
    /// What else is selected, behind the outputs: loading by relationship needs the owner's key in each row.
    pub extra: Vec<Term>,
    /// What it is selected from, beside what the outputs name.
    pub from: Vec<Seen>,
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
    /// What holds for everything that it loads.
    pub everywhere: Everywhere,
    /// The models that led to it, where another query loads it.
    pub path: Vec<MapperId>,
    /// FOR UPDATE
    pub lock: Option<Lock>,
    /// The selects that it takes its rows from, instead of tables.
    pub compound: Option<Box<Compound>>,
}

/// A join.
#[derive(Debug, Clone)]
pub struct JoinStep {
    /// What it goes along.
    pub along: Along,
    /// `LEFT OUTER JOIN`
    pub outer: bool,
    /// `ON`, where the caller says it; along a relationship, what holds beside the keys.
    pub on: Option<Term>,
}

/// What a join goes along.
#[derive(Debug, Clone, Copy)]
pub enum Along {
    /// The relationship of this name, of a table or an alias.
    Relationship {
        /// Whose it is.
        from: Seen,
        /// Its name.
        name: &'static str,
        /// The alias at its end.
        to: Option<AliasId>,
    },
    /// The one foreign key between this table and those before it, or the criterion that the caller gives.
    Table(Seen),
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
#[derive(Debug)]
#[must_use = "a select does nothing until it is sent: `.all(&mut session).await?`"]
pub struct Select<R> {
    /// In a box: a select is handed on by every method, and a question has many parts.
    query: Box<Query>,
    row: PhantomData<fn() -> R>,
}

// Written by hand: the derive would ask for `R: Clone`.
impl<R> Clone for Select<R> {
    fn clone(&self) -> Self {
        Select { query: self.query.clone(), row: PhantomData }
    }
}

/// Selects columns, expressions, entities: `select((User::name, count(Post::id)))` answers `Vec<(String, i64)>`.
pub fn select<S: Selectable>(what: S) -> Select<S::Row> {
    let mut query = Box::<Query>::default();
    what.outputs(&mut query.outputs);
    Select { query, row: PhantomData }
}

/// `User::select()`, for every model.
pub trait SelectModel: Model {
    /// All objects of this model; a row of the answer is a handle.
    #[doc(alias = "query")]
    #[doc(alias = "find")]
    fn select() -> Select<Handle<Self>> {
        select(entity::<Self>())
    }
}
impl<M: Model> SelectModel for M {}

/// What `join` takes: a relationship, or a table that one foreign key leads to.
#[diagnostic::on_unimplemented(
    message = "a query cannot join along `{Self}`",
    note = "join along a relationship (`User::posts`, `User::posts.of_type(alias)`, `User::posts.and(…)`), or to a table (`PostTags::TABLE`, an alias)"
)]
pub trait IntoJoin {
    /// What the join goes along, and what holds beside the keys.
    fn into_join(self) -> (Along, Option<Term>);
}

impl<M: Model, C: Cardinality> IntoJoin for Relationship<M, C> {
    fn into_join(self) -> (Along, Option<Term>) {
        Path::from(self).into_join()
    }
}

impl<M: Model, C: Cardinality> IntoJoin for Path<M, C> {
    fn into_join(self) -> (Along, Option<Term>) {
        let (from, name, to) = self.steps();
        (Along::Relationship { from, name, to }, None)
    }
}

impl<M: Table> IntoJoin for TableRef<M> {
    fn into_join(self) -> (Along, Option<Term>) {
        (Along::Table(self.into_table()), None)
    }
}

impl<M: Table> IntoJoin for Alias<M> {
    fn into_join(self) -> (Along, Option<Term>) {
        (Along::Table(self.into_table()), None)
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

    /// Where the rows come from, for what names no table: `select(count_all()).select_from(User::TABLE)`.
    ///
    /// Source: `Select.select_from`.
    pub fn select_from(mut self, table: impl IntoTable) -> Self {
        self.query.from.push(table.into_table());
        self
    }

    /// Joins along a relationship, `join(Post::author)`, or to a table by its one foreign key, `join(PostTags::TABLE)`.
    ///
    /// A row of the answer is a joined row: an entity can stand in several. [`distinct`](Select::distinct) makes
    /// them one. A table that is part of the select already is joined under an [`alias`](crate::alias()).
    ///
    /// # Errors
    /// When it is sent: `InvalidRequest` for a table that is joined already, and where no foreign key leads to the
    /// table; `AmbiguousForeignKeys` where several do. The text names what to write instead.
    pub fn join(self, along: impl IntoJoin) -> Self {
        let (along, on) = along.into_join();
        self.step(along, false, on)
    }

    /// The same as a LEFT OUTER JOIN: rows without a partner stay.
    ///
    /// What is selected from the joined table is then `.optional()`: `Post::TABLE.optional()`,
    /// `Post::title.optional()`.
    pub fn outer_join(self, along: impl IntoJoin) -> Self {
        let (along, on) = along.into_join();
        self.step(along, true, on)
    }

    /// Joins a table or an alias where this holds: `join_on(boss, Employee::manager_id.eq(boss.col(Employee::id)))`.
    ///
    /// Source: `Select.join(target, onclause)`.
    pub fn join_on(self, table: impl IntoTable, on: impl IntoExpr<bool>) -> Self {
        self.step(Along::Table(table.into_table()), false, Some(on.into_expr().into()))
    }

    /// The same as a LEFT OUTER JOIN.
    pub fn outer_join_on(self, table: impl IntoTable, on: impl IntoExpr<bool>) -> Self {
        self.step(Along::Table(table.into_table()), true, Some(on.into_expr().into()))
    }

    fn step(mut self, along: Along, outer: bool, on: Option<Term>) -> Self {
        self.query.joins.push(JoinStep { along, outer, on });
        self
    }

    /// Sorts by these, after those given before: `order_by((User::age.desc(), User::name))`.
    pub fn order_by(mut self, order: impl IntoOrder) -> Self {
        order.into_order(&mut self.query.order_by);
        self
    }

    /// One row for each value of these, for aggregates: `group_by((User::city, User::age))`.
    pub fn group_by(mut self, by: impl IntoGroup) -> Self {
        by.into_group(&mut self.query.group_by);
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

    pub(super) fn from_query(query: Query) -> Select<R> {
        Select { query: Box::new(query), row: PhantomData }
    }

    /// Objects that the session knows take the database's values, too; what was loaded along their relationships is
    /// forgotten, or loaded anew where the query loads it. Holds for everything that the query loads.
    ///
    /// Changes that were not flushed are lost with it; without [`no_autoflush`](crate::Session::no_autoflush) there are
    /// none.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User { name: "Ada" }));
    /// s.flush().await?;
    /// sql("UPDATE users SET name = 'Augusta'").execute(&mut s).await?;
    /// User::select().all(&mut s).await?;
    /// assert_eq!(s[ada].name, "Ada"); // within a transaction, what is loaded stays
    /// User::select().populate_existing().all(&mut s).await?;
    /// assert_eq!(s[ada].name, "Augusta");
    /// # Ok(()) }
    /// ```
    ///
    /// Source: `execution_options(populate_existing=True)`.
    pub fn populate_existing(mut self) -> Self {
        self.query.everywhere.populate_existing = true;
        self
    }

    /// Only rows of this model that meet the criterion, wherever this query meets its table, and in every relationship
    /// that is loaded with it or later: see
    /// [`Session::with_loader_criteria`](crate::Session::with_loader_criteria).
    ///
    /// Source: `with_loader_criteria`.
    pub fn with_loader_criteria<M: Model>(mut self, model: TableRef<M>, criterion: impl IntoExpr<bool>) -> Self {
        self.query.everywhere.add(&[LoaderCriterion::new(model, criterion)]);
        self
    }

    pub(super) fn query_mut(&mut self) -> &mut Query {
        &mut self.query
    }

    pub(crate) fn into_query(self) -> Box<Query> {
        self.query
    }
}

impl<M: Model> Select<Handle<M>> {
    /// Loads a relationship with the query: `options(User::posts.selectin().then(Post::tags.joined()))`. A relationship
    /// alone stands for its `selectin()`.
    pub fn options<T>(mut self, load: impl IntoLoad<M, T>) -> Self {
        load.into_load().into_option().merge_into(&mut self.query.options);
        self
    }
}

macro_rules! tuple_options {
    ($($name:ident),*) => {
        impl<$($name),*> Select<($($name,)*)> {
            /// Loads a relationship of one of its entities with the query; a collection that is asked for as `joined`
            /// comes by a second SELECT.
            ///
            /// # Errors
            /// When it is sent: `Argument` where no entity of the query has the relationship.
            pub fn options<M: Model, T>(mut self, load: impl IntoLoad<M, T>) -> Self {
                load.into_load().into_option().merge_into(&mut self.query.options);
                self
            }
        }
    };
}
tuple_options!(A, B);
tuple_options!(A, B, C);
tuple_options!(A, B, C, D);
tuple_options!(A, B, C, D, E);
tuple_options!(A, B, C, D, E, F);

impl<R> Undefer for Select<R> {
    fn undeferred(&mut self) -> &mut Names {
        &mut self.query.undefer
    }
}

impl<R> Select<R> {
    /// Loads a [`Deferred`](crate::Deferred) column with the query's entities: `undefer(User::bio)`.
    ///
    /// A further step of a relationship says it for itself: `User::posts.selectin().undefer(Post::body)`.
    ///
    /// Source: `undefer()`.
    pub fn undefer<M: Model, T>(self, column: Column<M, T>) -> Self {
        self.add(column)
    }

    /// Leaves a [`Deferred`](crate::Deferred) column in the database after all: takes back an `undefer` or `load_only` before it.
    ///
    /// Source: `defer()`. There, any column can be left out; here, those of type `Deferred<T>`: a field of any other type
    /// always has a value, and comes along whatever is said.
    pub fn defer<M: Model, T>(self, column: Column<M, T>) -> Self {
        self.drop_one(column)
    }

    /// Of the model's [`Deferred`](crate::Deferred) columns, loads just those named here: `load_only((User::id, User::bio))`. Columns of
    /// any other type always come along, named or not; to leave those out, select a tuple of columns.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, bio: Deferred<String>, picture: Deferred<Vec<u8>> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add(new!(User { bio: "Born in London.", picture: vec![1, 2, 3] }));
    /// # s.commit().await?;
    /// # drop(s);
    /// let users: Vec<User> = User::select().load_only((User::id, User::bio)).fetch(&db).await?;
    /// assert_eq!(users[0].bio.get()?, "Born in London.");
    /// assert!(users[0].picture.is_unloaded());
    /// # Ok(()) }
    /// ```
    ///
    /// Source: `load_only()`.
    pub fn load_only<M: Model>(self, columns: impl IntoColumns<M>) -> Self {
        self.only::<M>(columns)
    }
}
