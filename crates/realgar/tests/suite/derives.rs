//! The usual derives on models with relationships: Debug, Clone, PartialEq, Serialize, Deserialize; and views as JSON.

use crate::database::database;
use realgar::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Model, Debug, Clone, PartialEq, Serialize, Deserialize)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(server_default = "'new'")]
    state: Auto<String>,
    #[relationship(back_populates = author)]
    #[serde(default, skip_serializing_if = "Many::is_unloaded")]
    posts: Many<Post>,
    #[relationship(back_populates = user)]
    profile: One<Option<Profile>>,
}

#[derive(Model, Debug, Clone, PartialEq, Serialize, Deserialize)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    #[serde(default, skip_serializing_if = "One::is_unloaded")]
    author: One<User>,
}

#[derive(Model, Debug, Clone, PartialEq, Serialize, Deserialize)]
#[model(table = "profiles")]
struct Profile {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = profile)]
    #[serde(skip)]
    user: One<User>,
}

async fn session() -> realgar::Result<(Session, Handle<User>)> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let posts = [new!(Post { title: "Hello" }), new!(Post { title: "World" })];
    s.add(new!(User { name: "Ada", posts, profile: new!(Profile {}) }));
    s.commit().await?;
    s.close().await?;
    let ada = User::select().one(&mut s).await?;
    Ok((s, ada))
}

#[tokio::test]
async fn what_is_not_loaded_is_null_or_left_out() -> realgar::Result<()> {
    let (s, ada) = session().await?;
    let tree = s.tree(ada)?;
    let text = json!({ "id": 1, "name": "Ada", "state": "new", "profile": null });
    assert_eq!(serde_json::to_value(&tree).expect("it serialises"), text);
    let back: User = serde_json::from_value(text).expect("it comes back");
    assert_eq!((&back, back.posts.is_unloaded(), back.profile.is_unloaded()), (&tree, true, true));
    assert_eq!(back.posts.get().map(|_| ()).map_err(|error| error.kind()), Err(Kind::DetachedInstance));
    let shown = r#"User { id: 1, name: "Ada", state: "new", posts: unloaded, profile: unloaded }"#;
    assert_eq!(format!("{tree:?}"), shown);
    Ok(())
}

#[tokio::test]
async fn a_circle_ends_where_it_began() -> realgar::Result<()> {
    let (mut s, ada) = session().await?;
    for post in s.load(ada, User::posts).await? {
        s.load(post, Post::author).await?;
    }
    s.load(ada, User::profile).await?;
    let want = json!({
        "id": 1, "name": "Ada", "state": "new",
        "posts": [{ "id": 1, "title": "Hello", "user_id": 1 }, { "id": 2, "title": "World", "user_id": 1 }],
        "profile": { "id": 1, "user_id": 1 },
    });
    assert_eq!(serde_json::to_value(s.view(ada)).expect("a view serialises"), want);
    assert_eq!(serde_json::to_string(&s.view(ada)).ok(), serde_json::to_string(&s.tree(ada)?).ok());
    let tree = s.tree(ada)?;
    assert_eq!((tree.clone(), tree.posts.get()?.len()), (tree.clone(), 2));
    let back: User = serde_json::from_value(want).expect("it comes back");
    assert_eq!(back, tree);
    assert_ne!(back, s.tree(ada)?.without_posts());
    let post = s.load(ada, User::posts).await?[0];
    let seen = serde_json::to_value(s.view(post)).expect("a view serialises");
    assert_eq!(seen["author"]["posts"], json!([{ "id": 2, "title": "World", "user_id": 1 }]));
    Ok(())
}

impl User {
    fn without_posts(mut self) -> User {
        self.posts = Many::default();
        self
    }
}

#[tokio::test]
async fn what_came_back_can_be_added() -> realgar::Result<()> {
    let (mut s, _) = session().await?;
    let text = r#"{"id":0,"name":"Bob","state":null,"posts":[{"id":0,"title":"Hi","user_id":0}],"profile":null}"#;
    let bob = s.add(serde_json::from_str::<User>(text).expect("it is a user"));
    s.commit().await?;
    let posts = s.load(bob, User::posts).await?;
    assert_eq!((s[bob].state.as_str(), s[posts[0]].user_id), ("new", 2));
    Ok(())
}
