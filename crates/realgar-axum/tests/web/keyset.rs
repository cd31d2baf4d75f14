//! Pages by key.

use axum::{Router, routing::get};
use realgar::prelude::*;
use realgar_axum::{CursorPage, CursorParams, DbLayer, DbSession, desc, prelude::*};

use crate::app::{self, Post, seed};

async fn db() -> Db {
    let db = app::db().await;
    seed(&db, &[("Ada", 10), ("Bob", 7), ("Eve", 0)]).await;
    let mut s = db.session();
    for post in Post::select().all(&mut s).await.unwrap() {
        s[post].title = format!("title {}", s[post].id % 4); // many are equal
    }
    s.commit().await.unwrap();
    db
}

fn order() -> (realgar_axum::Descending<Post, String>, realgar::Column<Post, i64>) {
    (desc(Post::title), Post::id)
}

async fn ids(s: &mut Session, params: CursorParams) -> (Vec<i64>, Option<String>, Option<String>) {
    let page = Post::select().paginate_by(order(), s, params).await.unwrap();
    (page.items.iter().map(|&post| s[post].id).collect(), page.prev, page.next)
}

#[tokio::test]
async fn pages_follow_one_another_without_gaps_or_repetitions_in_both_directions() {
    let db = db().await;
    let mut s = db.session();
    let sorted = Post::select().order_by((Post::title.desc(), Post::id)).all(&mut s).await.unwrap();
    let sorted: Vec<i64> = sorted.into_iter().map(|post| s[post].id).collect();
    for per_page in 1..=18 {
        let (mut forwards, mut pages): (Vec<i64>, Vec<Vec<i64>>) = Default::default();
        let (mut page, mut prev, mut next) = ids(&mut s, CursorParams::new(per_page)).await;
        assert_eq!(prev, None);
        loop {
            forwards.extend(&page);
            pages.push(page);
            let Some(cursor) = next else { break };
            (page, prev, next) = ids(&mut s, CursorParams::new(per_page).after(cursor)).await;
            assert!(prev.is_some());
        }
        assert_eq!(forwards, sorted, "{per_page} rows each");
        pages.pop();
        while let Some(cursor) = prev {
            let (page, before, after) = ids(&mut s, CursorParams::new(per_page).before(cursor)).await;
            assert_eq!((Some(page), after.is_some()), (pages.pop(), true), "{per_page} rows each, backwards");
            prev = before;
        }
        assert_eq!(pages.len(), 0);
    }
}

#[tokio::test]
async fn a_page_costs_one_statement_and_counts_nothing() {
    let db = db().await;
    let mut s = db.session();
    let (_, _, next) = ids(&mut s, CursorParams::new(5)).await;
    let recorder = s.recorder();
    ids(&mut s, CursorParams::new(5).after(next.unwrap())).await;
    let sent = recorder.statements();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].sql.contains("LIMIT 6") && !sent[0].sql.contains("OFFSET"), "{}", sent[0].sql);
}

#[tokio::test]
async fn rows_that_come_meanwhile_move_nothing() {
    let db = db().await;
    let mut s = db.session();
    let first = Post::select().paginate_by(Post::id, &mut s, CursorParams::new(5)).await.unwrap();
    let gone = first.items[2];
    s.delete(gone).unwrap();
    let second = CursorParams::new(5).after(first.next.unwrap());
    let second = Post::select().paginate_by(Post::id, &mut s, second).await.unwrap();
    assert_eq!(second.items.iter().map(|&post| s[post].id).collect::<Vec<_>>(), [6, 7, 8, 9, 10]);
}

async fn posts(DbSession(mut s): DbSession, params: CursorParams) -> realgar_axum::Result<CursorPage<Post>> {
    let page = Post::select().paginate_by(order(), &mut s, params.max_per_page(8)).await?;
    Ok(page.try_map(|post| s.tree(post))?)
}

#[tokio::test]
async fn a_page_as_a_response() {
    let app = Router::new().route("/posts", get(posts)).layer(DbLayer::new()).with_state(db().await);
    let answer = app::get(&app, "/posts?per_page=999&q=x").await;
    let body = answer.json();
    assert_eq!((body["items"].as_array().unwrap().len(), &body["per_page"], &body["prev"]), (8, &8.into(), &().into()));
    let next = body["next"].as_str().unwrap();
    assert_eq!(answer.header("link"), format!("<?q=x&after={next}&per_page=8>; rel=\"next\""));
    let answer = app::get(&app, &format!("/posts?per_page=100&after={next}")).await;
    assert_eq!(answer.json()["items"].as_array().unwrap().len(), 8);
    assert!(answer.header("link").contains("rel=\"prev\""), "{}", answer.header("link"));
}

#[tokio::test]
async fn what_is_no_cursor_is_refused() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let app = Router::new().route("/posts", get(posts)).layer(DbLayer::new()).with_state(db().await);
    let encoded =
        ["[]", "[1]", "[1,2]", "[\"a\",\"b\"]", "[\"a\",null]", "[\"a\",1,2]", "{}", "nonsense", "[\"a\",1e300]"];
    let encoded = encoded.map(|text| URL_SAFE_NO_PAD.encode(text));
    let cursors = encoded.iter().map(String::as_str).chain(["x", "'", "%00", "%FF", "", "....", "' OR 1=1 --"]);
    for cursor in cursors {
        let uri = format!("/posts?after={}", cursor.replace(' ', "+").replace('\'', "%27"));
        assert_eq!(app::get(&app, &uri).await.status.as_u16(), 400, "{cursor}");
    }
    let hostile = URL_SAFE_NO_PAD.encode(r#"["' OR 1=1 --",0]"#);
    assert_eq!(app::get(&app, &format!("/posts?after={hostile}")).await.status.as_u16(), 200, "a value like any other");
}
