use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    score: f64,
}

fn main() {
    let _ = User::select().filter(User::score.gt(10));
}
