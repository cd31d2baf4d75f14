//! Deferred columns: left in the database until they are asked for, written when they are set.

use crate::{database::database, models::statements};
use realgar::prelude::*;

#[derive(Model, Debug, Clone, PartialEq, serde::Serialize)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(length = 20)]
    bio: Deferred<String>,
    #[column(name = "picture", secret)]
    #[serde(skip_serializing_if = "Deferred::is_unloaded")]
    photo: Deferred<Vec<u8>>,
    #[relationship(back_populates = author)]
    #[serde(skip)]
    posts: Many<Post>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

async fn session() -> realgar::Result<(Db, Session)> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let user = |name: &str| new!(User { name, bio: name.to_uppercase(), photo: vec![1, 2], posts: [new!(Post {})] });
    s.add_all([user("ada"), user("bob")]);
    s.commit().await?;
    s.close().await?;
    Ok((db, s))
}

#[tokio::test]
async fn it_is_loaded_when_it_is_asked_for() -> realgar::Result<()> {
    let (db, mut s) = session().await?;
    let recorder = db.recorder();
    let users = User::select().order_by(User::id).all(&mut s).await?;
    let error = s[users[0]].bio.get().expect_err("it is in the database");
    assert_eq!((error.kind(), error.place().is_some()), (Kind::NotLoaded, true));
    assert_eq!(s.load_column(users[0], User::bio).await?, "ADA");
    assert_eq!(s.load_column(users[0], User::bio).await?, "ADA");
    assert_eq!(s.load_column(users[0], User::name).await?, "ada");
    assert_eq!((s[users[0]].bio.get()?.as_str(), s[users[1]].bio.is_unloaded()), ("ADA", true));
    assert_eq!(recorder.count(), 2);
    assert!(s[users[0]].photo.is_unloaded());
    // Nothing of it is a change.
    s[users[0]].name.push('!');
    s.flush().await?;
    assert_eq!(statements(&recorder)[2], "UPDATE users(name) x1");
    Ok(())
}

#[tokio::test]
async fn a_query_can_bring_it() -> realgar::Result<()> {
    let (db, mut s) = session().await?;
    let known = User::select().filter_by(User::name, "bob").one(&mut s).await?;
    s[known].bio.set("mine".into());
    let recorder = db.recorder();
    let undeferred = || User::select().undefer(User::bio).options(User::posts.joined()).order_by(User::id).limit(5);
    let users = undeferred().all(&mut s).await?;
    assert_eq!(recorder.count(), 2, "the change, and the query");
    assert_eq!((s[users[0]].bio.get()?.as_str(), s[known].bio.get()?.as_str()), ("ADA", "mine"));
    assert!(s[users[0]].photo.is_unloaded());
    let users = User::select().undefer(User::photo).all(&mut s).await?;
    assert!(users.iter().all(|&user| s[user].photo.get().is_ok_and(|photo| *photo == [1, 2])));
    let bios: Vec<String> = select(User::bio).filter(User::bio.like("A%")).all(&mut s).await?;
    assert_eq!(bios, ["ADA"]);
    s.close().await?;
    let trees = undeferred().fetch(&db).await?;
    assert_eq!(trees[1].bio.get()?, "BOB");
    Ok(())
}

#[tokio::test]
async fn what_is_set_is_written_and_what_is_unloaded_is_not() -> realgar::Result<()> {
    let (db, mut s) = session().await?;
    let ada = User::select().filter_by(User::name, "ada").one(&mut s).await?;
    let recorder = db.recorder();
    s[ada].bio = Deferred::new("new".into());
    s.flush().await?;
    assert_eq!(statements(&recorder), ["UPDATE users(bio) x1"]);
    s.rollback().await?;
    assert!(s[ada].bio.is_unloaded());
    s[ada].name.push('!');
    assert_eq!(s.load_column(ada, User::bio).await?, "ADA");
    s[ada].bio.set("x".repeat(21));
    assert_eq!(s.flush().await.map_err(|error| error.kind()), Err(Kind::Data));
    s.rollback().await?;
    s[ada].bio.set("kept".into());
    s.commit().await?;
    s.close().await?;
    let ada = s.get::<User>(1).await?.expect("she is there");
    assert_eq!(
        (s.load_column(ada, User::bio).await?, s.load_column(ada, User::photo).await?),
        ("kept".into(), vec![1, 2])
    );
    Ok(())
}

#[tokio::test]
async fn trees_hold_what_is_loaded() -> realgar::Result<()> {
    let (_db, mut s) = session().await?;
    let ada = s.get::<User>(1).await?.expect("she is there");
    assert_eq!(serde_json::to_string(&s.view(ada)).ok().as_deref(), Some(r#"{"id":1,"name":"ada","bio":null}"#));
    s.load_column(ada, User::bio).await?;
    assert_eq!(serde_json::to_string(&s.tree(ada)?).ok().as_deref(), Some(r#"{"id":1,"name":"ada","bio":"ADA"}"#));
    let new = s.add(User { name: "new".into(), ..User::default() });
    let error = s.load_column(new, User::bio).await.expect_err("there is no row");
    assert_eq!(error.kind(), Kind::InvalidRequest);
    Ok(())
}
