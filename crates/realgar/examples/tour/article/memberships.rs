//! The article's association object: a membership is the pair of its user and group, and knows since when.

use chrono::{NaiveDateTime, TimeDelta, Utc};
use realgar::prelude::*;

use crate::{
    Done,
    python::{raised, truth},
};

#[derive(Model)]
#[model(table = "article_user_group")]
pub struct UserGroup {
    #[column(primary_key, foreign_key = User::id)]
    user_id: i64,
    #[column(primary_key, foreign_key = Group::id)]
    group_id: i64,
    #[column(default = now)]
    joined_on: NaiveDateTime,
    #[relationship(back_populates = user_groups)]
    user: One<User>,
    #[relationship(back_populates = user_groups)]
    group: One<Group>,
}

#[derive(Model)]
#[model(table = "article_joiners")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(back_populates = user)]
    user_groups: Many<UserGroup>,
}

#[derive(Model)]
#[model(table = "article_joined")]
pub struct Group {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(back_populates = group)]
    user_groups: Many<UserGroup>,
}

fn now() -> NaiveDateTime {
    Utc::now().naive_utc()
}

pub async fn run(db: &Db) -> Done {
    println!("\n4.9 The association object");
    let mut s = db.session();
    let user = s.add(new!(User { username: "alice" }));
    s.add_all(["admin", "staff"].map(|name| new!(Group { name })));
    s.flush().await?;
    let user_groups = s.load(user, User::user_groups).await?;
    println!("user_groups of {}: {}", s[user].username, user_groups.len());
    s.commit().await?;
    add(db).await?;
    list(db).await?;
    keep(db).await
}

async fn add(db: &Db) -> Done {
    println!("\n4.10 Adding a user to a group with it");
    let mut s = db.session();
    let alice = User::select().filter_by(User::username, "alice").one(&mut s).await?;
    let admin_group = Group::select().filter_by(Group::name, "admin").one(&mut s).await?;
    let association = s.add(new!(UserGroup { user: alice, group: admin_group }));
    s.commit().await?;
    let just_now = now() - s[association].joined_on < TimeDelta::hours(1);
    let (user, group) = (&s[alice], &s[admin_group]);
    println!("{} joined {} just now: {}", user.username, group.name, truth(just_now));

    // Dates of the past, so that every tour prints the same.
    let staff = Group::select().filter_by(Group::name, "staff").one(&mut s).await?;
    let joined_on: NaiveDateTime = "2020-05-05T00:00:00".parse()?;
    s.add(new!(UserGroup { user: alice, group: staff, joined_on }));
    s[association].joined_on = "2024-01-02T03:04:05".parse()?;
    s.commit().await?;
    Ok(())
}

async fn list(db: &Db) -> Done {
    println!("\n4.11 Listing groups along with dates");
    let mut s = db.session();
    let alice = User::select()
        .options(User::user_groups.selectin().then(UserGroup::group.joined()))
        .filter_by(User::username, "alice")
        .one(&mut s)
        .await?;
    for assoc in s.view(alice).many(User::user_groups)? {
        println!("Group: {}, Joined on: {}", assoc.one(UserGroup::group)?.name, assoc.joined_on);
    }

    let admin = Group::select().filter_by(Group::name, "admin").one(&mut s).await?;
    let pair = (s.key(alice)?, s.key(admin)?);
    if let Some(assoc) = s.get::<UserGroup>(pair).await? {
        println!("get by pair: {}", s.view(assoc).one(UserGroup::group)?.name);
    }
    Ok(())
}

/// A membership is nothing without its user: it is not left behind with half a key.
async fn keep(db: &Db) -> Done {
    let mut s = db.session();
    let alice = User::select().filter_by(User::username, "alice").one(&mut s).await?;
    if let Some(&first) = s.load(alice, User::user_groups).await?.first() {
        s.remove(alice, User::user_groups, first)?;
        if let Err(error) = s.commit().await {
            println!("{}", raised(&error));
            s.rollback().await?;
        }
    }
    s.delete(alice)?;
    if let Err(error) = s.commit().await {
        println!("{}", raised(&error));
        s.rollback().await?;
    }
    Ok(())
}
