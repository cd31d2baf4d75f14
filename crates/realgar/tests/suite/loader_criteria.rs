//! `with_loader_criteria`: a criterion for a model wherever it is met: soft deletion, tenancy.

use realgar::prelude::*;

use crate::{blog::File, database::database};

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(default = false)]
    deleted: bool,
    #[relationship(back_populates = author, cascade = "all")]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(default = false)]
    deleted: bool,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
    #[relationship(secondary = PostTags)]
    tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "tags")]
struct Tag {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(default = false)]
    deleted: bool,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(foreign_key = Post::id)]
    post_id: i64,
    #[column(foreign_key = Tag::id)]
    tag_id: i64,
}

async fn fill(db: &Db) -> realgar::Result<()> {
    db.create_all().await?;
    let mut s = db.session();
    for name in ["ada", "bob"] {
        let tags = || [new!(Tag { name: "seen" }), new!(Tag { name: "hidden", deleted: true })];
        let posts =
            [new!(Post { title: "here", tags: tags() }), new!(Post { title: "gone", deleted: true, tags: tags() })];
        s.add(new!(User { name, posts }));
    }
    s.add(new!(User { name: "eve", deleted: true, posts: [new!(Post { title: "eve's" })] }));
    s.commit().await
}

async fn blog() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![User]).await?;
    fill(&db).await?;
    Ok(db)
}

#[tokio::test]
async fn in_a_query_and_in_all_that_is_loaded_with_it() -> realgar::Result<()> {
    let db = blog().await?;
    let query = || User::select().with_loader_criteria(Post::TABLE, !Post::deleted).order_by(User::id);
    for (option, statements) in [
        (User::posts.selectin(), 2),
        (User::posts.joined(), 1),
        (User::posts.subquery(), 2),
        (User::posts.immediate(), 4),
        (User::posts.select(), 4),
        (User::posts.peers(), 3),
    ] {
        let (mut s, recorder) = (db.session(), db.recorder());
        for user in query().options(option).all(&mut s).await? {
            assert_eq!(s.load(user, User::posts).await?.len(), 1);
        }
        assert_eq!(recorder.count(), statements);
    }
    // Also where nothing is said about the relationship, and further on.
    let mut s = db.session();
    let query = query().with_loader_criteria(Tag::TABLE, !Tag::deleted);
    for user in query.all(&mut s).await? {
        for post in s.load(user, User::posts).await? {
            assert!(!s[post].deleted);
            assert!(s.load(post, Post::tags).await?.len() <= 1);
        }
    }
    Ok(())
}

#[tokio::test]
async fn wherever_the_statement_meets_the_table() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    s.with_loader_criteria(Post::TABLE, !Post::deleted);
    assert_eq!(Post::select().count(&mut s).await?, 3);
    assert_eq!(Post::select().all(&mut s).await?.len(), 3);
    assert_eq!(select(Post::title).order_by(Post::id).all(&mut s).await?, ["here", "here", "eve's"]);
    assert!(!Post::select().filter(Post::title.eq("gone")).exists(&mut s).await?);
    assert_eq!(User::select().join(User::posts).count(&mut s).await?, 3);
    assert_eq!(User::select().join(Post::TABLE).count(&mut s).await?, 3);
    let titles = select((User::name, Post::title.optional())).outer_join(User::posts.and(Post::title.eq("gone")));
    assert!(titles.all(&mut s).await?.iter().all(|(_, title)| title.is_none()), "in ON, so that the others stay");
    assert_eq!(User::select().filter(User::posts.any(Post::title.eq("gone"))).count(&mut s).await?, 0);
    assert_eq!(User::select().filter(!User::posts.any(Post::title.eq("gone"))).count(&mut s).await?, 3);
    let among = User::id.in_(select(Post::user_id).filter(Post::title.eq("gone")));
    assert_eq!(User::select().filter(among).count(&mut s).await?, 0);
    let other = alias::<Post>();
    assert_eq!(select(other.col(Post::title)).all(&mut s).await?.len(), 3);
    assert_eq!(User::select().join(User::posts.of_type(other)).count(&mut s).await?, 3);
    Ok(())
}

