//! Typed expressions: `User::age.gt(18) & User::name.like("A%")`. Every value in them is bound.

use std::{
    marker::PhantomData,
    ops::{BitAnd, BitOr, Not},
};

use crate::{
    mapper::{AnyHandle, Column, TableDesc},
    sql::{self, Operator},
    value::{ColumnType, Value},
};

/// An expression without its type, over the leaves that a query knows.
pub type Term = sql::Expr<Leaf>;

/// What stands at the leaves of a query's expressions until it is known what the statement selects from.
#[derive(Debug, Clone)]
pub enum Leaf {
    /// A column of a model or association table.
    Column {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A test along a relationship.
    Related(Box<RelatedTest>),
}

/// A test along a relationship.
#[derive(Debug, Clone)]
pub struct RelatedTest {
    /// The table whose relationship it is.
    pub owner: &'static TableDesc,
    /// The relationship's name.
    pub relationship: &'static str,
    /// The test.
    pub test: Test,
}

/// What is tested.
#[derive(Debug, Clone)]
pub enum Test {
    /// There is one that meets the criterion.
    Any(Term),
    /// This object is among them, or is the one.
    Contains(AnyHandle),
    /// There is nobody.
    Nobody,
    /// The target itself is at the end of this object's relationship.
    Of(AnyHandle),
}

/// An expression of type `T`.
#[derive(Debug, Clone)]
pub struct Expr<T> {
    term: Term,
    of: PhantomData<fn() -> T>,
}

impl<T> Expr<T> {
    pub(crate) fn new(term: Term) -> Expr<T> {
        Expr { term, of: PhantomData }
    }
}

/// A term of ORDER BY: `User::name.desc()`.
pub type Order = sql::Order<Term>;

/// What can stand beside an expression of type `T`: a value, a column, another expression.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with a column of type `{T}`",
    note = "compare with a value of the column's own type (text also `&str`; floats as `10.0`), a column or an expression"
)]
pub trait IntoExpr<T> {
    /// The expression.
    fn into_expr(self) -> Expr<T>;
}

fn value<T, V: ColumnType>(value: &V) -> Expr<T> {
    Expr::new(Term::Value(value.to_value().into_owned()))
}

fn column<T, M, C>(column: Column<M, C>) -> Expr<T> {
    Expr::new(Term::Leaf(Leaf::Column { table: column.table(), column: column.name() }))
}

impl<T: ColumnType> IntoExpr<T> for T {
    fn into_expr(self) -> Expr<T> {
        value(&self)
    }
}
impl<T: ColumnType> IntoExpr<Option<T>> for T {
    fn into_expr(self) -> Expr<Option<T>> {
        value(&self)
    }
}
impl<T: ColumnType> IntoExpr<Option<T>> for Option<T> {
    fn into_expr(self) -> Expr<Option<T>> {
        self.map_or(Expr::new(Term::Value(Value::Null)), |inner| value(&inner))
    }
}
impl<T: ColumnType> IntoExpr<T> for &T {
    fn into_expr(self) -> Expr<T> {
        value(self)
    }
}
impl<T: ColumnType> IntoExpr<Option<T>> for &T {
    fn into_expr(self) -> Expr<Option<T>> {
        value(self)
    }
}
impl IntoExpr<String> for &str {
    fn into_expr(self) -> Expr<String> {
        value(&self.to_owned())
    }
}
impl IntoExpr<Option<String>> for &str {
    fn into_expr(self) -> Expr<Option<String>> {
        value(&self.to_owned())
    }
}
impl IntoExpr<Vec<u8>> for &[u8] {
    fn into_expr(self) -> Expr<Vec<u8>> {
        value(&self.to_vec())
    }
}
impl<M, T> IntoExpr<T> for Column<M, T> {
    fn into_expr(self) -> Expr<T> {
        column(self)
    }
}
impl<M, T> IntoExpr<Option<T>> for Column<M, T> {
    fn into_expr(self) -> Expr<Option<T>> {
        column(self)
    }
}
impl<M, T> IntoExpr<T> for Column<M, Option<T>> {
    fn into_expr(self) -> Expr<T> {
        column(self)
    }
}
impl<T> IntoExpr<T> for Expr<T> {
    fn into_expr(self) -> Expr<T> {
        self
    }
}
impl<T> IntoExpr<Option<T>> for Expr<T> {
    fn into_expr(self) -> Expr<Option<T>> {
        Expr::new(self.term)
    }
}
impl<T> IntoExpr<T> for Expr<Option<T>> {
    fn into_expr(self) -> Expr<T> {
        Expr::new(self.term)
    }
}

