//! The benchmark's workloads as a user of Realgar writes them: one text for every database.

pub mod crowd;
mod reads;
mod writes;

use common::*;
use realgar::prelude::*;
use tokio::runtime::{Builder, Runtime};

const PEER: &str = "realgar";

#[derive(Model)]
#[model(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[column(unique)]
    pub email: String,
    pub active: bool,
    #[relationship(back_populates = author)]
    pub posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    pub body: String,
    #[column(foreign_key = User::id, index)]
    pub user_id: i64,
    #[relationship(back_populates = posts)]
    pub author: One<User>,
    #[relationship(secondary = PostTags)]
    pub tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
}

#[derive(Table)]
#[table(name = "post_tags")]
pub struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    pub post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    pub tag_id: i64,
}

/// A database, and the one thread that everything runs in.
pub struct World {
    pub db: Db,
    pub runtime: Runtime,
    /// Empties what W4 filled.
    pub clean: Box<dyn Fn(&World)>,
}

/// Runs what `args` ask for on the database with this URL.
pub fn run(args: &Args, url: &str, clean: impl Fn(&World) + 'static) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let db = runtime.block_on(Db::connect(url, models![User, Post, Tag])).unwrap();
    let world = World { db, runtime, clean: Box::new(clean) };
    reads::run(args, &world);
    writes::run(args, &world);
}
