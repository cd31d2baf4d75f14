//! Bodies of requests into objects, and into changes of them.

use axum::{Router, extract::Path, http::StatusCode, routing::post};
use realgar::prelude::*;
use realgar_axum::{DbLayer, DbSession, JsonBody, nested, prelude::*};
use serde_json::json;

use crate::app::{self, Post, Tag, User, post_json, seed};

async fn create(DbSession(mut s): DbSession, body: JsonBody) -> realgar_axum::Result<String> {
    let posts = nested(User::posts, (Post::title, Post::stars, nested(Post::tags, (Tag::id, Tag::name))));
    let user = body.create::<User>(&mut s, (User::name, posts)).await?;
    s.commit().await?;
    Ok(s[user].id.to_string())
}

async fn change(DbSession(mut s): DbSession, Path(id): Path<i64>, body: JsonBody) -> realgar_axum::Result<()> {
    let user = s.get_or_404::<User>(id).await?;
    let posts = nested(User::posts, (Post::id, Post::title, Post::stars));
    body.change(&mut s, user, (User::name, posts)).await?;
    s.commit().await?;
    Ok(())
}

async fn retag(DbSession(mut s): DbSession, Path(id): Path<i64>, body: JsonBody) -> realgar_axum::Result<()> {
    let post = s.get_or_404::<Post>(id).await?;
    let fields =
        (Post::title, Post::stars, Post::user_id, nested(Post::author, User::name), nested(Post::tags, Tag::id));
    body.change(&mut s, post, fields).await?;
    s.commit().await?;
    Ok(())
}

async fn app() -> (Router, Db) {
    let db = app::db().await;
    seed(&db, &[("Ada", 2), ("Bob", 1)]).await;
    let app = Router::new()
        .route("/users", post(create))
        .route("/users/{id}", post(change))
        .route("/posts/{id}", post(retag))
        .layer(DbLayer::new());
    (app.with_state(db.clone()), db)
}

async fn titles(db: &Db, user: i64) -> Vec<String> {
    select(Post::title).filter_by(Post::user_id, user).order_by(Post::id).all(&mut db.session()).await.unwrap()
}

#[tokio::test]
async fn a_body_becomes_an_object_with_what_is_nested() {
    let (app, db) = app().await;
    let body = json!({ "name": "Eve", "posts": [
        { "title": "one", "stars": 5, "tags": [{ "name": "new" }] },
        { "title": "two", "stars": null, "tags": [] },
    ] });
    let answer = post_json(&app, "/users", body.to_string()).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "3"));
    assert_eq!(titles(&db, 3).await, ["one", "two"]);
    let mut s = db.session();
    let eve = s.get_one::<User>(3).await.unwrap();
    assert!(!s[eve].is_admin);
    let posts = s.load(eve, User::posts).await.unwrap();
    assert_eq!((s[posts[0]].stars, s[posts[1]].stars), (Some(5), None));
    let tags = s.load(posts[0], Post::tags).await.unwrap();
    assert_eq!(s[tags[0]].name, "new");
    // Another post with the same tag, by its key.
    drop(s);
    let body = json!({ "name": "Fay", "posts": [{ "title": "three", "tags": [{ "id": 1 }] }] });
    assert_eq!(post_json(&app, "/users", body.to_string()).await.status, StatusCode::OK);
    assert_eq!(Tag::select().count(&mut db.session()).await.unwrap(), 1);
}

