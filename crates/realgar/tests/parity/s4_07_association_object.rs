//! The association object: a pair of keys, a date of its own, and what may not be taken from it.

use std::cell::Cell;

use chrono::{NaiveDate, NaiveDateTime};
use realgar::{Result, prelude::*};

use crate::harness::Run;

#[derive(Model)]
#[model(table = "user_group_association")]
struct UserGroup {
    #[column(primary_key, foreign_key = User::id)]
    user_id: i64,
    #[column(primary_key, foreign_key = Group::id)]
    group_id: i64,
    #[column(default = Some(now()))]
    joined_on: Option<NaiveDateTime>,
    #[relationship(back_populates = user_groups)]
    user: One<User>,
    #[relationship(back_populates = user_groups)]
    group: One<Group>,
}

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(back_populates = user)]
    user_groups: Many<UserGroup>,
}

#[derive(Model)]
#[model(table = "groups")]
struct Group {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[relationship(back_populates = group)]
    user_groups: Many<UserGroup>,
}

thread_local! {
    /// How often `now` was called.
    static CLOCK: Cell<usize> = const { Cell::new(0) };
}

fn date(year: i32, month: u32, day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day).and_then(|date| date.and_hms_opt(0, 0, 0)).expect("there is such a day")
}

fn now() -> NaiveDateTime {
    CLOCK.set(CLOCK.get() + 1);
    date(2024, 1, 2) + chrono::Duration::seconds(3 * 3600 + 4 * 60 + 5)
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Group, UserGroup]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { username: "alice" }));
    s.add_all(["admin", "staff"].map(|name| new!(Group { name })));
    s.commit().await?;
    s.close().await?;
    write(run, &db).await?;
    read(run, &db).await?;
    refused(run, &db).await;
    run.check("stdout dates", run.printed()[..2].to_vec());
    Ok(())
}

async fn write(run: &Run<'_>, db: &Db) -> Result<()> {
    let mut s = db.session();
    let user = User::select().filter_by(User::username, "alice").first(&mut s).await?.expect("alice is there");
    let admin = Group::select().filter_by(Group::name, "admin").first(&mut s).await?.expect("admin is there");
    let object = async { Ok(new!(UserGroup { user, group: admin })) };
    let object = run.step("construct the association object", object).await?;
    // What `new!` makes is ours until it is added: no session can have it.
    run.check("backref does not cascade the new object into the session (2.x)", s.is_modified(user)?);
    let joined_on = object.joined_on.map(|date| date.to_string());
    run.check_otherwise("default not applied before flush", joined_on, "2024-01-02 03:04:05");
    run.step("add + commit", async {
        s.add(object);
        s.commit().await
    })
    .await?;
    run.check("writes", run.writes());
    run.check("default callable ran once", CLOCK.get());
    let staff = Group::select().filter_by(Group::name, "staff").one(&mut s).await?;
    s.add(new!(UserGroup { user, group: staff, joined_on: date(2020, 5, 5) }));
    s.commit().await?;
    s.close().await
}

async fn read(run: &Run<'_>, db: &Db) -> Result<()> {
    let mut s = db.session();
    run.step("list groups with dates", async {
        let alice = User::select().filter_by(User::username, "alice").first(&mut s).await?.expect("alice is there");
        for object in s.load(alice, User::user_groups).await? {
            let group = s.load(object, UserGroup::group).await?;
            let joined_on = s[object].joined_on.expect("it has a date");
            run.out(format!("Group: {}, Joined on: {joined_on}", s[group].name));
        }
        Ok(())
    })
    .await?;
    s.expunge_all();
    run.step("the same with selectinload chained", async {
        let chain = User::user_groups.selectin().then(UserGroup::group.joined());
        let alice = User::select().options(chain).first(&mut s).await?.expect("alice is there");
        for object in s.view(alice).many(User::user_groups)? {
            assert!(!object.one(UserGroup::group)?.name.is_empty());
        }
        Ok(())
    })
    .await?;
    let object = run.step("association object primary key = the pair", s.get_one::<UserGroup>((1, 1))).await?;
    run.out(format!("get by pair: {}", s.view(object).one(UserGroup::group)?.name));
    run.step("update extra column", async {
        s[object].joined_on = Some(date(2030, 1, 1));
        s.commit().await
    })
    .await?;
    run.check("writes", run.writes());
    s.close().await
}

async fn refused(run: &Run<'_>, db: &Db) {
    let removal = async {
        let mut s = db.session();
        let user = User::select().first(&mut s).await?.expect("alice is there");
        let objects = s.load(user, User::user_groups).await?;
        s.remove(user, User::user_groups, objects[0])?;
        s.commit().await
    };
    run.other_error("removing from the collection would blank a primary key column", Kind::Flush, removal).await;
    let deletion = async {
        let mut s = db.session();
        let user = User::select().first(&mut s).await?.expect("alice is there");
        s.delete(user)?;
        s.commit().await
    };
    run.other_error("deleting the user without delete cascade on user_groups", Kind::Flush, deletion).await;
}
