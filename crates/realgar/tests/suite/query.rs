//! Questions: criteria, relationships in them, joins, aggregates, and what is refused before anything is sent.

use crate::database::{database, lacks, storable};
use realgar::{Expr, count_all, prelude::*};

use crate::blog::{Category, Comment, Person, Post, PostTags, Profile, Tag, User, memory, people, users};

#[derive(Model)]
struct Scrap {
    #[column(primary_key)]
    id: i64,
    text: String,
    number: f64,
    bytes: Vec<u8>,
    maybe: Option<i64>,
}

async fn scraps() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![Scrap]).await?;
    db.create_all().await?;
    Ok(db)
}

/// Ada 36 (mail), Bob 12, Cy 36, Dot 70 (mail, inactive).
async fn four() -> realgar::Result<Db> {
    let db = memory().await?;
    let mut s = db.session();
    s.add(new!(User { name: "Ada", age: 36, email: "ada@x" }));
    s.add(new!(User { name: "Bob", age: 12 }));
    s.add(new!(User { name: "Cy", age: 36 }));
    s.add(new!(User { name: "Dot", age: 70, email: "dot@y", active: false }));
    s.commit().await?;
    Ok(db)
}

async fn named(db: &Db, criterion: Expr<bool>) -> Vec<String> {
    let names = select(User::name).filter(criterion).order_by(User::id);
    names.all(&mut db.session()).await.unwrap()
}

#[tokio::test]
async fn comparisons() -> realgar::Result<()> {
    let db = four().await?;
    assert_eq!(named(&db, User::age.eq(36)).await, ["Ada", "Cy"]);
    assert_eq!(named(&db, User::age.ne(36)).await, ["Bob", "Dot"]);
    assert_eq!(named(&db, User::age.lt(36)).await, ["Bob"]);
    assert_eq!(named(&db, User::age.le(36)).await, ["Ada", "Bob", "Cy"]);
    assert_eq!(named(&db, User::age.gt(36)).await, ["Dot"]);
    assert_eq!(named(&db, User::age.ge(36)).await, ["Ada", "Cy", "Dot"]);
    assert_eq!(named(&db, User::age.between(12, 36)).await, ["Ada", "Bob", "Cy"]);
    assert_eq!(named(&db, User::email.eq("ada@x")).await, ["Ada"]);
    assert_eq!(named(&db, User::age.gt(User::id)).await.len(), 4);
    assert_eq!(named(&db, !User::active).await, ["Dot"]);
    let active = User::select().filter(User::active).count(&mut db.session()).await?;
    assert_eq!(active, 3);
    Ok(())
}

#[tokio::test]
async fn and_or_not_group_as_written() -> realgar::Result<()> {
    let db = four().await?;
    let (ada, bob, dot) = (User::name.eq("Ada"), User::name.eq("Bob"), User::name.eq("Dot"));
    assert_eq!(named(&db, (ada.clone() | bob.clone()) & User::age.gt(20)).await, ["Ada"]);
    assert_eq!(named(&db, ada.clone() | bob.clone() & User::age.gt(20)).await, ["Ada"]);
    assert_eq!(named(&db, !(ada.clone() | bob.clone())).await, ["Cy", "Dot"]);
    assert_eq!(named(&db, !(User::age.gt(20) & User::age.lt(50))).await, ["Bob", "Dot"]);
    assert_eq!(named(&db, !!ada.clone()).await, ["Ada"]);
    assert_eq!(named(&db, ada | bob | dot).await, ["Ada", "Bob", "Dot"]);
    let mut s = db.session();
    let all_of = User::select().filter(User::age.eq(36)).filter(User::name.eq("Cy") | User::name.eq("Bob"));
    assert_eq!(all_of.count(&mut s).await?, 1);
    Ok(())
}

#[tokio::test]
async fn null_is_asked_for_by_is() -> realgar::Result<()> {
    let db = four().await?;
    assert_eq!(named(&db, User::email.is_null()).await, ["Bob", "Cy"]);
    assert_eq!(named(&db, User::email.is_not_null()).await, ["Ada", "Dot"]);
    assert_eq!(named(&db, User::email.eq(None::<String>)).await, ["Bob", "Cy"]);
    assert_eq!(named(&db, User::email.ne(None::<String>)).await, ["Ada", "Dot"]);
    assert_eq!(named(&db, User::email.ne("ada@x")).await, ["Dot"], "NULL is not unequal either");
    Ok(())
}

