//! W1, W2, W3, W5, W7, W8.

use common::*;
use sea_orm::{QueryOrder, QuerySelect, TransactionTrait, entity::prelude::*};
use tokio::runtime::Runtime;

use crate::{
    PEER,
    entity::{post, post_tag, tag, user},
};

type Result<T> = std::result::Result<T, DbErr>;

pub fn run(args: &Args, runtime: &Runtime, db: &DatabaseConnection) {
    bench(args, PEER, "w1", W1_LOOKUPS, "lookup", |_| runtime.block_on(lookups(db)).unwrap());
    bench(args, PEER, "w1_transaction", W1_LOOKUPS, "lookup", |_| {
        runtime.block_on(async { lookups(&db.begin().await?).await }).unwrap()
    });
    for (name, rows, queries) in W2 {
        bench(args, PEER, name, rows * queries, "row", |_| runtime.block_on(loads(db, rows, queries)).unwrap());
        bench(args, PEER, &format!("{name}_transaction"), rows * queries, "row", |_| {
            runtime.block_on(async { loads(&db.begin().await?, rows, queries).await }).unwrap()
        });
    }
    bench(args, PEER, "w3_lazy", W3_PARENTS, "parent", |_| runtime.block_on(one_query_each(db)).unwrap());
    bench(args, PEER, "w3_selectin", W3_PARENTS, "parent", |_| runtime.block_on(two_queries(db)).unwrap());
    bench(args, PEER, "w3_joined", W3_PARENTS, "parent", |_| runtime.block_on(joined(db)).unwrap());
    bench(args, PEER, "w5", W5_POSTS, "post", |_| runtime.block_on(many_to_many(db)).unwrap());
    bench(args, PEER, "w7", W7_QUERIES, "query", |_| runtime.block_on(ordered_join(db)).unwrap());
    // The loader last: on PostgreSQL it asks again with the text of `load_many` and other types of parameters, and fails.
    if !args.target.starts_with("postgres") {
        bench(args, PEER, "w3_selectin_loader", W3_PARENTS, "parent", |_| runtime.block_on(loader(db)).unwrap());
    }
    memory(args, PEER, || {
        let posts = runtime.block_on(some_posts(db, 0, POSTS)).unwrap();
        let mut sum = Sum::default();
        sum_posts(&mut sum, &posts);
        (sum.0, posts.len())
    });
}

fn sum_user(sum: &mut Sum, user: &user::Model) {
    sum.user(user.id, &user.name, &user.email, user.active);
}

fn sum_posts(sum: &mut Sum, posts: &[post::Model]) {
    posts.iter().for_each(|post| sum.post(post.id, &post.title, &post.body, post.user_id));
}

fn sum_groups<'a>(groups: impl IntoIterator<Item = (&'a user::Model, &'a Vec<post::Model>)>) -> u64 {
    let mut sum = Sum::default();
    for (user, posts) in groups {
        sum_user(&mut sum, user);
        sum_posts(&mut sum, posts);
    }
    sum.0
}

async fn lookups(db: &impl ConnectionTrait) -> Result<u64> {
    let mut sum = Sum::default();
    for lookup in 0..W1_LOOKUPS {
        let user = user::Entity::find_by_id(w1_id(lookup)).one(db).await?;
        sum_user(&mut sum, &user.expect("a user"));
    }
    Ok(sum.0)
}

async fn some_posts(db: &impl ConnectionTrait, after: i64, until: i64) -> Result<Vec<post::Model>> {
    let some = post::Entity::find().filter(post::Column::Id.gt(after)).filter(post::Column::Id.lte(until));
    some.all(db).await
}

async fn loads(db: &impl ConnectionTrait, rows: i64, queries: i64) -> Result<u64> {
    let mut sum = Sum::default();
    for query in 0..queries {
        sum_posts(&mut sum, &some_posts(db, query * rows, (query + 1) * rows).await?);
    }
    Ok(sum.0)
}

async fn parents(db: &DatabaseConnection) -> Result<Vec<user::Model>> {
    user::Entity::find().filter(user::Column::Id.lte(W3_PARENTS)).all(db).await
}

async fn one_query_each(db: &DatabaseConnection) -> Result<u64> {
    let mut groups = Vec::new();
    for user in parents(db).await? {
        let posts = user.find_related(post::Entity).all(db).await?;
        groups.push((user, posts));
    }
    Ok(sum_groups(groups.iter().map(|(user, posts)| (user, posts))))
}

async fn two_queries(db: &DatabaseConnection) -> Result<u64> {
    let users = parents(db).await?;
    let posts = users.load_many(post::Entity, db).await?;
    Ok(sum_groups(users.iter().zip(&posts)))
}

async fn loader(db: &DatabaseConnection) -> Result<u64> {
    let some = user::Entity::load().filter(user::Column::Id.lte(W3_PARENTS)).with(post::Entity);
    let mut sum = Sum::default();
    for user in some.all(db).await? {
        sum.user(user.id, &user.name, &user.email, user.active);
        user.posts.iter().for_each(|post| sum.post(post.id, &post.title, &post.body, post.user_id));
    }
    Ok(sum.0)
}

async fn joined(db: &DatabaseConnection) -> Result<u64> {
    let some = user::Entity::find().filter(user::Column::Id.lte(W3_PARENTS)).find_with_related(post::Entity);
    let groups = some.all(db).await?;
    Ok(sum_groups(groups.iter().map(|(user, posts)| (user, posts))))
}

async fn many_to_many(db: &DatabaseConnection) -> Result<u64> {
    let posts = some_posts(db, 0, W5_POSTS).await?;
    let tags = posts.load_many_to_many(tag::Entity, post_tag::Entity, db).await?;
    let mut sum = Sum::default();
    sum_posts(&mut sum, &posts);
    tags.iter().flatten().for_each(|tag| sum.tag(tag.id, &tag.name));
    Ok(sum.0)
}

async fn ordered_join(db: &DatabaseConnection) -> Result<u64> {
    let mut sum = Sum::default();
    for query in 0..W7_QUERIES {
        let first = w7_first(query);
        let pairs = post::Entity::find()
            .find_also_related(user::Entity)
            .filter(user::Column::Active.eq(true))
            .filter(user::Column::Id.gte(first))
            .filter(user::Column::Id.lt(first + W7_SPAN))
            .order_by_asc(post::Column::Title)
            .limit(50)
            .all(db)
            .await?;
        for (post, user) in &pairs {
            sum_posts(&mut sum, std::slice::from_ref(post));
            sum_user(&mut sum, user.as_ref().expect("an author"));
        }
    }
    Ok(sum.0)
}
