//! `back_populates` that names nothing, a column, or is written on one side only; a model that is not there.

use realgar::{Result, prelude::*};
use serde_json::json;

use crate::{harness::Run, spelled::Spelled};

#[derive(Model)]
#[model(table = "u3")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "p3")]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    author: One<Option<User>>, // only one side names the other
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    run.caught_when_compiled("configure: typo names no attribute").await;
    run.caught_when_compiled("configure: name is a column").await;

    let mut s = run.connect(models![User, Post]).await?.session();
    let (user, post) = (s.add(new!(User {})), s.add(new!(Post {})));
    s.append(user, User::posts, post)?;
    let set = s.loaded(post, Post::author)? == Some(user);
    let one_sided = "one-sided back_populates";
    run.out(format!("{one_sided}, append to the side that names it: other side set = {}", set.alone()));
    let (user, post) = (s.add(new!(User {})), s.add(new!(Post {})));
    s.set(post, Post::author, user)?;
    let posts = s.loaded(user, User::posts)?.len();
    run.out(format!("{one_sided}, set on the side that does not name it: collection = {posts}"));
    run.check("one-sided", json!([set, posts]));

    run.caught_when_compiled("configure: unknown class name").await;
    s.close().await
}
