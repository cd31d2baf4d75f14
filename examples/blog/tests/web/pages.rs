//! The pages.

use axum::http::Method;
use blog::{
    Settings,
    models::{Comment, Login, Post, Profile, Tag, User},
    visitor::Https,
};
use realgar::prelude::*;

use crate::browser::{browser, browser_with};

#[tokio::test]
async fn the_list_has_pages() {
    let mut b = browser().await;
    let first = b.get("/").await;
    assert_eq!(first.status, 200);
    first.assert_has("Welcome</a>");
    first.assert_has("aria-current=\"page\" aria-label=\"Page 1\"");
    first.assert_has("href=\"?page=2&#38;per_page=10\"");
    assert_eq!(first.text.matches("<article class=\"post\">").count(), 10);
    let last = b.get("/?page=3").await;
    assert_eq!(last.text.matches("<article class=\"post\">").count(), 4);
    last.assert_has("One object per row</a>");
    assert_eq!(b.get("/?page=4").await.status, 404);
    assert_eq!(b.get("/?per_page=24").await.text.matches("<article class=\"post\">").count(), 24);
    assert_eq!(b.get("/?per_page=1000000").await.status, 200);
}

#[tokio::test]
async fn a_list_costs_the_same_however_long_it_is() {
    let mut b = browser().await;
    let recorder = b.db.recorder();
    b.get("/?per_page=2").await;
    let two = recorder.take().len();
    b.get("/?per_page=24").await;
    assert_eq!(recorder.take().len(), two);
}

#[tokio::test]
async fn every_page_is_there_and_is_hardened() {
    let mut b = browser().await;
    let me = b.log_in("ada").await;
    let mine = format!("/users/{me}");
    for uri in [
        "/",
        "/posts/1",
        "/posts/new",
        "/tags",
        "/tags/loading",
        "/users",
        &mine,
        "/signup",
        "/login",
        "/profile",
        &format!("{mine}/delete"),
    ] {
        let answer = b.get(uri).await;
        assert_eq!(answer.status, 200, "{uri}: {}", answer.text);
        answer.assert_has("<html lang=\"en\">");
        for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-store")] {
            assert_eq!(answer.headers[name], value, "{uri}");
        }
        assert!(answer.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    }
    let style = b.get("/style.css").await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let mut b = browser().await;
    for uri in [
        "/posts/999",
        "/posts/x",
        "/posts/99999999999999999999",
        "/users/999",
        "/users/-1",
        "/tags/none",
        "/nowhere",
        "/posts/1/nowhere",
        "/?page=0",
        "/?page=x",
    ] {
        let answer = b.get(uri).await;
        assert_eq!(answer.status, 404, "{uri}");
        answer.assert_has("<h1>Not Found</h1>");
    }
    b.get("/posts/999").await.assert_has("There is no such post.");
    assert_eq!(b.send(Method::DELETE, "/posts/1", "", "").await.status, 405);
    for uri in ["/posts/new", "/profile", "/posts/1/edit", "/users/1/delete"] {
        let answer = b.get(uri).await;
        assert_eq!(answer.status, 401, "{uri}");
        answer.assert_has("href=\"/login\"");
    }
}

