//! The models that the tests share, databases with them, and files that go away.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use realgar::{ModelDesc, prelude::*, rusqlite};

use crate::told::MARKER;

#[derive(Debug, Model)]
#[model(table = "users")]
pub(crate) struct User {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(unique, length = 40)]
    pub(crate) name: String,
    pub(crate) city: Option<String>,
    #[column(default = 0, check = "age >= 0")]
    pub(crate) age: i32,
    #[relationship(back_populates = author)]
    pub(crate) posts: Many<Post>,
}

#[derive(Debug, Model)]
#[model(table = "posts")]
pub(crate) struct Post {
    #[column(primary_key)]
    pub(crate) id: i64,
    pub(crate) title: String,
    #[column(foreign_key = User::id)]
    pub(crate) user_id: i64,
    #[column(foreign_key = Section::id)]
    pub(crate) section_id: Option<i64>,
    #[relationship(back_populates = posts)]
    pub(crate) author: One<User>,
    #[relationship]
    pub(crate) section: One<Option<Section>>,
    #[relationship(secondary = PostTags, back_populates = posts)]
    pub(crate) tags: Many<Tag>,
}

#[derive(Debug, Model)]
#[model(table = "sections")]
pub(crate) struct Section {
    #[column(primary_key)]
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Debug, Model)]
#[model(table = "tags")]
pub(crate) struct Tag {
    #[column(primary_key)]
    pub(crate) id: i64,
    pub(crate) name: String,
    #[relationship(secondary = PostTags, back_populates = tags)]
    pub(crate) posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tags")]
pub(crate) struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    pub(crate) post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    pub(crate) tag_id: i64,
}

/// A tree of one table.
#[derive(Debug, Model)]
#[model(table = "nodes")]
pub(crate) struct Node {
    #[column(primary_key)]
    pub(crate) id: i64,
    pub(crate) name: String,
    #[column(foreign_key = Node::id)]
    pub(crate) parent_id: Option<i64>,
    #[relationship(back_populates = children)]
    pub(crate) parent: One<Option<Node>>,
    #[relationship(back_populates = parent)]
    pub(crate) children: Many<Node>,
}

/// A key that is made of two foreign keys.
#[derive(Debug, Model)]
#[model(table = "ratings")]
pub(crate) struct Rating {
    #[column(primary_key, foreign_key = Reader::id)]
    pub(crate) reader_id: i64,
    #[column(primary_key, foreign_key = Section::id)]
    pub(crate) section_id: i64,
    pub(crate) stars: i32,
    #[relationship(back_populates = ratings)]
    pub(crate) reader: One<Reader>,
    #[relationship]
    pub(crate) section: One<Section>,
}

#[derive(Debug, Model)]
#[model(table = "readers")]
pub(crate) struct Reader {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[relationship(back_populates = reader)]
    pub(crate) ratings: Many<Rating>,
}

/// A database in memory with its tables.
pub(crate) async fn open(models: impl AsRef<[&'static ModelDesc]>) -> realgar::Result<Db> {
    let db = Db::connect("sqlite::memory:?pool_timeout=50", models).await?;
    db.create_all().await?;
    Ok(db)
}

/// A session of a blog with one user, who has one post; all of it is committed.
pub(crate) async fn blog() -> realgar::Result<(Session, Handle<User>, Handle<Post>)> {
    let mut s = open(models![User, Node]).await?.session();
    let post = new!(Post { title: MARKER });
    let user = s.add(new!(User { name: MARKER, posts: [post] }));
    s.commit().await?;
    let post = s.load(user, User::posts).await?[0];
    s.commit().await?;
    Ok((s, user, post))
}

/// A database file in a folder of its own, both gone when this is dropped.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new() -> File {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("realgar-errors-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        File(folder)
    }

    pub(crate) fn folder(&self) -> String {
        self.0.display().to_string()
    }

    /// The absolute URL of the file, with these settings: `mode=ro`.
    pub(crate) fn url(&self, settings: &str) -> String {
        format!("sqlite:///{}/app.db?{settings}", self.folder())
    }

    /// The database in this file, with its tables.
    pub(crate) async fn open(&self, settings: &str, models: impl AsRef<[&'static ModelDesc]>) -> realgar::Result<Db> {
        let db = Db::connect(&self.url(settings), models).await?;
        db.create_all().await?;
        Ok(db)
    }

    /// The same file by the driver itself, behind the back of every session.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.0.join("app.db")).expect("the file opens")
    }

    /// Runs SQL behind the back of every session.
    pub(crate) fn execute(&self, sql: &str) {
        self.raw().execute_batch(sql).expect("the SQL is right");
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
