//! W1, W2, W3, W5, W7, W8. Every run has a session of its own, which knows nothing yet.

use common::*;
use realgar::prelude::*;

use crate::{PEER, Post, Tag, User, World};

pub fn run(args: &Args, world: &World) {
    let World { db, runtime, .. } = world;
    bench(args, PEER, "w1", W1_LOOKUPS, "lookup", |_| runtime.block_on(lookups(db)).unwrap());
    for (name, rows, queries) in W2 {
        bench(args, PEER, name, rows * queries, "row", |_| runtime.block_on(loads(db, rows, queries)).unwrap());
    }
    bench(args, PEER, "w3_lazy", W3_PARENTS, "parent", |_| runtime.block_on(lazy(db)).unwrap());
    let selectin = || User::select().options(User::posts.selectin());
    bench(args, PEER, "w3_selectin", W3_PARENTS, "parent", |_| runtime.block_on(eager(db, selectin())).unwrap());
    let joined = || User::select().options(User::posts.joined());
    bench(args, PEER, "w3_joined", W3_PARENTS, "parent", |_| runtime.block_on(eager(db, joined())).unwrap());
    bench(args, PEER, "w5", W5_POSTS, "post", |_| runtime.block_on(many_to_many(db)).unwrap());
    bench(args, PEER, "w7", W7_QUERIES, "query", |_| runtime.block_on(ordered_join(db)).unwrap());
    memory(args, PEER, || runtime.block_on(all(db)).unwrap());
}

async fn lookups(db: &Db) -> realgar::Result<u64> {
    let mut s = db.session();
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        let user = s.get_one::<User>(w1_id(lookup)).await?;
        sum_user(&mut sum, &s[user]);
    }
    Ok(sum.0)
}

fn sum_user(sum: &mut Sum, user: &User) {
    sum.user(user.id, &user.name, &user.email, user.active);
}

fn sum_post(sum: &mut Sum, post: &Post) {
    sum.post(post.id, &post.title, &post.body, post.user_id);
}

async fn loads(db: &Db, rows: i64, queries: i64) -> realgar::Result<u64> {
    let mut s = db.session();
    let mut sum = Sum::default();
    for query in 0..queries {
        let some = Post::select().filter(Post::id.gt(query * rows)).filter(Post::id.le((query + 1) * rows));
        for post in some.all(&mut s).await? {
            sum_post(&mut sum, &s[post]);
        }
    }
    Ok(sum.0)
}

async fn lazy(db: &Db) -> realgar::Result<u64> {
    let mut s = db.session();
    let mut sum = Sum::default();
    for user in User::select().filter(User::id.le(W3_PARENTS)).all(&mut s).await? {
        sum_user(&mut sum, &s[user]);
        for post in s.load(user, User::posts).await? {
            sum_post(&mut sum, &s[post]);
        }
    }
    Ok(sum.0)
}

async fn eager(db: &Db, users: Select<Handle<User>>) -> realgar::Result<u64> {
    let mut s = db.session();
    let mut sum = Sum::default();
    for user in users.filter(User::id.le(W3_PARENTS)).order_by(User::id).all(&mut s).await? {
        sum_user(&mut sum, &s[user]);
        for post in s.loaded(user, User::posts)? {
            sum_post(&mut sum, &s[post]);
        }
    }
    Ok(sum.0)
}

async fn many_to_many(db: &Db) -> realgar::Result<u64> {
    let mut s = db.session();
    let mut sum = Sum::default();
    let posts = Post::select().filter(Post::id.le(W5_POSTS)).options(Post::tags.selectin());
    for post in posts.all(&mut s).await? {
        sum_post(&mut sum, &s[post]);
        for tag in s.loaded(post, Post::tags)? {
            let Tag { id, name } = &s[tag];
            sum.tag(*id, name);
        }
    }
    Ok(sum.0)
}

async fn ordered_join(db: &Db) -> realgar::Result<u64> {
    let mut s = db.session();
    let mut sum = Sum::default();
    for query in 0..W7_QUERIES {
        let first = w7_first(query);
        let pairs = select((Post::TABLE, User::TABLE))
            .join(Post::author)
            .filter(User::active)
            .filter(User::id.ge(first))
            .filter(User::id.lt(first + W7_SPAN))
            .order_by(Post::title)
            .limit(50);
        for (post, user) in pairs.all(&mut s).await? {
            sum_post(&mut sum, &s[post]);
            sum_user(&mut sum, &s[user]);
        }
    }
    Ok(sum.0)
}

async fn all(db: &Db) -> realgar::Result<(u64, usize)> {
    let mut s = db.session();
    let mut sum = Sum::default();
    let posts = Post::select().filter(Post::id.le(POSTS)).all(&mut s).await?;
    posts.iter().for_each(|&post| sum_post(&mut sum, &s[post]));
    Ok((sum.0, posts.len()))
}
