//! W4, row by row and many rows a statement; W6.

use common::*;
use sea_orm::{ActiveValue::Set, TransactionTrait, entity::prelude::*};
use tokio::runtime::Runtime;

use crate::{
    PEER,
    entity::{post, user},
};

type Result<T> = std::result::Result<T, DbErr>;

pub fn run(args: &Args, runtime: &Runtime, db: &DatabaseConnection) {
    let clean = if args.target.starts_with("postgres") { POSTGRES_CLEAN } else { SQLITE_CLEAN };
    for (name, at_once) in [("w4", 1), ("w4_100", 100), ("w4_1000", 1000)] {
        bench(args, PEER, name, W4_ROWS, "row", |timer| {
            runtime.block_on(db.execute_unprepared(clean)).unwrap();
            let users = w4_users();
            timer.start();
            let sum = runtime.block_on(async {
                let all = db.begin().await?;
                let sum = match at_once {
                    1 => insert_rows(&all, users).await?,
                    _ => insert_lists(&all, users, at_once).await?,
                };
                all.commit().await.map(|()| sum)
            });
            timer.stop();
            sum.unwrap()
        });
    }
    let mut turn = 0;
    bench(args, PEER, "w6", W6_ROWS, "row", |timer| {
        turn += 1;
        let some = user::Entity::find().filter(user::Column::Id.lte(W6_ROWS));
        let users = runtime.block_on(some.all(db)).unwrap();
        let names: Vec<String> = users.iter().map(|user| w6_name(turn, user.id)).collect();
        timer.start();
        runtime.block_on(update(db, users, names)).unwrap();
        timer.stop();
        0
    });
}

fn new_user(name: String, email: String, active: bool) -> user::ActiveModel {
    user::ActiveModel { name: Set(name), email: Set(email), active: Set(active), ..Default::default() }
}

fn new_post(title: String, body: String, user_id: i64) -> post::ActiveModel {
    post::ActiveModel { title: Set(title), body: Set(body), user_id: Set(user_id), ..Default::default() }
}

async fn insert_rows(all: &impl ConnectionTrait, users: Vec<NewUser>) -> Result<u64> {
    let mut sum = 0;
    for NewUser { name, email, active, posts } in users {
        let user = new_user(name, email, active).insert(all).await?;
        for (title, body) in posts {
            sum += new_post(title, body, user.id).insert(all).await?.id as u64;
        }
    }
    Ok(sum)
}

async fn insert_lists(all: &impl ConnectionTrait, users: Vec<NewUser>, at_once: usize) -> Result<u64> {
    let mut new_posts = Vec::new();
    let mut users = users.into_iter().peekable();
    while users.peek().is_some() {
        let (some, posts): (Vec<_>, Vec<_>) = users
            .by_ref()
            .take(at_once)
            .map(|NewUser { name, email, active, posts }| (new_user(name, email, active), posts))
            .unzip();
        let ids = user::Entity::insert_many(some).exec_with_returning_keys(all).await?;
        for (posts, id) in posts.into_iter().zip(ids) {
            new_posts.extend(posts.into_iter().map(|(title, body)| new_post(title, body, id)));
        }
    }
    let mut sum = 0;
    let mut new_posts = new_posts.into_iter().peekable();
    while new_posts.peek().is_some() {
        let some: Vec<_> = new_posts.by_ref().take(at_once).collect();
        let ids = post::Entity::insert_many(some).exec_with_returning_keys(all).await?;
        sum += ids.iter().sum::<i64>() as u64;
    }
    Ok(sum)
}

async fn update(db: &DatabaseConnection, users: Vec<user::Model>, names: Vec<String>) -> Result<()> {
    let all = db.begin().await?;
    for (user, name) in users.into_iter().zip(names) {
        let mut user: user::ActiveModel = user.into();
        user.name = Set(name);
        user.update(&all).await?;
    }
    all.commit().await
}
