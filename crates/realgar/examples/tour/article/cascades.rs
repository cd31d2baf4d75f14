//! The article's cascades: what becomes of posts when their user is deleted.

use realgar::prelude::*;

use super::{Post, User};
use crate::{
    Done,
    python::{list, or_none, raised, repr},
};

/// By default, posts stay and belong to nobody.
#[derive(Model)]
#[model(table = "article_default_users")]
pub struct Keeper {
    #[column(primary_key)]
    id: i64,
    username: String,
    #[relationship(back_populates = author)]
    posts: Many<Kept>,
}

#[derive(Model)]
#[model(table = "article_default_posts")]
pub struct Kept {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = Keeper::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<Keeper>>,
}

/// With `delete-orphan`, posts go with their user, and when they leave the list.
#[derive(Model)]
#[model(table = "article_cascade_users")]
pub struct Owner {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(back_populates = author, cascade = "all, delete-orphan")]
    posts: Many<Owned>,
}

#[derive(Model)]
#[model(table = "article_cascade_posts")]
pub struct Owned {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = Owner::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<Owner>,
}

pub async fn run(db: &Db) -> Done {
    println!("\n4.4 Cascades: when a user is deleted");
    by_default(db).await?;
    required(db).await?;
    delete_orphan(db).await
}

async fn by_default(db: &Db) -> Done {
    let mut s = db.session();
    let posts = [new!(Kept { title: "One" }), new!(Kept { title: "Two" })];
    let johndoe = s.add(new!(Keeper { username: "johndoe", posts }));
    s.commit().await?;

    s.delete(johndoe)?;
    s.commit().await?;
    let left = select((Kept::title, Kept::user_id)).order_by(Kept::id).all(&mut s).await?;
    let left: Vec<_> = left.iter().map(|(title, user)| format!("({}, {})", repr(title), or_none(*user))).collect();
    println!("orphans left: [{}]", left.join(", "));
    Ok(())
}

/// A post needs its author: without a cascade, the author cannot go.
async fn required(db: &Db) -> Done {
    let mut s = db.session();
    let other = User::select().filter_by(User::username, "other").one(&mut s).await?;
    s.delete(other)?;
    if let Err(error) = s.commit().await {
        println!("{}", raised(&error));
        s.rollback().await?;
    }
    let users = User::select().filter(User::username.eq("other")).count(&mut s).await?;
    let posts = Post::select().filter(Post::author.is(other)).count(&mut s).await?;
    println!("after rollback: {users} user, {posts} post");
    Ok(())
}

async fn delete_orphan(db: &Db) -> Done {
    let mut s = db.session();
    let posts = [new!(Owned { title: "One" }), new!(Owned { title: "Two" })];
    let johndoe = s.add(new!(Owner { username: "johndoe", posts }));
    let other = s.add(new!(Owner { username: "other", posts: [new!(Owned { title: "X" })] }));
    s.commit().await?;

    let one = Owned::select().filter_by(Owned::title, "One").one(&mut s).await?;
    s.remove(johndoe, Owner::posts, one)?;
    s.commit().await?;
    let posts = s.load(johndoe, Owner::posts).await?;
    println!("left: {}", list(posts.iter().map(|&post| &s[post].title)));

    s.delete(johndoe)?;
    s.commit().await?;
    println!("posts left: {}", list(select(Owned::title).all(&mut s).await?));

    // Replaced, the old posts belong to nobody, and go.
    s.replace(other, Owner::posts, [new!(Owned { title: "new" })]).await?;
    s.commit().await?;
    println!("final: {}", list(select(Owned::title).all(&mut s).await?));
    Ok(())
}
