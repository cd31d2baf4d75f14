use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(pk)]
    id: i64,
    #[column(max_length = 30)]
    name: String,
    #[column(type = "text", null)]
    bio: String,
}

fn main() {}