#[tokio::test]
async fn what_is_known_and_what_is_refreshed_needs_no_criterion() -> realgar::Result<()> {
    let db = blog().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let hidden = Post::select().filter(Post::deleted).order_by(Post::id).first(&mut s).await?.expect("a post");
    s.with_loader_criteria(Post::TABLE, !Post::deleted);
    let key = s.key(hidden)?;
    assert_eq!(s.get::<Post>(key).await?, Some(hidden));
    s.refresh(hidden).await?;
    s.expire(hidden)?;
    assert_eq!(s.get::<Post>(key).await?, Some(hidden));
    assert_eq!(recorder.count(), 3);
    assert_eq!(s.get::<Post>(4).await?, None, "the other hidden one is not known");
    Ok(())
}

/// To one: who is known is answered without a statement when asked for, and asked for anew when loaded with the query.
#[tokio::test]
async fn many_to_one() -> realgar::Result<()> {
    let db = blog().await?;
    let query = || Post::select().filter(Post::title.eq("eve's")).with_loader_criteria(User::TABLE, !User::deleted);
    let mut s = db.session();
    let post = query().one(&mut s).await?;
    assert_eq!(s.load(post, Post::author).await?, None);
    s.close().await?;
    let eve = User::select().filter(User::deleted).one(&mut s).await?;
    let post = query().one(&mut s).await?;
    assert_eq!(s.load(post, Post::author).await?, Some(eve));
    s.close().await?;
    User::select().all(&mut s).await?;
    let recorder = db.recorder();
    let post = query().options(Post::author.selectin()).one(&mut s).await?;
    assert_eq!((s.loaded(post, Post::author)?, recorder.count()), (None, 2));
    Ok(())
}

#[tokio::test]
async fn for_every_session_of_a_database() -> realgar::Result<()> {
    let file = File::new();
    fill(&Db::connect(&file.url(""), models![User]).await?).await?;
    let db = Db::builder(models![User]).with_loader_criteria(Post::TABLE, !Post::deleted);
    let db = db.with_loader_criteria(User::TABLE, !User::deleted).connect(&file.url("")).await?;
    let users = User::select().options(User::posts.selectin()).fetch(&db).await?;
    assert_eq!(users.len(), 2);
    assert!(users.iter().all(|user| user.posts.get().unwrap().len() == 1));
    let mut s = db.session();
    let ada = s.get_one::<User>(1).await?;
    assert_eq!(s.load(ada, User::posts).await?.len(), 1);
    s.preload(&[ada], User::posts.then(Post::tags)).await?;
    assert_eq!(s.get::<User>(3).await?, None);
    Ok(())
}

/// A flush that cascades must not overlook rows: what is hidden is deleted with its owner all the same.
#[tokio::test]
async fn a_cascade_sees_all_rows() -> realgar::Result<()> {
    let db = blog().await?;
    sql("DELETE FROM post_tags").execute(&mut db.session()).await?;
    let mut s = db.session();
    sql("DELETE FROM post_tags").execute(&mut s).await?;
    s.with_loader_criteria(Post::TABLE, !Post::deleted);
    let ada = s.get_one::<User>(1).await?;
    s.delete(ada)?;
    s.commit().await?;
    assert_eq!(sql("SELECT count(*) FROM posts WHERE user_id = 1").one::<i64>(&mut s).await?, 0);
    Ok(())
}

/// Replacing a collection replaces what can be seen of it.
#[tokio::test]
async fn replace_leaves_alone_what_is_hidden() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    s.with_loader_criteria(Post::TABLE, !Post::deleted);
    let ada = s.get_one::<User>(1).await?;
    s.clear(ada, User::posts).await?;
    s.commit().await?;
    assert_eq!(sql("SELECT title FROM posts WHERE user_id = 1").all::<String>(&mut s).await?, ["gone"]);
    Ok(())
}

/// Inside a criterion none holds: it may be about its own table.
#[tokio::test]
async fn a_criterion_about_its_own_table() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let visible = User::id.in_(select(Post::user_id).filter(Post::author.has(!User::deleted)));
    s.with_loader_criteria(User::TABLE, visible);
    assert_eq!(User::select().count(&mut s).await?, 2);
    Ok(())
}
