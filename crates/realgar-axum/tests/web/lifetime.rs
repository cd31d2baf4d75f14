//! Whatever becomes of a request, its session ends with it.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{Request, StatusCode},
    response::Response,
    routing::get,
};
use futures_util::stream;
use http_body_util::{BodyExt, Full};
use realgar::{Batches, prelude::*};
use realgar_axum::{DbLayer, DbSession, Problem};
use tokio::{io::AsyncWriteExt, net::TcpListener, net::TcpStream, time::sleep};
use tower::ServiceExt;
use tower_http::timeout::TimeoutLayer;

use crate::app::{self, User};

/// Begins a transaction with a change in it.
async fn begin(s: &mut Session) {
    s.add(new!(User { name: "Ada" }));
    s.flush().await.unwrap();
}

async fn panics(DbSession(mut s): DbSession) -> &'static str {
    begin(&mut s).await;
    panic!("on purpose")
}

async fn hangs(DbSession(mut s): DbSession) -> &'static str {
    begin(&mut s).await;
    std::future::pending().await
}

/// A body that has the session.
async fn streams(DbSession(mut s): DbSession) -> Response {
    begin(&mut s).await;
    let body = Full::new(Bytes::from("text")).map_frame(move |frame| {
        let _ = &s;
        frame
    });
    Response::new(Body::new(body))
}

/// A body that reads with a session of its own, and holds no connection between its parts.
async fn exports(State(db): State<Db>) -> Body {
    Body::from_stream(stream::try_unfold((db.session(), User::select().yield_per(2)), part))
}

type Export = (Session, Batches<Handle<User>>);

async fn part((mut s, mut batches): Export) -> realgar::Result<Option<(String, Export)>> {
    let Some(users) = batches.next(&mut s).await? else { return Ok(None) };
    let lines = users.into_iter().map(|user| format!("{}\n", s[user].name)).collect();
    s.rollback().await?; // the connection goes back; the next batch begins behind this one
    Ok(Some((lines, (s, batches))))
}

/// A body that was made with the session, and does not have it.
async fn renders(DbSession(mut s): DbSession) -> Response {
    begin(&mut s).await;
    Response::new(Body::from(User::select().count(&mut s).await.unwrap().to_string()))
}

async fn spawns(DbSession(mut s): DbSession) -> &'static str {
    begin(&mut s).await;
    tokio::spawn(async move {
        sleep(Duration::from_millis(50)).await;
        drop(s);
    });
    "done?"
}

async fn app() -> (Router, Db) {
    let db = app::db().await;
    let app = Router::new()
        .route("/panics", get(panics))
        .route("/hangs", get(hangs))
        .route("/streams", get(streams))
        .route("/exports", get(exports))
        .route("/renders", get(renders))
        .route("/spawns", get(spawns))
        .layer(DbLayer::new().commit_on_success());
    (app.with_state(db.clone()), db)
}

/// Nobody holds a connection, and nothing was written.
async fn assert_clean(db: &Db) {
    assert_eq!((db.pool_status().in_use, db.pool_status().waiting), (0, 0));
    assert_eq!(User::select().count(&mut db.session()).await.unwrap(), 0);
}

async fn eventually_idle(db: &Db) {
    for _ in 0..200 {
        if db.pool_status().in_use == 0 {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("a connection is still held: {:?}", db.pool_status());
}

fn request(uri: &str) -> Request<Body> {
    Request::get(uri).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_handler_that_panics_leaves_no_transaction() {
    let (app, db) = app().await;
    let task = tokio::spawn(async move { app.oneshot(request("/panics")).await });
    assert!(task.await.unwrap_err().is_panic());
    assert_clean(&db).await;
}

#[tokio::test]
async fn a_handler_that_times_out_leaves_no_transaction() {
    let (app, db) = app().await;
    let app = app.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(50)));
    assert_eq!(app::get(&app, "/hangs").await.status, StatusCode::REQUEST_TIMEOUT);
    assert_clean(&db).await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_transaction() {
    let (app, db) = app().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /hangs HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    for _ in 0..200 {
        if db.pool_status().in_use == 1 {
            break;
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(db.pool_status().in_use, 1, "the handler has begun");
    drop(client);
    eventually_idle(&db).await;
    assert_clean(&db).await;
    server.abort();
}

#[tokio::test]
async fn a_streamed_body_holds_no_connection() {
    let (app, db) = app().await;
    let response = app.clone().oneshot(request("/streams")).await.unwrap();
    assert_eq!(
        response.status(),
        StatusCode::INTERNAL_SERVER_ERROR,
        "the handler is told, not the client kept waiting"
    );
    let problem = response.extensions().get::<Problem>().unwrap();
    let said = problem.source().unwrap().to_string();
    assert!(said.contains("the handler has answered, and somebody still has the request's session"), "{said}");
    assert!(said.contains("way out: a stream or a spawned task takes a session of its own: `db.session()`"), "{said}");
    assert_clean(&db).await;
    let response = app.oneshot(request("/renders")).await.unwrap();
    assert_eq!((response.status(), db.pool_status().in_use), (StatusCode::OK, 0), "before the body is read");
}

#[tokio::test]
async fn a_stream_with_a_session_of_its_own_holds_no_connection_between_its_parts() {
    let (app, db) = app().await;
    app::seed(&db, &[("Ada", 0), ("Bob", 0), ("Eve", 0)]).await;
    let mut body = app.oneshot(request("/exports")).await.unwrap().into_body();
    let mut parts = Vec::new();
    while let Some(part) = body.frame().await {
        parts.push(String::from_utf8(part.unwrap().into_data().unwrap().to_vec()).unwrap());
        assert_eq!(db.pool_status().in_use, 0, "while the client takes its time");
    }
    assert_eq!(parts, ["Ada\nBob\n", "Eve\n"]);
}

#[tokio::test]
async fn a_task_that_outlives_the_request_is_reported_and_writes_nothing() {
    let (app, db) = app().await;
    assert_eq!(app::get(&app, "/spawns").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    eventually_idle(&db).await;
    assert_clean(&db).await;
}
