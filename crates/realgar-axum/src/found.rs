//! What is not there is a 404: `get_or_404`, `first_or_404`, `one_or_404`; pages of a select.

use std::{borrow::Cow, panic::Location};

use axum::http::StatusCode;
use realgar::{FromRow, Handle, IntoField, Kind, Model, Select, Session};

use crate::{PageParams, Pagination, Problem, Result, page};

/// What this crate adds to [`Session`]; in [`prelude`](crate::prelude).
pub trait SessionExt {
    /// The object with this key; 404 where there is none. Keys of several columns are tuples.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model, serde::Serialize)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, #[column(unique)] name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add_all(["Ada", "Bob", "Eve"].map(|name| new!(User { name: name })));
    /// # s.commit().await?;
    /// use realgar_axum::prelude::*;
    ///
    /// let ada = s.get_or_404::<User>(1).await?;
    /// assert_eq!(s[ada].name, "Ada");
    /// let problem = s.get_or_404::<User>(9).await.describe("There is no such user.").unwrap_err();
    /// assert_eq!(problem.to_string(), "404 Not Found: There is no such user.");
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// That of [`Session::get`]: one statement, or none where the session knows the object.
    ///
    /// # Errors
    /// 404, and what [`Problem`] makes of those of `get`.
    ///
    /// Source: `db.get_or_404`.
    fn get_or_404<M: Model>(&mut self, key: impl IntoField<M::Key>) -> impl Future<Output = Result<Handle<M>>> + Send;
}

impl SessionExt for Session {
    #[track_caller]
    fn get_or_404<M: Model>(&mut self, key: impl IntoField<M::Key>) -> impl Future<Output = Result<Handle<M>>> + Send {
        let found = self.get(key);
        async move { found.await?.ok_or_else(Problem::not_found) }
    }
}

/// What this crate adds to [`Select`].
pub trait SelectExt<R> {
    /// The first row; 404 where there is none.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model, serde::Serialize)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, #[column(unique)] name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add_all(["Ada", "Bob", "Eve"].map(|name| new!(User { name: name })));
    /// # s.commit().await?;
    /// use realgar_axum::prelude::*;
    ///
    /// let first = User::select().order_by(User::name.desc()).first_or_404(&mut s).await?;
    /// assert_eq!(s[first].name, "Eve");
    /// let nobody = User::select().filter_by(User::name, "Zoe").first_or_404(&mut s).await;
    /// assert_eq!(nobody.unwrap_err().status().as_u16(), 404);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One statement, which asks for one row.
    ///
    /// Source: `Query.first_or_404`, `db.first_or_404`.
    fn first_or_404(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send;

    /// The one row there is; 404 for none and for several.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model, serde::Serialize)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, #[column(unique)] name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add_all(["Ada", "Bob", "Eve"].map(|name| new!(User { name: name })));
    /// # s.commit().await?;
    /// use realgar_axum::prelude::*;
    ///
    /// let ada = User::select().filter_by(User::name, "Ada").one_or_404(&mut s).await?;
    /// assert_eq!(s[ada].id, 1);
    /// assert_eq!(User::select().one_or_404(&mut s).await.unwrap_err().status().as_u16(), 404);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// One statement, which asks for two rows.
    ///
    /// Source: `Query.one_or_404`, `db.one_or_404`.
    fn one_or_404(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send;

    /// One page, and how many there are.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model, serde::Serialize)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, #[column(unique)] name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add_all(["Ada", "Bob", "Eve"].map(|name| new!(User { name: name })));
    /// # s.commit().await?;
    /// use realgar_axum::{PageParams, prelude::*};
    ///
    /// let page = User::select().order_by(User::id).paginate(&mut s, PageParams::new(2, 2)).await?;
    /// assert_eq!((page.items.len(), page.total, page.pages()), (1, Some(3), 2));
    /// assert_eq!((page.prev_num(), page.next_num()), (Some(1), None));
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// Two statements: the rows, then their number, which is asked for without their order and what is loaded with
    /// them. [`count(false)`](PageParams::count) leaves it out.
    ///
    /// # Errors
    /// 404 for a page that is not there, for a number that is none, unless [`error_out(false)`](PageParams::error_out).
    ///
    /// Source: `Query.paginate`, `db.paginate`.
    fn paginate(self, session: &mut Session, page: PageParams) -> impl Future<Output = Result<Pagination<R>>> + Send;
}

impl<R: FromRow> SelectExt<R> for Select<R> {
    #[track_caller]
    fn first_or_404(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send {
        let found = self.first(session);
        async move { found.await?.ok_or_else(Problem::not_found) }
    }

    #[track_caller]
    fn one_or_404(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send {
        let found = self.one(session);
        async move {
            found.await.map_err(|error| match error.kind() {
                Kind::NoResultFound | Kind::MultipleResultsFound => Problem::not_found(),
                _ => error.into(),
            })
        }
    }

    #[track_caller]
    fn paginate(self, session: &mut Session, page: PageParams) -> impl Future<Output = Result<Pagination<R>>> + Send {
        page::paginate(self, session, page, Location::caller())
    }
}

/// Says more where something was not found; in [`prelude`](crate::prelude).
///
/// ```
/// use axum::http::StatusCode;
/// use realgar_axum::{Problem, Result, prelude::*};
///
/// let lost: Result<()> = Err(Problem::not_found());
/// assert_eq!(lost.describe("There is no such user.").unwrap_err().text(), Some("There is no such user."));
/// let other: Result<()> = Err(Problem::new(StatusCode::FORBIDDEN));
/// assert_eq!(other.describe("There is no such user.").unwrap_err().text(), None);
/// ```
///
pub trait Describe {
    /// The detail of a 404; other problems keep theirs.
    ///
    /// Source: the argument `description`.
    #[must_use]
    fn describe(self, description: impl Into<Cow<'static, str>>) -> Self;
}

impl<T> Describe for Result<T> {
    fn describe(self, description: impl Into<Cow<'static, str>>) -> Self {
        self.map_err(|problem| match problem.status() {
            StatusCode::NOT_FOUND => problem.detail(description),
            _ => problem,
        })
    }
}
