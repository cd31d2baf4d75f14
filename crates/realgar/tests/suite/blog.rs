//! The models that several modules share, databases with them, and files that go away.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use realgar::{prelude::*, rusqlite};

#[derive(Model)]
#[model(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique)]
    pub name: String,
    #[column(default = 0)]
    pub age: i64,
    pub email: Option<String>,
    #[column(default = true)]
    pub active: bool,
    #[relationship(back_populates = author)]
    pub posts: Many<Post>,
    #[relationship(back_populates = user)]
    pub profile: One<Option<Profile>>,
}

#[derive(Model)]
#[model(table = "profiles")]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    pub bio: String,
    #[column(foreign_key = User::id)]
    pub user_id: i64,
    #[relationship(back_populates = profile)]
    pub user: One<User>,
}

#[derive(Model)]
#[model(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    #[column(foreign_key = User::id, index)]
    pub user_id: i64,
    #[column(foreign_key = Category::id)]
    pub category_id: Option<i64>,
    #[relationship(back_populates = posts)]
    pub author: One<User>,
    #[relationship(back_populates = posts)]
    pub category: One<Option<Category>>,
    #[relationship(back_populates = post)]
    pub comments: Many<Comment>,
    #[relationship(secondary = PostTags, back_populates = posts)]
    pub tags: Many<Tag>,
}

/// A comment leads to its author in two ways: directly, and by its post.
#[derive(Model)]
#[model(table = "comments")]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    #[column(foreign_key = Post::id)]
    pub post_id: i64,
    #[column(foreign_key = User::id)]
    pub user_id: i64,
    #[relationship(back_populates = comments)]
    pub post: One<Post>,
    #[relationship]
    pub author: One<User>,
}

#[derive(Model)]
#[model(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[relationship(secondary = PostTags, back_populates = tags)]
    pub posts: Many<Post>,
}

/// Without a primary key, so that the same pair can stand in it twice.
#[derive(Table)]
#[table("post_tags")]
pub struct PostTags {
    #[column(foreign_key = Post::id)]
    pub post_id: i64,
    #[column(foreign_key = Tag::id)]
    pub tag_id: i64,
}

#[derive(Model)]
#[model(table = "categories")]
pub struct Category {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[column(foreign_key = Category::id)]
    pub parent_id: Option<i64>,
    #[relationship(back_populates = children, remote_side = id)]
    pub parent: One<Option<Category>>,
    #[relationship(back_populates = parent)]
    pub children: Many<Category>,
    #[relationship(back_populates = category)]
    pub posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "people")]
pub struct Person {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[relationship(
        secondary = Follows,
        primaryjoin = Person::id == Follows::follower_id,
        secondaryjoin = Person::id == Follows::followed_id,
        back_populates = followers
    )]
    pub follows: Many<Person>,
    #[relationship(
        secondary = Follows,
        primaryjoin = Person::id == Follows::followed_id,
        secondaryjoin = Person::id == Follows::follower_id,
        back_populates = follows
    )]
    pub followers: Many<Person>,
}

#[derive(Table)]
#[table("follows")]
pub struct Follows {
    #[column(primary_key, foreign_key = Person::id)]
    pub follower_id: i64,
    #[column(primary_key, foreign_key = Person::id)]
    pub followed_id: i64,
}

/// A text key.
#[derive(Model)]
#[model(table = "countries")]
pub struct Country {
    #[column(primary_key)]
    pub code: String,
    #[relationship(back_populates = country)]
    pub cities: Many<City>,
}

#[derive(Model)]
#[model(table = "cities")]
pub struct City {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[column(foreign_key = Country::code)]
    pub country_code: Option<String>,
    #[relationship(back_populates = cities)]
    pub country: One<Option<Country>>,
}

/// A key of a text and a number.
#[derive(Model)]
#[model(table = "order_lines")]
pub struct Line {
    #[column(primary_key)]
    pub order: String,
    #[column(primary_key)]
    pub no: i64,
    #[relationship(back_populates = line)]
    pub parcels: Many<Parcel>,
}

#[derive(Model)]
#[model(table = "parcels", foreign_key(columns = (order, line_no), references = (Line::order, Line::no)))]
pub struct Parcel {
    #[column(primary_key)]
    pub id: i64,
    pub order: Option<String>,
    pub line_no: Option<i64>,
    #[relationship(back_populates = parcels)]
    pub line: One<Option<Line>>,
}

/// An empty database in memory.
pub async fn memory() -> realgar::Result<Db> {
    open("sqlite::memory:?pool_timeout=200").await
}

/// A database with all tables of this module.
pub async fn open(url: &str) -> realgar::Result<Db> {
    let db = Db::connect(url, models![User, Post, Person, Country, Line]).await?;
    db.create_all().await?;
    Ok(db)
}

/// As many users as asked for, each with two posts, each of these with its own tag; every second user has a profile.
pub async fn users(db: &Db, count: usize) -> realgar::Result<()> {
    let mut s = db.session();
    for number in 0..count {
        let post = |half: &str| {
            let title = format!("post {number:04}{half}");
            new!(Post { title, tags: [new!(Tag { name: format!("tag {number:04}{half}") })] })
        };
        let user = s.add(new!(User { name: format!("user {number:04}"), posts: [post("a"), post("b")] }));
        if number % 2 == 0 {
            s.set(user, User::profile, new!(Profile { bio: format!("bio {number:04}") }))?;
        }
    }
    s.commit().await
}

/// As many people as asked for; each follows the next one, and the last one nobody.
pub async fn people(db: &Db, count: usize) -> realgar::Result<()> {
    let mut s = db.session();
    let all = s.add_all((0..count).map(|number| new!(Person { name: format!("person {number:04}") })));
    for pair in all.windows(2) {
        s.append(pair[0], Person::follows, pair[1])?;
    }
    s.commit().await
}

/// A database file in a folder of its own, both gone when this is dropped.
pub struct File(PathBuf);

impl File {
    pub fn new() -> File {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("realgar-suite-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        File(folder)
    }

    pub fn folder(&self) -> String {
        self.0.display().to_string()
    }

    /// The absolute URL of the file, with these settings: `mode=ro`.
    pub fn url(&self, settings: &str) -> String {
        format!("sqlite:///{}/app.db?{settings}", self.folder())
    }

    /// The same file by SQLite itself.
    pub fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.0.join("app.db")).expect("the file opens")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
