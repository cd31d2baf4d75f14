use realgar::prelude::*;

#[derive(Model)]
#[table("users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
}

fn main() {}
