//! What is not there is a 404: `get_or_404`, `first_or_404`, `one_or_404`; pages of a select.

use std::{borrow::Cow, panic::Location};

use axum::http::StatusCode;
use realgar::{FromRow, Handle, IntoField, Kind, Model, Select, Session};

use crate::{PageParams, Pagination, Problem, Result, page};

/// What this crate adds to [`Session`].
pub trait SessionExt {
    /// The object with this key; 404 where there is none. Keys of several columns are tuples.
    ///
    /// `s.get_or_404::<User>(id).await.describe("There is no such user.")?`
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
    /// Source: `Query.first_or_404`, `db.first_or_404`.
    fn first_or_404(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send;

    /// The one row there is; 404 for none and for several.
    ///
    /// Source: `Query.one_or_404`, `db.one_or_404`.
    fn one_or_404(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send;

    /// One page, and how many there are.
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

/// Says more where something was not found: `s.get_or_404::<User>(id).await.describe("There is no such user.")?`
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
