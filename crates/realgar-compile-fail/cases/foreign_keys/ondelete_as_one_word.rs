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
    #[column(foreign_key = User::id, ondelete = "CASCADE")]
    user_id: i64,
}

fn main() {}
