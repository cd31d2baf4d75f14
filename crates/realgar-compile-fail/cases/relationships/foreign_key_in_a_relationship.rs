use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[relationship(foreign_key = User::id)]
    author: One<User>,
}

fn main() {}
