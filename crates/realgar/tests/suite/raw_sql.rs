//! Raw SQL with bound values: into handles, values, trees; and what it refuses.

use crate::{database::database, models::spelled};
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(name = "full name")]
    name: String,
    age: Option<i32>,
    #[relationship(back_populates = author, lazy = "selectin")]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

const ODD: &str = "x' OR 1=1; DROP TABLE users; --";

async fn two_users() -> realgar::Result<(Session, Handle<User>, Handle<User>)> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let ada =
        s.add(new!(User { name: "Ada", age: 36, posts: [new!(Post { title: "a1" }), new!(Post { title: "a2" })] }));
    let odd = s.add(new!(User { name: ODD }));
    s.commit().await?;
    Ok((s, ada, odd))
}

#[tokio::test]
async fn entities_go_through_the_identity_map() -> realgar::Result<()> {
    let (mut s, ada, odd) = two_users().await?;
    let recorder = s.db().recorder();
    // Columns in any order, and one that nobody asked for.
    let text = r#"SELECT age, 1 AS more, "full name", id FROM users WHERE "full name" = ?"#;
    let found: Vec<Handle<User>> = sql(text).bind(ODD).all(&mut s).await?;
    assert_eq!(found, [odd]);
    assert_eq!(recorder.statements()[0].sql, spelled(text));
    assert_eq!(recorder.count(), 2, "the statement, and the posts as the mapping says");
    assert!(s.loaded(odd, User::posts)?.is_empty());
    let all = sql("SELECT * FROM users ORDER BY id").all::<Handle<User>>(&mut s).await?;
    assert_eq!(all, [ada, odd]);
    // A known object keeps what it holds; an aged one takes the row's values.
    assert_eq!(sql("UPDATE users SET age = ? WHERE id = ?").bind(None::<i32>).bind(1).execute(&mut s).await?, 1);
    sql("SELECT * FROM users").all::<Handle<User>>(&mut s).await?;
    assert_eq!(s[ada].age, Some(36));
    s.commit().await?;
    assert_eq!(sql("SELECT * FROM users WHERE id = 1").one::<Handle<User>>(&mut s).await?, ada);
    assert_eq!(s[ada].age, None);
    Ok(())
}

