//! The lesson's closed session: what was not loaded is out of reach, what was loaded can be taken along.

use realgar::prelude::*;

use super::{Post, User};
use crate::{Done, python::list};

pub async fn run(db: &Db) -> Done {
    println!("\n0.8 Reading when the session is closed");
    let user = User::select().one(&mut db.session()).await?;
    let mut s = db.session();
    if let Err(error) = s.load(user, User::posts).await {
        println!("lazy collection on a detached object: {}", error.kind().reference());
    }

    // `fetch` makes objects that need no session, with what the query loads.
    let user = User::select().options(User::posts.selectin()).fetch_one(db).await?;
    println!("loaded column still readable: {}", user.name);
    println!("eager-loaded collection on a detached object: {}", list(user.posts.get()?.map(|post| &post.title)));

    let post = Post::select().filter_by(Post::title, "Hello").fetch_one(db).await?;
    let post = s.attach(post)?;
    if let Some(author) = s.load(post, Post::author).await? {
        println!("re-attached: {}", s[author].name);
    }
    Ok(())
}
