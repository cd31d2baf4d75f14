//! PostgreSQL's own types: columns have them; enums with names, arrays.

use realgar::{prelude::*, sql};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{natives::Native, world::World};

#[tokio::test]
async fn columns_have_the_servers_own_types() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![Native]).await else { return Ok(()) };
    let mut s = world.db.session();
    let columns: Vec<(String, String)> =
        sql("SELECT column_name::text, data_type::text FROM information_schema.columns \
         WHERE table_name = 'natives' AND table_schema = current_schema() ORDER BY ordinal_position")
        .all(&mut s)
        .await?;
    let types: Vec<&str> = columns.iter().map(|(_, r#type)| r#type.as_str()).collect();
    assert_eq!(
        types,
        [
            "uuid",
            "smallint",
            "integer",
            "real",
            "double precision",
            "boolean",
            "numeric",
            "jsonb",
            "bytea",
            "character varying",
            "text",
            "date",
            "time without time zone",
            "timestamp with time zone"
        ]
    );
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column_type(name = "Mood of the 'day'")]
enum Mood {
    Sad,
    #[column_type(rename = "it's ok")]
    Ok,
}

#[derive(Debug, Model)]
#[model(table = "collected")]
struct Collected {
    #[column(primary_key)]
    id: i64,
    mood: Mood,
    #[column(index)]
    last_mood: Option<Mood>,
    words: Vec<String>,
    numbers: Option<Vec<i64>>,
    prices: Vec<Decimal>,
    moments: Vec<chrono::DateTime<chrono::Utc>>,
    ids: Vec<Uuid>,
    flags: Vec<bool>,
    floats: Vec<f64>,
    #[column(length = 3)]
    short: Vec<String>,
}

#[tokio::test]
async fn enums_with_names_and_arrays_are_native() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![Collected]).await else { return Ok(()) };
    world.db.create_all().await?; // what is there stays as it is
    let mut s = world.db.session();
    let types: Vec<String> = sql("SELECT format_type(atttypid, atttypmod) FROM pg_attribute \
         WHERE attrelid = 'collected'::regclass AND attnum > 0 ORDER BY attnum")
    .all(&mut s)
    .await?;
    let mood = r#""Mood of the 'day'""#;
    assert_eq!(types[1..4], [mood, mood, "text[]"]);
    assert_eq!(types[4..8], ["bigint[]", "numeric[]", "timestamp with time zone[]", "uuid[]"]);
    assert_eq!(types[8..], ["boolean[]", "double precision[]", "character varying(3)[]"]);

    let words = || vec!["a\"b".to_owned(), "{},\\".to_owned(), "NULL".to_owned(), String::new(), "né".to_owned()];
    let price: Decimal = "1.50".parse().expect("a number");
    let moment = chrono::DateTime::from_timestamp(1_700_000_000, 123_456_000).expect("a moment");
    let full = |number: i64| {
        new!(Collected {
            mood: Mood::Ok,
            last_mood: Mood::Sad,
            words: words(),
            numbers: vec![number, i64::MIN],
            prices: vec![price],
            moments: vec![moment],
            ids: vec![Uuid::from_u128(7)],
            flags: vec![true, false],
            floats: vec![0.5, f64::INFINITY],
            short: vec!["abc".to_owned()]
        })
    };
    let mut handles = s.add_all((0..20).map(full));
    let empty = new!(Collected {
        mood: Mood::Sad,
        words: Vec::<String>::new(),
        prices: Vec::<Decimal>::new(),
        moments: Vec::<chrono::DateTime<chrono::Utc>>::new(),
        ids: Vec::<Uuid>::new(),
        flags: Vec::<bool>::new(),
        floats: Vec::<f64>::new(),
        short: Vec::<String>::new(),
    });
    handles.push(s.add(empty));
    s.commit().await?;
    s.close().await?;

    let all = Collected::select().order_by(Collected::id).all(&mut s).await?;
    assert_eq!(all.len(), 21);
    let one = &s[all[3]];
    assert_eq!((one.mood, one.last_mood, one.words.clone()), (Mood::Ok, Some(Mood::Sad), words()));
    assert_eq!((one.numbers.clone(), one.prices.clone()), (Some(vec![3, i64::MIN]), vec![price]));
    assert_eq!((one.moments.clone(), one.ids.clone()), (vec![moment], vec![Uuid::from_u128(7)]));
    assert_eq!((one.flags.clone(), one.floats.clone()), (vec![true, false], vec![0.5, f64::INFINITY]));
    let none = &s[all[20]];
    assert_eq!((none.mood, none.last_mood, none.numbers.clone(), none.words.len()), (Mood::Sad, None, None, 0));

    // They are compared with, changed in place, and nothing is sent where nothing changed.
    assert_eq!(Collected::select().filter_by(Collected::mood, Mood::Ok).count(&mut s).await?, 20);
    assert_eq!(Collected::select().filter(Collected::mood.in_([Mood::Sad])).count(&mut s).await?, 1);
    assert_eq!(Collected::select().filter(Collected::last_mood.gt(Mood::Sad)).count(&mut s).await?, 0);
    assert_eq!(Collected::select().filter(Collected::mood.gt(Mood::Sad)).count(&mut s).await?, 20, "in their order");
    let found = Collected::select().filter(Collected::numbers.eq(vec![3, i64::MIN])).one(&mut s).await?;
    assert_eq!(found, all[3]);
    for &handle in &all[..2] {
        s[handle].words.push("more".into());
        s[handle].mood = Mood::Sad;
    }
    let recorder = s.recorder();
    let _ = &mut s[all[2]].words;
    s.commit().await?;
    assert_eq!(recorder.count(), 1, "two rows, one statement");
    let again = s.get_one::<Collected>(s[all[1]].id).await?;
    assert_eq!((s[again].words.len(), s[again].mood), (6, Mood::Sad));
    // What the elements cannot be is refused as anything else is.
    for wrong in ["longer", "NUL\0"] {
        s[again].short = vec![wrong.to_owned()];
        assert_eq!(s.commit().await.unwrap_err().kind(), Kind::Data, "{wrong:?}");
        s.rollback().await?;
    }
    sql("UPDATE collected SET words = ARRAY['x', NULL]").execute(&mut s).await?;
    assert_eq!(Collected::select().all(&mut s).await.unwrap_err().kind(), Kind::Data);
    s.rollback().await?;
    assert_eq!(sql("SELECT ARRAY[1, 2]::bigint[]").all::<Vec<i64>>(&mut s).await?, [[1, 2]]);
    s.close().await?;
    world.db.drop_all().await?;
    let left =
        "SELECT count(*) FROM pg_type WHERE typname LIKE 'Mood%' AND typnamespace = current_schema()::regnamespace";
    assert_eq!(sql(left).scalar::<i64>(&mut s).await?, Some(0));
    Ok(())
}

