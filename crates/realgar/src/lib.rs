//! Realgar is SQLAlchemy's ORM for Rust.
//!
//! Declare models and their relationships, hold one object per row in a session, change the objects in plain Rust, and
//! let a unit of work write the right statements in the right order.
//!
//! ```
//! use realgar::prelude::*;
//!
//! #[derive(Model)]
//! #[model(table = "users")]
//! struct User {
//!     #[column(primary_key)]
//!     id: i64,
//!     #[column(unique)]
//!     name: String,
//!     #[relationship(back_populates = author, cascade = "all, delete-orphan")]
//!     posts: Many<Post>,
//! }
//!
//! #[derive(Model)]
//! #[model(table = "posts")]
//! struct Post {
//!     #[column(primary_key)]
//!     id: i64,
//!     title: String,
//!     #[column(foreign_key = User::id)]
//!     user_id: i64,
//!     #[relationship(back_populates = posts)]
//!     author: One<User>,
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> realgar::Result<()> {
//!     let db = Db::connect("sqlite::memory:", models![User, Post]).await?;
//!     db.create_all().await?;
//!     let mut s = db.session();
//!     s.add(new!(User { name: "Ada", posts: [new!(Post { title: "Hello" }), new!(Post { title: "World" })] }));
//!     s.commit().await?;
//!
//!     let ada = User::select().filter_by(User::name, "Ada").one(&mut s).await?;
//!     for post in s.load(ada, User::posts).await? {
//!         s[post].title.push('!');
//!     }
//!     s.commit().await?;
//!     let titles: Vec<String> = select(Post::title).order_by(Post::title).all(&mut s).await?;
//!     assert_eq!(titles, ["Hello!", "World!"]);
//!     Ok(())
//! }
//! ```
//!
//! # Where is what
//!
//! | You want | Look at |
//! |---|---|
//! | a mapping | [`derive@Model`], [`derive@Table`], [`derive@ColumnType`]; [`One`] and [`Many`]; [`Auto`], [`Deferred`] |
//! | a new object | [`new!`], [`many!`], [`Model::with`] |
//! | a database | [`Db`], [`models!`], [`Builder`] |
//! | to read and change objects | [`Session`], [`Handle`]: `session[handle]` |
//! | related objects | [`Session::load`], [`Session::loaded`], [`Session::append`], [`Session::set`] |
//! | a query | [`SelectModel::select`], [`select()`], [`Select`], [`Expression`]; [`alias()`], [`sql()`] |
//! | to choose how relationships load | [`Load`], [`Select::options`], [`Session::preload`] |
//! | objects without a session | [`Select::fetch`], [`Session::tree`], [`Session::view`] |
//! | to know what went wrong | [`Error`], [`Kind`] |
//! | to see the statements | [`Builder::echo`], [`Db::recorder`] |
//!
//! The guide, `docs/guide` in the repository, says the same in ten pages: a first program; handles and sessions; what
//! awaits; three ways in, three ways out; relationships; loading; queries; six borrows; errors; coming from SQLAlchemy.
//!
//! # The house
//!
//! The rooms, from the ground up; each imports from lower floors only. The types above are their doors.
//!
//! | floor | room | what | its doors |
//! |---|---|---|---|
//! | 9 | `session` | the front door | [`Db`], [`Session`], [`View`] |
//! | 8 | `flush` | collect, plan, order, execute, settle | [`Session::flush`] |
//! | 7 | `load` | rows to objects, one file per strategy | [`Session::load`] |
//! | 6 | `identity` | slots, keys, life states, relationship state, old values | [`State`] |
//! | 5 | `query` | what users ask for, typed | [`Select`], [`Expr`], [`Load`] |
//! | 4 | `mapper` | how a model meets its table; handles and relationship fields | [`Model`], [`Handle`], [`Many`], [`One`] |
//! | 3 | `driver` | text and parameters go to a database, rows come back | [`Recorder`], [`Statement`] |
//! | 2 | `sql` | statements as data; one walk renders them | |
//! | 1 | `schema` | tables, columns, keys, indexes; their order | [`TableRef`] |
//! | 0 | `value`, `error` | what a cell is; what can go wrong | [`Value`], [`Cell`], [`Error`] |
//!
//! # Features
//!
//! `sqlite` (default): the embedded database, in the caller's thread. `postgres`, `mysql`: servers, over the network.
//!
//! `uuid`, `time`, `rust_decimal`, `serde_json`: columns of those crates' types, and `Json<T>`.

// The derives name this crate by its name, in its own tests and examples too.
extern crate self as realgar;

// What a driver asks for is there without the driver, too.
#[cfg_attr(not(all(feature = "postgres", feature = "mysql")), allow(dead_code, unused_imports))]
mod driver;
mod error;
#[cfg_attr(not(all(feature = "postgres", feature = "mysql")), allow(dead_code, unused_imports))]
mod flush;
mod identity;
mod load;
mod macros;
mod mapper;
mod query;
mod schema;
mod session;
#[cfg_attr(not(all(feature = "postgres", feature = "mysql")), allow(dead_code, unused_imports))]
mod sql;
mod value;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../tests/parity/refused.md")]
struct Refused;

#[cfg(doctest)]
#[doc = include_str!("../tests/suite/rows/refused.md")]
struct RefusedRows;

pub mod prelude;

pub use driver::{Event, Isolation, PoolStatus, Recorder, Statement};
pub use error::{Database, Error, Kind, Result};
pub use identity::State;
pub use mapper::{
    Cardinality, Column, Handle, IntoField, IntoItem, IntoKey, Item, Many, Model, ModelDesc, New, One, Relationship,
    Table, TableRef, ToMany, ToOne, With,
};
pub use query::{
    Alias, Case, DeleteWhere, Expr, Expression, Filtered, FromRow, Insert, IntoAttributes, IntoColumns, IntoExpr,
    IntoGroup, IntoJoin, IntoList, IntoLoad, IntoOrder, IntoParam, IntoTable, IntoWrite, Load, Lock, Nullable, Number,
    OptionalOf, Order, Path, RawRow, Returning, Select, SelectModel, Selectable, Sql, TextExpression, Update, Upsert,
    WriteModel, alias, avg, case, count, count_all, count_distinct, entity, excluded, exists, max, min, select, sql,
    sum, with_parent,
};
pub use realgar_macros::{ColumnType, Model, Table};
#[cfg(feature = "sqlite")]
pub use rusqlite;
pub use session::{Attribute, Batches, Builder, Db, Fetch, FetchBatches, History, Plan, Session, View, ViewOne};
#[cfg(feature = "serde_json")]
pub use value::Json;
pub use value::{Auto, Cell, ColumnType, Deferred, Key, Row, Secret, Type, Value};

/// Models, columns and relationships by name: for shells, admin pages, bodies of requests.
///
/// [`Session::dynamic`] has the verbs, [`Db::models`] and [`Db::relationships`] the descriptions, `Select::of` the query.
pub mod dynamic {
    pub use crate::{
        mapper::AnyHandle,
        query::{AnyColumn, any_related},
        session::{AnyRelationship, Dynamic, DynamicRef},
    };
}

/// Any value of a type that has a default: `Post { title: "Hello".into(), ..default() }`.
#[must_use]
pub fn default<T: Default>() -> T {
    T::default()
}

/// What the derives and macros write; no promise is made about it.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        error::Result,
        mapper::{
            Back, Cardinality, Cascade, Column, Contents, Field, Holds, IntoField, JoinDesc, Link, Model, ModelDesc,
            OrderDesc, PassiveDeletes, Referred, Relationship, RelationshipDesc, Strategy, Table, TableDesc, TableRef,
            WayBack, foreign_key, holds_key, model, objects, refers_to_key, required_given, validated,
        },
        value::{Cell, ColumnType, Row, Type, Value, Words, text, unknown_word},
    };

    pub mod schema {
        pub use crate::schema::{Action, Column, ForeignKey, Index, Table};
    }
}