#[tokio::test]
async fn in_lists() -> realgar::Result<()> {
    let db = four().await?;
    assert_eq!(named(&db, User::age.in_([12, 70])).await, ["Bob", "Dot"]);
    assert_eq!(named(&db, User::age.not_in([12, 70])).await, ["Ada", "Cy"]);
    assert_eq!(named(&db, User::email.in_(["dot@y"])).await, ["Dot"]);
    assert_eq!(named(&db, User::id.in_([User::age])).await, Vec::<String>::new());
    let none: [i64; 0] = [];
    assert_eq!(named(&db, User::age.in_(none)).await, Vec::<String>::new());
    assert_eq!(named(&db, User::age.not_in(none)).await.len(), 4);
    Ok(())
}

#[tokio::test]
async fn in_lists_of_a_hundred_thousand_are_one_parameter() -> realgar::Result<()> {
    let db = four().await?;
    let recorder = db.recorder();
    let mut s = db.session();
    assert_eq!(User::select().filter(User::age.in_(30..100_030)).count(&mut s).await?, 3);
    let texts = (0..100_000).map(|number| format!("no\"body {number}")).chain(["Bob".to_owned()]);
    assert_eq!(User::select().filter(User::name.in_(texts)).count(&mut s).await?, 1);
    assert!(recorder.statements().iter().all(|sent| sent.sql.matches('?').count() == 1));
    Ok(())
}

#[tokio::test]
async fn in_lists_find_every_float_and_bytes_and_text_with_nul() -> realgar::Result<()> {
    let db = scraps().await?;
    let mut s = db.session();
    let text = &*storable("a\0b");
    // A linear congruence makes numbers of every magnitude.
    let mut bits = 1_u64;
    let mut numbers = vec![0.1, 1.0, -2.5e-8, 1e300, f64::MIN_POSITIVE, f64::MAX, 5e-324];
    while numbers.len() < 2_000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        numbers.extend(Some(f64::from_bits(bits)).filter(|number| number.is_finite()));
    }
    for &number in &numbers {
        s.add(new!(Scrap { text: text, number: number, bytes: vec![0, 255] }));
    }
    s.commit().await?;
    let all = numbers.len() as u64;
    assert_eq!(Scrap::select().filter(Scrap::bytes.in_([vec![0, 255]])).count(&mut s).await?, all);
    assert_eq!(Scrap::select().filter(Scrap::text.in_([text, "a"])).count(&mut s).await?, all);
    assert_eq!(Scrap::select().filter(Scrap::text.in_(["a"])).count(&mut s).await?, 0);
    if !lacks("infinite numbers") {
        assert_eq!(Scrap::select().filter(Scrap::number.in_([f64::INFINITY])).count(&mut s).await?, 0);
    }
    assert_eq!(Scrap::select().filter(Scrap::number.in_(numbers)).count(&mut s).await?, all);
    Ok(())
}

#[tokio::test]
async fn text_is_searched_as_it_is_and_patterns_are_patterns() -> realgar::Result<()> {
    let db = scraps().await?;
    let mut s = db.session();
    let texts = ["100%", "100", "a_b", "axb", "back\\slash", "%", "\\%"];
    s.add_all(texts.map(|text| new!(Scrap { text: text, number: 0.0, bytes: vec![] })));
    s.commit().await?;
    for (criterion, found) in [
        (Scrap::text.contains("%"), vec!["100%", "%", "\\%"]),
        (Scrap::text.contains("_"), vec!["a_b"]),
        (Scrap::text.contains("\\"), vec!["back\\slash", "\\%"]),
        (Scrap::text.starts_with("a_"), vec!["a_b"]),
        (Scrap::text.starts_with("\\%"), vec!["\\%"]),
        (Scrap::text.ends_with("0%"), vec!["100%"]),
        (Scrap::text.contains(""), texts.to_vec()),
        (Scrap::text.like("a_b"), vec!["a_b", "axb"]),
        (Scrap::text.like("100%"), vec!["100%", "100"]),
        (Scrap::text.like("A_B"), if lacks("LIKE without regard to case") { vec![] } else { vec!["a_b", "axb"] }),
        (!Scrap::text.like("%"), vec![]),
    ] {
        let answer: Vec<String> = select(Scrap::text).filter(criterion).order_by(Scrap::id).all(&mut s).await?;
        assert_eq!(answer, found);
    }
    Ok(())
}

