//! Models, a database in memory, and requests.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use realgar::prelude::*;
use serde::Serialize;
use serde_json::Value;
use tower::ServiceExt;

#[derive(Model, Serialize)]
#[model(table = "users")]
pub(crate) struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique, length = 20)]
    pub name: String,
    #[column(default = false)]
    pub is_admin: bool,
    #[relationship(back_populates = author, cascade = "all, delete-orphan")]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    pub posts: Many<Post>,
}

#[derive(Model, Serialize)]
#[model(table = "posts")]
pub(crate) struct Post {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    pub stars: Option<i32>,
    #[column(foreign_key = User::id)]
    pub user_id: i64,
    #[relationship(back_populates = posts)]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub author: One<User>,
    #[relationship(secondary = PostTags)]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    pub tags: Many<Tag>,
}

#[derive(Table)]
#[table("post_tags")]
pub(crate) struct PostTags {
    #[column(foreign_key = Post::id)]
    pub post_id: i64,
    #[column(foreign_key = Tag::id)]
    pub tag_id: i64,
}

#[derive(Model, Serialize)]
#[model(table = "tags")]
pub(crate) struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique)]
    pub name: String,
}

/// A key of two columns.
#[derive(Model)]
#[model(table = "places")]
pub(crate) struct Place {
    #[column(primary_key)]
    pub row: i64,
    #[column(primary_key)]
    pub seat: String,
}

pub(crate) async fn db() -> Db {
    let db = Db::builder(models![User, Place]).pool_timeout(std::time::Duration::from_millis(200));
    let db = db.connect("sqlite::memory:").await.unwrap();
    db.create_all().await.unwrap();
    db
}

/// Users and their posts, committed: `("Ada", 2)` writes two.
pub(crate) async fn seed(db: &Db, users: &[(&str, usize)]) {
    let mut s = db.session();
    for &(name, posts) in users {
        let posts: Vec<Post> = (1..=posts).map(|number| new!(Post { title: format!("{name} {number:02}") })).collect();
        s.add(new!(User { name: name, posts: posts }));
    }
    s.commit().await.unwrap();
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) async fn get(app: &Router, uri: &str) -> Answer {
    send(app, Request::get(uri).body(Body::empty()).unwrap()).await
}

pub(crate) async fn post_json(app: &Router, uri: &str, json: impl Into<String>) -> Answer {
    let request = Request::post(uri).header(header::CONTENT_TYPE, "application/json");
    send(app, request.body(Body::from(json.into())).unwrap()).await
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
}
