//! The types of columns: what is written comes back, compares and sorts; what does not fit says where.

use crate::database::database;
use realgar::{Error, prelude::*};

#[derive(ColumnType, Debug, Clone, Copy, PartialEq)]
enum Role {
    Member,
    SuperUser,
    #[column_type(rename = "boss")]
    Admin,
}

#[derive(ColumnType, Debug, Clone, PartialEq)]
struct Code(String);

#[derive(ColumnType, Debug, Clone, Copy, PartialEq)]
struct UserId {
    number: i64,
}

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: UserId,
    role: Role,
    former: Option<Role>,
    #[column(foreign_key = Team::code)]
    team: Option<Code>,
    #[column(default = 7)]
    small: i16,
    #[column(default = u32::MAX)]
    large: u32,
    #[column(default = 0.1)]
    narrow: f32,
    #[relationship(back_populates = members)]
    in_team: One<Option<Team>>,
}

#[derive(Model)]
#[model(table = "teams")]
struct Team {
    #[column(primary_key)]
    code: Code,
    #[relationship(back_populates = in_team)]
    members: Many<User>,
}

async fn db() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![User, Team]).await?;
    db.create_all().await?;
    Ok(db)
}

/// What reading the one row says when its column holds this SQL value.
async fn misread(column: &str, sql: &str) -> realgar::Result<Error> {
    let folder = std::env::temp_dir().join(format!("realgar-types-{}-{column}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let path = folder.join("types.db");
    let _ = std::fs::remove_file(&path);
    let db = Db::connect(&format!("sqlite:///{}", path.display()), models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { role: Role::Admin }));
    s.commit().await?;
    let plain = realgar::rusqlite::Connection::open(&path).expect("the file is there");
    plain.execute(&format!("UPDATE users SET {column} = {sql}"), []).expect("the update is valid");
    let error = User::select().fetch(&db).await.err().expect("the row does not fit");
    std::fs::remove_dir_all(&folder).expect("the folder can go");
    Ok(error)
}

#[tokio::test]
async fn enums_newtypes_and_narrow_numbers_come_back() -> realgar::Result<()> {
    let db = db().await?;
    let mut s = db.session();
    let team = new!(Team { code: Code("de".into()), members: [new!(User { role: Role::SuperUser, small: i16::MIN })] });
    let team = s.add(team);
    let boss = s.add(new!(User { role: Role::Admin, former: Role::Member, narrow: f32::MAX }));
    s.commit().await?;
    s.close().await?;
    assert!(s.try_ref(team).is_err() && s.try_ref(boss).is_err());

    let member = User::select().filter(User::role.eq(Role::SuperUser)).one(&mut s).await?;
    assert_eq!((s[member].id.number, s[member].small, s[member].large), (1, i16::MIN, u32::MAX));
    assert_eq!((s[member].narrow, s[member].former, s[member].team.clone()), (0.1, None, Some(Code("de".into()))));
    let team = s.load(member, User::in_team).await?.expect("she is in a team");
    assert_eq!(s.get::<Team>(Code("de".into())).await?, Some(team));
    assert_eq!(s.load(team, Team::members).await?, [member]);

    let boss = User::select().filter(User::former.in_([Role::Member, Role::Admin])).one(&mut s).await?;
    assert_eq!((s[boss].role, s[boss].narrow), (Role::Admin, f32::MAX));
    let words: Vec<(Role, Option<Role>)> = select((User::role, User::former)).order_by(User::role).all(&mut s).await?;
    assert_eq!(words, [(Role::Admin, Some(Role::Member)), (Role::SuperUser, None)]);
    let same = User::select().filter(User::former.is_null() & User::id.eq(UserId { number: 1 })).count(&mut s).await?;
    assert_eq!(same, 1);

    s[boss].former = None;
    s[boss].role = Role::Member;
    s.commit().await?;
    assert_eq!(User::select().filter_by(User::role, Role::Member).all(&mut s).await?, [boss]);
    Ok(())
}

#[test]
fn enums_and_newtypes_start_somewhere() {
    let user = User::default();
    assert_eq!((user.role, user.id, user.former), (Role::Member, UserId { number: 0 }, None));
    assert_eq!(User::REQUIRED, ["role"]);
    assert_eq!(Team::REQUIRED, ["code"]);
}

#[tokio::test]
async fn what_does_not_fit_names_its_column() -> realgar::Result<()> {
    for (column, sql, says) in [
        ("role", "'king'", "found text that is no `Role`: its words are \"member\", \"super_user\", \"boss\""),
        ("former", "x'00'", "found bytes where text is needed"),
        ("small", "32768", "does not fit 16 bits"),
        ("large", "-1", "does not fit 32 bits without a sign"),
        ("narrow", "1e300", "does not fit a 32-bit floating-point number"),
    ] {
        let error = misread(column, sql).await?;
        assert_eq!(error.kind(), Kind::Data);
        assert!(error.what().contains(says), "{error}");
        assert!(error.entity().is_some_and(|entity| entity.contains(column)), "{error}");
    }
    Ok(())
}

/// SQLite has no dates and no truth values: what it stores for them must lead to the same object.
#[tokio::test]
async fn a_day_is_a_key_as_good_as_any() -> realgar::Result<()> {
    use chrono::{Days, NaiveDate};

    #[derive(Model)]
    struct Day {
        #[column(primary_key)]
        date: NaiveDate,
        #[column(primary_key)]
        late: bool,
        #[column(server_default = "1")]
        rank: Auto<i64>,
        #[relationship(back_populates = day)]
        visits: Many<Visit>,
    }

    #[derive(Model)]
    #[model(foreign_key(columns = (date, late), references = (Day::date, Day::late)))]
    struct Visit {
        #[column(primary_key)]
        id: i64,
        date: NaiveDate,
        late: bool,
        #[relationship(back_populates = visits)]
        day: One<Day>,
    }

    let db = Db::connect(&database().await, models![Day]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let date = |days| NaiveDate::default() + Days::new(days);
    let day = |days| new!(Day { date: date(days), late: days % 2 == 0, visits: [new!(Visit {}), new!(Visit {})] });
    let days = s.add_all((0..3).map(day));
    s.flush().await?;
    assert!(days.iter().all(|&day| *s[day].rank == 1));
    s.close().await?;
    s.add_all((0..3).map(day));
    s.commit().await?;
    s.close().await?;
    let days = Day::select().order_by(Day::date).options(Day::visits.selectin()).all(&mut s).await?;
    for _ in 0..3 {
        assert_eq!(Day::select().order_by(Day::date).all(&mut s).await?, days);
    }
    assert_eq!(s.get::<Day>((date(1), false)).await?, Some(days[1]));
    for &day in &days {
        for visit in s.loaded(day, Day::visits)? {
            assert_eq!(s.load(visit, Visit::day).await?, day);
        }
        assert_eq!(s.loaded(day, Day::visits)?.len(), 2);
    }
    s.close().await?;
    for visit in Visit::select().options(Visit::day.selectin()).all(&mut s).await? {
        assert_eq!(s[s.loaded(visit, Visit::day)?].date, s[visit].date);
    }
    Ok(())
}

#[cfg(all(feature = "uuid", feature = "time", feature = "rust_decimal", feature = "serde_json"))]
mod of_other_crates {
    use std::collections::BTreeMap;

    use ::time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};
    use realgar::{Json, prelude::*};
    use rust_decimal::Decimal;
    use serde::{Deserialize, Serialize};
    use uuid::Uuid;

    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    struct Settings {
        dark: bool,
        tags: Vec<String>,
    }

    #[derive(Model)]
    #[model(table = "orders")]
    struct Order {
        #[column(primary_key)]
        id: Uuid,
        #[column(index)]
        price: Decimal,
        day: Date,
        hour: Option<Time>,
        local: PrimitiveDateTime,
        at: OffsetDateTime,
        extra: serde_json::Value,
        settings: Json<Settings>,
        odd: Option<Json<BTreeMap<Vec<u8>, u8>>>,
        #[relationship(back_populates = order)]
        lines: Many<Line>,
    }

    #[derive(Model)]
    #[model(table = "lines")]
    struct Line {
        #[column(primary_key)]
        id: u32,
        #[column(foreign_key = Order::id)]
        order_id: Uuid,
        #[relationship(back_populates = lines)]
        order: One<Order>,
    }

    fn order(id: u128, price: &str) -> Order {
        let day = Date::from_calendar_date(2024, Month::February, 29).expect("a leap year");
        let hour = Time::from_hms_micro(23, 59, 59, 250_000).expect("before midnight");
        let local = PrimitiveDateTime::new(day, hour);
        new!(Order {
            id: Uuid::from_u128(id),
            price: Decimal::from_str_exact(price).expect("a number"),
            day,
            hour,
            local,
            at: local.assume_offset(UtcOffset::from_hms(2, 0, 0).expect("an offset")),
            extra: serde_json::json!({ "gift": true, "notes": ["fragile", null] }),
            settings: Settings { dark: true, tags: vec!["a".into()] },
            lines: [new!(Line {}), new!(Line {})],
        })
    }

    async fn db() -> realgar::Result<Db> {
        let db = Db::connect(&crate::database::database().await, models![Order]).await?;
        db.create_all().await?;
        Ok(db)
    }

    #[tokio::test]
    async fn they_come_back() -> realgar::Result<()> {
        let db = db().await?;
        let mut s = db.session();
        s.add_all([order(1, "79228162514264337593543950.335"), order(u128::MAX, "-0.10")]);
        s.commit().await?;
        s.close().await?;
        let found = s.get::<Order>(Uuid::from_u128(1)).await?.expect("it was written");
        let (want, read) = (order(1, "79228162514264337593543950.335"), &s[found]);
        assert_eq!((read.price, read.day, read.hour), (want.price, want.day, want.hour));
        assert_eq!((read.local, read.at, read.at.offset()), (want.local, want.at, UtcOffset::UTC));
        assert_eq!((&read.extra, &read.settings), (&want.extra, &want.settings));
        for order in Order::select().options(Order::lines.selectin()).all(&mut s).await? {
            for line in s.loaded(order, Order::lines)? {
                assert_eq!(s.load(line, Line::order).await?, order);
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn they_compare_and_sort_as_what_they_are() -> realgar::Result<()> {
        let db = db().await?;
        let mut s = db.session();
        s.add_all(["10", "9.50", "-2", "0.001"].iter().zip(1..).map(|(price, id)| order(id, price)));
        s.commit().await?;
        let nine = if crate::database::lacks("decimals that keep their zeros") { "9.5" } else { "9.50" };
        let prices: Vec<Decimal> = select(Order::price).order_by(Order::price).all(&mut s).await?;
        assert_eq!(prices.iter().map(Decimal::to_string).collect::<Vec<_>>(), ["-2", "0.001", nine, "10"]);
        let price = |text| Decimal::from_str_exact(text).expect("a number");
        assert_eq!(Order::select().filter(Order::price.eq(price("9.5"))).count(&mut s).await?, 1);
        assert_eq!(Order::select().filter(Order::price.in_([price("9.5"), price("10.00")])).count(&mut s).await?, 2);
        assert_eq!(Order::select().filter(Order::price.gt(price("9"))).count(&mut s).await?, 2);
        assert_eq!(select(sum(Order::price)).one(&mut s).await?, Some(price("17.501")));
        assert_eq!(select(max(Order::price)).one(&mut s).await?, Some(price("10")));
        let at = order(1, "1").at;
        assert_eq!(Order::select().filter(Order::at.le(at) & Order::id.ne(Uuid::nil())).count(&mut s).await?, 4);
        assert_eq!(Order::select().filter(Order::hour.eq(Time::MIDNIGHT)).count(&mut s).await?, 0);
        Ok(())
    }

    #[tokio::test]
    async fn json_is_written_when_it_changed() -> realgar::Result<()> {
        let db = db().await?;
        let mut s = db.session();
        let order = s.add(order(1, "1"));
        s.commit().await?;
        let recorder = db.recorder();
        s[order].settings.dark = true;
        s.flush().await?;
        assert_eq!(recorder.count(), 0);
        s[order].settings.tags.push("b".into());
        s[order].extra["gift"] = false.into();
        s.commit().await?;
        assert_eq!(recorder.count(), 1);
        s.close().await?;
        let order = Order::select().one(&mut s).await?;
        assert_eq!((s[order].settings.tags.len(), &s[order].extra["gift"]), (2, &serde_json::json!(false)));
        Ok(())
    }

    #[tokio::test]
    async fn what_has_no_form_is_refused() -> realgar::Result<()> {
        let db = db().await?;
        let mut s = db.session();
        let order = s.add(order(1, "1"));
        s[order].odd = Some(Json(BTreeMap::from([(vec![1], 1)])));
        let error = s.flush().await.expect_err("a list is no key of a JSON object");
        assert_eq!(error.kind(), Kind::Data);
        assert!(error.to_string().contains("odd"), "{error}");
        Ok(())
    }
}
