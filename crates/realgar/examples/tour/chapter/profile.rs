//! The chapter's one-to-one: a user's profile, set and taken away.

use realgar::prelude::*;

use super::User;
use crate::{Done, python::or_none};

#[derive(Model)]
#[model(table = "chapter_profile")]
pub struct Profile {
    #[column(primary_key)]
    id: i64,
    bio: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

pub async fn run(db: &Db, name: &str) -> Done {
    println!("\n2.3 One-to-one: a user's profile");
    let mut s = db.session();
    let user = User::select().filter_by(User::username, name).one(&mut s).await?;
    s.add(new!(Profile { bio: "b" }).with(Profile::user, user));
    s.commit().await?;
    if let Some(profile) = s.load(user, User::profile).await? {
        println!("bio: {}", s[profile].bio);
    }

    s.set(user, User::profile, One::none())?;
    s.commit().await?;
    let kept = select(Profile::user_id).one(&mut s).await?;
    println!("profile row kept, FK: {}", or_none(kept));
    Ok(())
}
