//! Pages by number.

use axum::{Router, routing::get};
use realgar::prelude::*;
use realgar_axum::{DbLayer, DbSession, PageParams, Pagination, prelude::*};

use crate::app::{self, Post, User, seed};

async fn posts(DbSession(mut s): DbSession, page: PageParams) -> realgar_axum::Result<Pagination<Post>> {
    let select = Post::select().order_by(Post::id).options(Post::author.joined());
    Ok(select.paginate(&mut s, page).await?.try_map(|post| s.tree(post))?)
}

async fn db() -> Db {
    let db = app::db().await;
    seed(&db, &[("Ada", 45), ("Bob", 0)]).await;
    db
}

async fn app() -> Router {
    Router::new().route("/posts", get(posts)).layer(DbLayer::new()).with_state(db().await)
}

fn posts_by_id() -> Select<Handle<Post>> {
    Post::select().order_by(Post::id)
}

#[tokio::test]
async fn r156_a_page_and_what_it_knows() {
    let db = db().await;
    let mut s = db.session();
    let p = posts_by_id().paginate(&mut s, PageParams::new(2, 10)).await.unwrap();
    assert_eq!((p.page, p.pages(), p.total, p.items.len()), (2, 5, Some(45), 10));
    assert_eq!((p.first(), p.last(), s[p.items[0]].title.as_str()), (11, 20, "Ada 11"));
    assert_eq!((p.has_prev(), p.prev_num(), p.has_next(), p.next_num()), (true, Some(1), true, Some(3)));
    let p = posts_by_id().paginate(&mut s, PageParams::new(5, 10)).await.unwrap();
    assert_eq!((p.items.len(), p.has_next(), p.next_num(), p.first(), p.last()), (5, false, None, 41, 45));
    let p = posts_by_id().paginate(&mut s, PageParams::new(1, 1000)).await.unwrap();
    assert_eq!((p.items.len(), p.per_page, p.has_prev()), (45, 1000, false), "no cap, unless one is said");
    let p = posts_by_id().paginate(&mut s, PageParams::new(1, 1000).max_per_page(30)).await.unwrap();
    assert_eq!((p.items.len(), p.per_page, p.pages()), (30, 30, 2));
    assert_eq!(posts_by_id().paginate(&mut s, PageParams::default()).await.unwrap().per_page, 20);
    let none = Post::select().filter_by(Post::title, "no");
    let p = none.paginate(&mut s, PageParams::default()).await.unwrap();
    assert_eq!(
        (p.items.len(), p.total, p.pages(), p.first(), p.last()),
        (0, Some(0), 0, 0, 0),
        "an empty first page is one"
    );
    let p = posts_by_id().paginate(&mut s, PageParams::default().count(false)).await.unwrap();
    assert_eq!((p.total, p.pages(), p.has_next()), (None, 0, false));
}

#[tokio::test]
async fn r156_pages_that_are_not_there() {
    let db = db().await;
    let mut s = db.session();
    for (page, per_page) in [(6, 10), (0, 10), (-1, 10), (i64::MAX, 10), (i64::MAX, i64::MAX), (1, 0), (1, -5)] {
        let problem = posts_by_id().paginate(&mut s, PageParams::new(page, per_page)).await.unwrap_err();
        assert_eq!(problem.status().as_u16(), 404, "{page} {per_page}");
    }
    for (page, per_page, got) in [(6, 10, (6, 10, 0)), (0, 10, (1, 10, 10)), (-1, 10, (1, 10, 10)), (1, 0, (1, 20, 20))]
    {
        let params = PageParams::new(page, per_page).error_out(false);
        let p = posts_by_id().paginate(&mut s, params).await.unwrap();
        assert_eq!((p.page, p.per_page, p.items.len()), got, "{page} {per_page}");
    }
    let params = PageParams::new(i64::MAX, 10).error_out(false);
    assert_eq!(posts_by_id().paginate(&mut s, params).await.unwrap().items, []);
}

