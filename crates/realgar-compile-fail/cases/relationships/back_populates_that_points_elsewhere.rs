use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = editor, foreign_keys = Post::editor_id)]
    posts: Many<Post>,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[column(foreign_key = User::id)]
    editor_id: i64,
    #[relationship(back_populates = posts, foreign_keys = Post::user_id)]
    author: One<User>,
    #[relationship(back_populates = posts, foreign_keys = Post::editor_id)]
    editor: One<User>,
}

fn main() {}
