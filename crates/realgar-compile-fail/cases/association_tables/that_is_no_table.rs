use realgar::prelude::*;

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[relationship(secondary = PostTags)]
    tags: Many<Tag>,
}

#[derive(Model)]
struct Tag {
    #[column(primary_key)]
    id: i64,
}

struct PostTags;

fn main() {}
