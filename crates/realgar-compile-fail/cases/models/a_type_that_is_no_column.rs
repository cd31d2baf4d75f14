use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    nicknames: Vec<Vec<String>>,
}

fn main() {}
