//! Hostile input is stored as text, or refused with 4xx; nothing is answered with 5xx.

use axum::http::Method;
use blog::models::{Post, Profile, Tag, User};
use realgar::prelude::*;
use serde_json::json;

use crate::browser::browser;

const HOSTILE: [&str; 9] = [
    "'; DROP TABLE users; --",
    "\" OR 1=1 --",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% include \"x\" %}",
    "%s%n%x %00 \\u0000 \\x00",
    "../../../etc/passwd",
    "\u{202e}rtl \u{feff} \u{1f469}\u{200d}\u{1f467} \u{fdfd}",
    "a\u{0}b",
];

#[tokio::test]
async fn text_is_text_in_every_field() {
    let mut b = browser().await;
    let me = b.log_in("ada").await;
    for text in HOSTILE {
        let kept = text.replace('\0', "");
        let fields = [("title", text), ("content", text), ("tags", text)];
        let answer = b.submit("/posts/new", "/posts", &fields).await;
        if answer.status == 422 {
            answer.assert_has("A tag has 30 characters at most."); // the only thing that can be wrong with them
        }
        let answer = b.submit("/posts/new", "/posts", &fields[..2]).await;
        let post = answer.location().to_owned();
        let stored: String =
            select(Post::content).order_by(Post::id.desc()).limit(1).one(&mut b.db.session()).await.unwrap();
        assert_eq!(stored, kept.trim(), "{text}");
        assert_eq!(b.submit(&post, &format!("{post}/comments"), &[("text", text)]).await.status, 303, "{text}");
        assert_eq!(b.submit("/profile", "/profile", &[("bio", text)]).await.status, 303, "{text}");
        let page = b.get(&post).await;
        assert_eq!(page.status, 200);
        for markup in ["<script>alert", "<img src=x"] {
            assert!(!page.text.contains(markup), "{}", page.text);
        }
        let answer = b.another().submit("/signup", "/signup", &[("username", text), ("password", text)]).await;
        assert_eq!(answer.status, 422, "{text}");
        assert!(!answer.text.contains("<script>alert"), "{}", answer.text);
        let answer = b.another().submit("/login", "/login", &[("username", text), ("password", text)]).await;
        assert_eq!(answer.status, 422, "{text}");
        let nul = if text.contains('\0') { 422 } else { 201 };
        let written = b.post_json(Method::POST, "/api/posts", &json!({ "title": text, "content": text })).await;
        assert_eq!(written.status, nul, "{}", written.text);
        let said = b.post_json(Method::POST, "/api/posts/1/comments", &json!({ "text": text })).await;
        assert_eq!(said.status, nul, "{}", said.text);
        let named = b.post_json(Method::POST, "/api/tags", &json!({ "name": text })).await;
        assert!(matches!(named.status, 201 | 409 | 422), "{text}: {}", named.text);
        for answer in [written, said].iter().filter(|answer| answer.status == 201) {
            let body = answer.json();
            let stored = if body["title"].is_null() { &body["text"] } else { &body["title"] };
            assert_eq!(stored, text, "as it was sent");
            assert_eq!(answer.headers["content-type"], "application/json");
        }
    }
    for uri in ["/", "/tags", "/users", "/users/1", "/?per_page=50", "/api/posts", "/api/feed?per_page=100"] {
        let page = b.get(uri).await;
        assert_eq!(page.status, 200, "{uri}");
        assert!(uri.starts_with("/api") || !page.text.contains("<script>"), "{}", page.text);
    }
    let bio: String = select(Profile::bio).filter_by(Profile::user_id, me).one(&mut b.db.session()).await.unwrap();
    assert_eq!(bio, "ab");
    let tags = select(Tag::name).all(&mut b.db.session()).await.unwrap();
    for tag in tags {
        assert_eq!(b.get(&blog::pages::tag_url(&tag)).await.status, 200, "{tag}");
    }
    assert_eq!(User::select().count(&mut b.db.session()).await.unwrap(), 3);
}

#[tokio::test]
async fn what_belongs_to_another_is_left_alone() {
    let mut b = browser().await;
    let me = b.log_in("ada").await;
    let mut s = b.db.session();
    let another: i64 = select(Post::id).filter(Post::user_id.ne(me)).limit(1).one(&mut s).await.unwrap();
    let somebody: i64 = select(User::id).filter(User::id.ne(me)).limit(1).one(&mut s).await.unwrap();
    drop(s);
    assert_eq!(b.get(&format!("/posts/{another}/edit")).await.status, 403);
    assert_eq!(b.get(&format!("/users/{somebody}/delete")).await.status, 403);
    for uri in [format!("/posts/{another}"), format!("/posts/{another}/delete"), format!("/users/{somebody}/delete")] {
        let answer = b.submit("/", &uri, &[("title", "mine"), ("content", "mine")]).await;
        assert_eq!(answer.status, 403, "{uri}");
    }
    assert_eq!(Post::select().count(&mut b.db.session()).await.unwrap(), 24);
    assert_eq!(User::select().count(&mut b.db.session()).await.unwrap(), 3);
}