#[tokio::test]
async fn somebody_signs_up_writes_and_leaves() {
    let mut b = browser().await;
    let answer = b.submit("/signup", "/signup", &[("username", "Zoë"), ("password", "long enough")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"), "{}", answer.text);
    b.get("/").await.assert_has(">Zoë</a>");

    let fields = [("title", "Hello"), ("content", "First line\r\nsecond"), ("tags", "Web, new thing, web")];
    let answer = b.submit("/posts/new", "/posts", &fields).await;
    let post = answer.location().to_owned();
    let page = b.get(&post).await;
    page.assert_has("<h1>Hello</h1>");
    page.assert_has("First line\nsecond");
    page.assert_has("href=\"/tags/new%20thing\"");
    b.get("/tags/new%20thing").await.assert_has("Hello</a>");
    assert_eq!(Tag::select().filter_by(Tag::name, "web").count(&mut b.db.session()).await.unwrap(), 1);

    let answer = b.submit(&post, &format!("{post}/comments"), &[("text", "Nice, me")]).await;
    assert!(answer.location().starts_with(&format!("{post}#comment-")));
    b.get(&post).await.assert_has("Nice, me");

    let edit = format!("{post}/edit");
    b.get(&edit).await.assert_has("value=\"new thing, web\"");
    let answer = b.submit(&edit, &post, &[("title", "Hello again"), ("content", "x"), ("tags", "web")]).await;
    assert_eq!(answer.location(), post);
    let page = b.get(&post).await;
    page.assert_has("<h1>Hello again</h1>");
    assert!(!page.text.contains("new thing"));

    let me: i64 = select(User::id).filter_by(User::username, "Zoë").one(&mut b.db.session()).await.unwrap();
    let answer = b.submit("/profile", "/profile", &[("bio", "I write.")]).await;
    assert_eq!(answer.location(), format!("/users/{me}"));
    b.submit("/profile", "/profile", &[("bio", "I write more.")]).await;
    b.get(&format!("/users/{me}")).await.assert_has("I write more.");

    let leave = format!("/users/{me}/delete");
    let page = b.get(&leave).await;
    page.assert_has("1 profile and every login");
    page.assert_has("1 post, with 0 comments of others under it");
    page.assert_has("1 comment of yours");
    let answer = b.submit(&leave, &leave, &[]).await;
    assert_eq!(answer.location(), "/users");
    assert_eq!(b.get(&post).await.status, 404);
    assert_eq!(b.get("/posts/new").await.status, 401, "the login is gone, too");
}

#[tokio::test]
async fn deleting_a_user_takes_along_what_is_theirs_and_nothing_else() {
    let mut b = browser().await;
    let me = b.log_in("ada").await;
    let mut s = b.db.session();
    let others_posts = Post::select().filter(Post::user_id.ne(me)).count(&mut s).await.unwrap();
    let left = Comment::select().filter(Comment::user_id.ne(me)).filter(Comment::post.has(Post::user_id.ne(me)));
    let left = left.count(&mut s).await.unwrap();
    drop(s);
    let leave = format!("/users/{me}/delete");
    b.submit(&leave, &leave, &[]).await;
    let mut s = b.db.session();
    assert_eq!(Post::select().count(&mut s).await.unwrap(), others_posts);
    assert_eq!(Comment::select().count(&mut s).await.unwrap(), left);
    assert_eq!(Profile::select().count(&mut s).await.unwrap(), 2);
    assert_eq!(Login::select().count(&mut s).await.unwrap(), 0);
    assert_eq!(Tag::select().count(&mut s).await.unwrap(), 6, "tags are nobody's");
}

#[tokio::test]
async fn forms_say_what_is_wrong_and_keep_what_was_typed() {
    let mut b = browser().await;
    b.log_in("ada").await;
    let long = "x".repeat(201);
    let answer = b.submit("/posts/new", "/posts", &[("title", &long), ("content", ""), ("tags", "kept")]).await;
    assert_eq!(answer.status, 422);
    answer.assert_has("The title has 201 characters; 200 is the most.");
    answer.assert_has("aria-invalid=\"true\" aria-describedby=\"content-mistake\"");
    answer.assert_has("value=\"kept\"");
    let answer = b.submit("/posts/1", "/posts/1/comments", &[("text", "   ")]).await;
    assert_eq!(answer.status, 422);
    answer.assert_has("The comment is missing.");
    assert_eq!(b.submit("/profile", "/profile", &[]).await.status, 422);
    let mut b = b.another();
    let answer = b.submit("/signup", "/signup", &[("username", "ada"), ("password", "long enough")]).await;
    assert_eq!(answer.status, 422);
    answer.assert_has("This name is taken");
    let answer = b.submit("/login", "/login", &[("username", "ada"), ("password", "wrong")]).await;
    assert_eq!(answer.status, 422);
    answer.assert_has("Name or password is wrong.");
    assert_eq!(b.submit("/login", "/login", &[("username", "nobody"), ("password", "x")]).await.status, 422);
    assert_eq!(b.get("/posts/new").await.status, 401);
}

#[tokio::test]
async fn logging_out_ends_the_login() {
    let mut b = browser().await;
    b.log_in("ada").await;
    assert_eq!(Login::select().count(&mut b.db.session()).await.unwrap(), 1);
    assert_eq!(b.submit("/", "/logout", &[]).await.location(), "/");
    assert_eq!(Login::select().count(&mut b.db.session()).await.unwrap(), 0);
    assert_eq!(b.get("/posts/new").await.status, 401);
}

#[tokio::test]
async fn the_cookie_is_secure_where_browsers_come_by_https() {
    for (https, forwarded, secure) in [
        (Https::Never, "", false),
        (Https::Never, "https", false), // nobody vouches for the header
        (Https::Always, "", true),
        (Https::AsForwarded, "", false),
        (Https::AsForwarded, "http", false),
        (Https::AsForwarded, "https", true),
        (Https::AsForwarded, "http, HTTPS", true), // the proxy before us speaks last
        (Https::AsForwarded, "https, http", false),
    ] {
        let mut b = browser_with(Settings { https, ..Settings::default() }).await;
        b.forwarded = forwarded;
        for answer in
            [b.get("/").await, b.submit("/login", "/login", &[("username", "ada"), ("password", "realgar-demo")]).await]
        {
            let cookie = answer.headers["set-cookie"].to_str().unwrap();
            for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age="] {
                assert!(cookie.contains(part), "{cookie}");
            }
            assert_eq!(cookie.ends_with("; Secure"), secure, "{https:?} {forwarded}: {cookie}");
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    }
    let said = |text| Https::parse(text);
    assert_eq!(
        [said(""), said("always"), said("proxy"), said("1")],
        [Some(Https::Never), Some(Https::Always), Some(Https::AsForwarded), None]
    );
}

#[tokio::test]
async fn the_pool_tells_how_it_is() {
    let mut b = browser().await;
    b.get("/").await;
    assert_eq!(b.get("/health").await.text, r#"{"connections":{"in_use":0,"open":1,"waiting":0}}"#);
}