#[tokio::test]
async fn r156_the_count_is_without_order_and_eager_loads() {
    let db = db().await;
    let mut s = db.session();
    let recorder = s.recorder();
    let select = posts_by_id().options(Post::author.joined()).filter(Post::title.ne("no"));
    let place = line!() + 1;
    select.paginate(&mut s, PageParams::new(2, 10)).await.unwrap();
    let sent = recorder.statements();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].sql.contains("JOIN") && sent[0].sql.contains("ORDER BY"), "{}", sent[0].sql);
    assert_eq!(sent[1].sql, r#"SELECT count(*) FROM "posts" WHERE "posts"."title" <> ?"#);
    assert!(sent.iter().all(|sent| sent.place.unwrap().line() == place), "both are on the caller's account");
}

#[tokio::test]
async fn r157_relationships_are_queries_that_paginate() {
    let db = db().await;
    let mut s = db.session();
    let ada = s.get_one::<User>(1).await.unwrap();
    let posts = User::posts.of(ada).order_by(Post::id.desc());
    let p = posts.paginate(&mut s, PageParams::new(1, 3)).await.unwrap();
    let titles: Vec<&str> = p.items.iter().map(|&post| s[post].title.as_str()).collect();
    assert_eq!((titles, p.total), (vec!["Ada 45", "Ada 44", "Ada 43"], Some(45)));
    let bob = s.get_one::<User>(2).await.unwrap();
    assert_eq!(User::posts.of(bob).paginate(&mut s, PageParams::default()).await.unwrap().total, Some(0));
}

#[tokio::test]
async fn r156_numbers_to_link_to() {
    let db = db().await;
    let mut s = db.session();
    let mut pages = async |page, per_page| -> String {
        let p = posts_by_id().paginate(&mut s, PageParams::new(page, per_page)).await.unwrap();
        p.iter_pages().map(|page| page.map_or("…".to_owned(), |page| page.to_string())).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(pages(10, 2).await, "1 2 … 8 9 10 11 12 13 14 … 22 23");
    assert_eq!(pages(2, 10).await, "1 2 3 4 5");
    assert_eq!(pages(1, 2).await, "1 2 3 4 5 … 22 23");
    assert_eq!(pages(23, 2).await, "1 2 … 21 22 23");
    assert_eq!(pages(5, 2).await, "1 2 3 4 5 6 7 8 9 … 22 23");
    assert_eq!(pages(6, 2).await, "1 2 … 4 5 6 7 8 9 10 … 22 23");
    assert_eq!(pages(1, 45).await, "1");
    let empty = Post::select().filter_by(Post::title, "no").paginate(&mut s, PageParams::default()).await.unwrap();
    assert_eq!(empty.iter_pages().count(), 0);
    let p = posts_by_id().paginate(&mut s, PageParams::new(10, 2)).await.unwrap();
    assert_eq!(p.iter_pages_with(0, 1, 1, 0).collect::<Vec<_>>(), [None, Some(9), Some(10), Some(11)]);
}

#[tokio::test]
async fn a_page_as_a_response() {
    let app = app().await;
    let answer = app::get(&app, "/posts?page=2&per_page=10&tag=a%26b").await;
    let body = answer.json();
    assert_eq!(body["items"][0]["title"], "Ada 11");
    assert_eq!(body["items"][0]["author"]["name"], "Ada");
    assert_eq!((&body["page"], &body["per_page"], &body["total"]), (&2.into(), &10.into(), &45.into()));
    assert_eq!((&body["pages"], &body["has_next"], &body["has_prev"]), (&5.into(), &true.into(), &true.into()));
    assert_eq!(
        answer.header("link"),
        "<?tag=a%26b&page=1&per_page=10>; rel=\"first\", <?tag=a%26b&page=1&per_page=10>; rel=\"prev\", \
         <?tag=a%26b&page=3&per_page=10>; rel=\"next\", <?tag=a%26b&page=5&per_page=10>; rel=\"last\""
    );
    assert_eq!(app::get(&app, "/posts?per_page=100").await.header("link"), "");
}

#[tokio::test]
async fn bad_numbers_in_the_address() {
    let app = app().await;
    for query in
        ["page=x", "page=", "page=1.5", "page=99999999999999999999", "page=-1", "page=0", "per_page=x", "page=1e3"]
    {
        assert_eq!(app::get(&app, &format!("/posts?{query}")).await.status.as_u16(), 404, "{query}");
    }
    for query in ["", "page=+1", "page=%201", "page=1&page=2", "other=%FF", "&&&=&"] {
        assert_eq!(app::get(&app, &format!("/posts?{query}")).await.status.as_u16(), 200, "{query}");
    }
}
