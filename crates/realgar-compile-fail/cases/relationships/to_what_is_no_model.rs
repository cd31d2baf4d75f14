use realgar::prelude::*;

struct Post;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    posts: Many<Post>,
}

fn main() {}
