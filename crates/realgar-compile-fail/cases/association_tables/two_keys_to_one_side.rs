use realgar::prelude::*;

#[derive(Model)]
struct Person {
    #[column(primary_key)]
    id: i64,
    #[relationship(secondary = Follows)]
    follows: Many<Person>,
}

#[derive(Table)]
#[table("follows")]
struct Follows {
    #[column(foreign_key = Person::id)]
    follower_id: i64,
    #[column(foreign_key = Person::id)]
    followed_id: i64,
}

fn main() {}
