use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key = true)]
    id: i64,
    name: String,
}

fn main() {}
