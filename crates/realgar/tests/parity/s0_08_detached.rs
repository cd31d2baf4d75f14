//! What can be read of objects whose session is closed; eager loading as the cure.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: Option<String>,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "Hello" })] }));
    s.commit().await?;
    s.close().await?;
    // An object belongs to its session: when that is closed, its handle is void. What is to outlive a session is taken
    // out of it, as `fetch` and `detach` do.
    let name = async { s.try_ref(ada).map(|ada| ada.name.clone()) };
    run.error("expired column on a detached object", name).await;

    let ada = User::select().fetch_one(&db).await?;
    run.out(format!("loaded column still readable: {}", ada.name.alone()));
    run.error("lazy collection on a detached object", async { ada.posts.get().map(|_| ()) }).await;
    let hello = Post::select().fetch_one(&db).await?;
    run.error("lazy many-to-one on a detached object", async { hello.author.get().map(|_| ()) }).await;
    let ada = User::select().options(User::posts.selectin()).fetch_one(&db).await?;
    let titles: Vec<_> = ada.posts.get()?.map(|post| post.title.clone()).collect();
    run.out(format!("eager-loaded collection on a detached object: {}", list(&titles)));

    let name = run.step("re-attach and lazy load", async {
        let mut s = db.session();
        let hello = s.attach(hello)?;
        let author = s.load(hello, Post::author).await?;
        let name = author.and_then(|author| s[author].name.clone());
        s.close().await?;
        Ok(name)
    });
    run.out(format!("re-attached: {}", name.await?.alone()));

    // A new object is asked for its relationships when a session has it.
    let mut s = db.session();
    let (user, post) = (s.add(new!(User { name: "transient" })), s.add(new!(Post {})));
    let posts: Vec<_> = s.view(user).many(User::posts)?.map(|post| post.title.clone()).collect();
    let author = s.view(post).one(Post::author)?.map(|author| author.name.alone());
    run.out(format!("transient object, collection: {} scalar: {}", list(&posts), author.alone()));
    s.close().await?;

    let db = run.open(Db::builder(models![User, Post]).expire_on_commit(false)).await?;
    let mut s = db.session();
    let user = s.add(new!(User { name: "Kept", posts: many![] }));
    s.commit().await?;
    let posts: Vec<_> = s.view(user).many(User::posts)?.map(|post| post.title.clone()).collect();
    let name = s[user].name.alone();
    run.out(format!("expire_on_commit=False keeps columns and loaded collections: {name} {}", list(&posts)));
    s.close().await
}
