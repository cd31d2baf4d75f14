//! One-to-one: a profile is set, replaced, and there twice.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, class, list},
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
    #[column(length = 255)]
    bio: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Profile]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let user = s.add(new!(User {}));
    let nobody = s.view(user).one(User::profile)?.map(|profile| profile.bio.alone());
    run.out(format!("profile of a new user: {}", nobody.alone()));
    s.set(user, User::profile, new!(Profile { bio: "hello" }))?;
    let old = s.loaded(user, User::profile)?.expect("it was set");
    run.check("backref", s.loaded(old, Profile::user)? == Some(user));
    run.step("commit", s.commit()).await?;
    run.check("writes", run.writes());
    run.step("read", async {
        let profile = s.load(user, User::profile).await?.expect("there is one");
        let back = s.load(profile, Profile::user).await? == Some(user);
        run.out(format!("bio: {} | same object back: {}", s[profile].bio.alone(), back.alone()));
        Ok(())
    })
    .await?;
    run.step("replace the profile", async {
        s.set(user, User::profile, new!(Profile { bio: "second" }))?;
        let unlinked = s.loaded(old, Profile::user)?.map(|user| s[user].id);
        run.check("old one unlinked in memory", unlinked);
        s.commit().await
    })
    .await?;
    run.out(format!("writes of the replacement: {}", list(&run.writes())));
    run.step("read after replacement", async {
        let profile = s.load(user, User::profile).await?.expect("there is one");
        s.refresh(old).await?;
        run.out(format!("bio: {} | old row FK: {}", s[profile].bio.alone(), s[old].user_id.alone()));
        Ok(())
    })
    .await?;
    let found = run
        .step("two rows for one user: extra row is ignored with a warning", async {
            s[old].user_id = Some(s[user].id);
            s.commit().await?;
            s.load(user, User::profile).await
        })
        .await?;
    let found = found.expect("one of them is found");
    run.out(format!("scalar read with two rows returns one object: {}", class(found)));
    run.caught_when_compiled("assigning a list to a scalar").await;
    s.close().await
}
