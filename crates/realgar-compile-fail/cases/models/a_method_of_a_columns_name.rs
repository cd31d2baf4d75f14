use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
}

impl User {
    fn name(&self) -> &str {
        &self.name
    }
}

fn main() {}
