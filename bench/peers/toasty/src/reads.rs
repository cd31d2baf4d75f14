//! W1, W2, W3, W5, W7, W8. There is no join that brings parents and children.

use common::*;
use toasty::{Db, Executor, Result};
use tokio::runtime::Runtime;

use crate::{
    PEER,
    model::{Post, User},
};

/// Of W7: on SQLite each takes as long as hundreds of other programs' ones.
const W7_SOME: i64 = W7_QUERIES / 100;

pub fn run(args: &Args, runtime: &Runtime, db: &mut Db) {
    bench(args, PEER, "w1", W1_LOOKUPS, "lookup", |_| runtime.block_on(lookups(db)).unwrap());
    bench(args, PEER, "w1_transaction", W1_LOOKUPS, "lookup", |_| {
        runtime.block_on(async { lookups(&mut db.transaction().await?).await }).unwrap()
    });
    for (name, rows, queries) in W2 {
        bench(args, PEER, name, rows * queries, "row", |_| runtime.block_on(loads(db, rows, queries)).unwrap());
        bench(args, PEER, &format!("{name}_transaction"), rows * queries, "row", |_| {
            runtime.block_on(async { loads(&mut db.transaction().await?, rows, queries).await }).unwrap()
        });
    }
    bench(args, PEER, "w3_lazy", W3_PARENTS, "parent", |_| runtime.block_on(one_query_each(db)).unwrap());
    bench(args, PEER, "w3_selectin", W3_PARENTS, "parent", |_| runtime.block_on(included(db)).unwrap());
    bench(args, PEER, "w5", W5_POSTS, "post", |_| runtime.block_on(many_to_many(db)).unwrap());
    bench(args, PEER, "w7", W7_SOME, "query", |_| runtime.block_on(ordered_join(db)).unwrap());
    memory(args, PEER, || {
        let posts = runtime.block_on(some_posts(db, 0, POSTS)).unwrap();
        let mut sum = Sum::default();
        sum_posts(&mut sum, &posts);
        (sum.0, posts.len())
    });
}

fn sum_user(sum: &mut Sum, user: &User) {
    sum.user(user.id as i64, &user.name, &user.email, user.active);
}

fn sum_posts(sum: &mut Sum, posts: &[Post]) {
    posts.iter().for_each(|post| sum.post(post.id as i64, &post.title, &post.body, post.user_id as i64));
}

async fn lookups(db: &mut dyn Executor) -> Result<u64> {
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        sum_user(&mut sum, &User::get_by_id(db, &(w1_id(lookup) as u64)).await?);
    }
    Ok(sum.0)
}

async fn some_posts(db: &mut dyn Executor, after: i64, until: i64) -> Result<Vec<Post>> {
    let id = || Post::fields().id();
    Post::filter(id().gt(after as u64).and(id().le(until as u64))).exec(db).await
}

async fn loads(db: &mut dyn Executor, rows: i64, queries: i64) -> Result<u64> {
    let mut sum = Sum::default();
    for query in 0..queries {
        sum_posts(&mut sum, &some_posts(db, query * rows, (query + 1) * rows).await?);
    }
    Ok(sum.0)
}

async fn one_query_each(db: &mut Db) -> Result<u64> {
    let mut sum = Sum::default();
    for user in User::filter(User::fields().id().le(W3_PARENTS as u64)).exec(db).await? {
        sum_user(&mut sum, &user);
        sum_posts(&mut sum, &user.posts().exec(db).await?);
    }
    Ok(sum.0)
}

async fn included(db: &mut Db) -> Result<u64> {
    let users = User::filter(User::fields().id().le(W3_PARENTS as u64)).include(User::fields().posts());
    let mut sum = Sum::default();
    for user in users.exec(db).await? {
        sum_user(&mut sum, &user);
        sum_posts(&mut sum, user.posts.get());
    }
    Ok(sum.0)
}

async fn many_to_many(db: &mut Db) -> Result<u64> {
    let posts = Post::filter(Post::fields().id().le(W5_POSTS as u64)).include(Post::fields().tags()).exec(db).await?;
    let mut sum = Sum::default();
    sum_posts(&mut sum, &posts);
    for tag in posts.iter().flat_map(|post| post.tags.get()) {
        sum.tag(tag.id as i64, &tag.name);
    }
    Ok(sum.0)
}

async fn ordered_join(db: &mut Db) -> Result<u64> {
    let mut sum = Sum::default();
    for query in 0..W7_SOME {
        let first = w7_first(query) as u64;
        let user_id = || Post::fields().user_id();
        let some =
            Post::fields().user().active().eq(true).and(user_id().ge(first)).and(user_id().lt(first + W7_SPAN as u64));
        let posts = Post::filter(some).include(Post::fields().user()).order_by(Post::fields().title().asc()).limit(50);
        let posts = posts.exec(db).await?;
        sum_posts(&mut sum, &posts);
        posts.iter().for_each(|post| sum_user(&mut sum, post.user.get()));
    }
    Ok(sum.0)
}
