//! Every endpoint, with everything that can be wrong with a request: refused with 4xx, or taken for what it is.

use axum::{
    body::Body,
    http::{Method, Request},
};
use blog::models::{Comment, Login, Post, Profile, Tag, User};
use realgar::prelude::*;
use serde_json::json;
use tower::ServiceExt;

use crate::browser::{Answer, Browser, browser};

/// What is read: with `{id}` and `{name}` for what is looked up.
const READ: [&str; 19] = [
    "/",
    "/posts/new",
    "/posts/{id}",
    "/posts/{id}/edit",
    "/tags",
    "/tags/{name}",
    "/users",
    "/users/{id}",
    "/users/{id}/delete",
    "/login",
    "/signup",
    "/profile",
    "/style.css",
    "/health",
    "/api/posts",
    "/api/posts/{id}",
    "/api/feed",
    "/api/tags",
    "/api/users/{id}",
];

/// Where forms are sent.
const FORMS: [&str; 9] = [
    "/posts",
    "/posts/{id}",
    "/posts/{id}/delete",
    "/posts/{id}/comments",
    "/login",
    "/signup",
    "/logout",
    "/profile",
    "/users/{id}/delete",
];

/// Where JSON is sent.
const JSON: [(&str, &str); 4] =
    [("POST", "/api/posts"), ("PATCH", "/api/posts/{id}"), ("POST", "/api/posts/{id}/comments"), ("POST", "/api/tags")];

const FORM: &str = "application/x-www-form-urlencoded";

/// A browser in which ada is logged in, a post of hers, and what there is.
async fn ada() -> (Browser, i64, i64, [u64; 6]) {
    let mut b = browser().await;
    let me = b.log_in("ada").await;
    let mine: i64 = select(Post::id).filter_by(Post::user_id, me).limit(1).one(&mut b.db.session()).await.unwrap();
    let there = rows(&b).await;
    (b, me, mine, there)
}

async fn rows(b: &Browser) -> [u64; 6] {
    let mut s = b.db.session();
    [
        User::select().count(&mut s).await.unwrap(),
        Profile::select().count(&mut s).await.unwrap(),
        Post::select().count(&mut s).await.unwrap(),
        Comment::select().count(&mut s).await.unwrap(),
        Tag::select().count(&mut s).await.unwrap(),
        Login::select().count(&mut s).await.unwrap(),
    ]
}

/// The address with a user's number, or a post's.
fn at(uri: &str, me: i64, mine: i64) -> String {
    let id = if uri.starts_with("/users") { me } else { mine };
    uri.replace("{id}", &id.to_string()).replace("{name}", "web")
}

#[track_caller]
fn refused(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
}

#[tokio::test]
async fn what_is_looked_up_is_there_or_not_found() {
    let (mut b, ..) = ada().await;
    let parts = [
        "%27%3B--",
        "%00",
        "a%00b",
        "%FF",
        "%C3%28",
        "%2e%2e%2f",
        "%0d%0aSet-Cookie:%20x=1",
        "1%20OR%201%3D1",
        "1.0",
        "0x1",
        "-1",
        "0",
        "99999",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "1e3",
        "NaN",
        "%F0%9F%92%A9",
        "+1+",
        "%25",
    ];
    for part in parts {
        for uri in READ.iter().chain(&FORMS).filter(|uri| uri.contains('{')) {
            let uri = uri.replace("{id}", part).replace("{name}", part);
            let answer = b.get(&uri).await;
            refused(&answer, &uri);
            assert!(!answer.headers.contains_key("x"), "{uri}");
        }
        for uri in FORMS.iter().filter(|uri| uri.contains('{')) {
            let uri = uri.replace("{id}", part);
            let fields = [("title", "x"), ("content", "x"), ("text", "x")];
            refused(&b.submit("/", &uri, &fields).await, &uri);
        }
        for (method, uri) in JSON.iter().chain(&[("DELETE", "/api/posts/{id}")]).filter(|(_, uri)| uri.contains('{')) {
            let uri = uri.replace("{id}", part);
            let body = json!({ "text": "x" });
            let answer = b.post_json(method.parse().unwrap(), &uri, &body).await;
            refused(&answer, &uri);
        }
    }
}

