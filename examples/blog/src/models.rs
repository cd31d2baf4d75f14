//! The models: every kind of relationship once.
//!
//! | from | to | kind |
//! |---|---|---|
//! | `User::posts` | `Post::author` | one to many, and back |
//! | `User::profile` | `Profile::user` | one to one |
//! | `Post::tags` | `Tag::posts` | many to many |
//! | `Post::comments`, `User::comments` | `Comment::post`, `Comment::author` | one to many, twice to the same model |

use chrono::{DateTime, Utc};
use realgar::prelude::*;
use serde::Serialize;

/// Somebody who writes. Whatever is theirs goes with them.
#[derive(Model, Serialize)]
#[model(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique, length = 40)]
    pub username: String,
    /// The hash of a password: shown nowhere.
    #[column(secret)]
    #[serde(skip)]
    pub password: String,
    #[column(default = Utc::now)]
    pub joined: DateTime<Utc>,
    #[relationship(back_populates = user, cascade = "all, delete-orphan")]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub profile: One<Option<Profile>>,
    #[relationship(back_populates = author, cascade = "all, delete-orphan", order_by = Post::id.desc())]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    pub posts: Many<Post>,
    #[relationship(back_populates = author, cascade = "all, delete-orphan")]
    #[serde(skip)]
    pub comments: Many<Comment>,
    #[relationship(back_populates = user, cascade = "all, delete-orphan")]
    #[serde(skip)]
    pub logins: Many<Login>,
}

/// What somebody says about themselves.
#[derive(Model, Serialize)]
#[model(table = "profiles")]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 2000)]
    pub bio: String,
    #[column(foreign_key = User::id, unique)]
    pub user_id: i64,
    #[relationship(back_populates = profile)]
    #[serde(skip)]
    pub user: One<User>,
}

/// An article.
#[derive(Model, Serialize)]
#[model(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[column(length = 20_000)]
    pub content: String,
    #[column(default = Utc::now)]
    pub written: DateTime<Utc>,
    #[column(foreign_key = User::id, index)]
    pub user_id: i64,
    #[relationship(back_populates = posts)]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub author: One<User>,
    #[relationship(back_populates = post, cascade = "all, delete-orphan", order_by = Comment::id)]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    pub comments: Many<Comment>,
    #[relationship(secondary = PostTags, back_populates = posts, order_by = Tag::name)]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    pub tags: Many<Tag>,
}

/// Which post has which tags: a table without objects.
#[derive(Table)]
#[table("post_tags")]
pub struct PostTags {
    #[column(foreign_key = Post::id, primary_key)]
    pub post_id: i64,
    #[column(foreign_key = Tag::id, primary_key)]
    pub tag_id: i64,
}

/// What posts are about.
#[derive(Model, Serialize)]
#[model(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique, length = 30)]
    pub name: String,
    #[relationship(secondary = PostTags, back_populates = tags, order_by = Post::id.desc())]
    #[serde(skip)]
    pub posts: Many<Post>,
}

/// What somebody says to a post.
#[derive(Model, Serialize)]
#[model(table = "comments")]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 2000)]
    pub text: String,
    #[column(default = Utc::now)]
    pub written: DateTime<Utc>,
    #[column(foreign_key = Post::id, index)]
    pub post_id: i64,
    #[relationship(back_populates = comments)]
    #[serde(skip)]
    pub post: One<Post>,
    #[column(foreign_key = User::id, index)]
    pub user_id: i64,
    #[relationship(back_populates = comments)]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    pub author: One<User>,
}

/// A browser in which somebody is logged in. The key is a hash of its cookie: who reads the table cannot log in with it.
#[derive(Model)]
#[model(table = "logins")]
pub struct Login {
    #[column(primary_key, length = 64)]
    pub cookie: String,
    #[column(default = Utc::now)]
    pub since: DateTime<Utc>,
    #[column(foreign_key = User::id, index)]
    pub user_id: i64,
    #[relationship(back_populates = logins)]
    pub user: One<User>,
}
