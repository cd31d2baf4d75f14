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

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(foreign_key = Post::id)]
    post_id: i64,
    tag_id: i64,
}

fn main() {}
