//! The models.

#[derive(Debug, toasty::Model)]
pub struct User {
    #[key]
    #[auto]
    pub id: u64,
    pub name: String,
    #[unique]
    pub email: String,
    pub active: bool,
    #[has_many]
    pub posts: toasty::Deferred<Vec<Post>>,
}

#[derive(Debug, toasty::Model)]
pub struct Post {
    #[key]
    #[auto]
    pub id: u64,
    pub title: String,
    pub body: String,
    #[index]
    pub user_id: u64,
    #[belongs_to(key = user_id, references = id)]
    pub user: toasty::Deferred<User>,
    #[has_many]
    pub post_tags: toasty::Deferred<Vec<PostTag>>,
    #[has_many(via = post_tags.tag)]
    pub tags: toasty::Deferred<Vec<Tag>>,
}

#[derive(Debug, toasty::Model)]
pub struct Tag {
    #[key]
    pub id: u64,
    pub name: String,
    #[has_many]
    pub post_tags: toasty::Deferred<Vec<PostTag>>,
}

#[derive(Debug, toasty::Model)]
#[key(post_id, tag_id)]
pub struct PostTag {
    #[index]
    pub post_id: u64,
    #[belongs_to(key = post_id, references = id)]
    pub post: toasty::Deferred<Post>,
    #[index]
    pub tag_id: u64,
    #[belongs_to(key = tag_id, references = id)]
    pub tag: toasty::Deferred<Tag>,
}
