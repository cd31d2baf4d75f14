//! What Flask-SQLAlchemy adds to Flask, for [Realgar](realgar) and [axum]: a session for each request, 404 helpers,
//! pagination, JSON in and out, errors as responses, configuration from the environment.
//!
//! ```
//! use axum::{Json, Router, extract::Path, routing::get};
//! use realgar::prelude::*;
//! use realgar_axum::{DbLayer, DbSession, PageParams, Pagination, prelude::*};
//!
//! #[derive(Model, serde::Serialize)]
//! #[model(table = "users")]
//! struct User {
//!     #[column(primary_key)]
//!     id: i64,
//!     #[column(unique, length = 80)]
//!     name: String,
//! }
//!
//! async fn list(DbSession(mut s): DbSession, page: PageParams) -> realgar_axum::Result<Pagination<User>> {
//!     let users = User::select().order_by(User::name).paginate(&mut s, page.max_per_page(100)).await?;
//!     Ok(users.try_map(|user| s.tree(user))?) // JSON, with a `Link` header
//! }
//!
//! async fn show(DbSession(mut s): DbSession, Path(id): Path<i64>) -> realgar_axum::Result<Json<User>> {
//!     let user = s.get_or_404::<User>(id).await?;
//!     Ok(Json(s.tree(user)?))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
//! let db = Db::connect("sqlite::memory:", models![User]).await?;
//! db.create_all().await?;
//! let app: Router = Router::new()
//!     .route("/users", get(list))
//!     .route("/users/{id}", get(show))
//!     .layer(DbLayer::new().commit_on_success())
//!     .with_state(db);
//! # Ok(()) }
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`DbSession`], [`DbLayer`] | one session for each request, shared by its extractors, ended with it |
//! | [`Problem`], [`Result`] | errors as responses: JSON problem details (RFC 9457), or HTML where it is preferred |
//! | [`prelude`] | `get_or_404`, `first_or_404`, `one_or_404`, `paginate`, `paginate_by`, `describe` |
//! | [`PageParams`], [`Pagination`] | pages by number |
//! | [`CursorParams`], [`CursorPage`] | pages by key, for large tables |
//! | [`JsonBody`] | bodies of requests become objects, and changes of objects |
//! | [`Config`] | `DATABASE_URL` and its kin |
//! | `shell` (feature `shell`) | a line editor for the models of a database |
//!
//! # Coming from Flask-SQLAlchemy
//!
//! | there | here |
//! |---|---|
//! | `db = SQLAlchemy(app)` | [`Config::from_env`], `.with_state(db)` |
//! | `db.session`, ended with the application context | `DbSession(mut s): DbSession`, ended with the request |
//! | `db.get_or_404(User, 1, description="…")` | `s.get_or_404::<User>(1).await.describe("…")?` |
//! | `db.paginate(select, page=…, per_page=…)` | `select.paginate(&mut s, page).await?` |
//! | `SQLALCHEMY_ECHO` | `DATABASE_ECHO`, `Builder::echo` |
//! | `get_recorded_queries()` | [`Lent::recorded_queries`], the header `Server-Timing` |
//! | `SQLALCHEMY_BINDS` | a `Db` for each database, each in a type of its own in the state |
//! | `flask shell` | `shell(db)` |

mod body;
mod cell;
mod config;
mod fields;
mod found;
mod keyset;
mod layer;
mod negotiate;
mod page;
pub mod prelude;
mod problem;
mod session;
#[cfg(feature = "shell")]
mod shell;
mod timing;

pub use body::JsonBody;
pub use config::Config;
pub use fields::{Fields, Nested, nested};
pub use found::{Describe, SelectExt, SessionExt};
pub use keyset::{CursorPage, CursorParams, Descending, KeysetExt, KeysetOrder, desc};
pub use layer::{DbLayer, DbService};
pub use page::{PageParams, Pages, Pagination};
pub use problem::{FieldError, Problem, Result};
pub use session::{DbSession, Lent};
#[cfg(feature = "shell")]
pub use shell::{Answer, Shell, shell};
pub use timing::RecordedQueries;

// The code of the README runs, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
