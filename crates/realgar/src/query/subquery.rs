//! Selects inside other selects: `exists(…)`, `in_(select(…))`, a value by `scalar_subquery`.

use crate::{
    query::{Expr, IntoExpr, Leaf, Query, Select, Term},
    sql::Operator,
    value::{Cell, Value},
};

/// A select inside an expression.
#[derive(Debug, Clone)]
pub struct Nested {
    /// The select.
    pub query: Query,
    /// What is asked of it.
    pub ask: Ask,
}

/// What is asked of a nested select.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Whether it has a row.
    Exists,
    /// Its one value.
    Value,
    /// Whether this is among its values.
    Among(Term),
}

fn nested<R, T>(select: Select<R>, ask: Ask) -> Expr<T> {
    Expr::new(Term::Leaf(Leaf::Nested(Box::new(Nested { query: *select.into_query(), ask }))))
}

/// Whether the select has a row: `EXISTS (…)`.
///
/// It sees the tables of the query around it: a filter may compare with their columns. A table that the inner select
/// names itself is its own there; an [`alias`](crate::alias()) tells the two apart.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
/// # #[derive(Model)] #[model(table = "bans")] struct Ban { #[column(primary_key)] id: i64, name: String }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User, Ban]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// # s.add_all([new!(User { name: "Ada" }), new!(User { name: "Eve" })]);
/// # s.add(new!(Ban { name: "Eve" }));
/// let banned = exists(Ban::select().filter(Ban::name.eq(User::name)));
/// let welcome = User::select().filter(!banned).one(&mut s).await?;
/// assert_eq!(s[welcome].name, "Ada");
/// # Ok(()) }
/// ```
///
/// Source: `sqlalchemy.exists`. There, a table of the query around it is taken from there; here, from the inner select.
pub fn exists<R>(select: Select<R>) -> Expr<bool> {
    nested(select, Ask::Exists)
}

impl<T: Cell> Select<T> {
    /// The select as a value inside another one; `None` where it has no row. It sees the tables of the query around
    /// it, as [`exists`] does.
    ///
    /// Source: `Select.scalar_subquery`.
    pub fn scalar_subquery(self) -> Expr<Option<T::Inner>> {
        nested(self, Ask::Value)
    }
}

/// What `in_` takes: values and expressions, or a select of one column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of values that a column of type `{T}` can be compared with",
    note = "give an array, a `Vec` or another iterator of the column's type, or a `select(…)` of one column"
)]
pub trait IntoList<T> {
    /// Whether the term is among them.
    fn holds(self, term: Term) -> Expr<bool>;
}

impl<T, I: IntoIterator<Item: IntoExpr<T>>> IntoList<T> for I {
    fn holds(self, term: Term) -> Expr<bool> {
        let mut values = Vec::new();
        let mut any = Vec::new();
        for item in self {
            match item.into_expr().into() {
                Term::Value(Value::Null) => any.push(Term::IsNull(Box::new(term.clone()))),
                Term::Value(value) => values.push(value),
                other => any.push(term.clone().binary(Operator::Eq, other)),
            }
        }
        any.dedup_by(|one, other| matches!((one, other), (Term::IsNull(_), Term::IsNull(_))));
        if !values.is_empty() || any.is_empty() {
            any.push(Term::In(vec![term], values));
        }
        Expr::new(if any.len() == 1 { any.remove(0) } else { Term::Or(any) })
    }
}

impl<T, U> IntoList<T> for Select<U>
where
    Expr<U>: IntoExpr<T>,
{
    fn holds(self, term: Term) -> Expr<bool> {
        nested(self, Ask::Among(term))
    }
}
