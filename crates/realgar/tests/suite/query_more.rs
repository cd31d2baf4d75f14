//! Joins by foreign key, several entities, expressions, subqueries, and queries that are wrapped.

use crate::{
    database::{database, lacks, storable},
    models::spelled,
};
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    age: Option<i32>,
    score: f64,
    active: bool,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
    #[relationship(back_populates = editor)]
    edited: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    #[column(foreign_key = User::id)]
    author_id: i64,
    #[column(foreign_key = User::id)]
    editor_id: Option<i64>,
    #[relationship(back_populates = posts, foreign_keys = Post::author_id)]
    author: One<User>,
    #[relationship(back_populates = edited, foreign_keys = Post::editor_id)]
    editor: One<Option<User>>,
    #[relationship(secondary = PostTags, back_populates = posts)]
    tags: Many<Tag>,
    #[relationship(back_populates = post)]
    notes: Many<Note>,
}

#[derive(Model)]
#[model(table = "tags")]
struct Tag {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(secondary = PostTags, back_populates = tags)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "notes")]
struct Note {
    #[column(primary_key)]
    id: i64,
    text: String,
    #[column(foreign_key = Post::id)]
    post_id: i64,
    #[relationship(back_populates = notes)]
    post: One<Post>,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    tag_id: i64,
}

const ODD: &str = "50%_\\'\"; DROP TABLE users; --";

/// Ada (36) wrote "a1" (tagged x, y; edited by Bob; a note) and "a2"; Bob (no age) wrote one without a title (tagged x);
/// Cyd (12) wrote nothing and has an odd name.
async fn blog() -> realgar::Result<Session> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let (x, y) = (s.add(new!(Tag { name: "x" })), s.add(new!(Tag { name: "y" })));
    let ada = s.add(new!(User { name: "Ada", age: 36, score: 1.5, active: true }));
    let bob = s.add(new!(User { name: "Bob", score: 2.5, active: false }));
    s.add(new!(User { name: ODD, age: 12, score: 0.0, active: true }));
    s.flush().await?;
    let note = new!(Note { text: "n" });
    s.add(new!(Post { title: "a1", author: ada, editor: bob, tags: many![x, y], notes: [note] }));
    s.add(new!(Post { title: "a2", author: ada }));
    s.add(new!(Post { author: bob, tags: many![x] }));
    s.commit().await?;
    Ok(s)
}

fn last(s: &Session, run: realgar::Recorder) -> String {
    let _ = s;
    crate::models::plain(&run.statements().last().expect("something was sent").sql)
}

#[tokio::test]
async fn tables_are_joined_by_their_one_foreign_key() -> realgar::Result<()> {
    let mut s = blog().await?;
    let tagged = Post::select().join(PostTags::TABLE).join(Tag::TABLE).filter(Tag::name.eq("y"));
    let recorder = s.db().recorder();
    let found = tagged.one(&mut s).await?;
    assert_eq!(s[found].title.as_deref(), Some("a1"));
    assert!(last(&s, recorder).ends_with(&spelled(
        r#"FROM "posts" JOIN "post_tags" ON "posts"."id" = "post_tags"."post_id" JOIN "tags" ON "tags"."id" = "post_tags"."tag_id" WHERE "tags"."name" = ? LIMIT 2"#
    )));
    let backwards = Tag::select().join(PostTags::TABLE).join(Post::TABLE).filter(Post::title.eq("a1"));
    assert_eq!(backwards.count(&mut s).await?, 2);
    // The association table of a relationship that was joined along is in sight, too.
    assert_eq!(Post::select().join(Post::tags).filter(PostTags::tag_id.eq(1)).count(&mut s).await?, 2);
    let noted: Vec<(Option<String>, i64)> = select((Post::title, count(Note::id)))
        .outer_join(Note::TABLE)
        .group_by(Post::id)
        .order_by(Post::id)
        .all(&mut s)
        .await?;
    assert_eq!(noted.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 0, 0]);
    Ok(())
}

