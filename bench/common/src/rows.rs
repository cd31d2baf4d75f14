//! The rows as structs, for programs that fill them by hand.

use std::collections::HashMap;

pub struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub active: bool,
}

pub struct Post {
    pub id: i64,
    pub title: String,
    pub body: String,
    pub user_id: i64,
}

pub struct Tag {
    pub id: i64,
    pub name: String,
}

/// Two queries' answers put together.
pub fn grouped(users: Vec<User>, posts: Vec<Post>) -> Vec<(User, Vec<Post>)> {
    let places: HashMap<i64, usize> = users.iter().enumerate().map(|(place, user)| (user.id, place)).collect();
    let mut groups: Vec<(User, Vec<Post>)> = users.into_iter().map(|user| (user, Vec::new())).collect();
    for post in posts {
        groups[places[&post.user_id]].1.push(post);
    }
    groups
}
