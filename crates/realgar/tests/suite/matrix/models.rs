//! Models with a relationship of each shape, as `dynamic` and as `write_only` too, and a database with so many of each.

use crate::database::database;
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::id)]
    pub user_id: Option<i64>,
    #[relationship]
    pub author: One<Option<User>>,
    #[relationship(back_populates = post)]
    pub cover: One<Option<Cover>>,
    #[relationship(order_by = Comment::id)]
    pub comments: Many<Comment>,
    #[relationship(order_by = Comment::id, viewonly, lazy = "dynamic")]
    pub comments_dynamic: Many<Comment>,
    #[relationship(order_by = Comment::id, viewonly, lazy = "write_only")]
    pub comments_write_only: Many<Comment>,
    #[relationship(secondary = PostTags, order_by = Tag::id)]
    pub tags: Many<Tag>,
    #[relationship(secondary = PostTags, order_by = Tag::id, viewonly, lazy = "dynamic")]
    pub tags_dynamic: Many<Tag>,
    #[relationship(secondary = PostTags, order_by = Tag::id, viewonly, lazy = "write_only")]
    pub tags_write_only: Many<Tag>,
}

#[derive(Model)]
#[model(table = "covers")]
pub struct Cover {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Post::id, unique)]
    pub post_id: i64,
    #[relationship(back_populates = cover)]
    pub post: One<Post>,
}

#[derive(Model)]
#[model(table = "comments")]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Post::id, index)]
    pub post_id: i64,
    #[column(foreign_key = User::id)]
    pub user_id: Option<i64>,
    #[relationship]
    pub author: One<Option<User>>,
}

#[derive(Model)]
#[model(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[relationship(secondary = UserRoles, order_by = Role::id)]
    pub roles: Many<Role>,
    #[relationship(secondary = UserRoles, order_by = Role::id, viewonly, lazy = "dynamic")]
    pub roles_dynamic: Many<Role>,
    #[relationship(secondary = UserRoles, order_by = Role::id, viewonly, lazy = "write_only")]
    pub roles_write_only: Many<Role>,
}

#[derive(Model)]
#[model(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
}

#[derive(Table)]
#[table("post_tags")]
pub struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    pub post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    pub tag_id: i64,
}

#[derive(Model)]
#[model(table = "roles")]
pub struct Role {
    #[column(primary_key)]
    pub id: i64,
}

#[derive(Table)]
#[table("user_roles")]
pub struct UserRoles {
    #[column(primary_key, foreign_key = User::id)]
    pub user_id: i64,
    #[column(primary_key, foreign_key = Role::id)]
    pub role_id: i64,
}

#[derive(Model)]
#[model(table = "categories")]
pub struct Category {
    #[column(primary_key)]
    pub id: i64,
    /// 0: at the top; 1 and 2: the first and the second child.
    pub place: i64,
    #[column(foreign_key = Category::id, index)]
    pub parent_id: Option<i64>,
    #[relationship(back_populates = children, remote_side = id)]
    pub parent: One<Option<Category>>,
    #[relationship(back_populates = parent, order_by = Category::id)]
    pub children: Many<Category>,
    #[relationship(order_by = Category::id, viewonly, lazy = "dynamic")]
    pub children_dynamic: Many<Category>,
    #[relationship(order_by = Category::id, viewonly, lazy = "write_only")]
    pub children_write_only: Many<Category>,
}

#[derive(Model)]
#[model(table = "people")]
pub struct Person {
    #[column(primary_key)]
    pub id: i64,
    #[relationship(
        secondary = Follows,
        primaryjoin = Person::id == Follows::follower_id,
        secondaryjoin = Person::id == Follows::followed_id,
        order_by = Person::id
    )]
    pub follows: Many<Person>,
    #[relationship(
        secondary = Follows,
        primaryjoin = Person::id == Follows::follower_id,
        secondaryjoin = Person::id == Follows::followed_id,
        order_by = Person::id,
        viewonly,
        lazy = "dynamic"
    )]
    pub follows_dynamic: Many<Person>,
    #[relationship(
        secondary = Follows,
        primaryjoin = Person::id == Follows::follower_id,
        secondaryjoin = Person::id == Follows::followed_id,
        order_by = Person::id,
        viewonly,
        lazy = "write_only"
    )]
    pub follows_write_only: Many<Person>,
}

#[derive(Table)]
#[table("follows")]
pub struct Follows {
    #[column(primary_key, foreign_key = Person::id)]
    pub follower_id: i64,
    #[column(primary_key, foreign_key = Person::id)]
    pub followed_id: i64,
}

/// The rows for each number `i` from 1 to `n`; after the last comes the first.
const ROWS: [&str; 12] = [
    "INSERT INTO users SELECT i FROM numbers",
    "INSERT INTO posts SELECT i, i FROM numbers",
    "INSERT INTO covers SELECT i, i FROM numbers WHERE i % 2 = 1",
    // Two comments, by the author of the post and by the next user.
    "INSERT INTO comments SELECT 2 * i - 1, i, i FROM numbers UNION ALL SELECT 2 * i, i, i % n + 1 FROM numbers",
    // A tag of its own, and the one that all share.
    "INSERT INTO tags SELECT i FROM numbers UNION ALL SELECT 2000",
    "INSERT INTO post_tags SELECT i, i FROM numbers UNION ALL SELECT i, 2000 FROM numbers",
    // The role 1 or 2, and the role 3.
    "INSERT INTO roles VALUES (1), (2), (3)",
    "INSERT INTO user_roles SELECT i, i % 2 + 1 FROM numbers UNION ALL SELECT i, 3 FROM numbers",
    "INSERT INTO categories SELECT i, 0, NULL FROM numbers",
    "INSERT INTO categories SELECT 2000 + i, 1, i FROM numbers UNION ALL SELECT 4000 + i, 2, i FROM numbers",
    "INSERT INTO people SELECT i FROM numbers",
    "INSERT INTO follows SELECT i, i FROM numbers UNION SELECT i, i % n + 1 FROM numbers",
];

/// A database with so many posts, each with all that belongs to it; as many users, categories and people.
pub async fn library(n: i64) -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![Post, Category, Person]).await?;
    db.create_all().await?;
    let mut s = db.session();
    sql(format!(
        "CREATE TEMPORARY TABLE numbers AS WITH RECURSIVE numbers (i, n) AS \
         (SELECT 1, {n} UNION ALL SELECT i + 1, n FROM numbers WHERE i < n) SELECT * FROM numbers WHERE n > 0"
    ))
    .execute(&mut s)
    .await?;
    for rows in ROWS {
        sql(rows).execute(&mut s).await?;
    }
    s.commit().await?;
    Ok(db)
}