#[tokio::test]
async fn hostile_text_is_a_value_and_never_sql() -> realgar::Result<()> {
    let db = scraps().await?;
    let mut s = db.session();
    let (nul, long) = (&*storable("nul\0inside"), "x".repeat(1_000_000));
    let texts = ["'; DROP TABLE scrap; --", "\"", "''", nul, "🦀👩‍👩‍👧", "?1 :a @b $c", "\u{202e}rtl", "", &long];
    s.add_all(texts.map(|text| new!(Scrap { text: text, number: 0.0, bytes: text.as_bytes().to_vec() })));
    s.commit().await?;
    s.close().await?;
    for text in texts {
        let found = Scrap::select().filter_by(Scrap::text, text).one(&mut s).await?;
        assert!(s[found].text == text && s[found].bytes == text.as_bytes());
        assert_eq!(Scrap::select().filter(Scrap::text.in_([text])).one(&mut s).await?, found);
        assert_eq!(Scrap::select().filter(Scrap::bytes.eq(text.as_bytes())).one(&mut s).await?, found);
    }
    Ok(())
}

#[tokio::test]
async fn order_limit_offset() -> realgar::Result<()> {
    let db = four().await?;
    let mut s = db.session();
    let by = select(User::name).order_by((User::age.desc(), User::name.desc()));
    assert_eq!(by.clone().all(&mut s).await?, ["Dot", "Cy", "Ada", "Bob"]);
    assert_eq!(by.clone().limit(1).offset(1).all(&mut s).await?, ["Cy"]);
    assert_eq!(by.clone().offset(2).all(&mut s).await?, ["Ada", "Bob"], "an offset needs no limit");
    assert_eq!(by.clone().limit(0).all(&mut s).await?.len(), 0);
    assert_eq!(by.clone().limit(0).first(&mut s).await?, None);
    assert_eq!(by.clone().offset(9).all(&mut s).await?.len(), 0);
    assert_eq!(by.clone().limit(u64::MAX).offset(0).all(&mut s).await?.len(), 4);
    assert_eq!(by.order_by(User::id).offset(u64::MAX).all(&mut s).await?.len(), 0);
    let twice = select(User::name).order_by(User::active).order_by(User::name.desc());
    assert_eq!(twice.all(&mut s).await?, ["Dot", "Cy", "Bob", "Ada"]);
    Ok(())
}

#[tokio::test]
async fn first_one_and_one_or_none() -> realgar::Result<()> {
    let db = four().await?;
    let mut s = db.session();
    let by = |age: i64| User::select().filter_by(User::age, age).order_by(User::id);
    assert_eq!(by(1).first(&mut s).await?, None);
    assert!(by(36).first(&mut s).await?.is_some_and(|user| s[user].name == "Ada"));
    assert_eq!(by(1).one_or_none(&mut s).await?, None);
    assert!(by(12).one_or_none(&mut s).await?.is_some());
    assert_eq!(by(1).one(&mut s).await.unwrap_err().kind(), Kind::NoResultFound);
    assert_eq!(by(36).one(&mut s).await.unwrap_err().kind(), Kind::MultipleResultsFound);
    assert_eq!(by(36).one_or_none(&mut s).await.unwrap_err().kind(), Kind::MultipleResultsFound);
    assert!(by(36).limit(1).one(&mut s).await.is_ok(), "one of one");
    assert_eq!(
        by(1).fetch_one(&db).await.map(|_| ()).unwrap_err().kind(),
        Kind::Timeout,
        "the session holds the connection"
    );
    s.close().await?;
    assert_eq!(by(12).fetch_one(&db).await?.name, "Bob");
    assert!(by(1).fetch_first(&db).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn joins_along_relationships_and_tables() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 3).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let posts = Post::select().join(Post::author).filter(User::name.eq("user 0001")).order_by(Post::title);
    assert_eq!(posts.all(&mut s).await?.len(), 2);
    let users = User::select().join(User::posts);
    assert_eq!(users.clone().all(&mut s).await?.len(), 6, "a row of the answer is a joined row");
    assert_eq!(users.clone().count(&mut s).await?, 6);
    assert_eq!(users.distinct().all(&mut s).await?.len(), 3);
    let tags = Tag::select().join(PostTags::TABLE).join(Post::TABLE).join(User::TABLE);
    assert_eq!(tags.filter(User::id.eq(2) & PostTags::post_id.ge(4)).all(&mut s).await?.len(), 1);
    let outer = select((User::name, Profile::bio)).outer_join(User::profile).filter(Profile::id.is_not_null());
    assert_eq!(outer.all(&mut s).await?.len(), 2);
    let without = select(User::name).outer_join(User::profile).filter(Profile::id.is_null());
    assert_eq!(without.all(&mut s).await?, ["user 0001"]);
    let pairs: Vec<(Handle<Post>, Handle<User>)> =
        select((entity::<Post>(), entity::<User>())).join(Post::author).all(&mut s).await?;
    assert!(pairs.iter().all(|&(post, user)| s[post].user_id == s[user].id));
    assert_eq!(recorder.count(), 8);
    Ok(())
}

