//! Exercise: across an association table, by joins to it and without any.

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

fn group_names(s: &Session, groups: &[Handle<Group>]) -> Vec<String> {
    let mut names: Vec<_> = groups.iter().map(|&group| s[group].name.clone()).collect();
    names.sort();
    names
}

fn user_names(s: &Session, users: &[Handle<User>]) -> Vec<String> {
    let mut names: Vec<_> = users.iter().map(|&user| s[user].username.clone()).collect();
    names.sort();
    names
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Group]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let admin = s.add(new!(Group { name: "admin" }));
    s.add(new!(User { username: "alice", groups: many![admin, new!(Group { name: "staff" })] }));
    s.add(new!(User { username: "bob", groups: many![admin] }));
    s.add(new!(Group { name: "other" }));
    s.commit().await?;
    s.close().await?;

    let out = |line: String| run.out(line);
    let of_alice = Group::select().join(UserGroup::TABLE).join(User::TABLE).filter(User::username.eq("alice"));
    let groups = run.step("groups for alice", of_alice.all(&mut s)).await?;
    group_names(&s, &groups).into_iter().for_each(out);
    let of_admin = User::select().join(UserGroup::TABLE).join(Group::TABLE).filter(Group::name.eq("admin"));
    let users = run.step("members of admin", of_admin.all(&mut s)).await?;
    user_names(&s, &users).into_iter().for_each(out);
    run.step("the same through the relationship", async {
        let groups = Group::select().join(Group::users).filter(User::username.eq("alice")).all(&mut s).await?;
        out(list(&group_names(&s, &groups)));
        let users = User::select().filter(User::groups.any(Group::name.eq("admin"))).all(&mut s).await?;
        out(list(&user_names(&s, &users)));
        let empty = Group::select().filter(Group::users.is_empty()).all(&mut s).await?;
        out(list(&group_names(&s, &empty)));
        Ok(())
    })
    .await?;
    run.step("navigation", async {
        let alice = User::select().filter_by(User::username, "alice").first(&mut s).await?.expect("alice is there");
        let groups = s.load(alice, User::groups).await?;
        group_names(&s, &groups).into_iter().for_each(out);
        Ok(())
    })
    .await?;
    s.close().await
}