#[tokio::test]
async fn numbers_of_pages_are_numbers() {
    let (mut b, me, mine, _) = ada().await;
    let numbers = [
        "-1",
        "0",
        "",
        "%00",
        "NaN",
        "inf",
        "1.5",
        "1e9",
        "0x10",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
        "%27%20OR%201=1",
        "1;DROP%20TABLE%20users",
        "%FF",
        "1&page=2",
        "%0d%0aX:1",
    ];
    for uri in READ {
        let uri = at(uri, me, mine);
        let list = matches!(uri.as_str(), "/" | "/users" | "/api/posts" | "/tags/web") || uri == format!("/users/{me}");
        for number in numbers {
            for name in ["page", "per_page"] {
                let address = format!("{uri}?{name}={number}");
                let answer = b.get(&address).await;
                let fine = answer.status == 200 || (answer.status == 404 && list);
                assert!(fine, "{address}: {} {}", answer.status, answer.text);
                // A page far beyond the end, and what is no number, are not found.
                let there = name == "per_page" && number.starts_with("9223372036854775807") || number == "1&page=2";
                assert!(!list || there || answer.status == 404, "{address}: {}", answer.status);
            }
            let address = format!("{uri}?page={number}&per_page={number}");
            assert!(b.get(&address).await.status < 500, "{address}");
        }
    }
    for cursor in numbers.iter().chain(&["W10", "WzFd", "WyIxIl0", "W251bGxd", "WzFlOTldA", "e30", "WzEsMl0"]) {
        for side in ["after", "before"] {
            let answer = b.get(&format!("/api/feed?{side}={cursor}")).await;
            assert!(matches!(answer.status, 200 | 400), "{cursor}: {}", answer.status);
            assert!(!answer.text.contains("SELECT"), "{}", answer.text);
        }
    }
    let list = b.get("/api/posts?per_page=1000000").await.json();
    assert_eq!(list["per_page"], 100, "bounded");
    let echoed = b.get("/api/posts?x=%0d%0aSet-Cookie:%20evil=1&y=%3Cscript%3E&page=1").await;
    let link = echoed.headers["link"].to_str().unwrap();
    assert!(link.contains("x=%0D%0ASet-Cookie%3A+evil%3D1&y=%3Cscript%3E"), "what is repeated is encoded: {link}");
    assert!(!echoed.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn forms_are_forms_from_here() {
    let (mut b, me, mine, there) = ada().await;
    let foreign = b.another().get("/login").await.token();
    let good = b.get("/").await.token();
    let large = format!("token={good}&title=x&content={}", "x".repeat(3_000_000));
    let many: String = (0..10_000).map(|number| format!("f{number}=x&")).collect();
    for uri in FORMS {
        let uri = at(uri, me, mine);
        for token in ["", "x", "\0", &"0".repeat(64), &good[1..], &format!("{good}{good}"), foreign.as_str(), "日本"]
        {
            let fields = [("token", token), ("title", "x"), ("content", "x"), ("text", "x"), ("bio", "x")];
            let answer = b.post(&uri, &fields).await;
            assert_eq!(answer.status, 403, "{uri} {token}");
            answer.assert_has("This form is too old, or not from here.");
        }
        let token = format!("token={good}");
        for content in [
            "",
            "application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
            "text/html",
            "x",
            "application/x-www-form",
        ] {
            let answer = b.send(Method::POST, &uri, content, token.clone()).await;
            assert_eq!(answer.status, 415, "{uri} as `{content}`");
        }
        assert_eq!(b.send(Method::POST, &uri, FORM, large.clone()).await.status, 413, "{uri}");
        for body in [
            vec![0xff, b'=', 0x00, b'&', b'%'],
            b"token=%FF%FE".to_vec(),
            b"=&=&&&".to_vec(),
            many.clone().into_bytes(),
        ] {
            assert_eq!(b.send(Method::POST, &uri, FORM, body).await.status, 403, "{uri}");
        }
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            assert_eq!(b.send(method.clone(), &uri, FORM, token.clone()).await.status, 405, "{method} {uri}");
        }
    }
    assert_eq!(rows(&b).await, there, "nothing was written");
}

#[tokio::test]
async fn fields_hold_text_whatever_its_bytes() {
    let (mut b, me, mine, there) = ada().await;
    let token = b.get("/").await.token();
    // Broken UTF-8, too much and too little of everything, the same field twice.
    let bad = ["%FF%FE", "%C0%80", "%ED%A0%80", "%", "%zz", "%00", "+", "", "%0D%0A%0D%0A", &"x".repeat(25_000)];
    for uri in FORMS.iter().filter(|uri| !uri.ends_with("/delete") && **uri != "/logout") {
        let uri = at(uri, me, mine);
        for text in bad {
            let all: Vec<String> = ["title", "content", "tags", "text", "bio", "username", "password"]
                .iter()
                .map(|name| format!("{name}={text}&{name}={text}"))
                .collect();
            let answer = b.send(Method::POST, &uri, FORM, format!("token={token}&{}", all.join("&"))).await;
            assert!(matches!(answer.status, 303 | 422), "{uri} {text}: {} {}", answer.status, answer.text);
            if answer.status == 303 {
                let location = answer.location();
                assert!(location.starts_with('/') && !location.starts_with("//"), "{location}");
                assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{location}");
            }
        }
    }
    let [users, _, _, _, _, logins] = rows(&b).await;
    assert_eq!((users, logins), (there[0], there[5]), "nobody signed up or logged in with that");
}

#[tokio::test]
async fn json_is_json_and_fits() {
    let (mut b, me, mine, there) = ada().await;
    let deep =
        |open: &str, close: &str, inside: &str| format!("{}{inside}{}", open.repeat(50_000), close.repeat(50_000));
    let malformed: Vec<Vec<u8>> = [
        "",
        "{",
        "}",
        "[1, 2",
        "nul",
        "\u{feff}{}",
        "{\"title\": \"\u{0}\"}",
        "{\"title\": NaN}",
        "{\"title\": 1e999}",
        "{'title': 1}",
        "{\"title\": \"\\ud800\"}",
        "{} {}",
        "{\"title\":}",
        "{\"a\":1,}",
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([vec![0xff, 0xfe], b"{\"title\": \"\xff\"}".to_vec()])
    .chain([deep("[", "]", ""), deep("{\"tags\":", "}", "1"), deep("[{\"tags\":", "}]", "")].map(String::into_bytes))
    .collect();
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(3_000_000));
    let unfit = [
        json!([]),
        json!("text"),
        json!(1),
        json!(null),
        json!({ "nothing": 1 }),
        json!({ "id": 1 }),
        json!({ "user_id": 2 }),
        json!({ "author": { "id": 2 } }),
        json!({ "title": null, "text": null, "name": null }),
        json!({ "title": 1, "text": 1, "name": 1 }),
        json!({ "title": ["x"], "text": ["x"], "name": ["x"] }),
        json!({ "title": { "x": 1 }, "text": { "x": 1 }, "name": { "x": 1 } }),
        json!({ "title": "x".repeat(2001), "text": "x".repeat(2001), "name": "x".repeat(31) }),
        json!({ "title": "a\u{0}b", "text": "a\u{0}b", "name": "a\u{0}b" }),
        json!({ "tags": "x" }),
        json!({ "tags": [1] }),
        json!({ "tags": { "id": 1 } }),
        json!({ "tags": [{ "id": "1" }] }),
        json!({ "tags": [{ "id": -1 }] }),
        json!({ "tags": [{ "id": 9_223_372_036_854_775_807_i64 }] }),
        json!({ "tags": [{ "id": 1.5 }] }),
        json!({ "tags": [{ "id": 18_446_744_073_709_551_615_u64 }] }),
        json!({ "tags": [{ "id": 1, "posts": [] }] }),
        json!({ "__proto__": { "admin": true } }),
        json!({ "": "" }),
        json!({ "title; DROP TABLE posts": "x" }),
    ];
    for (method, uri) in JSON {
        let (method, uri): (Method, String) = (method.parse().unwrap(), at(uri, me, mine));
        for body in &malformed {
            let answer = b.send(method.clone(), &uri, "application/json", body.clone()).await;
            let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(answer.status, 400, "{uri} {start}: {}", answer.text);
        }
        for body in &unfit {
            let answer = b.post_json(method.clone(), &uri, body).await;
            assert_eq!(answer.status, 422, "{method} {uri} {body}: {}", answer.text);
        }
        assert_eq!(b.send(method.clone(), &uri, "application/json", large.clone()).await.status, 413, "{uri}");
        for content in
            ["", "text/plain", FORM, "text/json", "application/jsonp", "multipart/form-data; boundary=x", "x"]
        {
            let answer = b.send(method.clone(), &uri, content, "{\"title\": \"x\"}").await;
            assert_eq!(answer.status, 415, "{uri} as `{content}`: forms of other sites can send nothing else");
        }
    }
    assert_eq!(rows(&b).await, there, "nothing was written");
}

#[tokio::test]
async fn what_is_not_ones_own_is_left_alone() {
    let (mut b, me, mine, there) = ada().await;
    let mut s = b.db.session();
    let another: i64 = select(Post::id).filter(Post::user_id.ne(me)).limit(1).one(&mut s).await.unwrap();
    let somebody: i64 = select(User::id).filter(User::id.ne(me)).limit(1).one(&mut s).await.unwrap();
    drop(s);
    let fields = [("title", "mine"), ("content", "mine"), ("text", "x"), ("bio", "x")];
    for uri in ["/posts/{id}/edit", "/users/{id}/delete"] {
        assert_eq!(b.get(&at(uri, somebody, another)).await.status, 403, "{uri}");
    }
    for uri in ["/posts/{id}", "/posts/{id}/delete", "/users/{id}/delete"] {
        assert_eq!(b.submit("/", &at(uri, somebody, another), &fields).await.status, 403, "{uri}");
    }
    for method in ["PATCH", "DELETE"] {
        let answer =
            b.post_json(method.parse().unwrap(), &format!("/api/posts/{another}"), &json!({ "title": "mine" })).await;
        assert_eq!(answer.status, 403, "{method}");
    }
    // And nobody at all.
    let mut b = b.another();
    for uri in ["/posts", "/posts/{id}", "/posts/{id}/delete", "/posts/{id}/comments", "/profile", "/users/{id}/delete"]
    {
        assert_eq!(b.submit("/login", &at(uri, me, mine), &fields).await.status, 401, "{uri}");
    }
    for uri in ["/posts/new", "/posts/{id}/edit", "/profile", "/users/{id}/delete"] {
        assert_eq!(b.get(&at(uri, me, mine)).await.status, 401, "{uri}");
    }
    for (method, uri) in JSON.iter().chain(&[("DELETE", "/api/posts/{id}")]) {
        let body = json!({ "title": "x", "content": "x", "text": "x", "name": "x" });
        assert_eq!(b.post_json(method.parse().unwrap(), &at(uri, me, mine), &body).await.status, 401, "{method} {uri}");
    }
    assert_eq!(rows(&b).await, there);
}

#[tokio::test]
async fn headers_are_what_they_are() {
    let (b, me, mine, _) = ada().await;
    let cookies: [&[u8]; 7] = [
        b"blog=",
        b"blog=x",
        b"blog=\xff\xfe",
        b"=;;=;blog",
        b"blog=' OR 1=1 --",
        &[b'x'; 8000],
        b"blog=0000000000000000000000000000000000000000000000000000000000000000",
    ];
    for uri in READ {
        let uri = at(uri, me, mine);
        for cookie in cookies {
            for accept in ["", "*/*", ";;q=,/", "text/html;q=9999999999", "text/html\u{ff}"] {
                let request = Request::get(&uri).header("cookie", cookie).header("accept", accept.as_bytes());
                let request = request.header("x-forwarded-proto", "javascript:").body(Body::empty()).unwrap();
                let status = b.app.clone().oneshot(request).await.unwrap().status().as_u16();
                assert!(matches!(status, 200 | 401), "{uri}: {status}");
            }
        }
    }
}
