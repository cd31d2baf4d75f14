//! Arithmetic: `Line::price * Line::quantity + 5`, by Rust's own operators.

use std::ops::{Add, Div, Mul, Sub};

use crate::{
    mapper::Column,
    query::{Expr, Expression, IntoExpr},
    sql::Operator,
    value::{Cell, ColumnType},
};

/// A type that the database calculates with: `Line::price * Line::quantity + 5`.
///
/// Columns and expressions of numbers have the operators `+ - * /`, and the database calculates. Both sides have one
/// type: `.cast::<f64>()` adapts the other one. `/` between integers cuts, as in Rust. Dividing by zero is NULL or an
/// error, as the database has it: `.optional()` takes the NULL. A result that does not fit its type is a `Data` error.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] #[model(table = "lines")] struct Line { #[column(primary_key)] id: i64, price: f64, quantity: i64 }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![Line]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// s.add_all([new!(Line { price: 2.5, quantity: 2 }), new!(Line { price: 1.0, quantity: 7 })]);
/// let total = sum(Line::price * Line::quantity.cast::<f64>());
/// assert_eq!(select(total).scalar(&mut s).await?, Some(12.0));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "the database cannot calculate with `{Self}`",
    note = "numbers are i16, i32, i64, u32, f32, f64 and decimals; `.cast::<f64>()` makes one of another column"
)]
pub trait Number: ColumnType {
    /// The type of a sum: wide enough for many rows.
    type Sum: ColumnType;
}

macro_rules! number {
    ($($type:ty => $sum:ty),*) => {$(
        impl Number for $type {
            type Sum = $sum;
        }
    )*};
}

number!(i16 => i64, u32 => i64, i32 => i64, i64 => i64, f32 => f64, f64 => f64);

// DIALECT: SQLite keeps decimals as text and calculates with them in floating point; `Decimal` says what that costs.
#[cfg(feature = "rust_decimal")]
number!(rust_decimal::Decimal => rust_decimal::Decimal);

macro_rules! arithmetic {
    ($($operator:ident $method:ident),*) => {$(
        impl<M, T: Cell<Inner: Number>, E: IntoExpr<T>> $operator<E> for Column<M, T> {
            type Output = Expr<T>;

            // PARITY: SQLAlchemy's `/` between integers is true division.
            fn $method(self, other: E) -> Expr<T> {
                Expr::new(self.term().binary(Operator::$operator.between(T::TYPE), other.into_expr().into()))
            }
        }

        impl<T: Cell<Inner: Number>, E: IntoExpr<T>> $operator<E> for Expr<T> {
            type Output = Expr<T>;

            fn $method(self, other: E) -> Expr<T> {
                Expr::new(self.term().binary(Operator::$operator.between(T::TYPE), other.into_expr().into()))
            }
        }
    )*};
}

arithmetic!(Add add, Sub sub, Mul mul, Div div);
