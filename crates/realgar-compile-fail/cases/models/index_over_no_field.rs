use realgar::prelude::*;

#[derive(Model)]
#[model(index(name, emial))]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    email: String,
}

fn main() {}
