use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(default = "0")]
    visits: i32,
}

fn main() {}
