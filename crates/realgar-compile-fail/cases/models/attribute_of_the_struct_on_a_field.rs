use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    #[model(name = "user_id")]
    id: i64,
}

fn main() {}
