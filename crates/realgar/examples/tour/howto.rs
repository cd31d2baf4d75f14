//! Document 3, a how-to: a user's posts, loaded when asked or at once; a parent's children.

use realgar::prelude::*;

use crate::{
    Done,
    python::{list, truth},
};

#[derive(Model)]
#[model(table = "howto_user")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: String,
    #[relationship(back_populates = author)]
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
    #[relationship(back_populates = posts)]
    author: One<User>,
}

#[derive(Model)]
#[model(table = "howto_parent")]
pub struct Parent {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = parent)]
    children: Many<Child>,
}

#[derive(Model)]
#[model(table = "howto_child")]
pub struct Child {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Parent::id)]
    parent_id: i64,
    #[relationship(back_populates = children)]
    parent: One<Parent>,
}

pub async fn run(db: &Db) -> Done {
    example(db).await?;
    lazy_options(db).await?;
    correct_way(db).await
}

/// The document's complete example: posts are added to a user who is there already.
async fn example(db: &Db) -> Done {
    let mut s = db.session();
    let user = s.add(new!(User { username: "alice" }));
    s.commit().await?;

    s.add_all([new!(Post { title: "First Post", author: user }), new!(Post { title: "Second Post", author: user })]);
    s.commit().await?;

    let posts = s.load(user, User::posts).await?;
    println!("{}", list(posts.iter().map(|&post| &s[post].title)));
    Ok(())
}

/// `select` loads on access, `joined` at once: counted, for the query and for the reading.
async fn lazy_options(db: &Db) -> Done {
    for (word, posts) in [("select", User::posts.select()), ("joined", User::posts.joined())] {
        let mut s = db.session();
        let recorder = db.recorder();
        let user = User::select().options(posts).one(&mut s).await?;
        let query = recorder.count();
        let posts = s.load(user, User::posts).await?;
        let read = recorder.count() - query;
        println!("lazy='{word}': query={query} read={read} -> {}", list(posts.iter().map(|&post| &s[post].title)));
    }

    let mut s = db.session();
    if let Some(post) = Post::select().options(Post::author.joined()).first(&mut s).await? {
        println!("{}", s.view(post).one(Post::author)?.username);
    }
    Ok(())
}

/// The pitfalls that the document warns of do not compile here; this is its correct way.
async fn correct_way(db: &Db) -> Done {
    let mut s = db.session();
    s.add(new!(Parent { children: [new!(Child {}), new!(Child {})] }));
    s.commit().await?;

    let mut s = db.session();
    let parent = Parent::select().one(&mut s).await?;
    let children = s.load(parent, Parent::children).await?;
    let mut all = true;
    for &child in &children {
        all &= s.load(child, Child::parent).await? == parent;
    }
    println!("children: {} parent: {}", children.len(), truth(all));
    Ok(())
}