#[tokio::test]
async fn pending_changes_are_flushed_first() -> realgar::Result<()> {
    let (mut s, ada, _) = two_users().await?;
    s[ada].name.push('!');
    let bob = s.add(new!(User { name: "Bob" }));
    let names: Vec<String> = sql(r#"SELECT "full name" FROM users WHERE id <> 2 ORDER BY id"#).all(&mut s).await?;
    assert_eq!(names, ["Ada!", "Bob"]);
    s.delete(bob)?;
    assert_eq!(sql("DELETE FROM posts").execute(&mut s).await?, 2);
    assert_eq!(sql("SELECT count(*) FROM users").one::<i64>(&mut s).await?, 2);
    Ok(())
}

#[tokio::test]
async fn values_and_tuples() -> realgar::Result<()> {
    let (mut s, ada, odd) = two_users().await?;
    let rows: Vec<(i64, String, Option<i32>)> =
        sql(r#"SELECT id, "full name", age FROM users WHERE id IN (?, ?)"#).bind_all([1, 2]).all(&mut s).await?;
    assert_eq!(rows, [(1, "Ada".to_owned(), Some(36)), (2, ODD.to_owned(), None)]);
    let counted: Vec<(Handle<User>, i64)> = sql(
        "SELECT users.*, count(posts.id) FROM users LEFT JOIN posts ON posts.user_id = users.id GROUP BY users.id ORDER BY 1",
    )
    .all(&mut s)
    .await?;
    assert_eq!(counted, [(ada, 2), (odd, 0)]);
    let pairs: Vec<(Handle<User>, Option<Handle<Post>>)> = sql(
        "SELECT users.*, posts.* FROM users LEFT JOIN posts ON posts.user_id = users.id ORDER BY users.id, posts.id",
    )
    .all(&mut s)
    .await?;
    assert_eq!(pairs.len(), 3);
    assert_eq!((pairs[0].0, pairs[2]), (ada, (odd, None)));
    let post = pairs[1].1.expect("Ada wrote two");
    assert_eq!((s.key(post)?, s[post].title.as_str()), (2, "a2"));
    assert_eq!(sql("SELECT max(age) FROM users").scalar::<i32>(&mut s).await?, Some(36));
    assert_eq!(sql("SELECT age FROM users WHERE id = 2").scalar::<i32>(&mut s).await?, None);
    assert_eq!(sql("SELECT ?").bind(&b"\0\xff"[..]).one::<Vec<u8>>(&mut s).await?, b"\0\xff");
    assert_eq!(sql("INSERT INTO posts (title, user_id) VALUES ('n', 2) RETURNING id").one::<i64>(&mut s).await?, 3);
    Ok(())
}

#[tokio::test]
async fn trees_without_a_session() -> realgar::Result<()> {
    let (mut s, ..) = two_users().await?;
    let db = s.db().clone();
    s.close().await?;
    let users: Vec<User> = sql("SELECT * FROM users WHERE age > ?").bind(18).fetch::<Handle<User>>(&db).await?;
    assert_eq!(users[0].posts.get()?.map(|post| post.title.as_str()).collect::<Vec<_>>(), ["a1", "a2"]);
    let ids = sql("SELECT id FROM users ORDER BY id").fetch::<i64>(&db).await?;
    assert_eq!(ids, [1, 2]);
    Ok(())
}

#[tokio::test]
async fn mistakes_are_told() -> realgar::Result<()> {
    let (mut s, ..) = two_users().await?;
    s.commit().await?;
    let check = |error: realgar::Error, kind: Kind, want: &str| {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(want), "{error}");
    };
    let few = sql("SELECT id FROM users WHERE id = ? OR id = ?").bind(1).all::<i64>(&mut s).await.unwrap_err();
    check(few, Kind::Programming, "has 2 places for values, 1 values were bound");
    let many = sql("DELETE FROM users").bind(ODD).execute(&mut s).await.unwrap_err();
    assert!(!many.to_string().contains(ODD), "values are in no error's text");
    check(many, Kind::Programming, "has 0 places for values");
    let missing = sql("SELECT id, age FROM users").all::<Handle<User>>(&mut s).await.unwrap_err();
    check(missing, Kind::InvalidRequest, "the rows have no column `full name`, which `User` needs");
    let narrow = sql("SELECT id FROM users").all::<(i64, i64)>(&mut s).await.unwrap_err();
    check(narrow, Kind::InvalidRequest, "the rows have 1 values, 2 are read");
    let wide = sql("SELECT id, age FROM users").all::<i64>(&mut s).await.unwrap_err();
    check(wide, Kind::InvalidRequest, "the rows have 2 values, 1 are read");
    let null = sql("SELECT age FROM users ORDER BY id").all::<i32>(&mut s).await.unwrap_err();
    check(null, Kind::Data, "`Option`");
    let nobody = sql("SELECT NULL AS id, '' AS \"full name\", 1 AS age").all::<Handle<User>>(&mut s).await.unwrap_err();
    check(nobody, Kind::Data, "a row without `User`");
    check(sql("SELECT 1").execute(&mut s).await.unwrap_err(), Kind::Programming, "answered rows");
    check(sql("SELECT id FROM users WHERE 1 = 0").one::<i64>(&mut s).await.unwrap_err(), Kind::NoResultFound, "no row");
    check(sql("SELECT id FROM users").one::<i64>(&mut s).await.unwrap_err(), Kind::MultipleResultsFound, "several");
    for text in ["COMMIT", " begin immediate", ";rollback", "-- é\n/* x */ End"] {
        check(sql(text).execute(&mut s).await.unwrap_err(), Kind::InvalidRequest, "the session does that");
    }
    for text in ["SELEC 1", "SELECT 1; DROP TABLE posts", "DELETE FROM posts; DELETE FROM users", "", " ;-- é", "/* x"]
    {
        let error = sql(text).execute(&mut s).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Programming, "{error}");
        s.rollback().await?;
    }
    s.rollback().await?;
    assert_eq!(Post::select().count(&mut s).await?, 2);
    assert_eq!(User::select().count(&mut s).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_failed_session_sends_nothing() -> realgar::Result<()> {
    let (mut s, ..) = two_users().await?;
    s.add(new!(User { id: 1, name: "twin" }));
    assert!(s.flush().await.is_err());
    let recorder = s.db().recorder();
    assert_eq!(sql("SELECT 1").all::<i64>(&mut s).await.unwrap_err().kind(), Kind::PendingRollback);
    assert_eq!(sql("DELETE FROM users").execute(&mut s).await.unwrap_err().kind(), Kind::PendingRollback);
    assert_eq!(recorder.count(), 0);
    Ok(())
}
