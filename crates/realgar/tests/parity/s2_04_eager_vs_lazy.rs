//! The loop over users and their posts, lazily and by `joined`.

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
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

fn line(s: &Session, user: Handle<User>) -> Result<String> {
    let mut titles: Vec<_> = s.view(user).many(User::posts)?.map(|post| post.title.clone()).collect();
    titles.sort(); // a server joins in any order
    Ok(format!("{} {}", s[user].username.alone(), list(&titles)))
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    for i in 0..4 {
        let posts: Vec<Post> = (0..i).map(|j| new!(Post { title: format!("p{i}{j}") })).collect();
        s.add(new!(User { username: format!("u{i}"), posts }));
    }
    s.commit().await?;
    s.close().await?;

    let by_id = || User::select().order_by(User::id);
    let joined = || User::select().options(User::posts.joined());
    let mut s = db.session();
    run.step("lazy loop", async {
        for user in by_id().all(&mut s).await? {
            s.load(user, User::posts).await?;
            run.out(line(&s, user)?);
        }
        Ok(())
    })
    .await?;
    let lazily = run.printed();
    s.close().await?;

    let mut s = db.session();
    let users = run
        .step("joinedload loop", async {
            let users = joined().order_by(User::id).all(&mut s).await?;
            for &user in &users {
                run.out(line(&s, user)?);
            }
            Ok(users)
        })
        .await?;
    assert_eq!(run.printed()[4..], lazily);
    run.check("same output", lazily);
    run.check("legacy Query dedupes parents by itself", users.len());
    run.check("LEFT OUTER JOIN", run.texts()[0].replace('"', "").contains("LEFT OUTER JOIN post"));
    s.close().await?;

    // Rows that a joined collection multiplies are never seen: an object is in the answer once.
    let mut s = db.session();
    let users = run.no_error("2.x-style result with joined collections needs unique()", joined().all(&mut s)).await?;
    assert_eq!(users.len(), 4);
    s.close().await
}
