//! One user, two posts; read from both ends (`back_populates`).

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
    run.step("create tables", db.create_all()).await?;

    let mut s = db.session();
    let (ada, posts) = run
        .step("build graph in memory (no SQL)", async {
            let ada = s.add(new!(User { name: "Ada" }));
            let hello = s.append(ada, User::posts, new!(Post { title: "Hello" }))?;
            let world = s.append(ada, User::posts, new!(Post { title: "World" }))?;
            Ok((ada, [hello, world]))
        })
        .await?;
    let authors = posts.iter().map(|&post| Ok(s.loaded(post, Post::author)? == Some(ada)));
    run.check("back_populates set author before flush", authors.collect::<Result<Vec<bool>>>()?);
    let keys: Vec<Option<i64>> = posts.iter().map(|&post| s[post].user_id).collect();
    run.check("FK not set before flush", keys);
    run.step("add + commit", s.commit()).await?;
    let titles = run
        .step("read user.posts after commit", async {
            // As there: first the user anew, whom the commit aged, then the posts.
            let posts = s.load(ada, User::posts).await?;
            Ok(posts.into_iter().map(|post| s[post].title.clone()).collect::<Vec<_>>())
        })
        .await?;
    run.out(format!("Ada's posts: {}", list(&titles)));
    let name = run
        .step("read post.author", async {
            let post = Post::select().filter(Post::title.eq("Hello")).one(&mut s).await?;
            let author = s.load(post, Post::author).await?;
            assert_eq!(author, Some(ada), "the author comes from the identity map");
            Ok(author.and_then(|author| s[author].name.clone()))
        })
        .await?;
    run.out(format!("Author of 'Hello': {}", name.alone()));
    s.close().await?;

    // The same without a warm identity map.
    let mut s = db.session();
    let post = Post::select().filter(Post::title.eq("Hello"));
    let post = run.step("fresh session: load post", post.one(&mut s)).await?;
    let author = run.step("fresh session: lazy many-to-one", s.load(post, Post::author)).await?;
    let author = author.expect("the post has an author");
    let posts = run.step("fresh session: lazy collection", s.load(author, User::posts)).await?;
    assert_eq!(posts[0], post, "one row is one object");
    let authors = posts.iter().map(|&post| Ok(s.loaded(post, Post::author)? == Some(author)));
    run.check("identity", authors.collect::<Result<Vec<bool>>>()?.into_iter().all(|same| same));
    s.close().await
}
