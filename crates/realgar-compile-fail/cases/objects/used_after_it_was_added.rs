use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
}

fn work(s: &mut Session) {
    let ada = new!(User { name: "Ada" });
    s.add(ada);
    println!("{}", ada.name);
}

fn main() {}
