use toasty::Deferred;

#[derive(Debug, toasty::Model)]
pub struct User {
    #[key]
    #[auto]
    pub id: u64,
    pub name: String,
    #[unique]
    pub email: String,
    #[default(true)]
    pub active: bool,
    #[has_one]
    pub profile: Deferred<Option<Profile>>,
    #[has_many]
    pub posts: Deferred<Vec<Post>>,
}

#[derive(Debug, toasty::Model)]
pub struct Profile {
    #[key]
    #[auto]
    pub id: u64,
    pub bio: String,
    pub city: Option<String>,
    #[unique]
    pub user_id: u64,
    #[belongs_to]
    pub user: Deferred<User>,
}

#[derive(Debug, toasty::Model)]
pub struct Category {
    #[key]
    #[auto]
    pub id: u64,
    #[unique]
    pub name: String,
    #[has_many]
    pub posts: Deferred<Vec<Post>>,
}

#[derive(Debug, toasty::Model)]
pub struct Post {
    #[key]
    #[auto]
    pub id: u64,
    pub title: String,
    pub body: Option<String>,
    #[index]
    pub user_id: u64,
    #[index]
    pub category_id: u64,
    #[belongs_to]
    pub user: Deferred<User>,
    #[belongs_to]
    pub category: Deferred<Category>,
    #[has_many]
    pub comments: Deferred<Vec<Comment>>,
    #[has_many]
    pub post_tags: Deferred<Vec<PostTag>>,
    #[has_many(via = post_tags.tag)]
    pub tags: Deferred<Vec<Tag>>,
}

#[derive(Debug, toasty::Model)]
pub struct Comment {
    #[key]
    #[auto]
    pub id: u64,
    pub text: String,
    pub amount: i64,
    #[index]
    pub post_id: u64,
    #[belongs_to]
    pub post: Deferred<Post>,
}

#[derive(Debug, toasty::Model)]
pub struct Tag {
    #[key]
    #[auto]
    pub id: u64,
    #[unique]
    pub name: String,
    #[has_many]
    pub post_tags: Deferred<Vec<PostTag>>,
    #[has_many(via = post_tags.post)]
    pub posts: Deferred<Vec<Post>>,
}

#[derive(Debug, toasty::Model)]
#[key(post_id, tag_id)]
pub struct PostTag {
    #[index]
    pub post_id: u64,
    #[belongs_to]
    pub post: Deferred<Post>,
    #[index]
    pub tag_id: u64,
    #[belongs_to]
    pub tag: Deferred<Tag>,
}
