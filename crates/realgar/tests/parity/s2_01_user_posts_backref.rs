//! `User::posts` makes `Post::author`: a post brings its author in, a loose post is adopted, a name is taken once.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: Option<String>,
    #[relationship(backref = author)]
    posts: Many<Post>,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 200)]
    title: Option<String>,
    content: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

async fn author(s: &mut Session, post: Handle<Post>) -> Result<String> {
    let author = s.load(post, Post::author).await?;
    Ok(author.map(|author| s[author].username.alone()).alone())
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let hello = new!(Post { title: "Hello", content: "text" }).with(Post::author, new!(User { username: "ada" }));
    let (hello, ada) = run
        .step("add post only + commit (save-update cascades up)", async {
            let hello = s.add(hello);
            let ada = s.loaded(hello, Post::author)?.expect("she came in with the post");
            s.commit().await?;
            Ok((hello, ada))
        })
        .await?;
    run.check("writes", run.writes());
    run.step("read", async {
        let posts = s.load(ada, User::posts).await?;
        let titles: Vec<_> = posts.iter().map(|&post| s[post].title.clone()).collect();
        run.out(format!("user.posts: {} post.author: {}", list(&titles), author(&mut s, hello).await?));
        Ok(())
    })
    .await?;
    run.step("orphan post allowed: FK is nullable", async {
        s.add(new!(Post { title: "Loose" }));
        s.commit().await
    })
    .await?;
    let loose = run
        .step("adopt through collection", async {
            let loose = Post::select().filter_by(Post::title, "Loose").one(&mut s).await?;
            run.out(format!("author before: {}", author(&mut s, loose).await?));
            s.append(ada, User::posts, loose)?;
            s.commit().await?;
            Ok(loose)
        })
        .await?;
    run.check("writes", run.writes());
    run.out(format!("author after: {}", author(&mut s, loose).await?));
    run.error("unique username", async {
        s.add(new!(User { username: "ada" }));
        s.commit().await
    })
    .await;
    s.rollback().await?;
    let users = select(User::username).all(&mut s).await?;
    run.out(format!("after rollback: {}", list(&users)));
    s.close().await
}
