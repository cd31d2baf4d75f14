//! Tables and structs as Diesel's guides write them.

use diesel::prelude::*;

diesel::table! {
    users (id) { id -> BigInt, name -> Text, email -> Text, active -> Bool, }
}
diesel::table! {
    posts (id) { id -> BigInt, title -> Text, body -> Text, user_id -> BigInt, }
}
diesel::table! {
    tags (id) { id -> BigInt, name -> Text, }
}
diesel::table! {
    post_tags (post_id, tag_id) { post_id -> BigInt, tag_id -> BigInt, }
}
diesel::joinable!(posts -> users (user_id));
diesel::joinable!(post_tags -> posts (post_id));
diesel::joinable!(post_tags -> tags (tag_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts, tags, post_tags);

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub active: bool,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(belongs_to(User), table_name = posts)]
pub struct Post {
    pub id: i64,
    pub title: String,
    pub body: String,
    pub user_id: i64,
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = tags)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(belongs_to(Post), belongs_to(Tag), table_name = post_tags, primary_key(post_id, tag_id))]
pub struct PostTag {
    pub post_id: i64,
    pub tag_id: i64,
}

/// All values are there, which makes a list of them one statement on SQLite.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct NewUser<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub active: bool,
}

#[derive(Insertable)]
#[diesel(table_name = posts, treat_none_as_default_value = false)]
pub struct NewPost<'a> {
    pub title: &'a str,
    pub body: &'a str,
    pub user_id: i64,
}

impl<'a> From<&'a common::NewUser> for NewUser<'a> {
    fn from(user: &'a common::NewUser) -> Self {
        NewUser { name: &user.name, email: &user.email, active: user.active }
    }
}

/// Posts of users that have their keys.
pub fn new_posts<'a>(users: &'a [common::NewUser], ids: &[i64]) -> Vec<NewPost<'a>> {
    let of_user = |(user, id): (&'a common::NewUser, &i64)| {
        let id = *id;
        user.posts.iter().map(move |(title, body)| NewPost { title, body, user_id: id })
    };
    users.iter().zip(ids).flat_map(of_user).collect()
}

pub fn sum_users(sum: &mut common::Sum, users: &[User]) {
    users.iter().for_each(|user| sum.user(user.id, &user.name, &user.email, user.active));
}

pub fn sum_posts(sum: &mut common::Sum, posts: &[Post]) {
    posts.iter().for_each(|post| sum.post(post.id, &post.title, &post.body, post.user_id));
}

/// Rows of a join, parents in order, as groups.
pub fn grouped(rows: Vec<(User, Option<Post>)>) -> Vec<(User, Vec<Post>)> {
    let mut groups: Vec<(User, Vec<Post>)> = Vec::new();
    for (user, post) in rows {
        if groups.last().is_none_or(|(last, _)| last.id != user.id) {
            groups.push((user, Vec::new()));
        }
        if let Some((_, posts)) = groups.last_mut() {
            posts.extend(post);
        }
    }
    groups
}

pub fn sum_groups(groups: &[(User, Vec<Post>)]) -> u64 {
    let mut sum = common::Sum::default();
    for (user, posts) in groups {
        sum_users(&mut sum, std::slice::from_ref(user));
        sum_posts(&mut sum, posts);
    }
    sum.0
}
