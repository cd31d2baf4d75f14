//! The article's groups: an append is a row of the association table, and queries join along it.

use realgar::prelude::*;

use crate::{Done, python::list};

#[derive(Table)]
#[table("article_user_group_association")]
pub struct UserGroupAssociation {
    #[column(primary_key, foreign_key = User::id)]
    user_id: i64,
    #[column(primary_key, foreign_key = Group::id)]
    group_id: i64,
}

#[derive(Model)]
#[model(table = "article_members")]
pub struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(secondary = UserGroupAssociation, back_populates = users)]
    groups: Many<Group>,
}

#[derive(Model)]
#[model(table = "article_groups")]
pub struct Group {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(secondary = UserGroupAssociation, back_populates = groups)]
    users: Many<User>,
}

pub async fn run(db: &Db) -> Done {
    println!("\n4.5 Many-to-many: users and groups");
    let mut s = db.session();
    s.add_all(["alice", "bob"].map(|username| new!(User { username })));
    s.add_all(["admin", "staff", "other"].map(|name| new!(Group { name })));
    s.commit().await?;
    let users = select(User::username).order_by(User::id).fetch(db).await?;
    let groups = select(Group::name).order_by(Group::id).fetch(db).await?;
    println!("users: {} groups: {}", list(users), list(groups));
    append(db).await?;
    join(db).await?;
    navigate(db).await
}

async fn append(db: &Db) -> Done {
    println!("\n4.6 Adding a user to a group");
    let mut s = db.session();
    let alice = User::select().filter_by(User::username, "alice").one(&mut s).await?;
    let admin = Group::select().filter_by(Group::name, "admin").one(&mut s).await?;
    s.append(alice, User::groups, admin)?;
    s.commit().await?;
    let groups = s.load(alice, User::groups).await?;
    let users = s.load(admin, Group::users).await?;
    println!("{} {}", group_names(&s, &groups), usernames(&s, &users));

    // From the other side: bob's list is not loaded yet, and learns of it all the same.
    let bob = User::select().filter_by(User::username, "bob").one(&mut s).await?;
    let staff = Group::select().filter_by(Group::name, "staff").one(&mut s).await?;
    s.append(staff, Group::users, bob)?;
    let groups = s.load(bob, User::groups).await?;
    println!("{}", group_names(&s, &groups));

    s.append(staff, Group::users, alice)?;
    s.append(admin, Group::users, bob)?;
    s.commit().await?;
    Ok(())
}

async fn join(db: &Db) -> Done {
    println!("\n4.7 Joins along the association table");
    let mut s = db.session();
    let of_alice = Group::select().join(UserGroupAssociation::TABLE).join(User::TABLE);
    let of_alice = of_alice.filter(User::username.eq("alice")).order_by(Group::name).all(&mut s).await?;
    for group in of_alice {
        println!("{}", s[group].name);
    }
    let in_admin = User::select().join(UserGroupAssociation::TABLE).join(Group::TABLE);
    let in_admin = in_admin.filter(Group::name.eq("admin")).order_by(User::username).all(&mut s).await?;
    for user in in_admin {
        println!("{}", s[user].username);
    }

    // The same through the relationship.
    let of_alice = Group::select().join(Group::users).filter(User::username.eq("alice"));
    let of_alice = of_alice.order_by(Group::name).all(&mut s).await?;
    println!("{}", group_names(&s, &of_alice));
    let in_admin = User::select().filter(User::groups.any(Group::name.eq("admin")));
    let in_admin = in_admin.order_by(User::username).all(&mut s).await?;
    println!("{}", usernames(&s, &in_admin));
    let empty = Group::select().filter(Group::users.is_empty()).all(&mut s).await?;
    println!("{}", group_names(&s, &empty));
    Ok(())
}

async fn navigate(db: &Db) -> Done {
    println!("\n4.8 Navigation without joins");
    let mut s = db.session();
    let alice = User::select().filter_by(User::username, "alice").one(&mut s).await?;
    for group in s.load(alice, User::groups).await? {
        println!("{}", s[group].name);
    }
    Ok(())
}

fn group_names(s: &Session, groups: &[Handle<Group>]) -> String {
    list(groups.iter().map(|&group| &s[group].name))
}

fn usernames(s: &Session, users: &[Handle<User>]) -> String {
    list(users.iter().map(|&user| &s[user].username))
}
