use realgar::prelude::*;

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

async fn work(s: &mut Session) -> realgar::Result<()> {
    let users = s.scalars(User::select()).await?.all();
    Ok(())
}

fn main() {}
