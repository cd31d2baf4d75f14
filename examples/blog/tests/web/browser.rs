//! A browser without a window: it keeps its cookie, and sends the token that the page had.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use blog::{Settings, models::User, seed};
use http_body_util::BodyExt;
use realgar::prelude::*;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) struct Browser {
    pub app: Router,
    pub db: Db,
    pub cookie: Option<String>,
    accept: &'static str,
    /// What a proxy says of the browser's connection.
    pub forwarded: &'static str,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Where it leads.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        let location = self.headers.get("location").unwrap_or_else(|| panic!("{}: {}", self.status, self.text));
        location.to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn assert_has(&self, text: &str) {
        assert!(self.text.contains(text), "`{text}` is not part of {}\n{}", self.status, self.text);
    }

    /// The token of the page's forms.
    pub(crate) fn token(&self) -> String {
        let start = "name=\"token\" value=\"";
        let at = self.text.find(start).map(|at| at + start.len());
        at.map(|at| self.text[at..at + 64].to_owned()).unwrap_or_default()
    }
}

/// A database in memory with what a new blog holds, and a browser that looks at it.
pub(crate) async fn browser() -> Browser {
    browser_with(Settings::default()).await
}

/// An empty database: in memory, or a schema on the server that `REALGAR_TEST_URL` names.
async fn database() -> String {
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("REALGAR_TEST_URL") else { return "sqlite::memory:".to_owned() };
    let schema = format!("web{}_{}", std::process::id(), NUMBERS.fetch_add(1, Ordering::Relaxed));
    let none: [&'static realgar::ModelDesc; 0] = [];
    let db = Db::builder(none).pool_size(1).connect(&server).await.unwrap();
    let mut s = db.session();
    sql(format!("CREATE SCHEMA {schema}")).execute(&mut s).await.unwrap();
    s.commit().await.unwrap();
    format!("{server}?options=-csearch_path%3D{schema}&pool_size=2")
}

pub(crate) async fn browser_with(settings: Settings) -> Browser {
    let db = Db::connect(&database().await, blog::models()).await.unwrap();
    db.create_all().await.unwrap();
    assert!(seed::seed(&db).await.unwrap());
    assert!(!seed::seed(&db).await.unwrap(), "once");
    Browser { app: blog::app(db.clone(), settings), db, cookie: None, accept: "text/html,*/*;q=0.8", forwarded: "" }
}

impl Browser {
    /// Another browser on the same blog.
    pub(crate) fn another(&self) -> Browser {
        Browser {
            app: self.app.clone(),
            db: self.db.clone(),
            cookie: None,
            accept: self.accept,
            forwarded: self.forwarded,
        }
    }

    /// The same, as a program that wants JSON.
    pub(crate) fn json(mut self) -> Browser {
        self.accept = "application/json";
        self
    }

    pub(crate) async fn send(&mut self, method: Method, uri: &str, content: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri).header("accept", self.accept);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("other=1; blog={cookie}"));
        }
        if !self.forwarded.is_empty() {
            request = request.header("x-forwarded-proto", self.forwarded);
        }
        if !content.is_empty() {
            request = request.header("content-type", content);
        }
        let response = self.app.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            self.cookie = cookie.strip_prefix("blog=").and_then(|cookie| cookie.get(..64)).map(str::to_owned);
        }
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(self.db.pool_status().in_use, 0, "{uri} keeps its connection");
        Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) async fn get(&mut self, uri: &str) -> Answer {
        self.send(Method::GET, uri, "", Body::empty()).await
    }

    /// Sends a form with the token of this page.
    pub(crate) async fn submit(&mut self, page: &str, uri: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get(page).await.token();
        self.post(uri, &[fields, &[("token", &token)]].concat()).await
    }

    /// Sends a form as it is.
    pub(crate) async fn post(&mut self, uri: &str, fields: &[(&str, &str)]) -> Answer {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, text)| format!("{}={}", encode(name), encode(text))).collect();
        self.send(Method::POST, uri, "application/x-www-form-urlencoded", body.join("&")).await
    }

    pub(crate) async fn post_json(&mut self, method: Method, uri: &str, json: &Value) -> Answer {
        self.send(method, uri, "application/json", json.to_string()).await
    }

    /// Logs in; answers the user's number.
    pub(crate) async fn log_in(&mut self, name: &str) -> i64 {
        let answer = self.submit("/login", "/login", &[("username", name), ("password", seed::PASSWORD)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER.as_u16(), "/"), "{}", answer.text);
        select(User::id).filter_by(User::username, name).one(&mut self.db.session()).await.unwrap()
    }
}
