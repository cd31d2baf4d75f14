use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(uselist = false)]
    profile: Many<Profile>,
}

#[derive(Model)]
struct Profile {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
}

fn main() {}
