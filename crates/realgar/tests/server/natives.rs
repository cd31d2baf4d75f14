//! Types that each server has in a form of its own: values come back as they went.

use realgar::{Json, prelude::*};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::world::World;

#[derive(Debug, Model)]
#[model(table = "natives")]
pub(crate) struct Native {
    #[column(primary_key)]
    pub(crate) id: Uuid,
    pub(crate) small: i16,
    pub(crate) int: i32,
    pub(crate) float: f32,
    pub(crate) double: f64,
    pub(crate) flag: bool,
    pub(crate) price: Decimal,
    pub(crate) data: Json<Vec<String>>,
    pub(crate) bytes: Vec<u8>,
    #[column(length = 5)]
    pub(crate) short: String,
    #[column(unique)]
    pub(crate) keyed: String,
    pub(crate) day: Option<chrono::NaiveDate>,
    pub(crate) time: Option<chrono::NaiveTime>,
    pub(crate) moment: Option<chrono::DateTime<chrono::Utc>>,
}

/// A row that says nothing but who it is.
pub(crate) fn blank(id: Uuid, keyed: &str) -> Native {
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
async fn values_come_back_as_they_went() -> realgar::Result<()> {
    let Some(world) = World::new(models![Native]).await else { return Ok(()) };
    let mut s = world.db.session();
    // What PostgreSQL has not: a zero byte in a text. What MySQL has not: how many zeros a number ended in.
    let short = world.brand.either("né{}\"", "né\0\\\"");
    let (digits, scale) = world.brand.either(("-1234567890123456.0123456700", 10), ("-1234567890123456.01234567", 8));
    let price: Decimal = digits.parse().expect("a number");
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
        short: short,
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
    assert_eq!((n.price, n.price.scale(), &*n.short, &n.bytes[..]), (price, scale, short, &[0, 1, 255][..]));
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
    let text = world.brand.either("{\"\\é🦀", "\0\"\\é🦀");
    let other = s.add(blank(Uuid::nil(), "other"));
    s.flush().await?;
    let held: Vec<Vec<u8>> = vec![vec![0, 254], vec![]];
    for (row, bytes) in [again, other].into_iter().zip(&held) {
        let native = &mut s[row];
        (native.bytes, native.double, native.flag, native.small) = (bytes.clone(), 1e-7, false, 9);
        (native.price, native.short, native.day) = (Decimal::new(-15, 1), text.into(), None);
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
        assert_eq!((n.price, &*n.short, &n.data.0[..]), (Decimal::new(-15, 1), text, &["\n".to_owned()][..]));
        assert_eq!(n.time.map(|time| time.to_string()).as_deref(), Some("23:59:58.123456"));
        assert_eq!(n.moment.map(|moment| moment.timestamp_subsec_micros()), Some(123_457));
    }
    // What does not fit is refused with its kind, here or there.
    let again = s.get_one::<Native>(id).await?;
    s[again].short = "longer".into();
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::Data);
    s.rollback().await?;
    Ok(())
}