impl<T> From<Expr<T>> for Term {
    fn from(expr: Expr<T>) -> Term {
        expr.term
    }
}

/// The operators of columns and expressions.
///
/// A comparison with NULL is what SQL says: neither true nor false. `eq` and `ne` with `None` ask `IS NULL`.
///
/// Source: `sqlalchemy.sql.operators.ColumnOperators`.
#[allow(clippy::wrong_self_convention)] // columns and expressions are taken by value, whatever the operator's name
pub trait Expression: Sized {
    /// The Rust type of its values.
    type Type;

    /// The expression without its type.
    fn term(self) -> Term;

    /// `=`, or `IS NULL` for `None`.
    fn eq(self, other: impl IntoExpr<Self::Type>) -> Expr<bool> {
        match other.into_expr().term {
            Term::Value(Value::Null) => self.is_null(),
            other => Expr::new(self.term().binary(Operator::Eq, other)),
        }
    }

    /// `<>`, or `IS NOT NULL` for `None`.
    fn ne(self, other: impl IntoExpr<Self::Type>) -> Expr<bool> {
        match other.into_expr().term {
            Term::Value(Value::Null) => self.is_not_null(),
            other => Expr::new(self.term().binary(Operator::Ne, other)),
        }
    }

    /// `<`
    fn lt(self, other: impl IntoExpr<Self::Type>) -> Expr<bool> {
        Expr::new(self.term().binary(Operator::Lt, other.into_expr().term))
    }

    /// `<=`
    fn le(self, other: impl IntoExpr<Self::Type>) -> Expr<bool> {
        Expr::new(self.term().binary(Operator::Le, other.into_expr().term))
    }

    /// `>`
    fn gt(self, other: impl IntoExpr<Self::Type>) -> Expr<bool> {
        Expr::new(self.term().binary(Operator::Gt, other.into_expr().term))
    }

    /// `>=`
    fn ge(self, other: impl IntoExpr<Self::Type>) -> Expr<bool> {
        Expr::new(self.term().binary(Operator::Ge, other.into_expr().term))
    }

    /// Both bounds included.
    fn between(self, low: impl IntoExpr<Self::Type>, high: impl IntoExpr<Self::Type>) -> Expr<bool> {
        let term = self.term();
        let low = term.clone().binary(Operator::Ge, low.into_expr().term);
        Expr::new(low.and(term.binary(Operator::Le, high.into_expr().term)))
    }

    /// Equal to one of these values. The list may be empty (nothing matches) or as long as memory allows: it is one
    /// parameter.
    fn in_<I: IntoIterator>(self, list: I) -> Expr<bool>
    where
        I::Item: IntoExpr<Self::Type>,
    {
        let mut values = Vec::new();
        let mut others = Vec::new();
        for item in list {
            match item.into_expr().term {
                Term::Value(value) => values.push(value),
                other => others.push(other),
            }
        }
        let term = self.term();
        let mut any: Vec<Term> = others.into_iter().map(|other| term.clone().binary(Operator::Eq, other)).collect();
        any.push(Term::In(vec![term], values));
        Expr::new(if any.len() == 1 { any.remove(0) } else { Term::Or(any) })
    }

    /// Equal to none of these values.
    fn not_in<I: IntoIterator>(self, list: I) -> Expr<bool>
    where
        I::Item: IntoExpr<Self::Type>,
    {
        !self.in_(list)
    }

    /// `IS NULL`
    fn is_null(self) -> Expr<bool> {
        Expr::new(Term::IsNull(Box::new(self.term())))
    }

