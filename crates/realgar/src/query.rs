//! What users ask for, typed, with loader options; compiled to SQL and to what to do with each column.
//!
//! | file | what |
//! |---|---|
//! | `expression.rs` | typed expressions: operators of columns, and what they can be compared with |
//! | `text.rs` | operators of text: LIKE in its forms, `concat`, `lower` |
//! | `arithmetic.rs` | `+ - * /` |
//! | `function.rs` | `count`, `sum` and their kin; `case` |
//! | `order.rs` | what `order_by` and `group_by` take |
//! | `alias.rs` | a table in a further role of the same query |
//! | `path.rs` | relationships in queries, from and to aliases: `any`, `has`, `contains`, `is` |
//! | `subquery.rs` | selects inside expressions: `exists`, `in_(select(…))`, `scalar_subquery` |
//! | `dynamic.rs` | models and columns by name |
//! | `option.rs` | loader options: `User::posts.joined().then(…)` |
//! | `select.rs` | `Select`: filter, join, order, limit |
//! | `raw.rs` | SQL in the user's own words |
//! | `output.rs` | what can be selected |
//! | `row.rs` | what a row of the answer is: handles, values, tuples |
//! | `compile.rs` | select → SQL and the plan for its columns |
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
mod compile;
mod derived;
mod dynamic;
mod eager;
mod expression;
mod function;
mod joins;
mod option;
mod order;
mod output;
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

pub use alias::{Alias, AliasId, IntoTable, Seen, alias};
pub use arithmetic::Number;
pub use compile::{Cells, Compiled, Later, Node, Out, compile};
pub use derived::{compile_count, compile_exists};
pub use dynamic::{AnyColumn, any_related};
pub use expression::{Expr, Expression, IntoExpr, Leaf, Nullable, RelatedTest, Term, Test};
pub use function::{Case, avg, case, count, count_all, count_distinct, max, min, sum};
pub use option::{IntoLoad, Load, LoadOption};
pub use order::{IntoGroup, IntoOrder, Order};
pub use output::{OptionalOf, Output, Selectable, entity};
pub use path::Path;
pub use plans::{Plans, columns_by_key};
pub use raw::{IntoParam, RawPlan, RawRow, Sql, sql};
pub use row::{FromRow, Taken};
pub use select::{Along, IntoJoin, JoinStep, Query, Select, SelectModel, select};
pub use subquery::{Ask, IntoList, Nested, exists};
pub use text::TextExpression;
