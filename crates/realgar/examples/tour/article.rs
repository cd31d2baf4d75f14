//! Document 4, an article. Its examples, in its order:
//!
//! - 4.1 one-to-many: users and posts, with `back_populates`
//! - 4.2 a user and all posts: `session.query(User).filter_by(…).first()`
//! - 4.3 the same in one statement: `joinedload(User.posts)`
//! - 4.4 `cascade="all, delete-orphan"`, and what is without it (`cascades.rs`)
//! - 4.5 many-to-many: users and groups, with an association table (`groups.rs`)
//! - 4.6 `user.groups.append(group)` (`groups.rs`)
//! - 4.7 joins along the association table (`groups.rs`)
//! - 4.8 `alice.groups`, without a join (`groups.rs`)
//! - 4.9 the association object: a membership with a date (`memberships.rs`)
//! - 4.10 adding a user to a group with it (`memberships.rs`)
//! - 4.11 listing groups along with dates (`memberships.rs`)

pub mod cascades;
pub mod groups;
pub mod memberships;

use realgar::prelude::*;

use crate::{Done, python::list};

#[derive(Model)]
#[model(table = "article_users")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
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

pub async fn run(db: &Db) -> Done {
    posts(db).await?;
    cascades::run(db).await?;
    groups::run(db).await?;
    memberships::run(db).await
}

async fn posts(db: &Db) -> Done {
    println!("\n4.1 One-to-many: users and posts");
    let mut s = db.session();
    let johndoe =
        s.add(new!(User { username: "johndoe", posts: [new!(Post { title: "One" }), new!(Post { title: "Two" })] }));
    s.add(new!(User { username: "other", posts: [new!(Post { title: "X" })] }));
    s.commit().await?;
    let posts = select((User::username, Post::title)).join(User::posts).order_by(Post::id).fetch(db).await?;
    println!("{}", list(posts.iter().map(|(user, title)| format!("{user}: {title}"))));

    println!("\n4.2 A user and all posts");
    print_posts(User::select(), db).await?;

    println!("\n4.3 The same in one statement");
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
