//! PostgreSQL's own types: columns have them, and values come back through them.

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
    moment: Option<chrono::DateTime<chrono::Utc>>,
}

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
            "timestamp with time zone"
        ]
    );
    let price: Decimal = "-1234567890123456.0123456700".parse().expect("a number");
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
        short: "né{}\"",
        moment: chrono::DateTime::from_timestamp(1_700_000_000, 123_456_000).expect("a moment"),
    }));
    s.commit().await?;
    s.close().await?;
    let again = s.get_one::<Native>(id).await?;
    assert_ne!(native, again);
    let n = &s[again];
    assert_eq!((n.id, n.small, n.int, n.float, n.double, n.flag), (id, -5, i32::MAX, 0.1, 0.1, true));
    assert_eq!((n.price, n.price.scale(), &*n.short, &n.bytes[..]), (price, 10, "né{}\"", &[0, 1, 255][..]));
    assert_eq!(n.data.0, ["a\"b", "{},\\"]);
    // Each can be compared with, and a list of keys is one array.
    for criterion in [
        Native::price.eq(price),
        Native::float.eq(0.1),
        Native::double.lt(0.2),
        Native::small.in_([-5, 3]),
        Native::id.in_([id]),
        Native::bytes.eq(vec![0, 1, 255]),
        Native::moment.gt(chrono::DateTime::UNIX_EPOCH),
        Native::int.cast::<i64>().lt(1 << 40),
    ] {
        assert_eq!(Native::select().filter(criterion).one(&mut s).await?, again);
    }
    assert_eq!(select(sum(Native::price)).scalar(&mut s).await?, Some(price));
    assert_eq!(select(avg(Native::small)).scalar(&mut s).await?, Some(-5.0));
    // What does not fit is refused with its kind, here or there.
    s[again].short = "longer".into();
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::Data);
    s.rollback().await?;
    Ok(())
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
