//! One session for each request: its extractors lend it to one another.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use realgar::{Db, Error, Kind, Recorder, Session, Statement};

use crate::{Problem, Result};

/// The request's session: `DbSession(mut s): DbSession`.
///
/// It is made when it is first asked for, and takes a connection with its first statement. The extractors of one
/// request share it: what a `CurrentUser` of the application loads through it is there for the handler, and a handle
/// that one of them has works in the other. When the request ends it is rolled back and closed, whatever became of the
/// handler: commit it yourself, or let [`DbLayer::commit_on_success`](crate::DbLayer::commit_on_success) do it.
///
/// ```
/// use axum::{extract::{FromRef, FromRequestParts}, http::{StatusCode, request::Parts}};
/// use realgar::prelude::*;
/// use realgar_axum::{DbSession, Problem};
/// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
///
/// struct CurrentUser(Handle<User>);
///
/// impl<S: Send + Sync> FromRequestParts<S> for CurrentUser
/// where
///     Db: FromRef<S>,
/// {
///     type Rejection = Problem;
///
///     async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
///         let DbSession(mut s) = DbSession::from_request_parts(parts, state).await?;
///         let name = parts.headers.get("x-user").and_then(|name| name.to_str().ok()).unwrap_or_default();
///         let user = User::select().filter_by(User::name, name).one_or_none(&mut s).await?;
///         user.map(CurrentUser).ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED))
///     } // here the session goes back to the request
/// }
///
/// async fn hello(CurrentUser(user): CurrentUser, DbSession(s): DbSession) -> String {
///     format!("Hello, {}", s[user].name)
/// }
/// ```
///
/// A router without a database in its state does not compile; there, a query outside of an application context is an
/// error at run time:
///
/// ```compile_fail,E0277
/// # use axum::{Router, routing::get};
/// # use realgar_axum::DbSession;
/// async fn handler(DbSession(s): DbSession) {}
///
/// let app: Router = Router::new().route("/", get(handler)).with_state(());
/// ```
///
/// # Errors
/// 500 where an extractor or handler that has the session asks for it again: it can be lent to one at a time.
///
/// Source: Flask-SQLAlchemy's `db.session`, scoped to the application context.
#[derive(Debug)]
pub struct DbSession(pub Lent);

/// A session on loan from its request: it derefs to [`Session`], and goes back when it is dropped.
///
/// Who keeps it longer than the handler runs (a body that streams, a spawned task) turns the response into a 500 that
/// the log explains: such work takes a session of its own, `db.session()`, and rolls it back between its parts, so that
/// no connection waits for a slow client. The guide's page on the web shows how.
pub struct Lent {
    session: Option<Box<Session>>,
    slot: Slot,
}

const LENT: &str = "a lent session is there until it is dropped";

impl Lent {
    /// What the request's session sent so far: empty, unless the layer records.
    ///
    /// Source: `get_recorded_queries`.
    #[must_use]
    pub fn recorded_queries(&self) -> Vec<Statement> {
        self.slot.recorded().unwrap_or_default()
    }
}

impl Deref for Lent {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect(LENT)
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect(LENT)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.slot.give_back(session);
        }
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for DbSession
where
    Db: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let slot = parts.extensions.get_or_insert_default::<Slot>().clone();
        slot.lend(|| Db::from_ref(state).session()).map(DbSession)
    }
}

/// Where a request keeps its session. Without a layer, it lives as long as the request's parts and the lent session do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    place: Place,
    read_only: bool,
    recording: Recording,
    recorder: Option<Recorder>,
}

#[derive(Debug, Default)]
enum Place {
    /// Nobody asked for it yet.
    #[default]
    Unopened,
    /// It waits for the next one to ask.
    Idle(Box<Session>),
    /// Somebody has it.
    Lent,
    /// The request has ended.
    Over,
}

/// Whether the session's statements are recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Recording {
    #[default]
    Off,
    Plain,
    WithParameters,
}

/// What a request left behind.
pub(crate) enum Left {
    /// It asked for no session.
    Nothing,
    /// Its session.
    Session(Box<Session>),
    /// Somebody outlives the request with it: a stream, a spawned task.
    Lent,
}

impl Slot {
    pub(crate) fn new(recording: Recording, read_only: bool) -> Slot {
        Slot(Arc::new(Mutex::new(State { recording, read_only, ..State::default() })))
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn lend(&self, open: impl FnOnce() -> Session) -> Result<Lent> {
        let session = self.state(|state| match std::mem::replace(&mut state.place, Place::Lent) {
            Place::Unopened => {
                let mut session = Box::new(open());
                if state.read_only {
                    session.read_only().expect("no transaction has begun");
                }
                state.recorder = match state.recording {
                    Recording::Off => None,
                    Recording::Plain => Some(session.recorder()),
                    Recording::WithParameters => Some(session.recorder_with_parameters()),
                };
                Some(session)
            }
            Place::Idle(session) => Some(session),
            place => {
                state.place = place;
                None
            }
        });
        let session = session.ok_or_else(|| {
            let error = Error::new(Kind::InvalidRequest, "the request's session is asked for while somebody has it")
                .way_out(
                    "take `DbSession` once in a handler's arguments, and let an extractor drop it before it returns",
                );
            Problem::from(error)
        })?;
        Ok(Lent { session: Some(session), slot: self.clone() })
    }

    /// A session that comes back when the request is over is dropped: that rolls back and frees its connection.
    fn give_back(&self, session: Box<Session>) {
        self.state(|state| {
            if matches!(state.place, Place::Lent) {
                state.place = Place::Idle(session);
            }
        });
    }

    /// The request ends.
    pub(crate) fn end(&self) -> Left {
        match self.state(|state| std::mem::replace(&mut state.place, Place::Over)) {
            Place::Unopened | Place::Over => Left::Nothing,
            Place::Idle(session) => Left::Session(session),
            Place::Lent => Left::Lent,
        }
    }

    /// What the session sent, where that is recorded.
    pub(crate) fn recorded(&self) -> Option<Vec<Statement>> {
        self.state(|state| match (&state.recorder, state.recording) {
            (_, Recording::Off) => None,
            (None, _) => Some(Vec::new()),
            (Some(recorder), _) => Some(recorder.statements()),
        })
    }
}

/// The answer to a request whose session outlives it.
pub(crate) fn outlived() -> Problem {
    let error =
        Error::new(Kind::InvalidRequest, "the handler has answered, and somebody still has the request's session")
            .way_out("a stream or a spawned task takes a session of its own: `db.session()`");
    Problem::from(error)
}
