//! What every program of the benchmark shares: the data, the sums that prove that all load the same, and the clock.

mod data;
mod measure;
pub mod rows;
mod server;
mod trips;

pub use data::*;
pub use measure::{Args, Timer, bench, crowd, memory, scaling};
use rows::{Post, User};

/// The sum over everything that was loaded: equal for all programs, or one of them loads something else.
#[derive(Default)]
pub struct Sum(pub u64);

impl Sum {
    pub fn user(&mut self, id: i64, name: &str, email: &str, active: bool) {
        self.add(id as u64 + (name.len() + email.len()) as u64 + active as u64);
    }

    pub fn post(&mut self, id: i64, title: &str, body: &str, user_id: i64) {
        self.add((id + user_id) as u64 + (title.len() + body.len()) as u64);
    }

    pub fn groups(&mut self, groups: &[(User, Vec<Post>)]) {
        for (user, posts) in groups {
            self.user(user.id, &user.name, &user.email, user.active);
            self.posts(posts);
        }
    }

    pub fn posts(&mut self, posts: &[Post]) {
        posts.iter().for_each(|post| self.post(post.id, &post.title, &post.body, post.user_id));
    }

    pub fn tag(&mut self, id: i64, name: &str) {
        self.add(id as u64 + name.len() as u64);
    }

    pub fn add(&mut self, more: u64) {
        self.0 = self.0.wrapping_add(more);
    }
}
