//! The how-to's quick reference: `select` loads on access, `joined` at once. Statements are counted, for the query and
//! for the reading.

use realgar::prelude::*;

use crate::{Done, python::list};

#[derive(Model)]
#[model(table = "joined_user")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    username: String,
    #[relationship(backref(author, lazy = "joined"), lazy = "joined")]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "joined_post")]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

pub async fn run(db: &Db) -> Done {
    println!("\n3.4 Lazy: select or joined");
    let mut s = db.session();
    let posts = ["First Post", "Second Post"].map(|title| new!(Post { title }));
    let alice = s.add(new!(User { username: "alice", posts }));
    s.commit().await?;
    let key = s.key(alice)?;

    // The mapping says `joined`; a query can say otherwise.
    for (word, users) in [("select", User::select().options(User::posts.select())), ("joined", User::select())] {
        let mut s = db.session();
        let recorder = db.recorder();
        let user = users.one(&mut s).await?;
        let query = recorder.count();
        let posts = s.load(user, User::posts).await?;
        let read = recorder.count() - query;
        println!("lazy='{word}': query={query} read={read} -> {}", list(posts.iter().map(|&post| &s[post].title)));
    }

    // A post comes with its author, and a user with all posts: what is loaded is there without `.await`.
    let mut s = db.session();
    if let Some(post) = Post::select().first(&mut s).await?
        && let Some(author) = s.view(post).one(Post::author)?
    {
        println!("{}", author.username);
    }
    s.expunge_all();
    if let Some(user) = s.get::<User>(key).await? {
        println!("{}", list(s.view(user).many(User::posts)?.map(|post| &post.get().title)));
    }
    Ok(())
}
