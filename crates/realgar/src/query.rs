//! What users ask for, typed, with loader options; compiled to SQL and to what to do with each column.
//!
//! | file | what |
//! |---|---|
//! | `expression.rs` | typed expressions: operators of columns, and what they can be compared with |
//! | `function.rs` | `count`, `sum` and their kin |
//! | `path.rs` | relationships in queries: `any`, `has`, `contains`, `is` |
//! | `option.rs` | loader options: `User::posts.joined().then(…)` |
//! | `select.rs` | `Select`: filter, join, order, limit |
//! | `row.rs` | what a row of the answer is: handles, values, tuples |
//! | `compile.rs` | select → SQL and the plan for its columns |
//! | `scope.rs` | which tables a statement selects from, under which names |
//! | `eager.rs` | relationships that are loaded with the query |
//! | `secret.rs` | values beside secret columns get a veil |
//! | `plans.rs` | the selects that loading needs again and again, compiled once |
//!
//! The shell is typed, the core is not: a `Select<R>` is a `Query`, which is data. Nothing here sends anything.

mod compile;
mod eager;
mod expression;
mod function;
mod option;
mod path;
mod plans;
mod row;
mod scope;
mod secret;
mod select;

pub use compile::{Compiled, Later, Node, Out, compile, compile_count};
pub use expression::{Expr, Expression, IntoExpr, IntoOrder, Leaf, Order, RelatedTest, Term, Test, TextExpression};
pub use function::{avg, count, count_all, max, min, sum};
pub use option::{IntoLoad, Load, LoadOption};
pub use plans::{Plans, columns_by_key};
pub use row::{FromRow, Taken};
pub use select::{Along, IntoJoin, JoinStep, Output, Query, Select, SelectModel, Selectable, entity, select};
