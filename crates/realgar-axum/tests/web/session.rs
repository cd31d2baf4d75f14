//! One session for each request, shared by its extractors.

use axum::{
    Router,
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, request::Parts},
    response::Redirect,
    routing::get,
};
use realgar::{Event, prelude::*};
use realgar_axum::{DbLayer, DbSession, Problem, prelude::*};

use crate::app::{self, User, seed};

/// Somebody who is loaded by an extractor of the application's own.
struct CurrentUser(Handle<User>);

impl<S: Send + Sync> FromRequestParts<S> for CurrentUser
where
    Db: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let DbSession(mut s) = DbSession::from_request_parts(parts, state).await?;
        Ok(CurrentUser(s.get_or_404::<User>(1).await?))
    }
}

/// The handle of the extractor works in the handler, and the object is the same one.
async fn same(CurrentUser(user): CurrentUser, DbSession(mut s): DbSession) -> realgar_axum::Result<String> {
    let again = User::select().filter_by(User::name, "Ada").one(&mut s).await?;
    assert_eq!(again, user);
    let posts = s.load(user, User::posts).await?.len();
    Ok(format!("{} {posts}", s[user].name))
}

async fn rename(DbSession(mut s): DbSession) -> realgar_axum::Result<&'static str> {
    let user = s.get_or_404::<User>(1).await?;
    s[user].name = "Grace".into();
    Ok("renamed, not committed")
}

async fn rename_and_redirect(session: DbSession) -> realgar_axum::Result<Redirect> {
    rename(session).await?;
    Ok(Redirect::to("/"))
}

async fn rename_and_fail(session: DbSession) -> realgar_axum::Result<()> {
    rename(session).await?;
    Err(Problem::new(StatusCode::IM_A_TEAPOT))
}

async fn rename_and_commit(DbSession(mut s): DbSession) -> realgar_axum::Result<()> {
    let user = s.get_or_404::<User>(1).await?;
    s[user].name = "Grace".into();
    s.commit().await?;
    s[user].name = "Hedy".into();
    Ok(())
}

async fn twins(DbSession(mut s): DbSession) -> &'static str {
    s.add_all([new!(User { name: "Bob" }), new!(User { name: "Bob" })]);
    "two of them"
}

async fn twice(_first: DbSession, _second: DbSession) -> &'static str {
    "not reached"
}

fn routes() -> Router<Db> {
    Router::new()
        .route("/same", get(same))
        .route("/rename", get(rename).post(rename))
        .route("/redirect", get(rename_and_redirect))
        .route("/fail", get(rename_and_fail))
        .route("/commit", get(rename_and_commit))
        .route("/twins", get(twins))
        .route("/twice", get(twice))
        .route("/nothing", get(|| async { "no session" }))
}

async fn app(layer: Option<DbLayer>) -> (Router, Db) {
    let db = app::db().await;
    seed(&db, &[("Ada", 2)]).await;
    let routes = match layer {
        Some(layer) => routes().layer(layer),
        None => routes(),
    };
    (routes.with_state(db.clone()), db)
}

async fn names(db: &Db) -> Vec<String> {
    select(User::name).order_by(User::name).all(&mut db.session()).await.unwrap()
}

#[tokio::test]
async fn r151_extractors_and_handler_share_one_session() {
    for layer in [None, Some(DbLayer::new())] {
        let (app, db) = app(layer).await;
        let recorder = db.recorder();
        let answer = app::get(&app, "/same").await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "Ada 2"));
        let events = recorder.take();
        let begun = events.iter().filter(|event| **event == Event::Begin).count();
        assert_eq!((begun, events.last()), (1, Some(&Event::Rollback)), "{events:?}");
        assert_eq!(db.pool_status().in_use, 0);
    }
}

#[tokio::test]
async fn what_was_not_committed_is_rolled_back() {
    for layer in [None, Some(DbLayer::new())] {
        let (app, db) = app(layer).await;
        assert_eq!(app::get(&app, "/rename").await.status, StatusCode::OK);
        assert_eq!(names(&db).await, ["Ada"]);
        assert_eq!(app::get(&app, "/commit").await.status, StatusCode::OK);
        assert_eq!(names(&db).await, ["Grace"], "what came after the commit is rolled back");
        assert_eq!(db.pool_status().in_use, 0);
    }
}

#[tokio::test]
async fn a_layer_can_commit_on_success() {
    for (uri, status, name) in [
        ("/rename", StatusCode::OK, "Grace"),
        ("/redirect", StatusCode::SEE_OTHER, "Grace"),
        ("/commit", StatusCode::OK, "Hedy"),
        ("/fail", StatusCode::IM_A_TEAPOT, "Ada"),
        ("/nothing", StatusCode::OK, "Ada"),
    ] {
        let (app, db) = app(Some(DbLayer::new().commit_on_success())).await;
        assert_eq!(app::get(&app, uri).await.status, status, "{uri}");
        assert_eq!(names(&db).await, [name], "{uri}");
        assert_eq!(db.pool_status().in_use, 0);
    }
}

#[tokio::test]
async fn requests_that_ask_can_be_kept_from_writing() {
    let (app, db) = app(Some(DbLayer::new().commit_on_success().read_only_gets())).await;
    assert_eq!(app::get(&app, "/same").await.status, StatusCode::OK);
    assert_eq!(app::get(&app, "/rename").await.status, StatusCode::INTERNAL_SERVER_ERROR, "the commit is refused");
    assert_eq!((names(&db).await, db.pool_status().in_use), (vec!["Ada".to_owned()], 0));
    assert_eq!(app::post_json(&app, "/rename", "").await.status, StatusCode::OK);
    assert_eq!(names(&db).await, ["Grace"]);
}

#[tokio::test]
async fn a_commit_that_fails_replaces_the_response() {
    let (app, db) = app(Some(DbLayer::new().commit_on_success())).await;
    let answer = app::get(&app, "/twins").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["detail"], "This value is taken already: name.");
    assert_eq!((names(&db).await, db.pool_status().in_use), (vec!["Ada".to_owned()], 0));
}

#[tokio::test]
async fn a_session_is_lent_to_one_at_a_time() {
    let (app, db) = app(Some(DbLayer::new())).await;
    let answer = app::get(&app, "/twice").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(db.pool_status().in_use, 0);
}

#[tokio::test]
async fn the_outer_of_two_layers_ends_the_session() {
    let (app, db) = app(Some(DbLayer::new().commit_on_success())).await;
    let app = app.layer(DbLayer::new());
    assert_eq!(app::get(&app, "/rename").await.status, StatusCode::OK);
    assert_eq!(names(&db).await, ["Ada"]);
}

#[tokio::test]
async fn a_request_that_asks_for_no_session_opens_none() {
    let (app, db) = app(Some(DbLayer::new().commit_on_success().record())).await;
    let recorder = db.recorder();
    app::get(&app, "/nothing").await;
    assert_eq!(recorder.take(), []);
}
