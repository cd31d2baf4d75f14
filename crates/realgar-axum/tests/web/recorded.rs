//! What a request sent: for its handler, for layers around it, and in the header `Server-Timing`.

use axum::{Router, extract::Request, middleware::Next, response::Response, routing::get};
use realgar::prelude::*;
use realgar_axum::{DbLayer, DbSession, JsonBody, PageParams, RecordedQueries, nested, prelude::*};

use crate::app::{self, Post, Tag, User, seed};

async fn users(DbSession(mut s): DbSession) -> realgar_axum::Result<String> {
    User::select().filter_by(User::name, "Ada").all(&mut s).await?;
    User::select().paginate(&mut s, PageParams::default()).await?;
    let recorded = s.recorded_queries();
    let line = |sent: &realgar::Statement| format!("{}: {:?}", sent.place.unwrap().line(), sent.parameters);
    Ok(recorded.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// What a layer around the database's sees.
async fn count(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let sent = response.extensions().get::<RecordedQueries>().map(|recorded| recorded.0.len());
    response.headers_mut().insert("x-sent", format!("{sent:?}").parse().unwrap());
    response
}

async fn app(layer: DbLayer) -> Router {
    let db = app::db().await;
    seed(&db, &[("Ada", 0)]).await;
    let app = Router::new().route("/users", get(users)).route("/none", get(|| async {})).layer(layer);
    app.layer(axum::middleware::from_fn(count)).with_state(db)
}

#[tokio::test]
async fn r159_recorded_queries_say_what_where_and_how_long() {
    let app = app(DbLayer::new().record()).await;
    let answer = app::get(&app, "/users").await;
    assert_eq!(answer.text, "10: []\n11: []\n11: []");
    assert_eq!((answer.header("x-sent"), answer.header("server-timing")), ("Some(3)", ""));
    assert_eq!(app::get(&app, "/none").await.header("x-sent"), "Some(0)");
}

#[tokio::test]
async fn r159_what_was_bound_is_recorded_on_request() {
    let app = app(DbLayer::new().record_with_parameters()).await;
    let answer = app::get(&app, "/users").await;
    assert!(answer.text.starts_with("10: [\"\\\"Ada\\\"\"]\n"), "{}", answer.text);
}

#[tokio::test]
async fn r159_nothing_is_recorded_unless_asked_for() {
    let app = app(DbLayer::new()).await;
    let answer = app::get(&app, "/users").await;
    assert_eq!((answer.text.as_str(), answer.header("x-sent"), answer.header("server-timing")), ("", "None", ""));
}

#[tokio::test]
async fn the_header_names_times_and_places_and_neither_sql_nor_values() {
    let app = app(DbLayer::new().server_timing()).await;
    let answer = app::get(&app, "/users").await;
    let timing = answer.header("server-timing");
    let parts: Vec<&str> = timing.split(", ").collect();
    assert_eq!(parts.len(), 4, "{timing}");
    assert!(parts[0].starts_with("db;dur=") && parts[0].ends_with("desc=\"3 statements\""), "{timing}");
    assert!(parts[1].starts_with("db1;dur=") && parts[1].ends_with("tests/web/recorded.rs:10\""), "{timing}");
    assert!(parts[1].contains("desc=\"SELECT at "), "{timing}");
    for hidden in ["users", "Ada", "FROM"] {
        assert!(!timing.contains(hidden), "{timing}");
    }
}

/// Everything is sent on the account of a line of the program, never of one in this crate.
async fn retag(DbSession(mut s): DbSession, body: JsonBody) -> realgar_axum::Result<()> {
    let post = s.get_or_404::<Post>(1).await?;
    let known = nested(Post::tags, (Tag::id, Tag::name));
    body.change(&mut s, post, (Post::title, nested(Post::author, User::name), known)).await?;
    Ok(())
}

#[tokio::test]
async fn r159_what_bodies_and_commits_send_carries_the_line_that_asked_for_it() {
    let db = app::db().await;
    seed(&db, &[("Ada", 1)]).await;
    let mut s = db.session();
    s.add(new!(Tag { name: "old" }));
    s.commit().await.unwrap();
    drop(s);
    let recorder = db.recorder();
    let commit = line!() + 1;
    let layer = DbLayer::new().commit_on_success();
    let app = Router::new().route("/", axum::routing::post(retag)).layer(layer).with_state(db.clone());
    let answer = app::post_json(&app, "/", r#"{"title": "x", "tags": [{"id": 1, "name": "new"}]}"#).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let lines: Vec<(String, u32)> = recorder
        .statements()
        .into_iter()
        .map(|sent| {
            let place = sent.place.unwrap();
            assert_eq!(place.file(), file!(), "{}", sent.sql);
            (sent.sql.split(' ').next().unwrap().to_owned(), place.line())
        })
        .collect();
    let lines: Vec<(&str, u32)> = lines.iter().map(|(verb, line)| (verb.as_str(), *line)).collect();
    assert_eq!(
        lines,
        [("SELECT", 72), ("SELECT", 74), ("UPDATE", 74), ("UPDATE", 74), ("SELECT", 74), ("INSERT", commit)]
    );
}
