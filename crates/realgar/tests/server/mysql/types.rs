//! MySQL's own types: columns have them; how texts compare, and lists.

use realgar::{prelude::*, sql};
use uuid::Uuid;

use crate::{
    natives::{Native, blank},
    world::World,
};

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

/// A list can be longer than a statement has places.
#[tokio::test]
async fn lists_of_any_length_find_their_rows() -> realgar::Result<()> {
    let Some(world) = World::mysql(models![Native]).await else { return Ok(()) };
    let mut s = world.db.session();
    s.add_all((0..10).map(|number| {
        let mut native = blank(Uuid::from_u128(number), &format!("key {number}"));
        native.int = number as i32 * 10_000;
        native
    }));
    s.commit().await?;
    for (count, found) in [(1, 1), (3, 1), (1_000, 1), (1_001, 1), (70_000, 7)] {
        assert_eq!(Native::select().filter(Native::int.in_(0..count)).count(&mut s).await?, found, "{count}");
        let keys: Vec<String> = (0..count).map(|number| format!("key {number}")).collect();
        assert_eq!(Native::select().filter(Native::keyed.in_(keys)).count(&mut s).await?, count.min(10) as u64);
        assert_eq!(Native::delete_where().filter(Native::int.in_(-count..0)).execute(&mut s).await?, 0);
    }
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