#[tokio::test]
async fn joins_that_cannot_be_are_refused_before_anything_is_sent() -> realgar::Result<()> {
    let db = memory().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let twice = Post::select().join(Post::author).join(User::TABLE).all(&mut s).await.unwrap_err();
    assert!(twice.kind() == Kind::InvalidRequest && twice.what().contains("part of this select already"), "{twice}");
    let itself = Person::select().join(Person::follows).all(&mut s).await.unwrap_err();
    assert!(itself.kind() == Kind::InvalidRequest && itself.what().contains("part of this select already"), "{itself}");
    let back = Post::select().join(Post::author).join(User::posts).all(&mut s).await.unwrap_err();
    assert!(back.kind() == Kind::InvalidRequest && back.what().contains("part of this select already"), "{back}");
    let none = Tag::select().join(User::TABLE).all(&mut s).await.unwrap_err();
    assert!(none.kind() == Kind::InvalidRequest && none.what().contains("no foreign key"), "{none}");
    let two = User::select().join(Post::TABLE).join(Comment::TABLE).all(&mut s).await.unwrap_err();
    assert_eq!(two.kind(), Kind::AmbiguousForeignKeys, "{two}");
    let again = Post::select().join(Post::tags).join(PostTags::TABLE).all(&mut s).await.unwrap_err();
    assert!(again.what().contains("part of this select already"), "{again}");
    assert_eq!(recorder.events(), []);
    Ok(())
}

#[tokio::test]
async fn a_column_of_a_model_that_is_not_selected_is_refused_before_anything_is_sent() -> realgar::Result<()> {
    let db = memory().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    for error in [
        Post::select().filter(User::name.eq("Ada")).all(&mut s).await.unwrap_err(),
        Post::select().order_by(User::name).first(&mut s).await.unwrap_err(),
        select(Post::title).group_by(User::name).all(&mut s).await.map(|_| ()).unwrap_err(),
        Post::select().filter(User::posts.any(true)).count(&mut s).await.map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::InvalidRequest);
        assert!(error.what().contains("`User` is not part of this select"), "{error}");
        assert!(error.to_string().contains("`.join(Post::author)`"), "{error}");
    }
    assert_eq!(recorder.events(), []);
    Ok(())
}

#[tokio::test]
async fn any_and_has() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 3).await?;
    let mut s = db.session();
    s.add(new!(User { name: "idle" }));
    s.commit().await?;
    s.close().await?;
    assert_eq!(named(&db, User::posts.any(Post::title.eq("post 0001a"))).await, ["user 0001"]);
    assert_eq!(named(&db, User::posts.any(true)).await.len(), 3);
    assert_eq!(named(&db, User::posts.is_empty()).await, ["idle"]);
    assert_eq!(named(&db, !User::posts.any(Post::title.eq("post 0001a"))).await.len(), 3);
    assert_eq!(named(&db, User::profile.has(Profile::bio.ends_with("2"))).await, ["user 0002"]);
    assert_eq!(named(&db, User::profile.is_none()).await, ["user 0001", "idle"]);
    assert_eq!(named(&db, !User::profile.has(true)).await, ["user 0001", "idle"]);
    assert_eq!(named(&db, User::posts.any(Post::tags.any(Tag::name.eq("tag 0002b")))).await, ["user 0002"]);
    let by_author = Tag::posts.any(Post::author.has(User::name.eq("user 0000") & User::posts.any(true)));
    assert_eq!(Tag::select().filter(by_author).count(&mut s).await?, 2);
    assert_eq!(Post::select().filter(Post::category.is_none()).count(&mut s).await?, 6);
    assert_eq!(Post::select().filter(!Post::category.has(Category::name.eq("x"))).count(&mut s).await?, 6);
    Ok(())
}

