//! What users ask for, typed, with loader options; compiled to SQL and to what to do with each column.
//!
//! | file | what |
//! |---|---|
//! | `expression.rs` | typed expressions: operators of columns, and what they can be compared with |
//! | `text.rs` | operators of text: LIKE in its forms, `concat`, `lower` |
//! | `arithmetic.rs` | `+ - * /` |
//! | `function.rs` | `count`, `sum` and their kin; `case` |
//! | `compound.rs` | rows of several selects: `union`, `intersect`, `except` |
//! | `lock.rs` | row locks |
//! | `paging.rs` | a query from a row on: streaming reads page by key |
//! | `order.rs` | what `order_by` and `group_by` take |
//! | `attributes.rs` | lists of columns and relationships: `refresh_with` |
//! | `columns.rs` | lists of columns: `load_only`, `undefer` |
//! | `branch.rs` | what a query says about what it loads: along a relationship, and everywhere |
//! | `filtered.rs` | a relationship with a criterion: `User::posts.and(…)` |
//! | `alias.rs` | a table in a further role of the same query |
//! | `path.rs` | relationships in queries, from and to aliases: `any`, `has`, `contains`, `is` |
//! | `subquery.rs` | selects inside expressions: `exists`, `in_(select(…))`, `scalar_subquery` |
//! | `dynamic.rs` | models and columns by name |
//! | `option.rs` | loader options: `User::posts.joined().then(…)` |
//! | `select.rs` | `Select`: filter, join, order, limit |
//! | `write.rs` | statements that write: update, delete, insert, upsert |
//! | `written.rs` | … compiled to SQL |
//! | `raw.rs` | SQL in the user's own words |
//! | `output.rs` | what can be selected |
//! | `row.rs` | what a row of the answer is: handles, values, tuples |
//! | `compile.rs` | select → SQL and the plan for its columns |
//! | `cache.rs` | queries that were compiled before |
//! | `derived.rs` | what else is made of a query: its count, whether it has rows, a nested select |
//! | `roots.rs` | where a query's FROM begins |
//! | `scope.rs` | which tables a statement selects from, under which names |
//! | `joins.rs` | joins, along relationships and by foreign keys; what to write where there is no way |
//! | `eager.rs` | relationships that are loaded with the query |
//! | `secret.rs` | values beside secret columns get a veil |
//! | `plans.rs` | the selects that loading needs again and again, compiled once |
//!
//! The shell is typed, the core is not: a `Select<R>` is a `Query`, which is data. Nothing here sends anything.

mod alias;
mod arithmetic;
mod attributes;
mod branch;
mod cache;
mod columns;
mod compile;
mod compound;
mod derived;
mod dynamic;
mod eager;
mod expression;
mod filtered;
mod function;
mod joins;
mod lock;
mod option;
mod order;
mod output;
mod paging;
mod path;
mod plans;
mod raw;
mod roots;
mod row;
mod scope;
mod secret;
mod select;
mod subquery;
mod text;
mod write;
mod written;

pub use alias::{Alias, AliasId, IntoTable, Seen, alias};
pub use arithmetic::Number;
pub use attributes::{AttributeName, IntoAttributes};
pub use branch::{Branch, Everywhere, LoaderCriterion};
pub use cache::{CompiledCache, Filled};
pub use columns::IntoColumns;
pub use compile::{Cells, Compiled, Later, Node, Out, compile};
pub use compound::Compound;
pub use derived::{compile_count, compile_exists};
pub use dynamic::{AnyColumn, any_related};
pub use expression::{Expr, Expression, IntoExpr, Leaf, Nullable, RelatedTest, Term, Test};
pub use filtered::Filtered;
pub use function::{Case, avg, case, count, count_all, count_distinct, max, min, sum};
pub use lock::Lock;
pub use option::{IntoLoad, Load, LoadOption};
pub use order::{IntoGroup, IntoOrder, Order};
pub use output::{OptionalOf, Output, Selectable, entity};
pub use paging::{Paging, key_terms};
pub use path::{Path, with_parent};
pub use plans::{Plans, columns_by_key};
pub use raw::{IntoParam, RawPlan, RawRow, Sql, sql};
pub use row::{FromRow, Met, Taken};
pub use select::{Along, IntoJoin, JoinStep, Query, Select, SelectModel, select};
pub use subquery::{Ask, IntoList, Nested, exists};
pub use text::TextExpression;
pub use write::{
    DeleteWhere, Insert, IntoWrite, OnConflict, Returning, Update, Upsert, Verb, Write, WriteModel, excluded,
};
pub use written::{Around, compile_value, compile_write};
