//! Hostile input is stored as text, or refused with 4xx; nothing is answered with 5xx.

use axum::http::Method;
use blog::models::{Post, Tag, User};
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
    b.log_in("ada").await;
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
        assert_eq!(
            b.post_json(Method::POST, "/api/posts", &json!({ "title": text, "content": text })).await.status,
            201
        );
    }
    for uri in ["/", "/tags", "/users", "/users/1", "/?per_page=50", "/api/posts", "/api/feed?per_page=100"] {
        let page = b.get(uri).await;
        assert_eq!(page.status, 200, "{uri}");
        assert!(uri.starts_with("/api") || !page.text.contains("<script>"), "{}", page.text);
    }
    let tags = select(Tag::name).all(&mut b.db.session()).await.unwrap();
    for tag in tags {
        assert_eq!(b.get(&blog::pages::tag_url(&tag)).await.status, 200, "{tag}");
    }
    assert_eq!(User::select().count(&mut b.db.session()).await.unwrap(), 3);
}

#[tokio::test]
async fn addresses_are_looked_up_or_not_there() {
    let mut b = browser().await;
    for part in ["%27%3B--", "%00", "%FF", "%2e%2e%2f", "1%20OR%201%3D1", "1.0", "0x1", "-9223372036854775808", "NaN"] {
        for uri in ["/posts/", "/users/", "/tags/", "/api/posts/", "/api/users/"] {
            let status = b.get(&format!("{uri}{part}")).await.status;
            assert!((400..500).contains(&status), "{uri}{part}: {status}");
        }
        for uri in [
            "/?page=",
            "/?per_page=",
            "/api/posts?page=",
            "/api/feed?per_page=",
            "/api/feed?after=",
            "/api/feed?before=",
        ] {
            let status = b.get(&format!("{uri}{part}")).await.status;
            assert!(status == 200 || (400..500).contains(&status), "{uri}{part}: {status}");
        }
    }
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let mut b = browser().await;
    let me = b.log_in("ada").await;
    let mine: i64 = select(Post::id).filter_by(Post::user_id, me).limit(1).one(&mut b.db.session()).await.unwrap();
    let other = b.another().get("/login").await.token();
    let posts: Vec<String> =
        ["/posts", "/logout", "/profile", "/login", "/signup"].iter().map(ToString::to_string).collect();
    let more = [
        format!("/posts/{mine}"),
        format!("/posts/{mine}/delete"),
        format!("/posts/{mine}/comments"),
        format!("/users/{me}/delete"),
    ];
    for uri in posts.iter().chain(&more) {
        for token in ["", "x", &"0".repeat(64), other.as_str()] {
            let fields = [("token", token), ("title", "x"), ("content", "x"), ("text", "x"), ("bio", "x")];
            let answer = b.post(uri, &fields).await;
            assert_eq!(answer.status, 403, "{uri} {token}");
            answer.assert_has("This form is too old, or not from here.");
        }
        let answer = b.send(Method::POST, uri, "", "").await;
        assert_eq!(answer.status, 415, "{uri} without a content type");
        let answer = b.send(Method::POST, uri, "application/json", "{}").await;
        assert_eq!(answer.status, 415, "{uri} as JSON");
        let answer = b.send(Method::POST, uri, "multipart/form-data; boundary=x", "--x--").await;
        assert_eq!(answer.status, 415, "{uri} as multipart");
    }
    assert_eq!(Post::select().count(&mut b.db.session()).await.unwrap(), 24);
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

#[tokio::test]
async fn what_is_too_large_or_malformed_is_refused() {
    let mut b = browser().await;
    b.log_in("ada").await;
    let large = "x".repeat(3_000_000);
    assert_eq!(b.submit("/posts/new", "/posts", &[("title", "x"), ("content", &large)]).await.status, 413);
    assert_eq!(b.send(Method::POST, "/api/posts", "application/json", format!("\"{large}\"")).await.status, 413);
    for body in ["{", "", "{\"title\": \"\u{0}\"}", "[1, 2", "nul", "\u{feff}{}"] {
        assert_eq!(b.send(Method::POST, "/api/posts", "application/json", body.to_owned()).await.status, 400, "{body}");
    }
    assert_eq!(b.send(Method::POST, "/api/posts", "application/json", vec![0xff, 0xfe]).await.status, 400);
    assert_eq!(b.send(Method::POST, "/api/posts", "text/plain", "{}").await.status, 415);
    assert_eq!(b.send(Method::POST, "/api/posts", "", "{}").await.status, 415);
    assert_eq!(
        b.send(Method::POST, "/posts", "application/x-www-form-urlencoded", vec![0xff, b'=', 0x00, b'&', b'%'])
            .await
            .status,
        403
    );
    let many: String = (0..10_000).map(|number| format!("f{number}=x&")).collect();
    assert_eq!(b.send(Method::POST, "/posts", "application/x-www-form-urlencoded", many).await.status, 403);
    let nul = json!({ "title": "a\u{0}b", "content": "x" });
    let status = b.post_json(Method::POST, "/api/posts", &nul).await.status;
    assert!(status == 201 || (400..500).contains(&status), "{status}");
}
