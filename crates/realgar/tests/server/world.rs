//! The models of these tests, and a schema for each.

use std::sync::atomic::{AtomicU32, Ordering};

use realgar::{ModelDesc, prelude::*, sql};

#[derive(Debug, Model)]
#[model(table = "users")]
pub(crate) struct User {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(unique)]
    pub(crate) name: String,
    #[relationship(back_populates = author, cascade = "all, delete-orphan")]
    pub(crate) posts: Many<Post>,
}

#[derive(Debug, Model)]
#[model(table = "posts")]
pub(crate) struct Post {
    #[column(primary_key)]
    pub(crate) id: i64,
    pub(crate) title: String,
    #[column(foreign_key = User::id, index)]
    pub(crate) user_id: i64,
    #[relationship(back_populates = posts)]
    pub(crate) author: One<User>,
    #[relationship(secondary = PostTags)]
    pub(crate) tags: Many<Tag>,
}

#[derive(Debug, Model)]
#[model(table = "tags")]
pub(crate) struct Tag {
    #[column(primary_key)]
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Table)]
#[table("post_tags")]
pub(crate) struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    pub(crate) post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    pub(crate) tag_id: i64,
}

/// A database of one's own: the URL names its schema.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) db: Db,
}

impl World {
    /// An empty schema with tables for these models; `None` where there is no PostgreSQL.
    pub(crate) async fn new(models: impl AsRef<[&'static ModelDesc]>) -> Option<World> {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        let server = server("REALGAR_TEST_URL")?;
        let schema = format!("w{}_{}", std::process::id(), NUMBERS.fetch_add(1, Ordering::Relaxed));
        let none: [&'static ModelDesc; 0] = [];
        let db = Db::builder(none).pool_size(1).connect(&server).await.expect("the server answers");
        let mut s = db.session();
        sql(format!("CREATE SCHEMA {schema}")).execute(&mut s).await.expect("the schema can be made");
        s.commit().await.expect("the schema is there");
        let url = format!("{server}?sslmode=disable&options=-csearch_path%3D{schema}");
        let db = Db::connect(&url, models).await.expect("the models are right");
        db.create_all().await.expect("the tables can be made");
        Some(World { url, db })
    }

    /// The URL by way of another host and port.
    pub(crate) fn by_way_of(&self, address: std::net::SocketAddr) -> String {
        let (before, after) = self.url.split_once('@').expect("the URL names a user");
        format!("{before}@{address}/{}", after.split_once('/').expect("the URL names a database").1)
    }
}

/// The PostgreSQL that this variable names.
pub(crate) fn server(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| url.starts_with("postgres"))
}