#[tokio::test]
async fn a_database_without_arrays_says_so_at_once() {
    let error = Db::connect("sqlite::memory:", models![Collected]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    for part in ["sqlite", "`words`", "`collected`", "Json<Vec"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

/// What a server answers that has no form here names the column, and what helps.
#[tokio::test]
async fn types_that_are_not_mapped_say_so() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![Native]).await else { return Ok(()) };
    let mut s = world.db.session();
    for text in [
        "SELECT '1 day'::interval AS it",
        "SELECT 'infinity'::timestamp AS it",
        "SELECT '-infinity'::date AS it",
        "SELECT 'NaN'::numeric AS it",
        "SELECT '24:00'::time AS it",
        "SELECT ARRAY[1, 2] AS it",
        "SELECT '294276-12-31 23:59:59.999999'::timestamp AS it",
    ] {
        let error = sql(text).all::<String>(&mut s).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Data, "{text}: {error}");
    }
    sql("CREATE TYPE mood AS ENUM ('sad', 'ok')").execute(&mut s).await?;
    assert_eq!(sql("SELECT 'ok'::mood").all::<String>(&mut s).await?, ["ok"]);
    Ok(())
}

#[derive(Debug, Model)]
#[model(table = "days")]
struct Day {
    #[column(primary_key)]
    id: i64,
    date: chrono::NaiveDate,
    time: chrono::NaiveTime,
    at: chrono::NaiveDateTime,
    moment: Option<chrono::DateTime<chrono::Utc>>,
    number: f64,
    bytes: Option<Vec<u8>>,
    text: String,
    uuid: Uuid,
    price: Decimal,
}

