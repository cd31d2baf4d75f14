//! `validate`: what a function of the user's does not accept is never sent.

use realgar::prelude::*;

use crate::models::{open, statements};

#[derive(Model, Debug)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(validate = check_email)]
    email: String,
    #[column(validate = |age: &Option<i32>| age.is_none_or(|age| age >= 0).then_some(()).ok_or("nobody is younger than that"))]
    age: Option<i32>,
    city: Option<String>,
    #[relationship(back_populates = author, validate = check_post)]
    posts: Many<Post>,
}

#[derive(Model, Debug)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
}

fn check_email(email: &str) -> Result<(), &'static str> {
    if email.contains('@') { Ok(()) } else { Err("an address has an @ in it") }
}

fn check_post(post: &Post) -> Result<(), String> {
    if post.title.is_empty() { Err("a post without a title".to_owned()) } else { Ok(()) }
}

#[tokio::test]
async fn an_invalid_object_is_not_sent_and_the_session_goes_on() {
    let db = open(models![User, Post]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { email: "ada" }));
    let recorder = db.recorder();
    let error = s.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.what()), (Kind::Validation, "`User::email`: an address has an @ in it"));
    assert!(error.entity().unwrap().starts_with("User (pending, added at "), "{error}");
    assert_eq!(statements(&recorder), Vec::<String>::new());
    s[ada].email = "ada@example.org".into();
    s.commit().await.unwrap();

    s[ada].age = Some(-1);
    let error = User::select().count(&mut s).await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (Kind::Validation, Some("User(id = 1)")));
    s[ada].age = Some(36);
    s.commit().await.unwrap();
}

#[tokio::test]
async fn what_was_not_changed_is_not_asked_about() {
    let db = open(models![User, Post]).await;
    let mut s = db.session();
    sql("INSERT INTO users (id, email) VALUES (7, 'from before')").execute(&mut s).await.unwrap();
    let old = s.get_one::<User>(7).await.unwrap();
    s[old].city = Some("Turin".into());
    s.commit().await.unwrap();
    s[old].email = "still none".into();
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::Validation);
}

#[tokio::test]
async fn a_relationship_refuses_at_once_from_either_side() {
    let db = open(models![User, Post]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { email: "a@b" }));
    let good = s.append(ada, User::posts, new!(Post { title: "Hello" })).unwrap();
    let error = s.append(ada, User::posts, new!(Post { title: "" })).unwrap_err();
    assert_eq!((error.kind(), error.what()), (Kind::Validation, "`User::posts`: a post without a title"));
    let bad = s.add(new!(Post { title: "" }));
    assert_eq!(s.set(bad, Post::author, ada).unwrap_err().kind(), Kind::Validation);
    assert_eq!(s.replace(ada, User::posts, [bad]).await.unwrap_err().kind(), Kind::Validation);
    assert_eq!(s.loaded(ada, User::posts).unwrap(), [good], "nothing changed");
}

#[tokio::test]
async fn a_new_object_that_is_refused_is_not_inserted() {
    let db = open(models![User, Post]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { email: "a@b" }));
    let good = s.append(ada, User::posts, new!(Post { title: "Hello" })).unwrap();
    s.append(ada, User::posts, new!(Post { title: "", author: new!(User { email: "b@b" }) })).unwrap_err();
    s.replace(ada, User::posts, many![good, new!(Post { title: "World" }), new!(Post { title: "" })])
        .await
        .unwrap_err();
    assert_eq!(s.pending::<Post>(), [good]);
    s.commit().await.unwrap();
    assert_eq!((Post::select().count(&mut s).await.unwrap(), User::select().count(&mut s).await.unwrap()), (1, 1));
}

#[tokio::test]
async fn what_is_nested_in_a_new_object_is_refused_by_the_verb() {
    let db = open(models![User, Post]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { email: "a@b" }));
    let post = s.append(ada, User::posts, new!(Post { title: "Hello" })).unwrap();
    let error = s.set(post, Post::author, new!(User { email: "b@b", posts: [new!(Post { title: "" })] })).unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    assert_eq!((s.pending::<User>(), s.loaded(post, Post::author).unwrap()), (vec![ada], Some(ada)));
    s.commit().await.unwrap();
    assert_eq!(Post::select().count(&mut s).await.unwrap(), 1);
}
