//! The models of these tests, and on every server a place of its own for each.

use std::sync::atomic::{AtomicU32, Ordering};

use realgar::{ModelDesc, prelude::*, sql};

#[derive(Debug, Model)]
#[model(table = "users")]
pub(crate) struct User {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(unique, length = 80)]
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

/// Users that are numbered, with posts that are numbered as they are.
pub(crate) fn users(count: usize, posts: usize) -> Vec<User> {
    let post = |user: usize, post: usize| new!(Post { title: format!("{user}.{post}") });
    let posts = |user| (0..posts).map(|number| post(user, number)).collect::<Vec<_>>();
    (0..count).map(|number| new!(User { name: format!("user {number}"), posts: posts(number) })).collect()
}

/// What the tests must know of a make of server.
pub(crate) struct Brand {
    /// What its URLs begin with.
    scheme: &'static str,
    /// Makes a place for tables, by name.
    make: fn(&str) -> String,
    /// The URL of that place, from the server's.
    place: fn(&str, &str) -> String,
    /// Answers the number of the connection that asks.
    pub(crate) who: &'static str,
    /// Ends the connection of this number.
    pub(crate) kill: fn(i64) -> String,
    /// How long the message is with which these bytes begin; `None` while that is not known, or the rest is not there.
    /// The first one of a client may have a form of its own.
    pub(crate) message: fn(&[u8], bool) -> Option<usize>,
    /// Whether the client asks for something with this message: not with what has no answer.
    pub(crate) asks: fn(&[u8]) -> bool,
    /// Whether a message of the server's is a row, once the client has asked for something.
    pub(crate) is_row: fn(&[u8]) -> bool,
    /// Turns rows round that follow one another.
    pub(crate) reverse: fn(&mut [Vec<u8>]),
}

impl Brand {
    /// What is expected of this make: the one of PostgreSQL, the other of MySQL and MariaDB.
    pub(crate) fn either<T>(&self, postgres: T, mysql: T) -> T {
        if self.scheme == POSTGRES.scheme { postgres } else { mysql }
    }
}

const POSTGRES: Brand = Brand {
    scheme: "postgres:",
    make: |name| format!("CREATE SCHEMA {name}"),
    place: |server, name| format!("{server}?sslmode=disable&options=-csearch_path%3D{name}"),
    who: "SELECT pg_backend_pid()::bigint",
    kill: |number| format!("SELECT pg_terminate_backend({number})"),
    message: |bytes, first| {
        let at = usize::from(!first);
        let length = at + u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
        (bytes.len() >= length).then_some(length)
    },
    // All but the farewell.
    asks: |message| message[0] != b'X',
    is_row: |message| message[0] == b'D',
    reverse: |rows| rows.reverse(),
};

const MYSQL: Brand = Brand {
    scheme: "mysql:",
    make: |name| format!("CREATE DATABASE {name}"),
    place: |server, name| {
        let (before, _) = server.rsplit_once('/').expect("the URL names a database");
        format!("{before}/{name}?sslmode=disable")
    },
    who: "SELECT CONNECTION_ID()",
    kill: |number| format!("KILL {number}"),
    message: |bytes, _| {
        let head = bytes.get(..4)?;
        let length = 4 + u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
        (bytes.len() >= length).then_some(length)
    },
    // A command has number zero, a login has not; the farewell, long data and the end of a statement have no answer.
    asks: |message| message[3] == 0 && !matches!(message.get(4), Some(0x01 | 0x18 | 0x19)),
    // So begins an answer without rows, too, but that has number one, as only every 256th row has.
    is_row: |message| message.get(4) == Some(&0) && message[3] != 1,
    // The numbers stay where they are.
    reverse: |rows| {
        let numbers: Vec<u8> = rows.iter().map(|row| row[3]).collect();
        rows.reverse();
        rows.iter_mut().zip(numbers).for_each(|(row, number)| row[3] = number);
    },
};

/// The makes of servers that these tests run on.
const BRANDS: [&Brand; 2] = [&POSTGRES, &MYSQL];

/// A database of one's own.
pub(crate) struct World {
    pub(crate) brand: &'static Brand,
    pub(crate) url: String,
    pub(crate) db: Db,
}

impl World {
    /// Empty tables for these models, on the server that is tested; `None` where there is none.
    pub(crate) async fn new(models: impl AsRef<[&'static ModelDesc]>) -> Option<World> {
        let server = std::env::var("REALGAR_TEST_URL").ok()?;
        let brand = BRANDS.into_iter().find(|brand| server.starts_with(brand.scheme))?;
        Some(World::on(&server, brand, models).await)
    }

    /// The same, for tests of what only PostgreSQL has.
    pub(crate) async fn postgres(models: impl AsRef<[&'static ModelDesc]>) -> Option<World> {
        Some(World::on(&server("REALGAR_TEST_URL")?, &POSTGRES, models).await)
    }

    /// The same, for tests of what only MySQL and MariaDB have.
    pub(crate) async fn mysql(models: impl AsRef<[&'static ModelDesc]>) -> Option<World> {
        let server = std::env::var("REALGAR_TEST_URL").ok().filter(|url| url.starts_with(MYSQL.scheme))?;
        Some(World::on(&server, &MYSQL, models).await)
    }

    async fn on(server: &str, brand: &'static Brand, models: impl AsRef<[&'static ModelDesc]>) -> World {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        let name = format!("w{}_{}", std::process::id(), NUMBERS.fetch_add(1, Ordering::Relaxed));
        let none: [&'static ModelDesc; 0] = [];
        let db = Db::builder(none).pool_size(1).connect(server).await.expect("the server answers");
        let mut s = db.session();
        sql((brand.make)(&name)).execute(&mut s).await.expect("the place can be made");
        s.commit().await.expect("the place is there");
        let url = (brand.place)(server, &name);
        let db = Db::connect(&url, models).await.expect("the models are right");
        db.create_all().await.expect("the tables can be made");
        World { brand, url, db }
    }

    /// The URL by way of another host and port.
    pub(crate) fn by_way_of(&self, address: std::net::SocketAddr) -> String {
        let (before, after) = self.url.split_once('@').expect("the URL names a user");
        format!("{before}@{address}/{}", after.split_once('/').expect("the URL names a database").1)
    }
}

/// The PostgreSQL that this variable names.
pub(crate) fn server(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| url.starts_with(POSTGRES.scheme))
}
