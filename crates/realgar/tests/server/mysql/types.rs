//! MySQL's own types: columns have them, and values come back through them.

use realgar::{Json, prelude::*, sql};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::world::World;

#[derive(Debug, Model)]
#[model(table = "natives")]
struct Native {
    #[column(primary_key)]
    id: Uuid,
    small: i16,
    int: i32,
    float: f32,
    double: f64,
    flag: bool,
    price: Decimal,
    data: Json<Vec<String>>,
    bytes: Vec<u8>,
    #[column(length = 5)]
    short: String,
    #[column(unique)]
    keyed: String,
    day: Option<chrono::NaiveDate>,
    time: Option<chrono::NaiveTime>,
    moment: Option<chrono::DateTime<chrono::Utc>>,
}

fn blank(id: Uuid, keyed: &str) -> Native {
    new!(Native {
        id: id,
        small: 0,
        int: 0,
        float: 0.0,
        double: 0.0,
        flag: false,
        price: Decimal::ZERO,
        data: Vec::new(),
        bytes: Vec::new(),
        short: "",
        keyed: keyed,
    })
}

#[tokio::test]
async fn columns_have_the_servers_own_types() -> realgar::Result<()> {
    let Some(world) = World::mysql(models![Native]).await else { return Ok(()) };
    let mut s = world.db.session();
    let types: Vec<String> = sql("SELECT column_type FROM information_schema.columns \
         WHERE table_name = 'natives' AND table_schema = database() ORDER BY ordinal_position")
    .all(&mut s)
    .await?;
    let types: Vec<&str> = types.iter().map(|r#type| r#type.split("(1").next().unwrap_or_default()).collect();
    let expected = "char(32) smallint int float double tinyint decimal(57,28) longtext longblob varchar(5) varchar(255) date \
                    time(6) datetime(6)";
    let types = types.join(" ").replace("smallint(6)", "smallint").replace("json", "longtext");
    assert_eq!(types.replace("int(11)", "int"), expected);
    let price: Decimal = "-1234567890123456.01234567".parse().expect("a number");
    let id = Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
    let native = s.add(new!(Native {
        id: id,
        small: -5,
        int: i32::MAX,
        float: 0.1,
        double: 0.1,
        flag: true,
        price: price,
        data: vec!["a\"b".to_owned(), "{},\\".to_owned()],
        bytes: vec![0, 1, 255],
        short: "né\0\\\"",
        keyed: "key",
        day: chrono::NaiveDate::from_ymd_opt(1815, 12, 10).expect("a day"),
        time: chrono::NaiveTime::from_hms_nano_opt(23, 59, 59, 123_456_789).expect("a time"),
        moment: chrono::DateTime::from_timestamp(1_700_000_000, 123_456_789).expect("a moment"),
    }));
    s.commit().await?;
    s.close().await?;
    let again = s.get_one::<Native>(id).await?;
    assert_ne!(native, again);
    let n = &s[again];
    assert_eq!((n.id, n.small, n.int, n.float, n.double, n.flag), (id, -5, i32::MAX, 0.1, 0.1, true));
    assert_eq!((n.price, n.price.scale(), &*n.short, &n.bytes[..]), (price, 8, "né\0\\\"", &[0, 1, 255][..]));
    assert_eq!(n.data.0, ["a\"b", "{},\\"]);
    let (time, moment) = (n.time.expect("it was set"), n.moment.expect("it was set"));
    assert_eq!((time.to_string(), moment.timestamp_subsec_nanos()), ("23:59:59.123456".to_owned(), 123_456_000));
    // Each can be compared with, alone and in a list.
    for criterion in [
        Native::price.eq(price),
        Native::float.eq(0.1),
        Native::double.lt(0.2),
        Native::small.in_([-5, 3, 4]),
        Native::id.in_([id]),
        Native::bytes.eq(vec![0, 1, 255]),
        Native::bytes.in_([vec![0, 1, 255], vec![]]),
        Native::day.eq(chrono::NaiveDate::from_ymd_opt(1815, 12, 10).expect("a day")),
        Native::time.eq(time),
        Native::moment.eq(moment),
        Native::moment.gt(chrono::DateTime::UNIX_EPOCH),
        Native::int.cast::<i64>().lt(1 << 40),
        Native::flag.eq(true),
    ] {
        assert_eq!(Native::select().filter(criterion).one(&mut s).await?, again);
    }
    assert_eq!(select(sum(Native::price)).scalar(&mut s).await?, Some(price));
    assert_eq!(select(avg(Native::small)).scalar(&mut s).await?, Some(-5.0));
    assert_eq!(select(Native::int / 2).one(&mut s).await?, i32::MAX / 2);
    // An UPDATE of several rows carries each type, too.
    let other = s.add(blank(Uuid::nil(), "other"));
    s.flush().await?;
    let held: Vec<Vec<u8>> = vec![vec![0, 254], vec![]];
    for (row, bytes) in [again, other].into_iter().zip(&held) {
        let native = &mut s[row];
        (native.bytes, native.double, native.flag, native.small) = (bytes.clone(), 1e-7, false, 9);
        (native.price, native.short, native.day) = (Decimal::new(-15, 1), "\0\"\\é🦀".into(), None);
        native.time = time.overflowing_add_signed(chrono::TimeDelta::seconds(-1)).0.into();
        native.moment = Some(moment + chrono::TimeDelta::microseconds(1));
        native.data.0 = vec!["\n".to_owned()];
    }
    s.commit().await?;
    s.close().await?;
    for (row, bytes) in [id, Uuid::nil()].into_iter().zip(held) {
        let row = s.get_one::<Native>(row).await?;
        let n = &s[row];
        assert_eq!((&n.bytes, n.double, n.flag, n.small, n.day), (&bytes, 1e-7, false, 9, None));
        assert_eq!(
            (n.price, n.short.as_str(), &n.data.0[..]),
            (Decimal::new(-15, 1), "\0\"\\é🦀", &["\n".to_owned()][..])
        );
        assert_eq!(n.time.map(|time| time.to_string()).as_deref(), Some("23:59:58.123456"));
        assert_eq!(n.moment.map(|moment| moment.timestamp_subsec_micros()), Some(123_457));
    }
    Ok(())
}

/// Texts are compared letter by letter, as other databases do.
#[tokio::test]
async fn case_and_blanks_make_a_difference() -> realgar::Result<()> {
    let Some(world) = World::mysql(models![Native]).await else { return Ok(()) };
    let mut s = world.db.session();
    let keys = ["a", "A", "a ", "ä", "å"];
    s.add_all(keys.iter().zip(1..).map(|(key, id)| blank(Uuid::from_u128(id), key)));
    s.commit().await?;
    for key in keys {
        assert_eq!(Native::select().filter(Native::keyed.eq(key)).count(&mut s).await?, 1, "{key:?}");
        assert_eq!(Native::select().filter(Native::keyed.in_([key, "none"])).count(&mut s).await?, 1, "{key:?}");
    }
    assert_eq!(Native::select().filter(Native::keyed.like("a%")).count(&mut s).await?, 2);
    assert_eq!(Native::select().filter(Native::keyed.ilike("a%")).count(&mut s).await?, 3);
    Ok(())
}

/// What a server answers that has no form here names the column, and what helps.
#[tokio::test]
async fn types_that_are_not_mapped_say_so() -> realgar::Result<()> {
    let Some(world) = World::mysql(models![Native]).await else { return Ok(()) };
    let mut s = world.db.session();
    for text in [
        "SELECT CAST('-01:00:00' AS TIME) AS it",
        "SELECT CAST('30:00:00' AS TIME) AS it",
        "SELECT 18446744073709551615 AS it",
    ] {
        let error = sql(text).all::<String>(&mut s).await.unwrap_err();
        assert!(error.kind() == Kind::Data && error.to_string().contains("`it`"), "{text}: {error}");
    }
    Ok(())
}
