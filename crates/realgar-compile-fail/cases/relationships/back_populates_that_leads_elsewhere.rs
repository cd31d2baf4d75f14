use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = reviewer)]
    posts: Many<Post>,
}

#[derive(Model)]
struct Reviewer {
    #[column(primary_key)]
    id: i64,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[column(foreign_key = Reviewer::id)]
    reviewer_id: i64,
    reviewer: One<Reviewer>,
}

fn main() {}
