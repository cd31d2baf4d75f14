//! Tags: all of them, and the posts of one.

use askama::Template;
use axum::{Router, extract::Path, response::Response, routing::get};
use realgar::prelude::*;
use realgar_axum::{DbSession, PageParams, Pagination, Problem, Result, prelude::*};

use super::{Frame, PostItem, list, page};
use crate::{
    App,
    models::{Post, PostTags, Tag},
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/tags", get(index)).route("/tags/{name}", get(show))
}

#[derive(Template)]
#[template(path = "tags.html")]
struct Index {
    frame: Frame,
    /// Each tag, and how many posts have it.
    tags: Vec<(String, i64)>,
}

async fn index(frame: Frame, DbSession(mut s): DbSession) -> Result<Response> {
    let tags = select((Tag::name, count(PostTags::post_id))).join(PostTags::TABLE).group_by(Tag::name);
    let tags = tags.order_by(Tag::name).limit(500).all(&mut s).await?;
    page(Index { frame, tags })
}

#[derive(Template)]
#[template(path = "posts.html")]
struct Show {
    frame: Frame,
    title: String,
    posts: Pagination<PostItem>,
}

async fn show(
    frame: Frame,
    DbSession(mut s): DbSession,
    Path(name): Path<String>,
    params: PageParams,
) -> Result<Response> {
    if name.contains('\0') {
        return Err(Problem::not_found()); // not every database can compare it
    }
    let tag = Tag::select().filter_by(Tag::name, name).first_or_404(&mut s).await.describe("There is no such tag.")?;
    let title = format!("Posts about {}", s[tag].name);
    let posts = list(&mut s, Tag::posts.of(tag).order_by(Post::id.desc()), params).await?;
    page(Show { frame, title, posts })
}
