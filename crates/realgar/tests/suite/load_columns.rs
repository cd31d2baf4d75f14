//! `undefer`, `defer`, `load_only`: which deferred columns come with the rows, at every depth.

use realgar::prelude::*;

use crate::database::database;

#[derive(Model, Debug)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    bio: Deferred<String>,
    photo: Deferred<Vec<u8>>,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model, Debug)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    body: Deferred<String>,
    notes: Deferred<String>,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

async fn blog() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let posts =
        [new!(Post { title: "one", body: "1", notes: "a" }), new!(Post { title: "two", body: "2", notes: "b" })];
    s.add(new!(User { name: "ada", bio: "born", photo: vec![1], posts }));
    s.commit().await?;
    Ok(db)
}

#[tokio::test]
async fn load_only_names_the_deferred_columns_that_come_along() -> realgar::Result<()> {
    let db = blog().await?;
    let users = User::select().load_only((User::id, User::bio)).fetch(&db).await?;
    assert_eq!((users[0].bio.get()?.as_str(), users[0].name.as_str()), ("born", "ada"));
    assert!(users[0].photo.is_unloaded());
    let users = User::select().undefer(User::photo).load_only(User::bio).fetch(&db).await?;
    assert!(users[0].photo.is_unloaded() && !users[0].bio.is_unloaded());
    let users = User::select().undefer(User::photo).undefer(User::bio).defer(User::photo).fetch(&db).await?;
    assert!(users[0].photo.is_unloaded() && !users[0].bio.is_unloaded());
    Ok(())
}

#[tokio::test]
async fn along_relationships() -> realgar::Result<()> {
    let db = blog().await?;
    for option in [
        User::posts.selectin().undefer(Post::body),
        User::posts.joined().undefer(Post::body),
        User::posts.subquery().load_only((Post::title, Post::body)),
        User::posts.immediate().undefer(Post::body).undefer(Post::notes).defer(Post::notes),
        User::posts.and(Post::title.ne("none")).joined().load_only(Post::body),
    ] {
        let users = User::select().options(option).fetch(&db).await?;
        assert!(users[0].bio.is_unloaded());
        for post in users[0].posts.get()? {
            assert!(!post.body.is_unloaded() && post.notes.is_unloaded());
        }
    }
    let query = User::select().join(User::posts).options(User::posts.contains_eager().undefer(Post::notes));
    assert_eq!(query.fetch(&db).await?[0].posts.get()?.filter(|post| post.notes.is_unloaded()).count(), 0);
    Ok(())
}

#[tokio::test]
async fn when_asked_for_and_two_steps_down() -> realgar::Result<()> {
    let db = blog().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let user = User::select().options(User::posts.select().undefer(Post::body)).one(&mut s).await?;
    for post in s.load(user, User::posts).await? {
        assert!(!s[post].body.is_unloaded());
    }
    assert_eq!(recorder.count(), 2);
    s.close().await?;
    let path = User::posts.selectin().then(Post::author.selectin().undefer(User::bio));
    let user = User::select().options(path).one(&mut s).await?;
    assert_eq!(s[user].bio.get()?, "born", "the row is met a second time, with its column");
    Ok(())
}

/// A tuple of entities and values, too.
#[tokio::test]
async fn in_tuples() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let rows = select((User::TABLE, Post::TABLE)).join(User::posts).undefer(Post::body).load_only::<User>(User::bio);
    for (user, post) in rows.all(&mut s).await? {
        assert!(!s[user].bio.is_unloaded() && s[user].photo.is_unloaded());
        assert!(!s[post].body.is_unloaded() && s[post].notes.is_unloaded());
    }
    let bios: Vec<(i64, String)> = select((User::id, User::bio)).all(&mut s).await?;
    assert_eq!(bios, [(1, "born".to_owned())]);
    Ok(())
}

/// Relationships that are loaded by `subquery` from objects that were found one by one.
#[tokio::test]
async fn a_subquery_below_a_lazy_load() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let path = Post::author.select().then(User::posts.subquery());
    let post = Post::select().options(path).first(&mut s).await?.expect("a post");
    let author = s.load(post, Post::author).await?;
    assert_eq!(s.loaded(author, User::posts)?.len(), 2);
    Ok(())
}
