//! First steps.
use crate::database::database;
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(back_populates = author, cascade = "all, delete-orphan")]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
    #[relationship(secondary = PostTags, back_populates = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "tags")]
struct Tag {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(secondary = PostTags, back_populates = tags)]
    posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    tag_id: i64,
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn tour() -> realgar::Result<()> {
    is_send(run()).await
}

async fn run() -> realgar::Result<()> {
    let db = Db::builder(models![User]).echo(true).connect(&database().await).await?;
    db.create_all().await?;
    let mut s = db.session();
    let python = s.add(new!(Tag { name: "python" }));
    let ada = s.add(new!(User {
        name: "Ada",
        posts: [
            new!(Post { title: "Hello", tags: many![python, new!(Tag { name: "flask" })] }),
            new!(Post { title: "World" })
        ]
    }));
    s.commit().await?;
    for post in s.load(ada, User::posts).await? {
        let tags = s.load(post, Post::tags).await?;
        println!("{} {:?}", s[post].title, tags);
        assert_eq!(s.load(post, Post::author).await?, ada);
    }
    let bob = s.add(new!(User { name: "Bob" }));
    let posts = Post::select()
        .options(Post::author.joined())
        .options(Post::tags.selectin())
        .order_by(Post::id)
        .all(&mut s)
        .await?;
    s.set(posts[1], Post::author, bob)?;
    s[posts[0]].title.push('!');
    s.commit().await?;
    let users = User::select()
        .options(User::posts.joined().then(Post::tags.selectin()))
        .order_by(User::name)
        .limit(5)
        .all(&mut s)
        .await?;
    for user in users {
        let view = s.view(user);
        println!("{} {:?}", view.name, view.many(User::posts)?.map(|p| p.title.clone()).collect::<Vec<_>>());
    }
    let counts: Vec<(String, i64)> = select((User::name, count(Post::id)))
        .join(User::posts)
        .group_by(User::name)
        .order_by(User::name)
        .all(&mut s)
        .await?;
    assert_eq!(counts, [("Ada".to_owned(), 1), ("Bob".to_owned(), 1)]);
    let tagged =
        Post::select().filter(Post::tags.any(Tag::name.eq("python")) & Post::tags.contains(python)).all(&mut s).await?;
    assert_eq!(tagged, [posts[0]]);
    let by = Post::select()
        .filter(Post::author.has(User::name.in_(["Ada", "x"])) & !Post::author.is(bob))
        .count(&mut s)
        .await?;
    assert_eq!(by, 1);
    s.delete(ada)?;
    s.commit().await?;
    assert_eq!(Post::select().all(&mut s).await?.len(), 1);
    let trees = User::select().options(User::posts.selectin()).fetch(&db);
    s.close().await?;
    let trees = trees.await?;
    assert_eq!(trees[0].posts.get()?.next().unwrap().title, "World");
    Ok(())
}
