//! The lesson on loading: a statement for each user, or a few for all of them.

use realgar::prelude::*;

use crate::{Done, python::list};

#[derive(Model)]
#[model(table = "loading_users")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "loading_posts")]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

pub async fn run(db: &Db, name: &str) -> Done {
    println!("\n0.3 Loading: lazily or eagerly");
    let mut s = db.session();
    s.add_all([name, "Bob"].map(with_posts));
    s.commit().await?;
    eager(db).await?;
    count_statements(db).await
}

/// Everything that is printed is loaded up front: two statements, however many users there are.
async fn eager(db: &Db) -> Done {
    let mut s = db.session();
    let users = User::select().options(User::posts.selectin()).order_by(User::id).all(&mut s).await?;
    for user in users {
        let user = s.view(user);
        println!("{} -> {}", user.name, list(user.many(User::posts)?.map(|post| &post.get().title)));
    }
    Ok(())
}

fn with_posts(name: &str) -> User {
    let post = |number: i32| new!(Post { title: format!("{name}-{number}") });
    new!(User { name, posts: [post(1), post(2)] })
}

/// The N+1 problem and its cures, counted for 100 users. What a test session writes is gone when it is dropped.
async fn count_statements(db: &Db) -> Done {
    let mut s = db.test_session();
    s.add_all((1..=98).map(|number| with_posts(&format!("u{number}"))));

    let mut size = 0;
    let mut counts = Vec::new();
    for (strategy, posts) in [
        ("lazy one by one", User::posts.select()),
        ("peers", User::posts.peers()),
        ("selectin", User::posts.selectin()),
        ("joined", User::posts.joined()),
    ] {
        s.commit().await?; // after a commit, everything is loaded anew
        let recorder = db.recorder();
        let users = User::select().options(posts).all(&mut s).await?;
        for &user in &users {
            s.load(user, User::posts).await?;
        }
        size = users.len();
        counts.push(format!("{strategy} {}", recorder.count()));
    }
    println!("{size} users, statements: {}", counts.join(", "));
    Ok(())
}
