//! Aliases: a table in several roles of one query, and joins that need or refuse them.

use crate::database::database;
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "employees")]
struct Employee {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(foreign_key = Employee::id)]
    manager_id: Option<i64>,
    #[relationship(back_populates = reports)]
    manager: One<Option<Employee>>,
    #[relationship(back_populates = manager)]
    reports: Many<Employee>,
    #[relationship(secondary = Holds, back_populates = holders)]
    keys: Many<Door>,
}

#[derive(Model)]
#[model(table = "doors")]
struct Door {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(secondary = Holds, back_populates = keys)]
    holders: Many<Employee>,
}

#[derive(Table)]
#[table("holds")]
struct Holds {
    #[column(primary_key, foreign_key = Employee::id)]
    employee_id: i64,
    #[column(primary_key, foreign_key = Door::id)]
    door_id: i64,
}

/// Ada leads Bob and Cyd, Bob leads Dan; Bob can open both doors, Cyd only the gate, Dan only the vault.
async fn company() -> realgar::Result<Session> {
    let db = Db::connect(&database().await, models![Employee]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let (gate, vault) = (s.add(new!(Door { name: "gate" })), s.add(new!(Door { name: "vault" })));
    let dan = new!(Employee { name: "Dan", keys: many![vault] });
    let bob = new!(Employee { name: "Bob", reports: [dan], keys: many![gate, vault] });
    let cyd = new!(Employee { name: "Cyd", keys: many![gate] });
    s.add(new!(Employee { name: "Ada", reports: [bob, cyd] }));
    s.commit().await?;
    Ok(s)
}

fn text(s: &str) -> String {
    s.to_owned()
}

#[tokio::test]
async fn a_self_reference_is_joined_to_an_alias() -> realgar::Result<()> {
    let mut s = company().await?;
    let recorder = s.db().recorder();
    let boss = alias::<Employee>();
    let pairs = select((Employee::name, boss.col(Employee::name)))
        .join(Employee::manager.of_type(boss))
        .order_by((boss.col(Employee::name), Employee::name))
        .all(&mut s)
        .await?;
    let want = [("Bob", "Ada"), ("Cyd", "Ada"), ("Dan", "Bob")];
    assert_eq!(pairs, want.map(|(name, boss)| (text(name), text(boss))));
    let sql = crate::models::plain(&recorder.statements()[0].sql);
    assert_eq!(
        sql,
        r#"SELECT "employees"."name", "employees_1"."name" FROM "employees" JOIN "employees" AS "employees_1" ON "employees"."manager_id" = "employees_1"."id" ORDER BY "employees_1"."name", "employees"."name""#
    );
    Ok(())
}

#[tokio::test]
async fn entities_of_an_alias_are_the_same_handles() -> realgar::Result<()> {
    let mut s = company().await?;
    let (boss, grand) = (alias::<Employee>(), alias::<Employee>());
    let dan = Employee::select().filter_by(Employee::name, "Dan").one(&mut s).await?;
    let rows = select((Employee::TABLE, boss, grand))
        .join(Employee::manager.of_type(boss))
        .join(boss.rel(Employee::manager).of_type(grand))
        .all(&mut s)
        .await?;
    let bob = Employee::select().filter_by(Employee::name, "Bob").one(&mut s).await?;
    let ada = select(boss).filter(boss.col(Employee::name).starts_with("A")).one(&mut s).await?;
    assert_eq!(rows, [(dan, bob, ada)]);
    assert_eq!(s.load(dan, Employee::manager).await?, Some(bob));
    Ok(())
}

#[tokio::test]
async fn outer_joins_to_an_alias_are_optional() -> realgar::Result<()> {
    let mut s = company().await?;
    let boss = alias::<Employee>();
    let join = || Employee::manager.of_type(boss);
    let names: Vec<(String, Option<String>)> = select((Employee::name, boss.col(Employee::name).optional()))
        .outer_join(join())
        .order_by(Employee::id)
        .all(&mut s)
        .await?;
    assert_eq!(names[0], (text("Ada"), None));
    let rows =
        select((Employee::TABLE, boss.optional())).outer_join(join()).order_by(Employee::name).all(&mut s).await?;
    assert_eq!(rows[0].1, None);
    assert_eq!(rows[1].1, Some(rows[0].0));
    let error = select((Employee::TABLE, boss)).outer_join(join()).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Data);
    assert!(error.to_string().contains("select `Employee::TABLE.optional()`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn two_aliased_joins_ask_for_both() -> realgar::Result<()> {
    let mut s = company().await?;
    let (first, second) = (alias::<Door>(), alias::<Door>());
    let both = Employee::select()
        .join(Employee::keys.of_type(first))
        .join(Employee::keys.of_type(second))
        .filter(first.col(Door::name).eq("gate") & second.col(Door::name).eq("vault"));
    let bob = both.clone().one(&mut s).await?;
    assert_eq!(s[bob].name, "Bob");
    assert_eq!(both.count(&mut s).await?, 1);
    Ok(())
}

#[tokio::test]
async fn tests_along_relationships_start_and_end_at_aliases() -> realgar::Result<()> {
    let mut s = company().await?;
    let (boss, report) = (alias::<Employee>(), alias::<Employee>());
    let ada = Employee::select().filter(Employee::manager.is_none()).one(&mut s).await?;
    let names =
        select(boss.col(Employee::name)).filter(boss.rel(Employee::manager).is(ada)).order_by(boss.col(Employee::id));
    assert_eq!(names.all(&mut s).await?, ["Bob", "Cyd"]);
    // Whose report has a later name: the alias tells inside from outside.
    let later = Employee::reports.of_type(report).any(report.col(Employee::name).gt(Employee::name));
    assert_eq!(Employee::select().filter(later).count(&mut s).await?, 2);
    let keyed = boss.rel(Employee::keys).any(Door::name.eq("vault"));
    assert_eq!(
        select(boss.col(Employee::name)).filter(keyed).order_by(boss.col(Employee::name)).all(&mut s).await?,
        ["Bob", "Dan"]
    );
    Ok(())
}

#[tokio::test]
async fn a_self_join_without_alias_says_how() -> realgar::Result<()> {
    let mut s = company().await?;
    let recorder = s.db().recorder();
    let error = select((Employee::name, count_all())).join(Employee::reports).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("`Employee` is part of this select already"), "{error}");
    assert!(
        error
            .to_string()
            .contains("`let other = alias::<Employee>();`, then `.join(Employee::reports.of_type(other))`"),
        "{error}"
    );
    let error = Employee::select().join(Employee::keys).join(Employee::keys).all(&mut s).await.unwrap_err();
    assert!(error.to_string().contains(".join(Employee::keys.of_type(other))"), "{error}");
    let boss = alias::<Employee>();
    let twice = Employee::manager.of_type(boss);
    let error = Employee::select().join(twice).join(twice).all(&mut s).await.unwrap_err();
    assert!(error.to_string().contains("make a second alias"), "{error}");
    assert_eq!(recorder.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_self_join_by_key_says_on_what() -> realgar::Result<()> {
    let mut s = company().await?;
    let boss = alias::<Employee>();
    let error = Employee::select().join(boss).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::AmbiguousForeignKeys);
    assert!(error.to_string().contains("`.join(Employee::manager.of_type(alias))`"), "{error}");
    let rows = select((Employee::name, count(boss.col(Employee::id))))
        .outer_join_on(boss, boss.col(Employee::manager_id).eq(Employee::id))
        .group_by(Employee::id)
        .order_by(Employee::id)
        .all(&mut s)
        .await?;
    let want = [("Ada", 2), ("Bob", 1), ("Cyd", 0), ("Dan", 0)];
    let found: Vec<(&str, i64)> = rows.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    let mut found = found;
    found.sort_unstable();
    assert_eq!(found, want);
    Ok(())
}

#[tokio::test]
async fn an_alias_out_of_sight_is_an_error_before_anything_is_sent() -> realgar::Result<()> {
    let mut s = company().await?;
    let recorder = s.db().recorder();
    let boss = alias::<Employee>();
    let error = Employee::select().filter(boss.col(Employee::id).eq(1)).all(&mut s).await.unwrap_err();
    assert!(error.to_string().contains("an alias of `Employee` is not part of this select"), "{error}");
    assert!(error.to_string().contains("of_type(alias))`"), "{error}");
    let error = select(boss).filter(Employee::id.eq(1)).all(&mut s).await.unwrap_err();
    assert!(error.to_string().contains("under an alias only"), "{error}");
    assert_eq!(recorder.count(), 0);
    Ok(())
}

#[tokio::test]
async fn an_association_table_has_aliases_too() -> realgar::Result<()> {
    let mut s = company().await?;
    let held = alias::<Holds>();
    let keys = select((Employee::name, count(held.col(Holds::door_id))))
        .join(held)
        .group_by(Employee::name)
        .order_by(Employee::name)
        .all(&mut s)
        .await?;
    assert_eq!(keys, [(text("Bob"), 2), (text("Cyd"), 1), (text("Dan"), 1)]);
    Ok(())
}

#[tokio::test]
async fn an_alias_loads_its_relationships() -> realgar::Result<()> {
    let mut s = company().await?;
    let boss = alias::<Employee>();
    let recorder = s.db().recorder();
    let bosses = select(boss)
        .options(Employee::reports.joined())
        .filter(boss.col(Employee::manager_id).is_null())
        .limit(1)
        .all(&mut s)
        .await?;
    assert_eq!(s.loaded(bosses[0], Employee::reports)?.len(), 2);
    assert_eq!(recorder.count(), 1);
    Ok(())
}
