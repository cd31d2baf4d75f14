use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(length = "80")]
    email: String,
}

fn main() {}
