//! Joins through the association table, the same along relationships, and without any join.

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

fn names(s: &Session, groups: &[Handle<Group>]) -> Vec<String> {
    let mut names: Vec<String> = groups.iter().map(|&group| s[group].name.clone()).collect();
    names.sort();
    names
}

fn usernames(s: &Session, users: &[Handle<User>]) -> Vec<String> {
    let mut names: Vec<String> = users.iter().map(|&user| s[user].username.clone()).collect();
    names.sort();
    names
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Group]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let [admin, staff, _] = ["admin", "staff", "other"].map(|name| s.add(new!(Group { name })));
    s.add(new!(User { username: "alice", groups: [admin, staff] }));
    s.add(new!(User { username: "bob", groups: [admin] }));
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let groups = Group::select().join(UserGroup::TABLE).join(User::TABLE).filter(User::username.eq("alice"));
    let groups = run.step("groups for alice", groups.all(&mut s)).await?;
    names(&s, &groups).into_iter().for_each(|name| run.out(name));
    let members = User::select().join(UserGroup::TABLE).join(Group::TABLE).filter(Group::name.eq("admin"));
    let members = run.step("members of admin", members.all(&mut s)).await?;
    usernames(&s, &members).into_iter().for_each(|name| run.out(name));

    run.step("the same through the relationship", async {
        let groups = Group::select().join(Group::users).filter(User::username.eq("alice")).all(&mut s).await?;
        run.out(list(&names(&s, &groups)));
        let users = User::select().filter(User::groups.any(Group::name.eq("admin"))).all(&mut s).await?;
        run.out(list(&usernames(&s, &users)));
        let empty = Group::select().filter(!Group::users.any(true)).all(&mut s).await?;
        run.out(list(&names(&s, &empty)));
        Ok(())
    })
    .await?;
    run.step("navigation", async {
        let alice = User::select().filter_by(User::username, "alice").first(&mut s).await?.expect("alice is there");
        let groups = s.load(alice, User::groups).await?;
        names(&s, &groups).into_iter().for_each(|name| run.out(name));
        Ok(())
    })
    .await?;
    s.close().await
}
