use realgar::prelude::*;

#[derive(Model)]
#[model(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[column(unique)]
    pub email: String,
    #[column(default = true)]
    pub active: bool,
    #[relationship(back_populates = user)]
    pub profile: One<Option<Profile>>,
    #[relationship(back_populates = author)]
    pub posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "profiles")]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    pub bio: String,
    pub city: Option<String>,
    #[column(foreign_key = User::id, unique)]
    pub user_id: i64,
    #[relationship(back_populates = profile)]
    pub user: One<User>,
}

#[derive(Model)]
#[model(table = "categories")]
pub struct Category {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique)]
    pub name: String,
    #[relationship(back_populates = category)]
    pub posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    pub body: Option<String>,
    #[column(foreign_key = User::id)]
    pub user_id: i64,
    #[column(foreign_key = Category::id)]
    pub category_id: i64,
    #[relationship(back_populates = posts)]
    pub author: One<User>,
    #[relationship(back_populates = posts)]
    pub category: One<Category>,
    #[relationship(back_populates = post)]
    pub comments: Many<Comment>,
    #[relationship(secondary = PostTags, back_populates = posts)]
    pub tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "comments")]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    pub amount: i64,
    #[column(foreign_key = Post::id)]
    pub post_id: i64,
    #[relationship(back_populates = comments)]
    pub post: One<Post>,
}

#[derive(Model)]
#[model(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique)]
    pub name: String,
    #[relationship(secondary = PostTags, back_populates = tags)]
    pub posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tags")]
pub struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    pub post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    pub tag_id: i64,
}
