use realgar::prelude::*;

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[relationship(secondary = PostTags, back_populates = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
struct Tag {
    #[column(primary_key)]
    id: i64,
    #[relationship(secondary = PostTags, back_populates = tags)]
    posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    post_id: i64,
    tag_id: i64,
}

fn main() {}