#[tokio::test]
async fn any_and_contains_on_a_relationship_with_itself() -> realgar::Result<()> {
    let db = memory().await?;
    people(&db, 4).await?;
    let mut s = db.session();
    let names = |criterion: Expr<bool>| select(Person::name).filter(criterion).order_by(Person::id);
    let last = Person::name.eq("person 0003");
    assert_eq!(names(Person::follows.any(last.clone())).all(&mut s).await?, ["person 0002"]);
    let two_steps = Person::follows.any(Person::follows.any(last.clone()));
    assert_eq!(names(two_steps).all(&mut s).await?, ["person 0001"]);
    assert_eq!(names(Person::followers.any(Person::follows.any(last))).all(&mut s).await?, ["person 0003"]);
    assert_eq!(names(Person::follows.is_empty()).all(&mut s).await?, ["person 0003"]);
    let second = Person::select().filter_by(Person::name, "person 0001").one(&mut s).await?;
    assert_eq!(names(Person::follows.contains(second)).all(&mut s).await?, ["person 0000"]);
    assert_eq!(names(Person::followers.contains(second)).all(&mut s).await?, ["person 0002"]);
    let child = s.add(new!(Category { name: "child", parent: new!(Category { name: "top" }) }));
    s.flush().await?;
    let top = Category::select().filter(Category::children.contains(child)).one(&mut s).await?;
    assert_eq!(Category::select().filter(Category::parent.is(top)).one(&mut s).await?, child);
    assert_eq!(Category::select().filter(Category::parent.has(Category::name.eq("top"))).one(&mut s).await?, child);
    assert_eq!(Category::select().filter(Category::parent.is_none()).one(&mut s).await?, top);
    Ok(())
}

#[tokio::test]
async fn contains_and_is_compare_keys_without_a_join() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 3).await?;
    let mut s = db.session();
    let user = User::select().filter_by(User::id, 2).one(&mut s).await?;
    let post = s.load(user, User::posts).await?[0];
    let tag = s.load(post, Post::tags).await?[0];
    let recorder = db.recorder();
    assert_eq!(User::select().filter(User::posts.contains(post)).one(&mut s).await?, user);
    assert_eq!(Post::select().filter(Post::author.is(user)).count(&mut s).await?, 2);
    assert_eq!(Post::select().filter(!Post::author.is(user)).count(&mut s).await?, 4);
    assert!(recorder.statements().iter().all(|sent| !sent.sql.contains("EXISTS") && !sent.sql.contains("JOIN")));
    assert_eq!(Post::select().filter(Post::tags.contains(tag)).one(&mut s).await?, post);
    Ok(())
}

#[tokio::test]
async fn comparing_with_an_object_without_a_row_is_refused() -> realgar::Result<()> {
    let db = Db::builder(models![User]).autoflush(false).connect(&database().await).await?;
    db.create_all().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let ada = s.add(new!(User { name: "Ada" }));
    let error = Post::select().filter(Post::author.is(ada)).all(&mut s).await.unwrap_err();
    assert!(
        error.kind() == Kind::InvalidRequest && error.to_string().contains("flush().await?` inserts it"),
        "{error}"
    );
    assert_eq!(recorder.events(), []);
    s.flush().await?;
    assert_eq!(Post::select().filter(Post::author.is(ada)).all(&mut s).await?, []);
    let mut other = db.session();
    let error = Post::select().filter(Post::author.is(ada)).all(&mut other).await.unwrap_err();
    assert_eq!(error.kind(), Kind::DetachedInstance);
    Ok(())
}

#[tokio::test]
async fn an_object_without_a_row_is_flushed_before_its_relationships_are_asked_for() -> realgar::Result<()> {
    let db = four().await?;
    let mut s = db.session();
    // The reference answers nobody for a pending object; here `load` flushes first, as every question does.
    let post = s.add(new!(Post { title: "Hello", user_id: 1 }));
    let ada = s.load(post, Post::author).await?;
    assert_eq!((s[ada].name.as_str(), s.state(post)?), ("Ada", State::Persistent));
    assert_eq!(s.load(ada, User::posts).await?, [post]);
    Ok(())
}

#[tokio::test]
async fn autoflush_lets_a_query_see_what_was_added() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    assert_eq!(Post::select().filter(Post::author.is(ada)).count(&mut s).await?, 0);
    s.append(ada, User::posts, new!(Post { title: "Hello" }))?;
    assert_eq!(Post::select().filter(Post::author.is(ada)).count(&mut s).await?, 1);
    s[ada].name = "Ada L.".into();
    assert_eq!(User::select().filter_by(User::name, "Ada L.").one(&mut s).await?, ada);
    Ok(())
}

