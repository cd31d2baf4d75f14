//! Errors as responses: problem details (RFC 9457). What a client reads never holds SQL, values or secrets.

use std::{borrow::Cow, fmt, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use realgar::{Error, Kind};
use serde_json::{Value, json};

/// What a handler returns.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// An error as a response, by its status; made of a Realgar error by `?`.
///
/// | Realgar's kind | status |
/// |---|---|
/// | `NoResultFound` | 404 |
/// | `UniqueViolation`, `StaleData`, `SerializationFailure` | 409 |
/// | `Timeout`: no connection was free in time | 503, with `Retry-After` |
/// | every other | 500; what happened is in the log, not in the response |
///
/// The body is `application/problem+json`; inside a [`DbLayer`](crate::DbLayer) it is an HTML page where the request's
/// `Accept` prefers one.
///
/// ```
/// use axum::{http::StatusCode, response::IntoResponse};
/// use realgar::{Error, Kind};
/// use realgar_axum::Problem;
///
/// let problem = Problem::from(Error::new(Kind::UniqueViolation, "a value that is there"));
/// assert_eq!(problem.into_response().status(), StatusCode::CONFLICT);
/// ```
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    detail: Option<Cow<'static, str>>,
    errors: Vec<FieldError>,
    source: Option<Arc<Error>>,
}

/// What is wrong with one part of a request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Which part, as a JSON pointer: `#/tags/0/name`.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    /// A problem of this status, without more.
    #[must_use]
    pub fn new(status: StatusCode) -> Problem {
        Problem { status, detail: None, errors: Vec::new(), source: None }
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND)
    }

    /// 422, with what is wrong and where.
    ///
    /// ```
    /// use realgar_axum::{FieldError, Problem};
    ///
    /// let error = FieldError { pointer: "#/name".into(), detail: "missing".into() };
    /// let problem = Problem::unprocessable(vec![error]);
    /// assert_eq!((problem.status().as_u16(), problem.errors().len()), (422, 1));
    /// ```
    #[must_use]
    pub fn unprocessable(errors: Vec<FieldError>) -> Problem {
        Problem { errors, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY) }.detail("The body does not fit.")
    }

    /// Says more, to the client: in the member `detail`, and on the page.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Problem {
        self.detail = Some(detail.into());
        self
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The status in words: `Not Found`.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }

    /// What more the client is told.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// What is wrong with the body of the request.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The error that it came from: for the program, never for the client.
    #[must_use]
    pub fn source(&self) -> Option<&Error> {
        self.source.as_deref()
    }

    fn json(&self) -> Value {
        let mut body = json!({ "type": "about:blank", "title": self.title(), "status": self.status.as_u16() });
        if let Some(detail) = &self.detail {
            body["detail"] = json!(detail);
        }
        if !self.errors.is_empty() {
            let error = |error: &FieldError| json!({ "pointer": error.pointer, "detail": error.detail });
            body["errors"] = self.errors.iter().map(error).collect();
        }
        body
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let (status, detail) = match error.kind() {
            Kind::NoResultFound => (StatusCode::NOT_FOUND, None),
            Kind::UniqueViolation => (StatusCode::CONFLICT, Some(taken(&error))),
            Kind::StaleData | Kind::SerializationFailure => {
                (StatusCode::CONFLICT, Some("Somebody else was first: read it again, then try again.".to_owned()))
            }
            Kind::Timeout => {
                (StatusCode::SERVICE_UNAVAILABLE, Some("The database is busy: try again soon.".to_owned()))
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        Problem { detail: detail.map(Cow::Owned), source: Some(Arc::new(error)), ..Problem::new(status) }
    }
}

/// Which field, not which value: that is the client's own, and perhaps somebody else's, too.
fn taken(error: &Error) -> String {
    match error.database().map(|facts| facts.columns.join(", ")) {
        Some(columns) if !columns.is_empty() => format!("This value is taken already: {columns}."),
        _ => "This value is taken already.".to_owned(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.title())?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Some(source) = &self.source {
            if self.status.is_server_error() {
                tracing::error!(target: "realgar_axum", status = self.status.as_u16(), "{source}");
            } else {
                tracing::debug!(target: "realgar_axum", status = self.status.as_u16(), "{source}");
            }
        }
        let mut response = (self.status, self.json().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
