//! Who is asking: a cookie for every browser, the token of its forms, and the user who is logged in there.

use axum::{
    Form,
    extract::{FromRef, FromRequest, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use realgar::prelude::*;
use realgar_axum::{DbSession, Problem, Result};

use crate::{
    App,
    forms::Fields,
    models::{Login, User},
    secrets,
};

const COOKIE: &str = "blog";

/// Whether browsers reach the blog by https: its cookie is then `Secure`, and never sent in the clear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Https {
    /// They do not.
    #[default]
    Never,
    /// They do, always.
    Always,
    /// The proxy before us says so for each request, in `X-Forwarded-Proto`. Without a proxy anybody could say it.
    AsForwarded,
}

impl Https {
    /// What `BLOG_HTTPS` says.
    #[must_use]
    pub fn parse(text: &str) -> Option<Https> {
        match text {
            "" | "never" => Some(Https::Never),
            "always" => Some(Https::Always),
            "proxy" => Some(Https::AsForwarded),
            _ => None,
        }
    }

    fn says(self, headers: &HeaderMap) -> bool {
        // Of several proxies, the one before us speaks last.
        let forwarded = || headers.get_all("x-forwarded-proto").iter().next_back()?.to_str().ok()?.rsplit(',').next();
        match self {
            Https::Never => false,
            Https::Always => true,
            Https::AsForwarded => forwarded().is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https")),
        }
    }
}

/// A browser, by its cookie.
#[derive(Clone)]
pub struct Visitor {
    /// What the cookie holds.
    pub cookie: String,
    /// What this visitor's forms carry.
    pub token: String,
}

/// Among the extensions of a response: the browser gets this cookie from now on.
#[derive(Clone)]
pub struct NewCookie(pub String);

/// Gives every browser a cookie. It says nothing of anybody: it is a random number.
pub async fn recognise(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (known, secure) = (cookie(request.headers()), app.https.says(request.headers()));
    let fresh = known.is_none().then(secrets::random);
    let cookie = known.or(fresh.clone()).unwrap_or_default();
    let token = app.key.token(&cookie);
    request.extensions_mut().insert(Visitor { cookie, token });
    let mut response = next.run(request).await;
    let new = response.extensions_mut().remove::<NewCookie>().map(|new| new.0).or(fresh);
    if let Some(new) = new {
        let secure = if secure { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={new}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The cookie of this application, where it looks like one.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    let value = cookies.find(|(name, _)| *name == COOKIE)?.1;
    (value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| value.to_owned())
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Visitor>().cloned().ok_or_else(|| Problem::new(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

/// Who is logged in, if anybody: loaded through the request's session, so that the handler has the same object.
#[derive(Clone, Copy)]
pub struct MaybeUser(pub Option<Handle<User>>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeUser
where
    Db: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        if let Some(known) = parts.extensions.get::<MaybeUser>() {
            return Ok(*known);
        }
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let DbSession(mut s) = DbSession::from_request_parts(parts, state).await?;
        let known = Login::select().filter_by(Login::cookie, secrets::hash(&visitor.cookie));
        let login = known.options(Login::user.joined()).first(&mut s).await?;
        let user = MaybeUser(login.map(|login| s.loaded(login, Login::user)).transpose()?);
        parts.extensions.insert(user);
        Ok(user)
    }
}

/// Who is logged in; 401 where nobody is.
#[derive(Clone, Copy)]
pub struct CurrentUser(pub Handle<User>);

impl<S: Send + Sync> FromRequestParts<S> for CurrentUser
where
    Db: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let MaybeUser(user) = MaybeUser::from_request_parts(parts, state).await?;
        user.map(CurrentUser).ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED).detail("Log in first."))
    }
}

/// The fields of a form that came from one of our pages.
///
/// # Errors
/// 403 without the visitor's token, 415 for another content type, 413 for a form that is too large.
pub struct CheckedForm(pub Fields);

impl FromRequest<App> for CheckedForm {
    type Rejection = Problem;

    async fn from_request(mut request: Request, app: &App) -> Result<Self> {
        let visitor = request.extensions_mut().get::<Visitor>().cloned();
        let form = Form::<Vec<(String, String)>>::from_request(request, app).await;
        let Form(fields) = form.map_err(|rejection| Problem::new(rejection.status()))?;
        let fields = Fields::new(fields);
        match visitor {
            Some(visitor) if app.key.check(&visitor.cookie, fields.get("token")) => Ok(CheckedForm(fields)),
            _ => Err(Problem::new(StatusCode::FORBIDDEN)
                .detail("This form is too old, or not from here. Go back, load the page anew, and try again.")),
        }
    }
}