#[tokio::test]
async fn groups_and_aggregates() -> realgar::Result<()> {
    let db = four().await?;
    let mut s = db.session();
    let ada = User::select().filter_by(User::name, "Ada").one(&mut s).await?;
    let cy = User::select().filter_by(User::name, "Cy").one(&mut s).await?;
    for (author, titles) in [(ada, &["a", "b"][..]), (cy, &["c"])] {
        for &title in titles {
            s.append(author, User::posts, new!(Post { title: title }))?;
        }
    }
    let counts = select((User::name, count(Post::id))).outer_join(User::posts).group_by(User::name);
    let all: Vec<(String, i64)> = counts.clone().order_by((count(Post::id).desc(), User::name)).all(&mut s).await?;
    assert_eq!(
        all.iter().map(|(name, posts)| (name.as_str(), *posts)).collect::<Vec<_>>(),
        [("Ada", 2), ("Cy", 1), ("Bob", 0), ("Dot", 0)]
    );
    assert_eq!(counts.clone().having(count(Post::id).gt(1)).one(&mut s).await?.0, "Ada");
    assert_eq!(counts.count(&mut s).await?, 4, "groups are counted");
    let by_age = select((User::age, count_all())).group_by(User::age).having(count_all().ge(2));
    assert_eq!(by_age.all(&mut s).await?, [(36, 2)]);
    let whole = select((sum(User::age), avg(User::age), min(User::name), max(User::age)));
    assert_eq!(whole.clone().one(&mut s).await?, (Some(154), Some(38.5), Some("Ada".to_owned()), Some(70)));
    let none = whole.filter(User::id.lt(0)).one(&mut s).await?;
    assert_eq!(none, (None, None, None, None), "aggregates of nothing");
    let with: Vec<(Handle<User>, i64)> = select((entity::<User>(), count(Post::id)))
        .join(User::posts)
        .group_by(User::id)
        .order_by(User::id)
        .all(&mut s)
        .await?;
    assert_eq!(with, [(ada, 2), (cy, 1)]);
    Ok(())
}

#[tokio::test]
async fn aggregates_of_nullable_columns() -> realgar::Result<()> {
    let db = scraps().await?;
    let mut s = db.session();
    for maybe in [Some(1), None, Some(5)] {
        s.add(new!(Scrap { text: "x", number: 0.5, bytes: vec![], maybe: maybe }));
    }
    let found = select((count(Scrap::maybe), count_all(), avg(Scrap::maybe), sum(Scrap::number))).one(&mut s).await?;
    assert_eq!(found, (2, 3, Some(3.0), Some(1.5)));
    let ends: (Option<i64>, Option<i64>, Option<i64>) =
        select((min(Scrap::maybe), max(Scrap::maybe), sum(Scrap::maybe))).one(&mut s).await?;
    assert_eq!(ends, (Some(1), Some(5), Some(6)));
    Ok(())
}

#[tokio::test]
async fn counts() -> realgar::Result<()> {
    let db = four().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    assert_eq!(User::select().count(&mut s).await?, 4);
    assert_eq!(User::select().limit(3).count(&mut s).await?, 3);
    assert_eq!(User::select().limit(3).offset(2).count(&mut s).await?, 2);
    assert_eq!(User::select().limit(0).count(&mut s).await?, 0);
    assert_eq!(select(User::age).count(&mut s).await?, 4);
    assert_eq!(select(User::age).distinct().count(&mut s).await?, 3);
    assert_eq!(select((User::age, User::email)).distinct().count(&mut s).await?, 4);
    assert_eq!(select(count(User::id)).count(&mut s).await?, 1);
    assert_eq!(User::select().options(User::posts.joined()).options(User::profile.selectin()).count(&mut s).await?, 4);
    assert_eq!(recorder.count(), 9);
    Ok(())
}

#[tokio::test]
async fn a_cell_that_does_not_fit_says_so() -> realgar::Result<()> {
    let db = four().await?;
    let mut s = db.session();
    let nulls = select((User::name, Profile::bio)).outer_join(User::profile).all(&mut s).await.unwrap_err();
    assert!(nulls.kind() == Kind::Data && nulls.what().contains("NULL"), "{nulls}");
    let nobody = select((entity::<User>(), entity::<Profile>())).outer_join(User::profile);
    let nobody = nobody.all(&mut s).await.unwrap_err();
    assert!(nobody.kind() == Kind::Data && nobody.what().contains("outer join"), "{nobody}");
    assert_eq!(User::select().count(&mut s).await?, 4, "the session goes on");
    Ok(())
}