    /// `IS NOT NULL`
    fn is_not_null(self) -> Expr<bool> {
        !self.is_null()
    }

    /// Ascending, for `order_by`.
    fn asc(self) -> Order {
        Order { by: self.term(), descending: false }
    }

    /// Descending, for `order_by`.
    fn desc(self) -> Order {
        Order { by: self.term(), descending: true }
    }
}

impl<M, T> Expression for Column<M, T> {
    type Type = T;

    fn term(self) -> Term {
        column::<T, _, _>(self).term
    }
}

impl<T> Expression for Expr<T> {
    type Type = T;

    fn term(self) -> Term {
        self.term
    }
}

/// The operators of text. `contains`, `starts_with` and `ends_with` take the text as it is: a `%` in it is a `%`.
pub trait TextExpression: Expression {
    /// `LIKE`: `%` stands for any text, `_` for one character. SQLite ignores the case of ASCII letters.
    fn like(self, pattern: impl IntoExpr<Self::Type>) -> Expr<bool> {
        like(self.term(), pattern.into_expr().term, false)
    }

    /// Has this text in it.
    fn contains(self, text: &str) -> Expr<bool> {
        like(self.term(), pattern("%", text, "%"), true)
    }

    /// Begins with this text.
    fn starts_with(self, text: &str) -> Expr<bool> {
        like(self.term(), pattern("", text, "%"), true)
    }

    /// Ends with this text.
    fn ends_with(self, text: &str) -> Expr<bool> {
        like(self.term(), pattern("%", text, ""), true)
    }
}

impl<M> TextExpression for Column<M, String> {}
impl<M> TextExpression for Column<M, Option<String>> {}
impl TextExpression for Expr<String> {}
impl TextExpression for Expr<Option<String>> {}

fn like(text: Term, pattern: Term, escape: bool) -> Expr<bool> {
    Expr::new(Term::Like { text: Box::new(text), pattern: Box::new(pattern), escape })
}

fn pattern(before: &str, text: &str, after: &str) -> Term {
    let mut escaped = String::from(before);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped.push_str(after);
    Term::Value(Value::Text(escaped.into()))
}

impl<E: IntoExpr<bool>> BitAnd<E> for Expr<bool> {
    type Output = Expr<bool>;

    fn bitand(self, other: E) -> Expr<bool> {
        Expr::new(self.term.and(other.into_expr().term))
    }
}

impl<E: IntoExpr<bool>> BitOr<E> for Expr<bool> {
    type Output = Expr<bool>;

    fn bitor(self, other: E) -> Expr<bool> {
        Expr::new(match self.term {
            Term::Or(mut all) => {
                all.push(other.into_expr().term);
                Term::Or(all)
            }
            first => Term::Or(vec![first, other.into_expr().term]),
        })
    }
}

impl Not for Expr<bool> {
    type Output = Expr<bool>;

    fn not(self) -> Expr<bool> {
        Expr::new(Term::Not(Box::new(self.term)))
    }
}

impl<M> Not for Column<M, bool> {
    type Output = Expr<bool>;

    fn not(self) -> Expr<bool> {
        !column::<bool, _, _>(self)
    }
}

/// What `order_by` takes: columns, expressions, `.asc()`, `.desc()`, and tuples of them.
pub trait IntoOrder {
    /// Adds the terms, in order.
    fn into_order(self, to: &mut Vec<Order>);
}

impl IntoOrder for Order {
    fn into_order(self, to: &mut Vec<Order>) {
        to.push(self);
    }
}

impl<E: Expression> IntoOrder for E {
    fn into_order(self, to: &mut Vec<Order>) {
        to.push(self.asc());
    }
}

macro_rules! tuple_order {
    ($($name:ident),*) => {
        impl<$($name: IntoOrder),*> IntoOrder for ($($name,)*) {
            #[allow(non_snake_case)]
            fn into_order(self, to: &mut Vec<Order>) {
                let ($($name,)*) = self;
                $($name.into_order(to);)*
            }
        }
    };
}
tuple_order!(A, B);
tuple_order!(A, B, C);
tuple_order!(A, B, C, D);
