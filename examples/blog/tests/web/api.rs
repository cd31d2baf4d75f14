//! The API.

use axum::http::Method;
use blog::models::{Post, User};
use realgar::prelude::*;
use serde_json::json;

use crate::browser::browser;

#[tokio::test]
async fn reading() {
    let mut b = browser().await.json();
    let posts = b.get("/api/posts?per_page=5").await;
    let body = posts.json();
    assert_eq!((body["items"].as_array().unwrap().len(), &body["total"]), (5, &json!(24)));
    assert_eq!(body["items"][0]["author"]["username"], "ada");
    assert_eq!(body["items"][0]["tags"][0]["name"], "web");
    assert!(posts.headers["link"].to_str().unwrap().contains("rel=\"next\""));
    let post = b.get("/api/posts/1").await.json();
    assert_eq!(post["comments"][0]["text"], "I did not know that.");
    assert!(post["comments"][0]["author"]["username"].is_string());
    assert_eq!(b.get("/api/tags").await.json().as_array().unwrap().len(), 6);
    let user = b.get("/api/users/1").await;
    assert_eq!(user.json()["profile"]["bio"], "Hello, I am ada. I came with the blog.");
    for answer in [posts, user] {
        assert!(!answer.text.contains("argon2") && !answer.text.contains("password"), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_feed_reaches_everything_once() {
    let mut b = browser().await.json();
    let (mut uri, mut seen) = ("/api/feed?per_page=7".to_owned(), Vec::new());
    loop {
        let body = b.get(&uri).await.json();
        seen.extend(body["items"].as_array().unwrap().iter().map(|post| post["id"].as_i64().unwrap()));
        let Some(next) = body["next"].as_str() else { break };
        uri = format!("/api/feed?per_page=7&after={next}");
    }
    assert_eq!(seen, (1..=24).collect::<Vec<i64>>());
    assert_eq!(b.get("/api/feed?after=nonsense").await.status, 400);
}

#[tokio::test]
async fn writing() {
    let mut b = browser().await.json();
    b.log_in("ada").await;
    let body = json!({ "title": "By a program", "content": "Hello", "tags": [{ "id": 1 }, { "id": 2 }] });
    let answer = b.post_json(Method::POST, "/api/posts", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let uri = answer.location().to_owned();
    let post = b.get(&uri).await.json();
    assert_eq!((&post["title"], &post["author"]["username"]), (&json!("By a program"), &json!("ada")));
    assert_eq!(post["tags"].as_array().unwrap().len(), 2);

    let answer = b.post_json(Method::PATCH, &uri, &json!({ "tags": [{ "id": 2 }] })).await;
    assert_eq!((answer.status, answer.json()["tags"].as_array().unwrap().len()), (200, 1), "{}", answer.text);
    assert_eq!(b.get(&uri).await.json()["title"], "By a program", "what is not named stays");

    let answer = b.post_json(Method::POST, &format!("{uri}/comments"), &json!({ "text": "Nice" })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(b.get(&uri).await.json()["comments"][0]["text"], "Nice");

    assert_eq!(b.send(Method::DELETE, &uri, "", "").await.status, 204);
    assert_eq!(b.get(&uri).await.status, 404);
}

#[tokio::test]
async fn what_is_refused() {
    let mut b = browser().await.json();
    let post = json!({ "title": "x", "content": "x" });
    assert_eq!(b.post_json(Method::POST, "/api/posts", &post).await.status, 401);
    assert_eq!(b.send(Method::DELETE, "/api/posts/1", "", "").await.status, 401);
    let me = b.log_in("ada").await;
    for (body, pointer) in [
        (json!({ "title": "x" }), "#/content"),
        (json!({ "title": "x", "content": "x", "user_id": 2 }), "#/user_id"),
        (json!({ "title": "x", "content": "x", "id": 1 }), "#/id"),
        (json!({ "title": 1, "content": "x" }), "#/title"),
        (json!({ "title": "x", "content": "x", "tags": [{ "id": 99 }] }), "#/tags/0"),
        (json!({ "title": "x", "content": "x", "tags": [{ "id": 1, "name": "mine" }] }), "#/tags/0/name"),
        (json!({ "title": "x".repeat(201), "content": "x" }), "#/title"),
    ] {
        let answer = b.post_json(Method::POST, "/api/posts", &body).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!(pointer)), "{body}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    let answer = b.post_json(Method::POST, "/api/tags", &json!({ "name": "loading" })).await;
    assert_eq!((answer.status, &answer.json()["detail"]), (409, &json!("This value is taken already: name.")));
    let another: i64 = select(Post::id).filter(Post::user_id.ne(me)).limit(1).one(&mut b.db.session()).await.unwrap();
    let uri = format!("/api/posts/{another}");
    assert_eq!(b.post_json(Method::PATCH, &uri, &json!({ "title": "mine now" })).await.status, 403);
    assert_eq!(b.send(Method::DELETE, &uri, "", "").await.status, 403);
    assert_eq!(b.post_json(Method::PATCH, "/api/posts/999", &json!({})).await.status, 404);
    assert_eq!(b.get("/api/posts/x").await.status, 404);
    assert_eq!(b.get("/api/posts?page=0").await.status, 404);
    assert_eq!(b.get("/api/nowhere").await.status, 404);
    assert_eq!(User::select().count(&mut b.db.session()).await.unwrap(), 3);
}
