use realgar::prelude::*;

#[derive(Model, Default)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
}

fn main() {}
