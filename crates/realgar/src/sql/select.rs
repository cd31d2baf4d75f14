//! SELECT as data.

use crate::sql::{Expr, Name};

/// A SELECT statement.
#[derive(Debug, Clone, Default)]
pub struct Select {
    /// `DISTINCT`
    pub distinct: bool,
    /// What is selected; none is rendered as `1`, for EXISTS.
    pub columns: Vec<Expr>,
    /// The names of the columns, where it is a subquery; else none.
    pub names: Vec<Name>,
    /// What it is selected from.
    pub from: Vec<Source>,
    /// Joins, in order.
    pub joins: Vec<Join>,
    /// WHERE; all of them.
    pub filter: Vec<Expr>,
    /// GROUP BY
    pub group_by: Vec<Expr>,
    /// HAVING; all of them.
    pub having: Vec<Expr>,
    /// ORDER BY
    pub order_by: Vec<Order>,
    /// LIMIT
    pub limit: Option<u64>,
    /// OFFSET
    pub offset: Option<u64>,
    /// `FOR UPDATE`
    pub lock: Option<Lock>,
}

/// A lock on the rows that a SELECT answers, until the transaction ends.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    /// Others may read the rows, and lock them for reading, too.
    pub read: bool,
    /// What is done about rows that others have locked.
    pub wait: Patience,
    /// Only rows of these tables or aliases; none: of all.
    pub of: Vec<Name>,
}

/// What is done about rows that others have locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patience {
    /// They are waited for.
    #[default]
    Endless,
    /// An error.
    None,
    /// They are left out.
    SkipLocked,
}

/// A table or subquery, perhaps under another name.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where the rows come from.
    pub from: From,
    /// `AS`
    pub alias: Option<Name>,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub enum From {
    /// A table.
    Table(Name),
    /// A subquery.
    Select(Box<Select>),
    /// The rows of several selects, taken together.
    Compound(Box<Select>, Vec<(SetOperator, Select)>),
}

/// How the rows of two selects are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Those of both, equal ones once.
    Union,
    /// Those of both.
    UnionAll,
    /// Those that are in both.
    Intersect,
    /// Those of the first that are not in the second.
    Except,
}

impl SetOperator {
    /// The operator's spelling.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            SetOperator::Union => "UNION",
            SetOperator::UnionAll => "UNION ALL",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except => "EXCEPT",
        }
    }
}

/// A join.
#[derive(Debug, Clone)]
pub struct Join {
    /// `LEFT OUTER JOIN` instead of `JOIN`.
    pub outer: bool,
    /// What is joined.
    pub source: Source,
    /// `ON`
    pub on: Expr,
}

/// One term of ORDER BY.
#[derive(Debug, Clone)]
pub struct Order<E = Expr> {
    /// What is compared.
    pub by: E,
    /// `DESC`
    pub descending: bool,
}

impl Source {
    /// A table under its own name.
    pub fn table(name: impl Into<Name>) -> Source {
        Source { from: From::Table(name.into()), alias: None }
    }

    /// The same source under this name; a table's own name is no alias.
    #[must_use]
    pub fn named(mut self, alias: impl Into<Name>) -> Source {
        let alias = alias.into();
        let own = matches!(&self.from, From::Table(name) if *name == alias);
        self.alias = (!own).then_some(alias);
        self
    }
}
