use realgar::prelude::*;

enum Role {
    Admin,
    Member,
}

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    role: Role,
}

fn main() {}
