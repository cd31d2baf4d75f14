//! Signing up, logging in and out, and what somebody says about themselves.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use realgar::prelude::*;
use realgar_axum::{DbSession, Result};

use super::{Frame, mistaken, page, posts::redirect};
use crate::{
    App,
    forms::{Credentials, Mistakes, one_text},
    models::{Login, Profile, User},
    secrets,
    visitor::{CheckedForm, CurrentUser, NewCookie, Visitor},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/signup", get(sign_up_form).post(sign_up))
        .route("/login", get(log_in_form).post(log_in))
        .route("/logout", post(log_out))
        .route("/profile", get(profile_form).post(profile))
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    /// Whether it is a new one.
    new: bool,
    username: String,
    mistakes: Mistakes,
}

async fn sign_up_form(frame: Frame) -> Result<Response> {
    page(Account { frame, new: true, username: String::new(), mistakes: Mistakes::default() })
}

async fn log_in_form(frame: Frame) -> Result<Response> {
    page(Account { frame, new: false, username: String::new(), mistakes: Mistakes::default() })
}

async fn sign_up(frame: Frame, DbSession(mut s): DbSession, CheckedForm(fields): CheckedForm) -> Result<Response> {
    let (Credentials { username, password }, mut mistakes) = Credentials::checked(&fields);
    if mistakes.is_empty() {
        s.rollback().await?; // nobody waits for the database while the password is hashed
        let password = secrets::hash_password(password).await;
        let user = s.add(new!(User { username: username.as_str(), password: password }));
        match s.flush().await {
            Ok(()) => return Ok(logged_in(&mut s, user)),
            Err(error) if error.kind() == Kind::UniqueViolation => {
                s.rollback().await?;
                mistakes.add("username", "This name is taken: choose another one.");
            }
            Err(error) => return Err(error.into()),
        }
    }
    mistaken(Account { frame, new: true, username, mistakes })
}

async fn log_in(frame: Frame, DbSession(mut s): DbSession, CheckedForm(fields): CheckedForm) -> Result<Response> {
    let Credentials { username, password } = Credentials::given(&fields);
    let user = User::select().filter_by(User::username, username.as_str()).first(&mut s).await?;
    let hash = user.map(|user| s[user].password.clone());
    s.rollback().await?; // nobody waits for the database while the password is hashed
    match user {
        Some(user) if secrets::check_password(password, hash).await => Ok(logged_in(&mut s, user)),
        user => {
            if user.is_none() {
                secrets::check_password(fields.get("password").to_owned(), None).await;
            }
            let mut mistakes = Mistakes::default();
            mistakes.add("username", "Name or password is wrong.");
            mistaken(Account { frame, new: false, username, mistakes })
        }
    }
}

/// From now on this browser is this user's. It gets another cookie, so that one that somebody foisted on it is worth
/// nothing.
fn logged_in(s: &mut Session, user: Handle<User>) -> Response {
    let cookie = secrets::random();
    s.add(new!(Login { cookie: secrets::hash(&cookie), user: user }));
    let mut response = redirect("/");
    response.extensions_mut().insert(NewCookie(cookie));
    response
}

async fn log_out(visitor: Visitor, DbSession(mut s): DbSession, _: CheckedForm) -> Result<Response> {
    if let Some(login) = s.get::<Login>(secrets::hash(&visitor.cookie)).await? {
        s.delete(login)?;
    }
    let mut response = redirect("/").into_response();
    response.extensions_mut().insert(NewCookie(secrets::random()));
    Ok(response)
}

#[derive(Template)]
#[template(path = "profile.html")]
struct Edit {
    frame: Frame,
    bio: String,
    mistakes: Mistakes,
}

async fn profile_form(frame: Frame, CurrentUser(me): CurrentUser, DbSession(mut s): DbSession) -> Result<Response> {
    let profile = s.load(me, User::profile).await?;
    let bio = profile.map(|profile| s[profile].bio.clone()).unwrap_or_default();
    page(Edit { frame, bio, mistakes: Mistakes::default() })
}

async fn profile(
    frame: Frame,
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    CheckedForm(fields): CheckedForm,
) -> Result<Response> {
    let (bio, mistakes) = one_text(&fields, "bio", "The text");
    if !mistakes.is_empty() {
        return mistaken(Edit { frame, bio, mistakes });
    }
    match s.load(me, User::profile).await? {
        Some(profile) => s[profile].bio = bio,
        None => s.set(me, User::profile, new!(Profile { bio: bio }))?,
    }
    Ok(redirect(&format!("/users/{}", s[me].id)))
}