#[tokio::test]
async fn no_way_and_several_ways_say_what_to_write() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let several = User::select().join(Post::TABLE).all(&mut s).await.unwrap_err();
    assert_eq!(several.kind(), Kind::AmbiguousForeignKeys);
    let text = several.to_string();
    assert!(
        text.contains(
            "several ways lead from this select to `posts`: posts.author_id → users, posts.editor_id → users"
        ),
        "{text}"
    );
    assert!(
        text.contains("`.join(User::posts)` or `.join(User::edited)`; or say the condition: `.join_on(table, …)`"),
        "{text}"
    );

    let none = User::select().join(Tag::TABLE).all(&mut s).await.unwrap_err();
    assert_eq!(none.kind(), Kind::InvalidRequest);
    assert!(none.to_string().contains("no foreign key links `tags` with `users`"), "{none}");
    assert!(none.to_string().contains("join the tables between them first"), "{none}");

    let through = Post::select().join(Tag::TABLE).all(&mut s).await.unwrap_err();
    assert!(through.to_string().contains("join along a relationship: `.join(Post::tags)`"), "{through}");
    let from = User::select().join(Note::TABLE).all(&mut s).await.unwrap_err();
    assert!(from.to_string().contains("`Post::TABLE`"), "{from}");
    assert_eq!(recorder.count(), 0);

    let on = User::select().join_on(Post::TABLE, Post::editor_id.eq(User::id)).one(&mut s).await?;
    assert_eq!(s[on].name, "Bob");
    Ok(())
}

#[tokio::test]
async fn a_model_out_of_sight_names_the_join() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let check = |error: realgar::Error, want: &str| {
        assert_eq!(error.kind(), Kind::InvalidRequest);
        assert!(error.to_string().contains(want), "{error}");
    };
    check(User::select().filter(Post::id.eq(1)).all(&mut s).await.unwrap_err(), "join it: `.join(User::posts)`");
    check(Post::select().order_by(Tag::name).all(&mut s).await.unwrap_err(), "join it: `.join(Post::tags)`");
    check(Post::select().filter(PostTags::tag_id.eq(1)).count(&mut s).await.unwrap_err(), "`.join(PostTags::TABLE)`");
    check(Tag::select().filter(Note::id.eq(1)).exists(&mut s).await.unwrap_err(), "`.join_on(Note::TABLE, …)`");
    check(select(count_all()).all(&mut s).await.unwrap_err(), "`.select_from(User::TABLE)`");
    assert_eq!(recorder.count(), 0);
    Ok(())
}

#[tokio::test]
async fn several_entities_and_missing_ones() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let rows = select((User::TABLE, Post::TABLE.optional(), Post::title.optional()))
        .outer_join(User::posts)
        .order_by((User::id, Post::id))
        .all(&mut s)
        .await?;
    assert_eq!(rows.len(), 4);
    let (ada, post, ref title) = rows[0];
    assert_eq!((s[ada].name.as_str(), title.as_deref()), ("Ada", Some("a1")));
    assert_eq!(rows[1].0, ada);
    assert_eq!(s.load(post.expect("Ada wrote"), Post::author).await?, ada);
    assert_eq!((rows[3].1, rows[3].2.clone()), (None, None));
    assert_eq!(recorder.count(), 1);

    let error = select((User::name, Post::author_id)).outer_join(User::posts).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Data);
    assert!(error.to_string().contains("NULL where a row has a `i64`"), "{error}");
    assert!(error.to_string().contains("part 2 of a row") && error.to_string().contains("`.optional()`"), "{error}");
    let only = || select(Post::TABLE).select_from(User::TABLE).outer_join(User::posts);
    let error = only().all(&mut s).await.unwrap_err();
    assert!(error.to_string().contains("`Post::TABLE.optional()`"), "{error}");
    let only = select(Post::TABLE.optional()).select_from(User::TABLE).outer_join(User::posts).order_by(User::id);
    assert_eq!(only.clone().all(&mut s).await?.iter().flatten().count(), 3);

    let db = s.db().clone();
    s.close().await?;
    let trees: Vec<Option<Post>> = only.fetch(&db).await?;
    assert_eq!(trees[0].as_ref().and_then(|post| post.title.as_deref()), Some("a1"));
    assert!(trees[3].is_none());
    Ok(())
}

