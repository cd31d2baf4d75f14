use realgar::prelude::*;

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    post_id: i64,
    tag_id: i64,
}

fn main() {
    let _ = models![PostTags];
}
