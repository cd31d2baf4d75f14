//! The article's association object: a membership with a date of its own.

use chrono::NaiveDateTime;
use realgar::prelude::*;

use super::{Group, User, UserGroup};
use crate::Done;

pub async fn run(db: &Db) -> Done {
    let mut s = db.session();
    let user = User::select().filter_by(User::username, "alice").one(&mut s).await?;
    for (name, date) in [("admin", "2024-01-02T03:04:05"), ("staff", "2020-05-05T00:00:00")] {
        let group = Group::select().filter_by(Group::name, name).one(&mut s).await?;
        let joined_on: NaiveDateTime = date.parse()?;
        s.add(new!(UserGroup { user, group, joined_on }));
    }
    s.commit().await?;

    let mut s = db.session();
    let alice = User::select()
        .options(User::user_groups.selectin().then(UserGroup::group.joined()))
        .filter_by(User::username, "alice")
        .one(&mut s)
        .await?;
    for membership in s.view(alice).many(User::user_groups)? {
        println!("Group: {}, Joined on: {}", membership.one(UserGroup::group)?.name, membership.joined_on);
    }

    let admin = Group::select().filter_by(Group::name, "admin").one(&mut s).await?;
    let pair = (s.key(alice)?, s.key(admin)?);
    if let Some(membership) = s.get::<UserGroup>(pair).await? {
        println!("get by pair: {}", s.view(membership).one(UserGroup::group)?.name);
    }
    Ok(())
}
