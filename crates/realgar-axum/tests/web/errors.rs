//! Errors as responses: by status, as JSON or HTML, and without what is nobody's business.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get,
};
use realgar::{Error, prelude::*};
use realgar_axum::{DbLayer, DbSession, Problem};

use crate::app::{self, User, seed};

async fn twin(DbSession(mut s): DbSession) -> realgar_axum::Result<()> {
    s.add(new!(User { name: "Ada" }));
    s.commit().await?;
    Ok(())
}

async fn stale(DbSession(mut s): DbSession) -> realgar_axum::Result<()> {
    let ada = s.get_one::<User>(1).await?;
    sql("DELETE FROM users").execute(&mut s).await?;
    s[ada].name.push('!');
    s.flush().await?;
    Ok(())
}

async fn nobody(DbSession(mut s): DbSession) -> realgar_axum::Result<()> {
    s.get_one::<User>(99).await?;
    Ok(())
}

async fn wrong(DbSession(mut s): DbSession) -> realgar_axum::Result<()> {
    let query = sql("SELECT id, hunter2 FROM users WHERE name = ?").bind("a value of somebody's");
    query.all::<(i64, String)>(&mut s).await?;
    Ok(())
}

async fn users(DbSession(mut s): DbSession) -> realgar_axum::Result<String> {
    Ok(User::select().count(&mut s).await?.to_string())
}

async fn app() -> (Router, Db) {
    let db = app::db().await;
    seed(&db, &[("Ada", 0)]).await;
    let app = Router::new()
        .route("/twin", get(twin))
        .route("/stale", get(stale))
        .route("/nobody", get(nobody))
        .route("/wrong", get(wrong))
        .route("/users", get(users))
        .layer(DbLayer::new());
    (app.with_state(db.clone()), db)
}

#[tokio::test]
async fn each_error_has_its_status_and_says_nothing_else() {
    let (app, db) = app().await;
    for (uri, status, detail) in [
        ("/twin", 409, Some("This value is taken already: name.")),
        ("/stale", 409, Some("Somebody else was first: read it again, then try again.")),
        ("/nobody", 404, None),
        ("/wrong", 500, None),
    ] {
        let answer = app::get(&app, uri).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), body["status"].as_u64()), (status, Some(status.into())), "{uri}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(body["title"].as_str(), answer.status.canonical_reason());
        assert_eq!(body["detail"].as_str(), detail, "{uri}");
        for secret in ["SELECT", "INSERT", "hunter2", "somebody", "users", "Ada"] {
            assert!(!answer.text.contains(secret), "{uri}: {}", answer.text);
        }
    }
    assert_eq!(db.pool_status().in_use, 0);
}

#[tokio::test]
async fn a_pool_without_a_free_connection_is_unavailable() {
    let (app, db) = app().await;
    let mut holder = db.session();
    User::select().all(&mut holder).await.unwrap();
    let answer = app::get(&app, "/users").await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    drop(holder);
    assert_eq!(app::get(&app, "/users").await.text, "1");
}

#[tokio::test]
async fn kinds_and_their_statuses() {
    for (kind, status) in [
        (Kind::NoResultFound, 404),
        (Kind::UniqueViolation, 409),
        (Kind::StaleData, 409),
        (Kind::SerializationFailure, 409),
        (Kind::Timeout, 503),
        (Kind::MultipleResultsFound, 500),
        (Kind::ForeignKeyViolation, 500),
        (Kind::NotNullViolation, 500),
        (Kind::Data, 500),
        (Kind::Operational, 500),
        (Kind::Other, 500),
    ] {
        assert_eq!(Problem::from(Error::new(kind, "why")).status().as_u16(), status, "{kind:?}");
    }
}

async fn with_accept(app: &Router, uri: &str, accept: &str) -> app::Answer {
    app::send(app, Request::get(uri).header("accept", accept).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_browser_gets_a_page() {
    let (app, _) = app().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let answer = with_accept(&app, "/nobody", browser).await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.text.contains("<h1>Not Found</h1>"), "{}", answer.text);
    assert_eq!((answer.status, answer.header("vary")), (StatusCode::NOT_FOUND, "accept"));
    let answer = with_accept(&app, "/nobody", "application/json").await;
    assert_eq!((answer.header("content-type"), answer.header("vary")), ("application/problem+json", "accept"));
    assert_eq!(with_accept(&app, "/users", browser).await.header("content-type"), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn an_application_brings_its_own_page() {
    let (app, _) = app().await;
    let page = |problem: &Problem| format!("<p>ours: {}</p>", problem.title());
    let app = app.layer(DbLayer::new().error_page(page));
    assert_eq!(with_accept(&app, "/twin", "text/html").await.text, "<p>ours: Conflict</p>");
}