#[tokio::test]
async fn every_mistake_is_named_with_its_place() {
    let (app, db) = app().await;
    for (body, errors) in [
        (json!({}), vec![("#/name", "missing")]),
        (json!({ "name": null }), vec![("#/name", "expected a value, not null")]),
        (json!({ "name": 7 }), vec![("#/name", "expected text")]),
        (json!({ "name": "x".repeat(21) }), vec![("#/name", "longer than 20 characters")]),
        (json!({ "name": "Eve", "is_admin": true }), vec![("#/is_admin", "unknown field")]),
        (json!({ "name": "Eve", "id": 1 }), vec![("#/id", "unknown field")]),
        (json!({ "name": "Eve", "a/b~c": 1 }), vec![("#/a~1b~0c", "unknown field")]),
        (json!({ "name": "Eve", "posts": {} }), vec![("#/posts", "expected a list")]),
        (
            json!({ "name": "Eve", "posts": [1, "x"] }),
            vec![("#/posts/0", "expected an object"), ("#/posts/1", "expected an object")],
        ),
        (
            json!({ "posts": [{ "title": "ok" }, { "stars": "many", "tags": [{ "name": 1 }, { "nam": "x" }] }] }),
            vec![
                ("#/posts/1/stars", "expected an integer"),
                ("#/posts/1/tags/0/name", "expected text"),
                ("#/posts/1/tags/1/nam", "unknown field"),
                ("#/posts/1/tags/1/name", "missing"),
                ("#/posts/1/title", "missing"),
                ("#/name", "missing"),
            ],
        ),
        (
            json!({ "name": "Eve", "posts": [{ "title": "x", "tags": [{ "id": 9 }] }] }),
            vec![("#/posts/0/tags/0", "there is no such `Tag` here")],
        ),
        (
            json!({ "name": "Eve", "posts": [{ "title": "x", "stars": 3_000_000_000_i64 }] }),
            vec![("#/posts/0/stars", "an integer that does not fit 32 bits")],
        ),
        (json!([]), vec![("#", "expected an object")]),
        (json!("Eve"), vec![("#", "expected an object")]),
    ] {
        let answer = post_json(&app, "/users", body.to_string()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let got = answer.json()["errors"].clone();
        let wanted: serde_json::Value =
            errors.iter().map(|(pointer, detail)| json!({ "pointer": pointer, "detail": detail })).collect();
        assert_eq!(got, wanted, "{body}");
    }
    assert_eq!(User::select().count(&mut db.session()).await.unwrap(), 2, "nothing of it was added");
}

#[tokio::test]
async fn only_what_the_body_names_is_changed() {
    let (app, db) = app().await;
    let recorder = db.recorder();
    let answer = post_json(&app, "/users/1", json!({ "name": "Grace" }).to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let sent: Vec<String> = recorder.statements().into_iter().map(|sent| sent.sql).collect();
    assert_eq!(sent.last().unwrap(), r#"UPDATE "users" SET "name" = ? WHERE "id" = ?"#);
    assert_eq!(titles(&db, 1).await, ["Ada 01", "Ada 02"]);
    assert_eq!(post_json(&app, "/users/1", "{}").await.status, StatusCode::OK, "nothing at all");
}

#[tokio::test]
async fn a_collection_becomes_what_the_body_says() {
    let (app, db) = app().await;
    let body = json!({ "posts": [{ "id": 2, "title": "changed" }, { "title": "new", "stars": 1 }] });
    assert_eq!(post_json(&app, "/users/1", body.to_string()).await.status, StatusCode::OK);
    assert_eq!(titles(&db, 1).await, ["changed", "new"], "the first one left, and is an orphan");
    assert_eq!(titles(&db, 2).await, ["Bob 01"]);
}

#[tokio::test]
async fn a_body_cannot_take_what_belongs_to_another() {
    let (app, db) = app().await;
    let body = json!({ "posts": [{ "id": 3, "title": "mine now" }] }); // Bob's
    let answer = post_json(&app, "/users/1", body.to_string()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["errors"][0]["detail"], "there is no such `Post` here");
    assert_eq!((titles(&db, 1).await.len(), titles(&db, 2).await), (2, vec!["Bob 01".to_owned()]));
}

#[tokio::test]
async fn relationships_to_one_and_keys() {
    let (app, db) = app().await;
    let answer = post_json(&app, "/posts/1", json!({ "author": { "name": "Zoe" } }).to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(titles(&db, 3).await, ["Ada 01"]);
    let answer = post_json(&app, "/posts/1", json!({ "author": null }).to_string()).await;
    assert_eq!(answer.json()["errors"][0]["detail"], "expected an object", "somebody has written it");
    assert_eq!(
        post_json(&app, "/posts/1", json!({ "user_id": 2, "stars": 4 }).to_string()).await.status,
        StatusCode::OK
    );
    assert_eq!(titles(&db, 2).await, ["Ada 01", "Bob 01"]);
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let (app, _) = app().await;
    for (body, status) in [("{", 400), ("", 400), ("{\"name\": }", 400), ("nul", 400), ("[[[[", 400)] {
        let answer = post_json(&app, "/users", body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (status, "application/problem+json"),
            "{body}"
        );
    }
    let deep = "[".repeat(100_000);
    assert_eq!(post_json(&app, "/users", deep).await.status, StatusCode::BAD_REQUEST);
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(3_000_000));
    assert_eq!(post_json(&app, "/users", large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let form = axum::http::Request::post("/users").header("content-type", "application/x-www-form-urlencoded");
    let answer = app::send(&app, form.body("name=Eve".into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
