//! Document 4, an article: users with posts, users in groups, memberships with a date; then cascades.

pub mod cascades;
mod groups;
mod memberships;

use chrono::{NaiveDateTime, Utc};
use realgar::prelude::*;

use crate::Done;

#[derive(Model)]
#[model(table = "article_users")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
    #[relationship(secondary = UserGroupAssociation, back_populates = users)]
    groups: Many<Group>,
    #[relationship(back_populates = user)]
    user_groups: Many<UserGroup>,
}

#[derive(Model)]
#[model(table = "article_posts")]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    content: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

#[derive(Model)]
#[model(table = "article_groups")]
pub struct Group {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(secondary = UserGroupAssociation, back_populates = groups)]
    users: Many<User>,
    #[relationship(back_populates = group)]
    user_groups: Many<UserGroup>,
}

#[derive(Table)]
#[table("article_user_group_association")]
pub struct UserGroupAssociation {
    #[column(primary_key, foreign_key = User::id)]
    user_id: i64,
    #[column(primary_key, foreign_key = Group::id)]
    group_id: i64,
}

/// An association object: the pair is its key, and it knows since when.
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

fn now() -> NaiveDateTime {
    Utc::now().naive_utc()
}

pub async fn run(db: &Db) -> Done {
    posts(db).await?;
    cascades::run(db).await?;
    groups::run(db).await?;
    memberships::run(db).await
}

async fn posts(db: &Db) -> Done {
    let mut s = db.session();
    let johndoe =
        s.add(new!(User { username: "johndoe", posts: [new!(Post { title: "One" }), new!(Post { title: "Two" })] }));
    s.add(new!(User { username: "other", posts: [new!(Post { title: "X" })] }));
    s.commit().await?;
    print_posts(User::select(), db).await?;

    s.append(johndoe, User::posts, new!(Post { title: "Three" }))?;
    s.commit().await?;
    print_posts(User::select().options(User::posts.joined()), db).await
}

async fn print_posts(users: Select<Handle<User>>, db: &Db) -> Done {
    let mut s = db.session();
    if let Some(user) = users.filter_by(User::username, "johndoe").first(&mut s).await? {
        for post in s.load(user, User::posts).await? {
            println!("{}", s[post].title);
        }
    }
    Ok(())
}
