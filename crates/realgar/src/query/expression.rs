//! Typed expressions: `User::age.gt(18) & User::name.like("A%")`. Every value in them is bound.

use std::{
    marker::PhantomData,
    ops::{BitAnd, BitOr, Not},
};

use crate::{
    mapper::{AnyHandle, Column},
    query::{AliasId, IntoList, Nested, Order, Seen, function::call},
    sql::{self, Operator},
    value::{Cell, ColumnType, Value},
};

/// An expression without its type, over the leaves that a query knows.
pub type Term = sql::Expr<Leaf>;

/// What stands at the leaves of a query's expressions until it is known what the statement selects from.
#[derive(Debug, Clone)]
pub enum Leaf {
    /// A column of a model or association table.
    Column {
        /// The table, or an alias of it.
        table: Seen,
        /// The column.
        column: &'static str,
    },
    /// A test along a relationship.
    Related(Box<RelatedTest>),
    /// A select inside this one.
    Nested(Box<Nested>),
}

/// A test along a relationship.
#[derive(Debug, Clone)]
pub struct RelatedTest {
    /// The table whose relationship it is, or an alias of it.
    pub owner: Seen,
    /// The relationship's name.
    pub relationship: &'static str,
    /// The alias at its end.
    pub to: Option<AliasId>,
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
    /// It is another one than this object, or nobody.
    Other(AnyHandle),
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

/// What can stand beside an expression of type `T`: a value, a column, another expression.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with a column of type `{T}`",
    note = "compare with a value of the column's own type (text also `&str`; floats as `10.0`), a column or an expression",
    note = "a criterion is a comparison, `User::name.eq(\"Ada\")`, or a column of type `bool`"
)]
pub trait IntoExpr<T> {
    /// The expression.
    fn into_expr(self) -> Expr<T>;
}

fn value<T, V: ColumnType>(value: &V) -> Expr<T> {
    Expr::new(Term::Value(value.to_value().into_owned()))
}

fn column<T, M, C>(column: Column<M, C>) -> Expr<T> {
    Expr::new(Term::Leaf(Leaf::Column { table: column.table().into(), column: column.name() }))
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column or expression",
    note = "expressions are columns (`User::name`), columns of an alias (`boss.col(User::name)`), and what is made of them"
)]
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

    /// Equal to one of these values, or to one that a select answers: `in_([1, 2])`, `in_(select(Ban::user_id))`.
    ///
    /// The list may be empty (nothing matches) or as long as memory allows: it is one parameter. A `None` in it
    /// matches NULL.
    fn in_(self, list: impl IntoList<Self::Type>) -> Expr<bool> {
        // PARITY: a None in SQLAlchemy's list matches nothing, and makes `not_in` match nothing at all.
        list.holds(self.term())
    }

    /// Equal to none of these values. NULL is neither equal nor unequal, unless a `None` in the list asks for it; a
    /// select that answers a NULL leaves nothing.
    fn not_in(self, list: impl IntoList<Self::Type>) -> Expr<bool> {
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

    /// The same where an outer join may have found nobody: `None` for NULL.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, name: String, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// s.add(new!(User { name: "Ada" }));
    /// let rows: Vec<(String, Option<String>)> =
    ///     select((User::name, Post::title.optional())).outer_join(User::posts).all(&mut s).await?;
    /// assert_eq!(rows, [("Ada".to_owned(), None)]);
    /// # Ok(()) }
    /// ```
    fn optional(self) -> Expr<Option<<Self::Type as Cell>::Inner>>
    where
        Self::Type: Cell,
    {
        Expr::new(self.term())
    }

    /// This, or the other value where this is NULL.
    fn coalesce(self, other: impl IntoExpr<<Self::Type as Cell>::Inner>) -> Expr<<Self::Type as Cell>::Inner>
    where
        Self::Type: Cell,
    {
        call("coalesce", vec![self.term(), other.into_expr().term])
    }

    /// The same as another type: `Line::quantity.cast::<f64>()`. What does not fit becomes what the database makes
    /// of it: SQLite's text `"abc"` is the integer 0, other databases refuse.
    ///
    /// Source: `sqlalchemy.cast`.
    fn cast<T: ColumnType>(self) -> Expr<<Self::Type as Nullable>::Of<T>>
    where
        Self::Type: Nullable,
    {
        Expr::new(Term::Cast(Box::new(self.term()), T::TYPE))
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

/// What an expression's type says about NULL: `Option` or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a column",
    note = "an expression's type is that of a column, or `Option` of one"
)]
pub trait Nullable {
    /// Another type that takes NULL where this one does.
    type Of<T>;
}
impl<T: ColumnType> Nullable for T {
    type Of<U> = U;
}
impl<T: ColumnType> Nullable for Option<T> {
    type Of<U> = Option<U>;
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
        Expr::new(match (self.term, other.into_expr().term) {
            (Term::Or(mut all), Term::Or(others)) => {
                all.extend(others);
                Term::Or(all)
            }
            (Term::Or(mut all), other) => {
                all.push(other);
                Term::Or(all)
            }
            (first, Term::Or(mut all)) => {
                all.insert(0, first);
                Term::Or(all)
            }
            (first, other) => Term::Or(vec![first, other]),
        })
    }
}

impl<M, E: IntoExpr<bool>> BitAnd<E> for Column<M, bool> {
    type Output = Expr<bool>;

    fn bitand(self, other: E) -> Expr<bool> {
        column::<bool, _, _>(self) & other
    }
}

impl<M, E: IntoExpr<bool>> BitOr<E> for Column<M, bool> {
    type Output = Expr<bool>;

    fn bitor(self, other: E) -> Expr<bool> {
        column::<bool, _, _>(self) | other
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
