//! The pages: what they have in common, and where each is.

mod account;
mod posts;
mod tags;
mod users;

use askama::Template;
use axum::{
    Router,
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use realgar::{Session, View, prelude::*};
use realgar_axum::{DbSession, PageParams, Pagination, Problem, Result, prelude::*};

use crate::{
    App,
    models::{Comment, Post, Tag, User},
    visitor::{MaybeUser, Visitor},
};

/// Every page, and the style sheet.
pub fn routes() -> Router<App> {
    let style = ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")], STYLE);
    Router::new()
        .route("/style.css", get(move || async move { style }))
        .merge(posts::routes())
        .merge(tags::routes())
        .merge(users::routes())
        .merge(account::routes())
}

const STYLE: &str = include_str!("../templates/style.css");

/// So many posts stand on a page, where the address does not say; and so many at most.
const PER_PAGE: u64 = 10;
const MAX_PER_PAGE: u64 = 50;

/// What is around every page: who is logged in, and the token of its forms.
pub struct Frame {
    pub me: Option<Person>,
    /// The token of its forms; none on pages that know nothing of who is asking.
    pub token: String,
    /// Its address.
    path: String,
}

/// Somebody, as a page names them.
#[derive(Clone)]
pub struct Person {
    pub id: i64,
    pub username: String,
}

impl Person {
    fn of(user: View<'_, User>) -> Person {
        Person { id: user.id, username: user.username.clone() }
    }
}

impl Frame {
    /// What marks the link to this page.
    fn current(&self, path: &str) -> &'static str {
        if self.path == path { " aria-current=\"page\"" } else { "" }
    }

    fn current_user(&self, id: &i64) -> &'static str {
        self.current(&format!("/users/{id}"))
    }

    /// Whether this is who is logged in.
    fn is_me(&self, id: &i64) -> bool {
        self.me.as_ref().is_some_and(|me| me.id == *id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame
where
    Db: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let MaybeUser(me) = MaybeUser::from_request_parts(parts, state).await?;
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let DbSession(s) = DbSession::from_request_parts(parts, state).await?;
        let me = me.map(|me| Person::of(s.view(me)));
        Ok(Frame { me, token: visitor.token, path: parts.uri.path().to_owned() })
    }
}

/// A page. A template that fails is a mistake of ours.
fn page(template: impl Template) -> Result<Response> {
    let html = template.render().map_err(|error| {
        tracing::error!("a page could not be rendered: {error}");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    Ok(Html(html).into_response())
}

/// The same for a form with mistakes: 422, so that nothing is committed.
fn mistaken(template: impl Template) -> Result<Response> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(template)?).into_response())
}

/// A post in a list.
pub struct PostItem {
    pub id: i64,
    pub title: String,
    pub excerpt: String,
    pub written: When,
    pub author: Person,
    pub tags: Vec<String>,
    pub comments: u64,
}

/// One page of a list of posts: two statements for the posts and their number, one each for tags and comments.
async fn list(s: &mut Session, posts: Select<Handle<Post>>, params: PageParams) -> Result<Pagination<PostItem>> {
    let posts = posts.options(Post::author.joined()).options(Post::tags.selectin());
    let page = posts.paginate(s, params.per_page(PER_PAGE).max_per_page(MAX_PER_PAGE)).await?;
    let counted = select((Comment::post_id, count(Comment::id)))
        .filter(Comment::post_id.in_(page.items.iter().map(|&post| s[post].id).collect::<Vec<_>>()))
        .group_by(Comment::post_id);
    let counted: Vec<(i64, i64)> = counted.all(s).await?;
    let comments = |id| counted.iter().find(|(post, _)| *post == id).map_or(0, |(_, count)| count.unsigned_abs());
    Ok(page.try_map(|post| {
        let post = s.view(post);
        Ok::<_, realgar::Error>(PostItem {
            id: post.id,
            title: post.title.clone(),
            excerpt: excerpt(&post.content),
            written: when(&post.written),
            author: Person::of(post.one(Post::author)?),
            tags: post.many(Post::tags)?.map(|tag| tag.name.clone()).collect(),
            comments: comments(post.id),
        })
    })?)
}

/// The beginning of a text, whole words.
fn excerpt(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(160) else { return text.to_owned() };
    let words = text[..end].rfind(char::is_whitespace).filter(|&words| words > 80);
    format!("{}…", text[..words.unwrap_or(end)].trim_end())
}

/// A moment, for people and for programs.
pub struct When {
    pub text: String,
    pub iso: String,
}

fn when(moment: &DateTime<Utc>) -> When {
    When { text: moment.format("%-d %B %Y").to_string(), iso: moment.format("%Y-%m-%dT%H:%MZ").to_string() }
}

/// What stands for somebody without a picture.
pub fn first_letter(name: &str) -> String {
    name.chars().next().into_iter().flat_map(char::to_uppercase).collect()
}

/// The address of a tag's page.
pub fn tag_url(name: &str) -> String {
    format!("/tags/{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

/// The number in an address; whatever is none is not there.
fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Problem::not_found())
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    title: &'a str,
    text: &'a str,
    login: bool,
}

/// The page of a problem: it knows nothing of the visitor, whose session is over.
#[must_use]
pub fn error_page(problem: &Problem) -> String {
    let text = match (problem.status(), problem.text()) {
        (_, Some(text)) => text,
        (StatusCode::NOT_FOUND, None) => "There is nothing at this address.",
        (StatusCode::FORBIDDEN, None) => "This is not yours.",
        (status, None) if status.is_server_error() => "This is our mistake. It is written down, and we look at it.",
        _ => "This did not work.",
    };
    let frame = Frame { me: None, token: String::new(), path: String::new() };
    let login = problem.status() == StatusCode::UNAUTHORIZED;
    ErrorPage { frame, title: problem.title(), text, login }.render().unwrap_or_else(|_| problem.title().to_owned())
}

/// What is not there.
pub async fn not_found() -> Problem {
    Problem::not_found()
}

/// What is there, and is asked for in another way.
pub async fn not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED)
}

/// The tags of these names: those that are there, and new ones for the others.
pub(crate) async fn tags_named(s: &mut Session, names: &[String]) -> Result<Vec<Handle<Tag>>> {
    let mut tags = Tag::select().filter(Tag::name.in_(names.to_vec())).all(s).await?;
    for name in names {
        if !tags.iter().any(|&tag| s[tag].name == *name) {
            tags.push(s.add(new!(Tag { name: name })));
        }
    }
    Ok(tags)
}
