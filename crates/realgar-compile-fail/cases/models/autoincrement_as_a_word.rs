use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key, autoincrement)]
    id: i64,
    name: String,
}

fn main() {}
