//! Users: all of them, one with profile and posts, and what goes with one who leaves.

use std::collections::HashMap;

use askama::Template;
use axum::{Router, extract::Path, http::StatusCode, response::Response, routing::get};
use realgar::{Session, prelude::*};
use realgar_axum::{DbSession, PageParams, Pagination, Problem, Result, prelude::*};

use super::{Frame, PostItem, When, list, number, page, posts::redirect, when};
use crate::{
    App,
    models::{Comment, Post, Profile, User},
    visitor::{CheckedForm, CurrentUser},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/users", get(index))
        .route("/users/{id}", get(show))
        .route("/users/{id}/delete", get(explain).post(delete))
}

#[derive(Template)]
#[template(path = "users.html")]
struct Index {
    frame: Frame,
    users: Pagination<UserItem>,
}

struct UserItem {
    id: i64,
    username: String,
    joined: When,
    posts: i64,
}

async fn index(frame: Frame, DbSession(mut s): DbSession, params: PageParams) -> Result<Response> {
    let users = User::select().order_by(User::username).paginate(&mut s, params.max_per_page(50)).await?;
    let ids: Vec<i64> = users.items.iter().map(|&user| s[user].id).collect();
    let counted = select((Post::user_id, count(Post::id))).filter(Post::user_id.in_(ids)).group_by(Post::user_id);
    let counted: HashMap<i64, i64> = counted.all(&mut s).await?.into_iter().collect();
    let users = users.map(|user| {
        let User { id, username, joined, .. } = &s[user];
        let posts = counted.get(id).copied().unwrap_or(0);
        UserItem { id: *id, username: username.clone(), joined: when(joined), posts }
    });
    page(Index { frame, users })
}

#[derive(Template)]
#[template(path = "user.html")]
struct Show {
    frame: Frame,
    id: i64,
    username: String,
    joined: When,
    bio: Option<String>,
    posts: Pagination<PostItem>,
}

async fn show(
    frame: Frame,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
    params: PageParams,
) -> Result<Response> {
    let user = s.get_or_404::<User>(number(&id)?).await.describe("There is no such user.")?;
    let profile = s.load(user, User::profile).await?;
    let posts = list(&mut s, User::posts.of(user).order_by(Post::id.desc()), params).await?;
    let bio = profile.map(|profile| s[profile].bio.clone());
    let (id, username, joined) = (s[user].id, s[user].username.clone(), when(&s[user].joined));
    page(Show { frame, id, username, joined, bio, posts })
}

#[derive(Template)]
#[template(path = "user_delete.html")]
struct Explain {
    frame: Frame,
    id: i64,
    username: String,
    posts: u64,
    comments: u64,
    others: u64,
    profiles: u64,
}

/// Myself; 403 where the address is another's.
async fn myself(s: &mut Session, me: Handle<User>, id: &str) -> Result<Handle<User>> {
    let user = s.get_or_404::<User>(number(id)?).await.describe("There is no such user.")?;
    match user == me {
        true => Ok(user),
        false => Err(Problem::new(StatusCode::FORBIDDEN).detail("This is somebody else.")),
    }
}

async fn explain(
    frame: Frame,
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
) -> Result<Response> {
    let user = myself(&mut s, me, &id).await?;
    let id = s[user].id;
    let on_mine = Comment::select().filter(Comment::post.has(Post::user_id.eq(id)));
    page(Explain {
        frame,
        id,
        username: s[user].username.clone(),
        posts: User::posts.of(user).count(&mut s).await?,
        comments: User::comments.of(user).count(&mut s).await?,
        others: on_mine.filter(Comment::user_id.ne(id)).count(&mut s).await?,
        profiles: Profile::select().filter_by(Profile::user_id, id).count(&mut s).await?,
    })
}

async fn delete(
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
    _: CheckedForm,
) -> Result<Response> {
    let user = myself(&mut s, me, &id).await?;
    s.delete(user)?; // the cascades of its relationships take the rest along
    Ok(redirect("/users"))
}
