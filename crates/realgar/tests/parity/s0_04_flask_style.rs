//! The same one-to-many with models that give no table names.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: Option<String>,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    run.step("create_all", db.create_all()).await?;
    let mut tables: Vec<String> = run.kinds().iter().map(|kind| kind.replace("CREATE ", "")).collect();
    tables.sort();
    run.check("derived table names", tables);

    let mut s = db.session();
    let ada = run
        .step("add + commit", async {
            let posts = ["Hello", "World"].map(|title| new!(Post { title }));
            let ada = s.add(new!(User { name: "Ada", posts }));
            s.commit().await?;
            Ok(ada)
        })
        .await?;
    run.step("read", async {
        let posts = s.load(ada, User::posts).await?;
        let titles: Vec<_> = posts.iter().map(|&post| s[post].title.clone()).collect();
        run.out(format!("Ada's posts: {}", list(&titles)));
        let hello = Post::select().filter_by(Post::title, "Hello").first(&mut s).await?.expect("it is there");
        let author = s.load(hello, Post::author).await?.expect("it has an author");
        run.out(format!("Author of 'Hello': {}", s[author].name.alone()));
        Ok(())
    })
    .await?;
    s.close().await
}