#[tokio::test]
async fn arithmetic_is_the_databases() -> realgar::Result<()> {
    let mut s = blog().await?;
    let ada = || User::name.eq("Ada");
    let row = select((
        User::age + 1,
        User::score * 2.0 - 0.5,
        User::id / 2,
        (User::id + User::id) * 3,
        User::age.cast::<f64>() / 8.0,
    ))
    .filter(ada())
    .one(&mut s)
    .await?;
    assert_eq!(row, (Some(37), 2.5, 0, 6, Some(4.5)));
    assert_eq!(User::select().filter((User::age - 30).cast::<i64>().gt(User::id)).count(&mut s).await?, 1);
    assert_eq!(select(User::id - (User::id - 1)).filter(ada()).one(&mut s).await?, 1);
    if lacks("NULL where a number is divided by zero") {
        for out_of_range in [User::id + i64::MAX, User::id / 0] {
            assert_eq!(select(out_of_range).filter(ada()).one(&mut s).await.unwrap_err().kind(), Kind::Data);
            s.rollback().await?;
        }
        return Ok(());
    }
    let error = select(User::id + i64::MAX).filter(ada()).one(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Data);
    let error = select(User::id / 0).filter(ada()).one(&mut s).await.unwrap_err();
    assert!(error.to_string().contains("`.optional()`"), "{error}");
    assert_eq!(select((User::id / 0).optional()).filter(ada()).one(&mut s).await?, None);
    Ok(())
}

