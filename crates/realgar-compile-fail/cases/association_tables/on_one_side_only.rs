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
    #[relationship(back_populates = tags)]
    posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(foreign_key = Post::id)]
    post_id: i64,
    #[column(foreign_key = Tag::id)]
    tag_id: i64,
}

fn main() {}
