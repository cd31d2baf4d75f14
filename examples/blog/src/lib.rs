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
    Router,
    extract::FromRef,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::Response,
};
use realgar::{Db, ModelDesc, models};
use realgar_axum::DbLayer;

/// What every handler can have.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub key: secrets::Key,
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

/// The whole application. `timing` adds the header `Server-Timing`.
pub fn app(db: Db, timing: bool) -> Router {
    let app = App { db, key: secrets::Key::new() };
    let layer = DbLayer::new().commit_on_success().error_page(pages::error_page);
    let layer = if timing { layer.server_timing() } else { layer };
    Router::new()
        .merge(pages::routes())
        .nest("/api", api::routes())
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), visitor::recognise))
        .layer(layer)
        .layer(middleware::map_response(harden))
        .with_state(app)
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