#[tokio::test]
async fn expressions_compose() -> realgar::Result<()> {
    let mut s = blog().await?;
    let ids = |filter| select(User::id).filter(filter).order_by(User::id);
    assert_eq!(ids(User::id.in_([1, 3])).all(&mut s).await?, [1, 3]);
    assert_eq!(ids(User::id.in_((1..3).map(|id| User::id / id))).count(&mut s).await?, 3);
    assert_eq!(ids(User::name.lower().eq("ada") & User::active).all(&mut s).await?, [1]);
    assert_eq!(ids((User::score / User::id.cast::<f64>()).between(1.2, 1.6)).all(&mut s).await?, [1, 2]);
    assert_eq!(ids(User::name.concat(" ").concat(User::name).length().eq(7)).all(&mut s).await?, [1, 2]);
    let twice = select((User::id, count(Post::id) * 2)).outer_join(User::posts).group_by(User::id).order_by(User::id);
    assert_eq!(twice.all(&mut s).await?, [(1, 4), (2, 2), (3, 0)]);
    assert_eq!(select(count_distinct(User::age.coalesce(0) / 20)).one(&mut s).await?, 2);
    assert_eq!(select(max(User::id)).group_by((User::active, User::id / 2)).all(&mut s).await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn text_is_built_and_searched() -> realgar::Result<()> {
    let mut s = blog().await?;
    let odd = || select(User::name.concat("!").concat(ODD)).filter(User::name.contains("%_\\'"));
    assert_eq!(odd().one(&mut s).await?, format!("{ODD}!{ODD}"));
    assert_eq!(
        select((User::name.lower(), User::name.upper(), User::name.length()))
            .filter(User::name.ilike("aD%"))
            .one(&mut s)
            .await?,
        ("ada".to_owned(), "ADA".to_owned(), 3)
    );
    assert_eq!(select(Post::title.length()).order_by(Post::id).all(&mut s).await?, [Some(2), Some(2), None]);
    assert_eq!(
        select(Post::title.coalesce("none").upper()).order_by(Post::id).all(&mut s).await?,
        ["A1", "A2", "NONE"]
    );
    assert_eq!(
        select(Post::title.concat(User::name)).join(Post::author).filter(Post::title.is_null()).one(&mut s).await?,
        None
    );
    assert_eq!(User::select().filter(User::name.not_like("%Bob%")).count(&mut s).await?, 2);
    assert_eq!(Post::select().filter(Post::title.not_like("a%")).count(&mut s).await?, 0);
    assert_eq!(select(User::id.cast::<String>().concat(".")).filter(User::name.eq("Bob")).one(&mut s).await?, "2.");
    Ok(())
}

#[tokio::test]
async fn case_takes_the_first_that_holds() -> realgar::Result<()> {
    let mut s = blog().await?;
    let stage = || case::<String>().when(User::age.lt(18), "child").when(User::age.is_null(), ODD);
    assert_eq!(select(stage().otherwise("adult")).order_by(User::id).all(&mut s).await?, ["adult", ODD, "child"]);
    assert_eq!(select(stage().end()).filter(User::name.eq("Ada")).one(&mut s).await?, None);
    assert_eq!(select(case::<i64>().otherwise(User::id)).order_by(User::id).all(&mut s).await?, [1, 2, 3]);
    let grown = sum(case::<i64>().when(User::age.ge(18), 1).otherwise(0));
    assert_eq!(select(grown).one(&mut s).await?, Some(1));
    Ok(())
}

#[tokio::test]
async fn aggregates_and_groups() -> realgar::Result<()> {
    let mut s = blog().await?;
    let all = select((sum(User::age), min(User::age), max(User::score), avg(User::age), count(User::age), count_all()))
        .one(&mut s)
        .await?;
    assert_eq!(all, (Some(48), Some(12), Some(2.5), Some(24.0), 2, 3));
    assert_eq!(select(count_distinct(Post::author_id)).one(&mut s).await?, 2);
    let groups = select((Post::author_id, Post::editor_id, count_all()))
        .group_by((Post::author_id, Post::editor_id))
        .having(count_all().ge(1))
        .order_by((Post::author_id, Post::editor_id.desc().nulls_last()))
        .all(&mut s)
        .await?;
    assert_eq!(groups, [(1, Some(2), 1), (1, None, 1), (2, None, 1)]);
    let several =
        select((User::name, count(Post::id))).join(User::posts).group_by(User::id).having(count(Post::id).gt(1));
    assert_eq!(several.clone().all(&mut s).await?, [("Ada".to_owned(), 2)]);
    assert_eq!(several.count(&mut s).await?, 1);
    assert_eq!(select(User::age).order_by(User::age.asc().nulls_last()).all(&mut s).await?, [Some(12), Some(36), None]);
    assert_eq!(
        select(User::age).order_by(User::age.desc().nulls_first()).all(&mut s).await?,
        [None, Some(36), Some(12)]
    );
    assert_eq!(select(Post::author_id).distinct().order_by(Post::author_id.desc()).all(&mut s).await?, [2, 1]);
    Ok(())
}

#[tokio::test]
async fn sums_are_wider_than_their_column() -> realgar::Result<()> {
    let mut s = blog().await?;
    s.add_all((0..2).map(|_| new!(User { name: "big", age: i32::MAX, score: 0.0, active: true })));
    assert_eq!(
        select(sum(User::age)).filter(User::name.eq("big")).scalar(&mut s).await?,
        Some(2 * i64::from(i32::MAX))
    );
    Ok(())
}

#[tokio::test]
async fn exists_and_scalar() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    assert!(User::select().filter(User::name.eq(ODD)).order_by(User::id).exists(&mut s).await?);
    assert_eq!(last(&s, recorder), spelled(r#"SELECT EXISTS (SELECT 1 FROM "users" WHERE "users"."name" = ?)"#));
    assert!(!User::select().filter(User::name.eq("Eve")).exists(&mut s).await?);
    assert!(!User::select().offset(3).exists(&mut s).await?);
    assert!(!select(User::active).distinct().order_by(User::active).offset(2).exists(&mut s).await?);
    assert!(select(count_all()).select_from(User::TABLE).filter(User::id.eq(99)).exists(&mut s).await?);
    assert!(!Post::select().join(Post::author).group_by(User::id).having(count_all().gt(2)).exists(&mut s).await?);
    s.add(new!(User { name: "Eve", score: 0.0, active: true }));
    assert!(User::select().filter(User::name.eq("Eve")).exists(&mut s).await?);

    assert_eq!(select(count_all()).select_from(User::TABLE).one(&mut s).await?, 4);
    assert_eq!(select(count_all()).select_from(User::TABLE).scalar(&mut s).await?, Some(4));
    assert_eq!(select(User::name).order_by(User::id).scalar(&mut s).await?.as_deref(), Some("Ada"));
    assert_eq!(select(User::name).filter(User::id.eq(99)).scalar(&mut s).await?, None);
    assert_eq!(select(User::age).filter(User::name.eq("Bob")).scalar(&mut s).await?, None);
    assert_eq!(
        select(Post::author_id)
            .select_from(User::TABLE)
            .outer_join(User::posts)
            .order_by(User::id.desc())
            .scalar(&mut s)
            .await?,
        None
    );
    Ok(())
}

#[tokio::test]
async fn selects_inside_selects() -> realgar::Result<()> {
    let mut s = blog().await?;
    let wrote = exists(Post::select().filter(Post::author_id.eq(User::id) & Post::title.eq("a1")));
    let recorder = s.db().recorder();
    assert_eq!(select(User::name).filter(wrote.clone()).all(&mut s).await?, ["Ada"]);
    assert_eq!(
        last(&s, recorder),
        spelled(
            r#"SELECT "users"."name" FROM "users" WHERE EXISTS (SELECT 1 FROM "posts" WHERE ("posts"."author_id" = "users"."id") AND ("posts"."title" = ?))"#
        )
    );
    assert_eq!(User::select().filter(!wrote).count(&mut s).await?, 2);
    let editors = || select(Post::editor_id).filter(Post::editor_id.is_not_null());
    assert_eq!(select(User::name).filter(User::id.in_(editors())).all(&mut s).await?, ["Bob"]);
    assert_eq!(User::select().filter(User::id.not_in(editors())).count(&mut s).await?, 2);

    let posts = select(count_all()).select_from(Post::TABLE).filter(Post::author_id.eq(User::id)).scalar_subquery();
    let rows = select((User::id, posts.clone())).order_by((posts.clone().desc(), User::id)).all(&mut s).await?;
    assert_eq!(rows, [(1, Some(2)), (2, Some(1)), (3, Some(0))]);
    assert_eq!(User::select().filter(posts.gt(1)).count(&mut s).await?, 1);
    // A table that the inner select names is its own; an alias reaches the outer one.
    let oldest = select(max(User::age)).scalar_subquery();
    assert_eq!(select(User::name).filter(User::age.eq(oldest)).all(&mut s).await?, ["Ada"]);
    let other = alias::<User>();
    let younger = exists(select(other).filter(other.col(User::age).lt(User::age)));
    assert_eq!(select(User::name).filter(younger).all(&mut s).await?, ["Ada"]);
    // What is inside is out of sight outside.
    let error = User::select().filter(exists(Post::select())).filter(Post::id.eq(1)).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    // A join inside begins at a table of its own, also where one of that name is outside.
    let tags = exists(select(Tag::id).join(Post::tags).filter(Tag::name.eq("y")));
    assert_eq!(Post::select().filter(tags).count(&mut s).await?, 3);
    let within = User::posts.any(exists(Note::select().filter(Note::post_id.eq(Post::id))));
    assert_eq!(select(User::name).filter(within).all(&mut s).await?, ["Ada"]);
    Ok(())
}

#[tokio::test]
async fn keys_of_relationships_are_compared() -> realgar::Result<()> {
    let mut s = blog().await?;
    let ada = User::select().filter_by(User::name, "Ada").one(&mut s).await?;
    let bob = User::select().filter_by(User::name, "Bob").one(&mut s).await?;
    let recorder = s.db().recorder();
    let not_bob = select(Post::id).filter(Post::editor.is_not(bob)).order_by(Post::id);
    assert_eq!(not_bob.all(&mut s).await?, [2, 3]);
    assert_eq!(
        last(&s, recorder),
        spelled(
            r#"SELECT "posts"."id" FROM "posts" WHERE ("posts"."editor_id" <> ?) OR ("posts"."editor_id" IS NULL) ORDER BY "posts"."id""#
        )
    );
    assert_eq!(select(Post::id).filter(!Post::editor.is(bob)).all(&mut s).await?, [0_i64; 0]);
    assert_eq!(select(Post::id).filter(Post::author.is_not(ada)).all(&mut s).await?, [3]);
    assert_eq!(select(Post::id).filter(Post::editor.is_none()).order_by(Post::id).all(&mut s).await?, [2, 3]);
    assert_eq!(select(Post::id).filter(Post::editor.is_not(ada)).count(&mut s).await?, 3);
    Ok(())
}

#[tokio::test]
async fn lists_may_hold_none() -> realgar::Result<()> {
    let mut s = blog().await?;
    let names = |filter| select(User::name).filter(filter).order_by(User::id);
    assert_eq!(names(User::age.in_([36, 40])).all(&mut s).await?, ["Ada"]);
    assert_eq!(names(User::age.in_([Some(36), None, None])).all(&mut s).await?, ["Ada", "Bob"]);
    assert_eq!(names(User::age.in_([None::<i32>])).all(&mut s).await?, ["Bob"]);
    assert_eq!(names(User::age.not_in([Some(36), None])).all(&mut s).await?, [ODD]);
    assert_eq!(names(User::age.not_in([36])).all(&mut s).await?, [ODD]);
    assert_eq!(names(User::name.in_([ODD, "'", &storable("\0")])).all(&mut s).await?, [ODD]);
    assert_eq!(names(User::id.in_(Vec::<i64>::new())).all(&mut s).await?, [""; 0]);
    assert_eq!(names(User::active & User::age.is_not_null() | User::id.eq(2)).count(&mut s).await?, 3);
    Ok(())
}

#[tokio::test]
async fn joined_loads_keep_order_limit_and_groups() -> realgar::Result<()> {
    let mut s = blog().await?;
    let load = || User::posts.joined();
    let names =
        |s: &Session, users: &[Handle<User>]| users.iter().map(|&user| s[user].name.clone()).collect::<Vec<_>>();
    // By an expression, with a limit: the order is that of objects, outside as inside.
    let users = User::select().options(load()).order_by((User::id * -1).asc()).limit(2).all(&mut s).await?;
    assert_eq!(names(&s, &users), [ODD, "Bob"]);
    assert_eq!(s.loaded(users[1], User::posts)?.len(), 1);

    let mut s = blog().await?;
    let busy = User::select().join(User::posts).group_by(User::id).order_by((count(Post::id).desc(), User::name));
    let users = busy.options(load()).all(&mut s).await?;
    assert_eq!(names(&s, &users), ["Ada", "Bob"]);
    assert_eq!(s.loaded(users[0], User::posts)?.len(), 2);

    let mut s = blog().await?;
    let writers = User::select().join(User::posts).distinct().order_by(User::name.desc()).limit(2).options(load());
    let users = writers.all(&mut s).await?;
    assert_eq!(names(&s, &users), ["Bob", "Ada"]);
    assert_eq!(s.loaded(users[1], User::posts)?.len(), 2);

    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let grouped =
        Post::select().join(Post::tags).group_by(Post::id).having(count_all().gt(1)).options(Post::author.joined());
    let posts = grouped.all(&mut s).await?;
    assert_eq!(posts.len(), 1);
    assert_eq!(s[s.loaded(posts[0], Post::author)?].name, "Ada");
    assert_eq!(recorder.count(), 1);
    Ok(())
}

/// A collection that is to be joined comes by a second SELECT: the rows are what they are.
#[tokio::test]
async fn options_in_a_query_of_several_parts() -> realgar::Result<()> {
    for (option, statements) in [(User::posts.selectin(), 2), (User::posts.joined(), 2), (User::posts.select(), 1)] {
        let mut s = blog().await?;
        s.close().await?;
        let recorder = s.db().recorder();
        let query = select((User::TABLE, count(Post::id))).outer_join(User::posts).group_by(User::id);
        let rows = query.order_by(User::name).options(option).all(&mut s).await?;
        assert_eq!(recorder.count(), statements);
        for (user, posts) in rows {
            assert_eq!(s.load(user, User::posts).await?.len() as i64, posts);
        }
    }
    let mut s = blog().await?;
    let error = select((User::TABLE, User::name)).options(Post::tags.selectin()).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Argument);
    Ok(())
}