/// Many rows go as arrays, a single one as it is, compared values by a way of their own: all mean the same.
#[tokio::test]
async fn values_are_the_same_alone_and_among_many() -> realgar::Result<()> {
    use chrono::{NaiveDate, NaiveTime};

    let Some(world) = World::postgres(models![Day]).await else { return Ok(()) };
    let times = [(0, 0), (86_399, 999_999_999), (1, 1_500), (43_200, 999)];
    let days = [(1, 1, 1), (1969, 12, 31), (1999, 12, 31), (2000, 1, 1), (9999, 12, 31)];
    let far = [(0, 2, 29), (-4000, 3, 1), (10_000, 1, 1), (200_000, 1, 1)];
    let day = |number: usize, (year, month, day): (i32, u32, u32)| {
        let date = NaiveDate::from_ymd_opt(year, month, day).expect("a day");
        let (second, nanos) = times[number % times.len()];
        let time = NaiveTime::from_num_seconds_from_midnight_opt(second, nanos).expect("a time");
        new!(Day {
            date: date,
            time: time,
            at: date.and_time(time),
            moment: (!number.is_multiple_of(3)).then(|| date.and_time(time).and_utc()),
            number: [0.1, f64::INFINITY, -0.0, f64::MIN_POSITIVE][number % 4],
            bytes: (!number.is_multiple_of(2)).then(|| vec![0, 255, number as u8]),
            text: ["", "\"\\{},", "NULL", "é\u{1F980}"][number % 4],
            uuid: Uuid::from_u128(number as u128),
            price: Decimal::new(number as i64 * 1_000_001, 5),
        })
    };
    // What the server's epoch is near to, what is far away, which goes as text; and both together.
    let mixed = [&days[..], &far[..]].concat();
    for list in [&days[..], &far[..], &mixed[..]] {
        let all: Vec<Day> = list.iter().enumerate().map(|(number, &date)| day(number, date)).collect();
        let mut s = world.db.session();
        let together = s.add_all(all);
        s.commit().await?;
        let mut alone = Vec::new();
        for (number, &date) in list.iter().enumerate() {
            alone.push(s.add(day(number, date)));
            s.commit().await?;
        }
        let ids = |s: &Session, handles: &[Handle<Day>]| handles.iter().map(|&day| s[day].id).collect::<Vec<_>>();
        let (together, alone) = (ids(&s, &together), ids(&s, &alone));
        s.close().await?;
        for ((one, other), (number, &(year, month, day))) in
            together.into_iter().zip(alone).zip(list.iter().enumerate())
        {
            let (one, other) = (s.get_one::<Day>(one).await?, s.get_one::<Day>(other).await?);
            let shown = |s: &Session, day: Handle<Day>| {
                format!("{:?}", s[day]).split_once("date").map(|(_, rest)| rest.to_owned())
            };
            assert_eq!(shown(&s, one), shown(&s, other));
            let (date, at, moment) = (s[one].date, s[one].at, s[one].moment);
            let (second, nanos) = times[number % times.len()];
            let time = NaiveTime::from_num_seconds_from_midnight_opt(second, nanos / 1000 * 1000).expect("a time");
            assert_eq!(
                at,
                NaiveDate::from_ymd_opt(year, month, day).expect("a day").and_time(time),
                "microseconds stay"
            );
            assert_eq!((date, s[one].time), (at.date(), at.time()));
            let same = Day::select()
                .filter(Day::date.eq(date))
                .filter(Day::at.eq(at))
                .filter(moment.map_or(Day::moment.is_null(), |moment| Day::moment.eq(moment)))
                .filter(Day::id.in_([s[one].id, s[other].id]));
            assert_eq!(same.count(&mut s).await?, 2);
        }
        for day in Day::select().all(&mut s).await? {
            s.delete(day)?;
        }
        s.commit().await?;
    }
    Ok(())
}
