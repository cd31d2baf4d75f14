//! `User::profile` is one object; set from either side, and to nobody.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, class},
};

#[derive(Model)]
struct User {
    #[column(primary_key)]
    id: i64,
    #[relationship(backref = user)]
    profile: One<Option<Profile>>,
}

#[derive(Model)]
struct Profile {
    #[column(primary_key)]
    id: i64,
    bio: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Profile]).await?;
    db.create_all().await?;
    let mut s = db.session();
    run.step("set from the many-to-one side", async {
        let profile = s.add(new!(Profile { bio: "b" }).with(Profile::user, new!(User {})));
        let user = s.loaded(profile, Profile::user)?.expect("the user came in with the profile");
        run.check("one-to-one scalar set", s.loaded(user, User::profile)? == Some(profile));
        s.commit().await
    })
    .await?;
    s.close().await?;

    let mut s = db.session();
    let user = run.step("query user", User::select().first(&mut s)).await?.expect("there is one");
    let profile = run.step("user.profile: one object, one query", s.load(user, User::profile)).await?;
    let profile = profile.expect("the user has one");
    run.out(format!("type: {} bio: {}", class(profile), s[profile].bio.alone()));
    run.step("profile.user: no query", async {
        run.check("same", s.load(profile, Profile::user).await? == Some(user));
        Ok(())
    })
    .await?;
    run.step("set to None", async {
        s.set(user, User::profile, One::none())?;
        s.commit().await
    })
    .await?;
    run.check("writes", run.writes());
    let kept = Profile::select().one(&mut s).await?;
    run.out(format!("profile row kept, FK: {}", s[kept].user_id.alone()));
    s.close().await
}
