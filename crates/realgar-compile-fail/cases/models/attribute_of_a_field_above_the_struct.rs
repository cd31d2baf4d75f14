use realgar::prelude::*;

#[derive(Model)]
#[column(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
}

fn main() {}
