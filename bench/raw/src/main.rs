//! The limit: the bare driver, statements prepared once, structs filled by hand.

mod sqlite;

pub struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub active: bool,
}

pub struct Post {
    pub id: i64,
    pub title: String,
    pub body: String,
    pub user_id: i64,
}

pub struct Tag {
    pub id: i64,
    pub name: String,
}

fn main() {
    sqlite::main();
}
