//! Document 3, a how-to. Its examples, in its order:
//!
//! - 3.1 the syntax: a parent's children, `backref='parent'`
//! - 3.2 the complete example: alice and her posts
//! - 3.3 common pitfalls, and the correct way (`pitfalls.rs`)
//! - 3.4 quick reference: `lazy='select'` loads on access, `lazy='joined'` at once (`joined.rs`)

pub mod joined;
mod pitfalls;

use realgar::prelude::*;

use crate::{Done, python::list};

#[derive(Model)]
#[model(table = "howto_user")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: String,
    #[relationship(backref = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "howto_post")]
pub struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
}

#[derive(Model)]
#[model(table = "howto_parent")]
pub struct Parent {
    #[column(primary_key)]
    id: i64,
    #[relationship(backref = parent)]
    children: Many<Child>,
}

#[derive(Model)]
#[model(table = "howto_child")]
pub struct Child {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Parent::id)]
    parent_id: Option<i64>,
}

pub async fn run(db: &Db) -> Done {
    syntax(db).await?;
    example(db).await?;
    pitfalls::run(db).await?;
    joined::run(db).await
}

/// One line in `Parent` is the link, in both directions.
async fn syntax(db: &Db) -> Done {
    println!("\n3.1 Syntax");
    let mut s = db.session();
    let parent = s.add(new!(Parent {}));
    let child = s.add(new!(Child {}).with(Child::parent, parent));
    s.commit().await?;
    let children: Vec<i64> = s.load(parent, Parent::children).await?.iter().map(|&child| s[child].id).collect();
    if let Some(parent) = s.load(child, Child::parent).await? {
        println!("parent.children: {children:?} child.parent: {}", s[parent].id);
    }
    Ok(())
}

/// The document's complete example: posts are added to a user who is there already.
async fn example(db: &Db) -> Done {
    println!("\n3.2 Example");
    let mut s = db.session();
    let user = s.add(new!(User { username: "alice" }));
    s.commit().await?;

    let post1 = new!(Post { title: "First Post" }).with(Post::author, user);
    let post2 = new!(Post { title: "Second Post" }).with(Post::author, user);
    s.add_all([post1, post2]);
    s.commit().await?;

    let posts = s.load(user, User::posts).await?;
    println!("{}", list(posts.iter().map(|&post| &s[post].title)));
    Ok(())
}
