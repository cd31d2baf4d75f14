//! SQL functions: `count`, `sum` and their kin; `case`.

use crate::{
    query::{Expr, Expression, IntoExpr, Number, Term},
    value::{Cell, ColumnType, Type},
};

pub(super) fn call<T>(function: &'static str, arguments: Vec<Term>) -> Expr<T> {
    Expr::new(Term::Call { function, distinct: false, arguments, returns: None })
}

/// A function whose value has another type in some databases: it comes back as this one.
fn returning<T>(function: &'static str, of: Term, r#type: Type) -> Expr<T> {
    Expr::new(Term::Call { function, distinct: false, arguments: vec![of], returns: Some(r#type) })
}

/// How many rows have a value here: `count(x)`.
pub fn count(of: impl Expression) -> Expr<i64> {
    call("count", vec![of.term()])
}

/// How many different values there are: `count(DISTINCT x)`.
pub fn count_distinct(of: impl Expression) -> Expr<i64> {
    Expr::new(Term::Call { function: "count", distinct: true, arguments: vec![of.term()], returns: None })
}

/// How many rows: `count(*)`.
///
/// Alone it names no table: `select(count_all()).select_from(User::TABLE)`.
#[must_use]
pub fn count_all() -> Expr<i64> {
    call("count", Vec::new())
}

/// The sum; `None` of no rows. Integers add up to `i64`.
pub fn sum<T: Cell<Inner: Number>, E: Expression<Type = T>>(of: E) -> Expr<Option<<T::Inner as Number>::Sum>> {
    returning("sum", of.term(), <<T::Inner as Number>::Sum as ColumnType>::TYPE)
}

/// The mean; `None` of no rows.
pub fn avg(of: impl Expression) -> Expr<Option<f64>> {
    returning("avg", of.term(), Type::Float64)
}

/// The least value; `None` of no rows.
pub fn min<T: Cell, E: Expression<Type = T>>(of: E) -> Expr<Option<T::Inner>> {
    call("min", vec![of.term()])
}

/// The greatest value; `None` of no rows.
pub fn max<T: Cell, E: Expression<Type = T>>(of: E) -> Expr<Option<T::Inner>> {
    call("max", vec![of.term()])
}

/// `CASE` under way: see [`case`].
#[derive(Debug, Clone)]
#[must_use = "a case ends with `otherwise` or `end`"]
pub struct Case<T> {
    cases: Vec<(Term, Term)>,
    of: std::marker::PhantomData<fn() -> T>,
}

/// One of several values, by the first condition that holds.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, age: i32 }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// s.add(new!(User { age: 12 }));
/// let stage = case::<String>().when(User::age.lt(13), "child").when(User::age.lt(20), "teen").otherwise("adult");
/// assert_eq!(select(stage).one(&mut s).await?, "child");
/// # Ok(()) }
/// ```
///
/// Source: `sqlalchemy.case`.
pub fn case<T>() -> Case<T> {
    Case { cases: Vec::new(), of: std::marker::PhantomData }
}

impl<T> Case<T> {
    /// This value, where the condition holds and none before it does.
    pub fn when(mut self, condition: impl IntoExpr<bool>, value: impl IntoExpr<T>) -> Self {
        self.cases.push((condition.into_expr().into(), value.into_expr().into()));
        self
    }

    /// This value where no condition holds.
    pub fn otherwise(self, value: impl IntoExpr<T>) -> Expr<T> {
        Expr::new(Term::Case(self.cases, Some(Box::new(value.into_expr().into()))))
    }

    /// NULL where no condition holds.
    pub fn end(self) -> Expr<Option<T>> {
        Expr::new(Term::Case(self.cases, None))
    }
}
