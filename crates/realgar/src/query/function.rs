//! SQL functions: `count`, `sum` and their kin.

use crate::{
    query::{Expr, Expression, Term},
    value::Cell,
};

fn call<T>(function: &'static str, arguments: Vec<Term>) -> Expr<T> {
    Expr::new(Term::Call { function, distinct: false, arguments })
}

/// How many rows have a value here: `count(x)`.
pub fn count(of: impl Expression) -> Expr<i64> {
    call("count", vec![of.term()])
}

/// How many rows: `count(*)`.
#[must_use]
pub fn count_all() -> Expr<i64> {
    call("count", Vec::new())
}

/// The sum; `None` of no rows.
pub fn sum<T: Cell>(of: impl Expression<Type = T>) -> Expr<Option<T::Inner>> {
    call("sum", vec![of.term()])
}

/// The mean; `None` of no rows.
pub fn avg(of: impl Expression) -> Expr<Option<f64>> {
    call("avg", vec![of.term()])
}

/// The least value; `None` of no rows.
pub fn min<T: Cell>(of: impl Expression<Type = T>) -> Expr<Option<T::Inner>> {
    call("min", vec![of.term()])
}

/// The greatest value; `None` of no rows.
pub fn max<T: Cell>(of: impl Expression<Type = T>) -> Expr<Option<T::Inner>> {
    call("max", vec![of.term()])
}
