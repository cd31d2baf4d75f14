use realgar::prelude::*;

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(foreign_key = Post::id)]
    post_id: i64,
    post: One<Post>,
}

fn main() {}
