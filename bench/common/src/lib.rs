//! What every program of the benchmark shares: the data, the sums that prove that all load the same, and the clock.

mod data;
mod measure;

pub use data::*;
pub use measure::{Args, Timer, bench, memory};

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

    pub fn tag(&mut self, id: i64, name: &str) {
        self.add(id as u64 + name.len() as u64);
    }

    pub fn add(&mut self, more: u64) {
        self.0 = self.0.wrapping_add(more);
    }
}
