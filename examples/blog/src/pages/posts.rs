//! Posts: the list, one of them with its comments, writing, changing, deleting.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{Redirect, Response},
    routing::{get, post},
};
use realgar::{Session, prelude::*};
use realgar_axum::{DbSession, PageParams, Pagination, Problem, Result, prelude::*};

use super::{Frame, Person, PostItem, When, list, mistaken, number, page, tags_named, when};
use crate::{
    App,
    forms::{Mistakes, PostForm, one_text},
    models::{Comment, Post, Tag, User},
    visitor::{CheckedForm, CurrentUser},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(index))
        .route("/posts/new", get(write))
        .route("/posts", post(create))
        .route("/posts/{id}", get(show).post(change))
        .route("/posts/{id}/edit", get(edit))
        .route("/posts/{id}/delete", post(delete))
        .route("/posts/{id}/comments", post(comment))
}

#[derive(Template)]
#[template(path = "posts.html")]
struct Index {
    frame: Frame,
    title: String,
    posts: Pagination<PostItem>,
}

async fn index(frame: Frame, DbSession(mut s): DbSession, params: PageParams) -> Result<Response> {
    let posts = list(&mut s, Post::select().order_by(Post::id.desc()), params).await?;
    page(Index { frame, title: "Posts".into(), posts })
}

/// A post with everything that its page shows.
struct Shown {
    id: i64,
    title: String,
    content: String,
    written: When,
    author: Person,
    tags: Vec<String>,
    comments: Vec<ShownComment>,
}

struct ShownComment {
    id: i64,
    text: String,
    written: When,
    author: Person,
}

#[derive(Template)]
#[template(path = "post.html")]
struct Show {
    frame: Frame,
    post: Shown,
    text: String,
    mistakes: Mistakes,
}

/// The post with this number, and what its page shows: four statements, however many comments there are.
async fn load(s: &mut Session, id: &str) -> Result<Handle<Post>> {
    let with_comments = Post::comments.selectin().then(Comment::author.joined());
    let select = Post::select().filter_by(Post::id, number(id)?).options(Post::author.joined());
    select
        .options(Post::tags.selectin())
        .options(with_comments)
        .first_or_404(s)
        .await
        .describe("There is no such post.")
}

fn shown(s: &Session, post: Handle<Post>) -> Result<Shown> {
    let post = s.view(post);
    let comment = |comment: realgar::View<'_, Comment>| {
        Ok::<_, realgar::Error>(ShownComment {
            id: comment.id,
            text: comment.text.clone(),
            written: when(&comment.written),
            author: Person::of(comment.one(Comment::author)?),
        })
    };
    Ok(Shown {
        id: post.id,
        title: post.title.clone(),
        content: post.content.clone(),
        written: when(&post.written),
        author: Person::of(post.one(Post::author)?),
        tags: post.many(Post::tags)?.map(|tag| tag.name.clone()).collect(),
        comments: post.many(Post::comments)?.map(comment).collect::<Result<_, _>>()?,
    })
}

async fn show(frame: Frame, DbSession(mut s): DbSession, Path(id): Path<String>) -> Result<Response> {
    let post = load(&mut s, &id).await?;
    page(Show { frame, post: shown(&s, post)?, text: String::new(), mistakes: Mistakes::default() })
}

#[derive(Template)]
#[template(path = "post_form.html")]
struct Edit {
    frame: Frame,
    /// Which post is changed; none is a new one.
    id: Option<i64>,
    form: PostForm,
    mistakes: Mistakes,
    /// The names of tags that there are.
    known: Vec<String>,
}

async fn known_tags(s: &mut Session) -> Result<Vec<String>> {
    Ok(select(Tag::name).order_by(Tag::name).limit(50).all(s).await?)
}

async fn write(frame: Frame, CurrentUser(_): CurrentUser, DbSession(mut s): DbSession) -> Result<Response> {
    let known = known_tags(&mut s).await?;
    page(Edit { frame, id: None, form: PostForm::default(), mistakes: Mistakes::default(), known })
}

async fn create(
    frame: Frame,
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    CheckedForm(fields): CheckedForm,
) -> Result<Response> {
    let (form, mistakes) = PostForm::checked(&fields);
    if !mistakes.is_empty() {
        let known = known_tags(&mut s).await?;
        return mistaken(Edit { frame, id: None, form, mistakes, known });
    }
    let tags = tags_named(&mut s, &form.tag_names()).await?;
    let post = s.add(new!(Post { title: form.title, content: form.content, author: me, tags: tags }));
    s.flush().await?;
    Ok(redirect(&format!("/posts/{}", s[post].id)))
}

/// A post that is mine; 403 where it is another's.
async fn mine(s: &mut Session, me: Handle<User>, id: &str) -> Result<Handle<Post>> {
    let post = load(s, id).await?;
    match s[post].user_id == s[me].id {
        true => Ok(post),
        false => Err(Problem::new(StatusCode::FORBIDDEN).detail("This is somebody else's post.")),
    }
}

async fn edit(
    frame: Frame,
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
) -> Result<Response> {
    let post = mine(&mut s, me, &id).await?;
    let shown = shown(&s, post)?;
    let form = PostForm { title: shown.title, content: shown.content, tags: shown.tags.join(", ") };
    let known = known_tags(&mut s).await?;
    page(Edit { frame, id: Some(shown.id), form, mistakes: Mistakes::default(), known })
}

async fn change(
    frame: Frame,
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
    CheckedForm(fields): CheckedForm,
) -> Result<Response> {
    let post = mine(&mut s, me, &id).await?;
    let (form, mistakes) = PostForm::checked(&fields);
    if !mistakes.is_empty() {
        let known = known_tags(&mut s).await?;
        return mistaken(Edit { frame, id: Some(s[post].id), form, mistakes, known });
    }
    let tags = tags_named(&mut s, &form.tag_names()).await?;
    s[post].title = form.title;
    s[post].content = form.content;
    s.replace(post, Post::tags, tags).await?;
    Ok(redirect(&format!("/posts/{}", s[post].id)))
}

async fn delete(
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
    _: CheckedForm,
) -> Result<Response> {
    let post = mine(&mut s, me, &id).await?;
    s.delete(post)?;
    Ok(redirect("/"))
}

async fn comment(
    frame: Frame,
    CurrentUser(me): CurrentUser,
    DbSession(mut s): DbSession,
    Path(id): Path<String>,
    CheckedForm(fields): CheckedForm,
) -> Result<Response> {
    let post = load(&mut s, &id).await?;
    let (text, mistakes) = one_text(&fields, "text", "The comment");
    if !mistakes.is_empty() {
        return mistaken(Show { frame, post: shown(&s, post)?, text, mistakes });
    }
    let comment = s.append(post, Post::comments, new!(Comment { text: text, author: me }))?;
    s.flush().await?;
    Ok(redirect(&format!("/posts/{}#comment-{}", s[post].id, s[comment].id)))
}

/// See other: what follows is read, whatever was sent.
pub(super) fn redirect(to: &str) -> Response {
    axum::response::IntoResponse::into_response(Redirect::to(to))
}
