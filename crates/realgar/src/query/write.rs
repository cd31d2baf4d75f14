//! Statements that write, in the user's words: `User::update()`, `User::delete_where()`, `User::insert()`. Data; nothing is sent.

use std::marker::PhantomData;

use crate::{
    error::{Error, Kind},
    mapper::{Column, Model, ModelDesc},
    query::{AliasId, Expr, Expression, IntoColumns, IntoExpr, Leaf, Output, Seen, Selectable, Term},
    value::Value,
};

/// A statement that writes, without its types.
#[derive(Debug)]
pub struct Write {
    /// Whose rows it writes.
    pub model: &'static ModelDesc,
    /// What it does.
    pub verb: Verb,
    /// Criteria; all of them.
    pub filter: Vec<Term>,
    /// What it answers.
    pub returning: Vec<Output>,
    /// Whether the session's objects are kept in step.
    pub synchronized: bool,
}

/// What a statement does.
#[derive(Debug)]
pub enum Verb {
    /// Columns become something else.
    Update(Vec<(&'static str, Term)>),
    /// Rows go.
    Delete,
    /// Rows come: the columns of each in order, and what becomes of those that are there already.
    Insert(Vec<Vec<Value<'static>>>, Option<OnConflict>),
}

/// What becomes of rows that are there already.
#[derive(Debug)]
pub struct OnConflict {
    /// The unique columns that tell.
    pub columns: Vec<&'static str>,
    /// What columns become.
    pub set: Vec<(&'static str, Term)>,
    /// Only rows that meet these are updated.
    pub filter: Vec<Term>,
}

impl Write {
    fn new<M: Model>(verb: Verb) -> Write {
        Write { model: M::MODEL, verb, filter: Vec::new(), returning: Vec::new(), synchronized: true }
    }
}

/// What every statement that writes can be made of.
pub trait IntoWrite: Sized {
    /// The statement without its types.
    ///
    /// # Errors
    /// `InvalidRequest` for objects that a statement cannot take.
    fn into_write(self) -> crate::error::Result<Write>;
}

/// `User::update()`, `User::delete_where()`, `User::insert()`, for every model.
pub trait WriteModel: Model {
    /// An UPDATE of all rows that meet criteria: see [`Update`].
    fn update() -> Update<Self> {
        Update { write: Write::new::<Self>(Verb::Update(Vec::new())), model: PhantomData }
    }

    /// A DELETE of all rows that meet criteria: see [`DeleteWhere`].
    fn delete_where() -> DeleteWhere<Self> {
        DeleteWhere { write: Write::new::<Self>(Verb::Delete), model: PhantomData }
    }

    /// An INSERT of rows, without objects in a session: see [`Insert`].
    fn insert() -> Insert<Self> {
        let write = Write::new::<Self>(Verb::Insert(Vec::new(), None));
        Insert { write, problem: None, model: PhantomData }
    }
}
impl<M: Model> WriteModel for M {}

/// An UPDATE of all rows that meet criteria: `User::update().filter(…).set(User::active, false).execute(&mut s)`.
///
/// It goes past relationships, cascades, events and version columns. Objects that the session knows are kept in step: they
/// hold the new values, and a rollback gives them back the old ones.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] #[model(table = "users")] struct User {
/// #   #[column(primary_key)] id: i64, age: i64, #[column(default = true)] active: bool }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// let users = s.add_all([new!(User { age: 12 }), new!(User { age: 36 })]);
/// let rows = User::update()
///     .filter(User::age.lt(18))
///     .set(User::active, false)
///     .set(User::age, User::age + 1)
///     .execute(&mut s)
///     .await?;
/// assert_eq!((rows, s[users[0]].age, s[users[0]].active), (1, 13, false));
/// # Ok(()) }
/// ```
///
/// Source: `update()` with `synchronize_session="auto"`.
#[derive(Debug)]
#[must_use = "an update does nothing until it is sent: `.execute(&mut session).await?`"]
pub struct Update<M> {
    write: Write,
    model: PhantomData<fn() -> M>,
}

/// A DELETE of all rows that meet criteria: `User::delete_where().filter(…).execute(&mut s)`.
///
/// It goes past relationships, cascades, events and version columns: what refers to the rows is the database's affair
/// (`on_delete`). Objects that the session knows are deleted with their rows, and are back after a rollback.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, age: i64 }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// let users = s.add_all([new!(User { age: 12 }), new!(User { age: 36 })]);
/// assert_eq!(User::delete_where().filter(User::age.lt(18)).execute(&mut s).await?, 1);
/// assert_eq!(s.state(users[0])?, State::Deleted);
/// # Ok(()) }
/// ```
///
/// Source: `delete()` with `synchronize_session="auto"`.
#[derive(Debug)]
#[must_use = "a delete does nothing until it is sent: `.execute(&mut session).await?`"]
pub struct DeleteWhere<M> {
    write: Write,
    model: PhantomData<fn() -> M>,
}

/// An INSERT of many rows in one statement, without objects in a session; with `on_conflict_…`, an upsert.
///
/// Rows are written as new objects; what the database makes (a key that is 0, `Auto` and `server_default` columns without
/// a value) is left to it. Rows that leave different columns to it go in statements of their own.
///
/// ```
/// # use realgar::{excluded, prelude::*};
/// # #[derive(Model)] #[model(table = "pages")] struct Page {
/// #   #[column(primary_key)] id: i64, #[column(unique)] path: String, title: String, #[column(default = 1)] visits: i64 }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![Page]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// Page::insert().values([new!(Page { path: "/", title: "Home" }), new!(Page { path: "/faq", title: "FAQ" })]).execute(&mut s).await?;
/// let visits = Page::insert()
///     .values([new!(Page { path: "/", title: "Start" })])
///     .on_conflict_do_update(Page::path, |page| page.set(Page::title, excluded(Page::title)).set(Page::visits, Page::visits + 1))
///     .returning(Page::visits)
///     .one(&mut s)
///     .await?;
/// assert_eq!(visits, 2);
/// # Ok(()) }
/// ```
///
/// Source: `insert()`, `on_conflict_do_update`, `returning`.
#[derive(Debug)]
#[must_use = "an insert does nothing until it is sent: `.execute(&mut session).await?`"]
pub struct Insert<M> {
    write: Write,
    problem: Option<Error>,
    model: PhantomData<fn() -> M>,
}

/// What columns of a row become that is there already: see [`Insert::on_conflict_do_update`].
#[derive(Debug)]
pub struct Upsert<M> {
    on: OnConflict,
    model: PhantomData<fn() -> M>,
}

/// A statement that writes, and answers rows: `.returning(User::id).all(&mut session).await?`
#[derive(Debug)]
#[must_use = "it does nothing until it is sent: `.all(&mut session).await?`"]
pub struct Returning<R> {
    write: crate::error::Result<Write>,
    row: PhantomData<fn() -> R>,
}

/// A column of the row that was to be inserted, in [`Insert::on_conflict_do_update`].
///
/// Source: `Insert.excluded`.
#[must_use]
pub fn excluded<M, T>(column: Column<M, T>) -> Expr<T> {
    let table = Seen { table: column.table(), alias: Some(AliasId::EXCLUDED) };
    Expr::new(Term::Leaf(Leaf::Column { table, column: column.name() }))
}

impl<M: Model> Update<M> {
    /// The column becomes a value, or what an expression says: `set(Post::views, Post::views + 1)`.
    pub fn set<T>(mut self, column: Column<M, T>, value: impl IntoExpr<T>) -> Self {
        if let Verb::Update(set) = &mut self.write.verb {
            set.push((column.name(), value.into_expr().into()));
        }
        self
    }
}

impl<M: Model> IntoWrite for Update<M> {
    fn into_write(mut self) -> crate::error::Result<Write> {
        if let Verb::Update(set) = &mut self.write.verb {
            for &column in M::MODEL.on_update {
                let name = M::DESC.table.columns[column].name;
                if !set.is_empty() && !set.iter().any(|(given, _)| *given == name) {
                    let mut filled = M::blank();
                    filled.on_update(column);
                    set.push((name, Term::Value(filled.cell(column).into_owned())));
                }
            }
        }
        Ok(self.write)
    }
}

impl<M: Model> IntoWrite for DeleteWhere<M> {
    fn into_write(self) -> crate::error::Result<Write> {
        Ok(self.write)
    }
}

impl<M: Model> Insert<M> {
    /// These rows, beside those given before. Relationship fields stay empty: a statement writes columns only.
    pub fn values(mut self, rows: impl IntoIterator<Item = M>) -> Self {
        for mut row in rows {
            let carries = (0..M::MODEL.relationships.len()).find(|&index| row.field(index).is_set());
            if let Some(index) = carries {
                let name = format!("{}::{}", M::DESC.name, M::MODEL.relationships[index].name);
                let what = format!("an INSERT takes no objects of relationships, and `{name}` holds some");
                let way_out = "set the foreign key's column, or `session.add_all` the objects";
                self.problem.get_or_insert(Error::new(Kind::InvalidRequest, what).way_out(way_out));
            }
            if let Verb::Insert(rows, _) = &mut self.write.verb {
                rows.push((0..M::DESC.table.columns.len()).map(|column| row.cell(column).into_owned()).collect());
            }
        }
        self
    }

    /// Rows that are there already, by these unique columns, stay as they are. `on_conflict_do_nothing(())`: by any.
    ///
    /// # Errors
    /// When it is sent: `Unsupported` where the database cannot say it.
    pub fn on_conflict_do_nothing(self, columns: impl IntoColumns<M>) -> Self {
        self.on_conflict(unique(columns), Vec::new(), Vec::new())
    }

    /// Rows that are there already, by these unique columns, are updated instead; [`excluded`] is the row that was to be
    /// inserted. Objects that the session knows are kept in step.
    ///
    /// # Errors
    /// When it is sent: `Unsupported` where the database cannot say it.
    pub fn on_conflict_do_update(
        self,
        columns: impl IntoColumns<M>,
        update: impl FnOnce(Upsert<M>) -> Upsert<M>,
    ) -> Self {
        let on = OnConflict { columns: unique(columns), set: Vec::new(), filter: Vec::new() };
        let on = update(Upsert { on, model: PhantomData }).on;
        self.on_conflict(on.columns, on.set, on.filter)
    }

    fn on_conflict(mut self, columns: Vec<&'static str>, set: Vec<(&'static str, Term)>, filter: Vec<Term>) -> Self {
        if let Verb::Insert(_, conflict) = &mut self.write.verb {
            *conflict = Some(OnConflict { columns, set, filter });
        }
        self
    }
}

impl<M: Model> IntoWrite for Insert<M> {
    fn into_write(self) -> crate::error::Result<Write> {
        self.problem.map_or(Ok(self.write), Err)
    }
}

impl<M: Model> Upsert<M> {
    /// The column of the row that is there becomes this: `set(Page::visits, Page::visits + 1)`.
    #[must_use]
    pub fn set<T>(mut self, column: Column<M, T>, value: impl IntoExpr<T>) -> Self {
        self.on.set.push((column.name(), value.into_expr().into()));
        self
    }

    /// Only rows that meet this are updated; the others stay.
    #[must_use]
    pub fn filter(mut self, criterion: impl IntoExpr<bool>) -> Self {
        self.on.filter.push(criterion.into_expr().into());
        self
    }
}

/// The names of columns.
fn unique<M>(columns: impl IntoColumns<M>) -> Vec<&'static str> {
    let mut names = Vec::new();
    columns.names(&mut names);
    names.into_iter().map(|(_, column)| column).collect()
}

macro_rules! with_criteria {
    ($($statement:ident),*) => {$(
        impl<M: Model> $statement<M> {
            /// Only rows that meet the criterion, beside those given before. Without any, all rows.
            pub fn filter(mut self, criterion: impl IntoExpr<bool>) -> Self {
                self.write.filter.push(criterion.into_expr().into());
                self
            }

            /// Only rows whose column has this value.
            pub fn filter_by<T>(self, column: Column<M, T>, value: impl IntoExpr<T>) -> Self {
                self.filter(column.eq(value))
            }
        }
    )*};
}
with_criteria!(Update, DeleteWhere);

macro_rules! with_returning {
    ($($statement:ident),*) => {$(
        impl<M: Model> $statement<M> {
            /// Answers the rows that were written: columns, expressions, or the objects, `returning(User::TABLE)`.
            ///
            /// # Errors
            /// When it is sent: `Unsupported` where the database cannot say it.
            pub fn returning<S: Selectable>(mut self, what: S) -> Returning<S::Row> {
                what.outputs(&mut self.write.returning);
                Returning { write: self.into_write(), row: PhantomData }
            }

            /// The session's objects do not hear of it: they keep what they hold until they are aged and met again.
            ///
            /// Source: `synchronize_session=False`.
            pub fn unsynchronized(mut self) -> Self {
                self.write.synchronized = false;
                self
            }
        }
    )*};
}
with_returning!(Update, DeleteWhere, Insert);

impl<R> IntoWrite for Returning<R> {
    fn into_write(self) -> crate::error::Result<Write> {
        self.write
    }
}
