//! A group is appended to a user's groups; the commit inserts the association row.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::list};

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(secondary = UserGroup, back_populates = users)]
    groups: Many<Group>,
}

#[derive(Model)]
#[model(table = "groups")]
struct Group {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(secondary = UserGroup, back_populates = groups)]
    users: Many<User>,
}

#[derive(Table)]
#[table("user_group_association")]
struct UserGroup {
    #[column(primary_key, foreign_key = User::id)]
    user_id: i64,
    #[column(primary_key, foreign_key = Group::id)]
    group_id: i64,
}

fn spelled(s: &Session, groups: &[Handle<Group>]) -> String {
    list(&groups.iter().map(|&group| s[group].name.clone()).collect::<Vec<_>>())
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Group]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add_all(["alice", "bob"].map(|username| new!(User { username })));
    s.add_all(["admin", "staff"].map(|name| new!(Group { name })));
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let (alice, admin) = run
        .step("load alice and admin", async {
            let alice = User::select().filter_by(User::username, "alice").first(&mut s).await?;
            let admin = Group::select().filter_by(Group::name, "admin").first(&mut s).await?;
            Ok((alice.expect("alice is there"), admin.expect("admin is there")))
        })
        .await?;
    // There, the list is loaded to be appended to; here, it need not be.
    run.step("append", async { s.append(alice, User::groups, admin) }).await?;
    run.step("commit", s.commit()).await?;
    run.check("writes", run.writes());
    run.step("read both", async {
        let groups = s.load(alice, User::groups).await?;
        let users = s.load(admin, Group::users).await?;
        let users: Vec<String> = users.iter().map(|&user| s[user].username.clone()).collect();
        run.out(format!("{} {}", spelled(&s, &groups), list(&users)));
        Ok(())
    })
    .await?;
    let (bob, staff) = run
        .step("backref side is not loaded when its partner is appended", async {
            let bob = User::select().filter_by(User::username, "bob").one(&mut s).await?;
            let staff = Group::select().filter_by(Group::name, "staff").one(&mut s).await?;
            Ok((bob, staff))
        })
        .await?;
    run.step("append bob to staff.users", async { s.append(staff, Group::users, bob) }).await?;
    assert_eq!(s.loaded(bob, User::groups).map_err(|error| error.kind()), Err(Kind::NotLoaded));
    let groups = s.load(bob, User::groups);
    let groups = run.step("bob.groups: load, then merge of the queued append (autoflush comes first)", groups).await?;
    run.out(spelled(&s, &groups));
    s.commit().await?;
    s.close().await
}
