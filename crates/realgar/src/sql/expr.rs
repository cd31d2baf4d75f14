//! Expressions, generic over their leaves: `query` fills in columns of models and relationship tests, and lowers them
//! to columns of tables with [`Expr::lower`] once it is known what the statement selects from.

use std::borrow::Cow;

use crate::{
    error::Result,
    sql::Select,
    value::{Type, Value},
};

/// A table's, alias's or column's name.
pub type Name = Cow<'static, str>;

/// A column of a table or alias in the FROM clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    /// The table's name or alias.
    pub table: Name,
    /// The column.
    pub column: Name,
}

/// An expression.
#[derive(Debug, Clone)]
pub enum Expr<L = ColumnRef> {
    /// A column, or what stands for one before it is lowered.
    Leaf(L),
    /// A value; it is bound, never written.
    Value(Value<'static>),
    /// A place for a value that is bound later: statements that are rendered once and used again.
    Param,
    /// `a = b` and its kin.
    Binary(Box<(Expr<L>, Operator, Expr<L>)>),
    /// All of them; none is true.
    And(Vec<Expr<L>>),
    /// One of them; none is false.
    Or(Vec<Expr<L>>),
    /// Not.
    Not(Box<Expr<L>>),
    /// `a IS NULL`
    IsNull(Box<Expr<L>>),
    /// `a IN (…)`, or `(a, b) IN (…)` with the list flattened row by row.
    In(Vec<Expr<L>>, Vec<Value<'static>>),
    /// `a IN (…)` with a list that is bound later; the types of the columns.
    InParam(Vec<Expr<L>>, Vec<Type>),
    /// `a IN (SELECT …)`, or `(a, b) IN (SELECT …)`
    InSelect(Vec<Expr<L>>, Box<Select>),
    /// `a LIKE b`, with a backslash as the escape character where asked for.
    Like {
        /// What is searched.
        text: Box<Expr<L>>,
        /// The pattern.
        pattern: Box<Expr<L>>,
        /// Whether a backslash escapes `%` and `_` in the pattern.
        escape: bool,
    },
    /// A function call.
    Call {
        /// The function.
        function: &'static str,
        /// `DISTINCT` before the arguments.
        distinct: bool,
        /// The arguments; none is rendered as `*`.
        arguments: Vec<Expr<L>>,
        /// The type of its value, where databases differ about it.
        returns: Option<Type>,
    },
    /// `CAST(a AS …)`
    Cast(Box<Expr<L>>, Type),
    /// `CASE WHEN a THEN b … ELSE c END`; without a condition, what stands behind ELSE, or NULL.
    Case(Vec<(Expr<L>, Expr<L>)>, Option<Box<Expr<L>>>),
    /// `EXISTS (…)`
    Exists(Box<Select>),
    /// `(SELECT …)`: the one value that it answers.
    Subquery(Box<Select>),
}

/// Operators between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `/` between integers, which cuts.
    Quotient,
    /// `||`: one text behind the other.
    Concat,
}

impl Operator {
    /// The operator's spelling.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Operator::Eq => "=",
            Operator::Ne => "<>",
            Operator::Lt => "<",
            Operator::Le => "<=",
            Operator::Gt => ">",
            Operator::Ge => ">=",
            Operator::Add => "+",
            Operator::Sub => "-",
            Operator::Mul => "*",
            Operator::Div | Operator::Quotient => "/",
            Operator::Concat => "||",
        }
    }
}

impl Operator {
    /// The operator between values of this type.
    #[must_use]
    pub fn between(self, r#type: Type) -> Operator {
        if self == Operator::Div && r#type.is_integer() { Operator::Quotient } else { self }
    }
}

impl Expr {
    /// The column of a table or alias.
    pub fn column(table: impl Into<Name>, column: impl Into<Name>) -> Expr {
        Expr::Leaf(ColumnRef { table: table.into(), column: column.into() })
    }
}

impl<L> Expr<L> {
    /// `self op other`
    #[must_use]
    pub fn binary(self, operator: Operator, other: Expr<L>) -> Expr<L> {
        Expr::Binary(Box::new((self, operator, other)))
    }

    /// Both, in one flat list.
    #[must_use]
    pub fn and(self, other: Expr<L>) -> Expr<L> {
        match (self, other) {
            (Expr::And(mut all), Expr::And(others)) => {
                all.extend(others);
                Expr::And(all)
            }
            (Expr::And(mut all), other) => {
                all.push(other);
                Expr::And(all)
            }
            (first, Expr::And(mut all)) => {
                all.insert(0, first);
                Expr::And(all)
            }
            (first, other) => Expr::And(vec![first, other]),
        }
    }

    /// The same expression over other leaves.
    pub fn lower<T>(self, leaf: &mut impl FnMut(L) -> Result<Expr<T>>) -> Result<Expr<T>> {
        let mut each = |all: Vec<Expr<L>>| all.into_iter().map(|expr| expr.lower(leaf)).collect::<Result<Vec<_>>>();
        Ok(match self {
            Expr::And(all) => Expr::And(each(all)?),
            Expr::Or(all) => Expr::Or(each(all)?),
            Expr::In(left, list) => Expr::In(each(left)?, list),
            Expr::InParam(left, types) => Expr::InParam(each(left)?, types),
            Expr::InSelect(left, select) => Expr::InSelect(each(left)?, select),
            Expr::Call { function, distinct, arguments, returns } => {
                Expr::Call { function, distinct, arguments: each(arguments)?, returns }
            }
            Expr::Leaf(found) => leaf(found)?,
            Expr::Binary(binary) => {
                let (left, operator, right) = *binary;
                left.lower(leaf)?.binary(operator, right.lower(leaf)?)
            }
            Expr::Not(inner) => Expr::Not(Box::new(inner.lower(leaf)?)),
            Expr::IsNull(inner) => Expr::IsNull(Box::new(inner.lower(leaf)?)),
            Expr::Like { text, pattern, escape } => {
                Expr::Like { text: Box::new(text.lower(leaf)?), pattern: Box::new(pattern.lower(leaf)?), escape }
            }
            Expr::Cast(inner, to) => Expr::Cast(Box::new(inner.lower(leaf)?), to),
            Expr::Case(cases, otherwise) => Expr::Case(
                cases
                    .into_iter()
                    .map(|(when, then)| Ok((when.lower(leaf)?, then.lower(leaf)?)))
                    .collect::<Result<_>>()?,
                otherwise.map(|otherwise| otherwise.lower(leaf).map(Box::new)).transpose()?,
            ),
            Expr::Value(value) => Expr::Value(value),
            Expr::Param => Expr::Param,
            Expr::Exists(select) => Expr::Exists(select),
            Expr::Subquery(select) => Expr::Subquery(select),
        })
    }
}
