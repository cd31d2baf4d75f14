use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    age: i32,
}

fn main() {
    let _ = new!(User { name: "Ada", age: "36" });
}
