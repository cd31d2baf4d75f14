//! A blog: users with profiles, posts with tags, comments. It shows what a web application with Realgar looks like.
//!
//! | file | what |
//! |---|---|
//! | `models.rs` | the models, every kind of relationship once |
//! | `visitor.rs` | who is asking: cookies, forms that came from here, `CurrentUser` |
//! | `pages/` | the pages, one file for each kind |
//! | `api.rs` | the same as JSON |
//! | `seed.rs` | what a new blog holds |
//! | `forms.rs`, `secrets.rs` | what was typed; passwords, cookies, tokens |

#![allow(missing_docs)] // the fields of an example's models speak for themselves

pub mod api;
pub mod forms;
pub mod models;
pub mod pages;
pub mod secrets;
pub mod seed;
pub mod visitor;

use axum::{
    Json, Router,
    extract::{FromRef, State},
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::Response,
    routing::get,
};
use realgar::{Db, ModelDesc, models};
use realgar_axum::DbLayer;
use serde_json::{Value, json};
use visitor::Https;

/// What every handler can have.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub key: secrets::Key,
    pub https: Https,
}

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Db {
        app.db.clone()
    }
}

/// The models of the blog: what is related to a user comes along.
#[must_use]
pub fn models() -> [&'static ModelDesc; 1] {
    models![models::User]
}

/// What can be said when the blog is started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// Adds the header `Server-Timing`.
    pub timing: bool,
    /// Whether browsers reach it by https.
    pub https: Https,
}

/// The whole application.
pub fn app(db: Db, settings: Settings) -> Router {
    let app = App { db, key: secrets::Key::new(), https: settings.https };
    let layer = DbLayer::new().commit_on_success().read_only_gets().error_page(pages::error_page);
    let layer = if settings.timing { layer.server_timing() } else { layer };
    Router::new()
        .merge(pages::routes())
        .nest("/api", api::routes())
        .route("/health", get(health))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), visitor::recognise))
        .layer(layer)
        .layer(middleware::map_response(harden))
        .with_state(app)
}

/// Whether we are there, and how busy the database is.
async fn health(State(db): State<Db>) -> Json<Value> {
    let pool = db.pool_status();
    Json(json!({ "connections": { "open": pool.size, "in_use": pool.in_use, "waiting": pool.waiting } }))
}

/// What browsers are told not to do with our pages.
async fn harden(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 4] = [
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
