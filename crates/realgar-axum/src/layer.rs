//! The layer around the handlers: it ends each request's session, commits where asked to, and negotiates errors.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use tower::{Layer, Service};

use crate::{
    Problem, RecordedQueries,
    negotiate::{ErrorPage, as_html, plain_page, prefers_html},
    session::{Left, Recording, Slot, outlived},
};

/// Ends the session of each request: rolled back and closed, unless it was committed.
///
/// A handler that panics, runs out of time or whose client goes away drops its future, and the session with it: no
/// transaction stays open. A session that outlives its handler (in a stream, in a spawned task) would hold a connection
/// for as long as the client likes to listen; the response is then a 500 that says so, and the stream is dropped.
///
/// ```
/// # use axum::{Router, routing::get};
/// use realgar_axum::DbLayer;
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "Hello" }))
///     .layer(DbLayer::new().commit_on_success().server_timing());
/// ```
///
/// Source: what Flask-SQLAlchemy does at the end of the application context; there is no commit on success there.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it is part of a router: `.layer(DbLayer::new())`"]
pub struct DbLayer {
    settings: Settings,
}

#[derive(Debug, Clone, Copy)]
struct Settings {
    /// Where the program asked for a commit on success.
    commit: Option<&'static Location<'static>>,
    recording: Recording,
    timing: bool,
    read_only_gets: bool,
    page: ErrorPage,
}

impl DbLayer {
    /// Rolls back what was not committed; records nothing. Of several layers around a handler the outermost counts.
    pub fn new() -> DbLayer {
        let (commit, recording, timing, read_only_gets) = (None, Recording::Off, false, false);
        DbLayer { settings: Settings { commit, recording, timing, read_only_gets, page: plain_page } }
    }

    /// Commits where the handler answered with success or a redirection (2xx, 3xx). A commit that fails replaces the
    /// response: nobody is told of something that did not happen. In recordings, what this commit flushes carries the
    /// line of this call.
    #[track_caller]
    pub fn commit_on_success(mut self) -> DbLayer {
        self.settings.commit = Some(Location::caller());
        self
    }

    /// Requests that only ask (GET, HEAD, OPTIONS, TRACE: those that HTTP calls safe) read only: the database refuses a
    /// write in their session's first transaction.
    ///
    /// On SQLite this goes with `?begin=immediate` in the URL: whoever asks then waits for nobody, and whoever writes
    /// waits for the writer before instead of being overtaken by it (409).
    pub fn read_only_gets(mut self) -> DbLayer {
        self.settings.read_only_gets = true;
        self
    }

    /// Records the statements of each request: for the handler by
    /// [`recorded_queries`](crate::Lent::recorded_queries), for layers around this one as [`RecordedQueries`] among the
    /// response's extensions.
    ///
    /// ```
    /// use axum::{extract::Request, middleware::Next, response::Response};
    /// use realgar_axum::RecordedQueries;
    ///
    /// /// A layer around the database's: `.layer(DbLayer::new().record()).layer(middleware::from_fn(slow))`
    /// async fn slow(request: Request, next: Next) -> Response {
    ///     let response = next.run(request).await;
    ///     if let Some(queries) = response.extensions().get::<RecordedQueries>() {
    ///         for sent in queries.0.iter().filter(|sent| sent.duration.as_millis() > 100) {
    ///             eprintln!("{:?} at {:?}: {}", sent.duration, sent.place, sent.sql);
    ///         }
    ///     }
    ///     response
    /// }
    /// ```
    ///
    /// Source: `SQLALCHEMY_RECORD_QUERIES`.
    pub fn record(mut self) -> DbLayer {
        self.settings.recording = Recording::Plain;
        self
    }

    /// The same with what was bound. Values of users are then in memory, and wherever the recording is shown.
    pub fn record_with_parameters(mut self) -> DbLayer {
        self.settings.recording = Recording::WithParameters;
        self
    }

    /// Says in the header `Server-Timing` how long the database took, in all and for each statement, with the place in
    /// the source that sent it: browsers show it among a request's times. For development: it tells strangers about
    /// your source. Neither SQL nor values are part of it.
    pub fn server_timing(mut self) -> DbLayer {
        self.settings.timing = true;
        if self.settings.recording == Recording::Off {
            self.settings.recording = Recording::Plain;
        }
        self
    }

    /// The page of a problem, for requests that prefer HTML. Escape what you put into it: a detail may hold what
    /// somebody typed.
    ///
    /// ```
    /// use realgar_axum::{DbLayer, Problem};
    ///
    /// fn page(problem: &Problem) -> String {
    ///     format!("<!doctype html><title>{0}</title><h1>{0}</h1>", problem.title())
    /// }
    ///
    /// let layer = DbLayer::new().error_page(page);
    /// ```
    pub fn error_page(mut self, page: fn(&Problem) -> String) -> DbLayer {
        self.settings.page = page;
        self
    }
}

impl Default for DbLayer {
    fn default() -> Self {
        DbLayer::new()
    }
}

impl<S> Layer<S> for DbLayer {
    type Service = DbService<S>;

    fn layer(&self, inner: S) -> DbService<S> {
        DbService { inner, settings: self.settings }
    }
}

/// What a [`DbLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct DbService<S> {
    inner: S,
    settings: Settings,
}

impl<S> Service<Request> for DbService<S>
where
    S: Service<Request, Response = Response, Future: Send + 'static>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if request.extensions().get::<Slot>().is_some() {
            return Box::pin(self.inner.call(request)); // a layer around this one ends the session
        }
        let read_only = self.settings.read_only_gets && request.method().is_safe();
        let (slot, settings) = (Slot::new(self.settings.recording, read_only), self.settings);
        let html = prefers_html(request.headers());
        request.extensions_mut().insert(slot.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            let response = end(&slot, response, settings).await;
            Ok(finish(response, &slot, settings, html))
        })
    }
}

/// Ends the session, and says what the client is told then.
async fn end(slot: &Slot, response: Response, settings: Settings) -> Response {
    let mut session = match slot.end() {
        Left::Nothing => return response,
        Left::Lent => return outlived().into_response(),
        Left::Session(session) => session,
    };
    let success = response.status().is_success() || response.status().is_redirection();
    let response = match settings.commit.filter(|_| success) {
        Some(place) => {
            session.commit_at(place).await.err().map_or(response, |error| Problem::from(error).into_response())
        }
        None => response,
    };
    if let Err(error) = session.close().await {
        tracing::warn!(target: "realgar_axum", "the request's session could not be closed: {error}");
    }
    response
}

fn finish(mut response: Response, slot: &Slot, settings: Settings, html: bool) -> Response {
    if response.extensions().get::<Problem>().is_some() {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
        if html {
            response = as_html(response, settings.page);
        }
    }
    if let Some(recorded) = slot.recorded().map(RecordedQueries) {
        if let Some(value) = Some(&recorded).filter(|_| settings.timing).and_then(RecordedQueries::header) {
            response.headers_mut().append("server-timing", value);
        }
        response.extensions_mut().insert(recorded);
    }
    response
}
