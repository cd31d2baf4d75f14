//! The same as JSON, under `/api`. Errors are problem details; whoever is logged in in the browser is so here.
//!
//! Forms of other sites cannot send JSON, and the cookie does not travel with requests that they make by script.

use axum::{
    Json, Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use realgar::{Session, prelude::*};
use realgar_axum::{
    CursorPage, CursorParams, DbSession, JsonBody, PageParams, Pagination, Problem, Result, nested, prelude::*,
};

use crate::{
    App,
    models::{Comment, Post, Tag, User},
    visitor::CurrentUser,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/posts", get(posts).post(create))
        .route("/posts/{id}", get(show).patch(change).delete(delete))
        .route("/posts/{id}/comments", post(comment))
        .route("/feed", get(feed))
        .route("/tags", get(tags).post(create_tag))
        .route("/users/{id}", get(user))
}

/// A number in an address; whatever is none is not there.
fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Problem::not_found())
}

async fn posts(DbSession(mut s): DbSession, params: PageParams) -> Result<Pagination<Post>> {
    let posts = Post::select().order_by(Post::id.desc()).options(Post::author.joined()).options(Post::tags.selectin());
    Ok(posts.paginate(&mut s, params.max_per_page(100)).await?.try_map(|post| s.tree(post))?)
}

/// All posts in the order of their making, by key: for those who read everything.
async fn feed(DbSession(mut s): DbSession, params: CursorParams) -> Result<CursorPage<Post>> {
    Ok(Post::select().paginate_by(Post::id, &mut s, params).await?.try_map(|post| s.tree(post))?)
}

async fn load(s: &mut Session, id: &str) -> Result<Handle<Post>> {
    let post = s.get_or_404::<Post>(number(id)?).await.describe("There is no such post.")?;
    s.preload(&[post], Post::author.selectin()).await?;
    s.preload(&[post], Post::tags.selectin()).await?;
    s.preload(&[post], Post::comments.selectin().then(Comment::author.selectin())).await?;
    Ok(post)
}

async fn show(DbSession(mut s): DbSession, Path(id): Path<String>) -> Result<Json<Post>> {
    let post = load(&mut s, &id).await?;
    Ok(Json(s.tree(post)?))
}

async fn create(CurrentUser(me): CurrentUser, DbSession(mut s): DbSession, body: JsonBody) -> Result<Response> {
    let fields = (Post::title, Post::content, nested(Post::tags, Tag::id));
    let post = body.create::<Post>(&mut s, fields).await?;
    s.set(post, Post::author, me)?;
    s.flush().await?;
    let address = format!("/api/posts/{}", s[post].id);
    Ok((StatusCode::CREATED, [(header::LOCATION, address)], Json(s.tree(post)?)).into_response())
}

async fn mine(s: &mut Session, me: Handle<User>, id: &str) -> Result<Handle<Post>> {
    let post = load(s, id).await?;
    match s[post].user_id == s[me].id {
        true => Ok(post),
        false => Err(Problem::new(StatusCode::FORBIDDEN).detail("This is somebody else's post.")),
    }
}

async fn change(
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Post>> {
    let post = mine(&mut s, me, &id).await?;
    body.change(&mut s, post, (Post::title, Post::content, nested(Post::tags, Tag::id))).await?;
    s.flush().await?;
    Ok(Json(s.tree(post)?))
}

async fn delete(
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let post = mine(&mut s, me, &id).await?;
    s.delete(post)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn comment(
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Response> {
    let post = s.get_or_404::<Post>(number(&id)?).await.describe("There is no such post.")?;
    let comment = body.create::<Comment>(&mut s, Comment::text).await?;
    s.set(comment, Comment::post, post)?;
    s.set(comment, Comment::author, me)?;
    s.flush().await?;
    Ok((StatusCode::CREATED, Json(s.tree(comment)?)).into_response())
}

async fn tags(DbSession(mut s): DbSession) -> Result<Json<Vec<Tag>>> {
    let tags = Tag::select().order_by(Tag::name).limit(500).all(&mut s).await?;
    Ok(Json(tags.into_iter().map(|tag| s.tree(tag)).collect::<Result<_, _>>()?))
}

async fn create_tag(CurrentUser(_): CurrentUser, DbSession(mut s): DbSession, body: JsonBody) -> Result<Response> {
    let tag = body.create::<Tag>(&mut s, Tag::name).await?;
    s.flush().await?;
    Ok((StatusCode::CREATED, Json(s.tree(tag)?)).into_response())
}

async fn user(DbSession(mut s): DbSession, Path(id): Path<String>) -> Result<Json<User>> {
    let user = s.get_or_404::<User>(number(&id)?).await.describe("There is no such user.")?;
    s.load(user, User::profile).await?;
    Ok(Json(s.tree(user)?))
}
