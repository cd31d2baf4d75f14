use realgar::prelude::*;

#[derive(Model)]
struct User<T> {
    #[column(primary_key)]
    id: i64,
    extra: T,
}

fn main() {}
