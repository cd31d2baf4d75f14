//! Operators of text: LIKE in its forms, `concat`, `lower`, `upper`, `length`.

use crate::{
    mapper::Column,
    query::{Expr, Expression, IntoExpr, Nullable, Term, function::call},
    sql::Operator,
    value::Value,
};

/// The operators of text. `contains`, `starts_with` and `ends_with` take the text as it is: a `%` in it is a `%`.
pub trait TextExpression: Expression<Type: Nullable> {
    /// `LIKE`: `%` stands for any text, `_` for one character. SQLite ignores the case of ASCII letters.
    fn like(self, pattern: impl IntoExpr<Self::Type>) -> Expr<bool> {
        like(self.term(), pattern.into_expr().into(), false)
    }

    /// `NOT LIKE`; NULL is neither like nor unlike.
    fn not_like(self, pattern: impl IntoExpr<Self::Type>) -> Expr<bool> {
        !self.like(pattern)
    }

    /// `LIKE` between both in lower case. What lower case is, the database says: SQLite knows that of ASCII letters.
    ///
    /// Source: `ColumnOperators.ilike`, as for databases without ILIKE.
    fn ilike(self, pattern: impl IntoExpr<Self::Type>) -> Expr<bool> {
        like(lower(self.term()), lower(pattern.into_expr().into()), false)
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

    /// This text and the other behind it; NULL where one of them is.
    fn concat(self, other: impl IntoExpr<Self::Type>) -> Expr<Self::Type> {
        Expr::new(self.term().binary(Operator::Concat, other.into_expr().into()))
    }

    /// In lower case, as the database understands it: SQLite changes ASCII letters only.
    fn lower(self) -> Expr<Self::Type> {
        call("lower", vec![self.term()])
    }

    /// In upper case, as the database understands it: SQLite changes ASCII letters only.
    fn upper(self) -> Expr<Self::Type> {
        call("upper", vec![self.term()])
    }

    /// How many characters.
    fn length(self) -> Expr<<Self::Type as Nullable>::Of<i64>> {
        call("length", vec![self.term()])
    }
}

impl<M> TextExpression for Column<M, String> {}
impl<M> TextExpression for Column<M, Option<String>> {}
impl TextExpression for Expr<String> {}
impl TextExpression for Expr<Option<String>> {}

fn like(text: Term, pattern: Term, escape: bool) -> Expr<bool> {
    Expr::new(Term::Like { text: Box::new(text), pattern: Box::new(pattern), escape })
}

fn lower(term: Term) -> Term {
    call::<String>("lower", vec![term]).into()
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
