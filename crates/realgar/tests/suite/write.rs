//! UPDATE, DELETE and INSERT by statement: the session's objects kept in step, upserts, RETURNING.

use realgar::{excluded, prelude::*};

use crate::{
    blog::{Line, Post, Profile, User, open, users},
    database::{database, lacks},
};

async fn three() -> realgar::Result<(Db, Session, Vec<Handle<User>>)> {
    let db = open(&database().await).await?;
    users(&db, 3).await?;
    let mut s = db.session();
    let all = User::select().order_by(User::id).all(&mut s).await?;
    Ok((db, s, all))
}

#[tokio::test]
async fn update_keeps_known_objects_in_step() -> realgar::Result<()> {
    let (db, mut s, all) = three().await?;
    s[all[2]].age = 50; // flushed before the statement
    let recorder = db.recorder();
    let rows = User::update().filter(User::age.lt(18)).set(User::active, false).set(User::age, User::age + 1);
    assert_eq!(rows.execute(&mut s).await?, 2);
    // Where an UPDATE answers nothing, the rows are looked for before, and their columns read after it.
    let around = if lacks("an UPDATE that answers rows") { 2 } else { 0 };
    assert_eq!(recorder.count(), 2 + around, "the flush and the statement");
    let held: Vec<_> = all.iter().map(|&user| (s[user].age, s[user].active)).collect();
    assert_eq!(held, [(1, false), (1, false), (50, true)]);
    assert!(!all.iter().any(|&user| s.is_modified(user).unwrap()));
    s.rollback().await?;
    let held: Vec<_> = all.iter().map(|&user| (s[user].age, s[user].active)).collect();
    assert_eq!(held, [(0, true); 3], "a rollback gives back what they held");
    Ok(())
}

#[tokio::test]
async fn without_objects_and_without_criteria() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 3).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    assert_eq!(User::update().set(User::age, 7).execute(&mut s).await?, 3);
    assert!(crate::models::plain(&recorder.statements()[0].sql).starts_with(r#"UPDATE "users" SET "age" = "#));
    s.commit().await?;
    assert_eq!(User::update().filter(User::name.eq("nobody")).set(User::age, 8).execute(&mut s).await?, 0);
    let error = User::update().filter(User::age.eq(7)).execute(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert_eq!(User::select().filter(User::age.eq(7)).count(&mut s).await?, 3);
    Ok(())
}

#[tokio::test]
async fn criteria_along_relationships_and_selects() -> realgar::Result<()> {
    let (_db, mut s, all) = three().await?;
    let with = User::posts.any(Post::title.like("%1a"));
    assert_eq!(User::update().filter(with).set(User::email, "x@y").execute(&mut s).await?, 1);
    assert_eq!(s[all[1]].email.as_deref(), Some("x@y"));
    let among = User::id.in_(select(Profile::user_id));
    assert_eq!(User::update().filter(among).set(User::email, None).execute(&mut s).await?, 2);
    assert_eq!(s[all[1]].email.as_deref(), Some("x@y"));
    let longest = select(max(Post::id)).scalar_subquery();
    assert_eq!(User::update().filter_by(User::id, 1).set(User::age, longest.coalesce(0)).execute(&mut s).await?, 1);
    assert_eq!(s[all[0]].age, 6);
    let error = User::update().filter(Post::title.eq("x")).set(User::age, 1).execute(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    Ok(())
}

#[tokio::test]
async fn delete_takes_known_objects_along() -> realgar::Result<()> {
    let (db, mut s, all) = three().await?;
    sql("DELETE FROM post_tags").execute(&mut s).await?;
    sql("DELETE FROM posts").execute(&mut s).await?;
    sql("DELETE FROM profiles").execute(&mut s).await?;
    let recorder = db.recorder();
    assert_eq!(User::delete_where().filter(User::id.gt(1)).execute(&mut s).await?, 2);
    assert_eq!(recorder.count(), 1);
    let states: Vec<State> = all.iter().map(|&user| s.state(user).unwrap()).collect();
    assert_eq!(states, [State::Persistent, State::Deleted, State::Deleted]);
    assert_eq!(s.get::<User>(2).await?, None);
    s.rollback().await?;
    assert_eq!(s.state(all[1])?, State::Persistent);
    assert_eq!(s.get::<User>(2).await?, Some(all[1]));
    assert_eq!(User::select().count(&mut s).await?, 3);
    Ok(())
}

/// What the database refuses leaves objects and session as they are.
#[tokio::test]
async fn what_is_refused_changes_nothing() -> realgar::Result<()> {
    if lacks("a transaction that survives a failed statement") {
        return Ok(());
    }
    let (_db, mut s, all) = three().await?;
    let error = User::delete_where().execute(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::ForeignKeyViolation);
    let error = User::update().set(User::name, "same").execute(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    assert_eq!((s.state(all[0])?, s[all[0]].name.as_str()), (State::Persistent, "user 0000"));
    assert_eq!(User::select().count(&mut s).await?, 3);
    Ok(())
}

#[tokio::test]
async fn unsynchronized_leaves_objects_as_they_are() -> realgar::Result<()> {
    let (_db, mut s, all) = three().await?;
    User::update().set(User::age, 9).unsynchronized().execute(&mut s).await?;
    assert_eq!(s[all[0]].age, 0);
    s.commit().await?;
    User::select().all(&mut s).await?;
    assert_eq!(s[all[0]].age, 9);
    Ok(())
}

/// Changes that are not flushed yet stay, where nothing flushes.
#[tokio::test]
async fn unflushed_changes_stay() -> realgar::Result<()> {
    let (_db, mut s, all) = three().await?;
    s[all[0]].name = "mine".into();
    s.no_autoflush(async |s| User::update().set(User::age, 3).execute(s).await).await?;
    assert_eq!((s[all[0]].name.as_str(), s[all[0]].age), ("mine", 3));
    assert!(s.is_modified(all[0])?);
    s.rollback().await?;
    assert_eq!((s[all[0]].name.as_str(), s[all[0]].age), ("user 0000", 0));
    Ok(())
}

#[tokio::test]
async fn savepoints_take_back_what_they_held() -> realgar::Result<()> {
    let (_db, mut s, all) = three().await?;
    User::update().set(User::age, 1).execute(&mut s).await?;
    let undone: realgar::Result<()> = s
        .savepoint(async |s| {
            User::update().set(User::age, 2).execute(s).await?;
            Profile::delete_where().execute(s).await?;
            Err(Profile::select().one(s).await.unwrap_err())
        })
        .await;
    assert_eq!(undone.unwrap_err().kind(), Kind::NoResultFound);
    assert_eq!(s[all[0]].age, 1);
    assert_eq!(Profile::select().count(&mut s).await?, 2);
    Ok(())
}

#[tokio::test]
async fn composite_keys_and_changed_keys() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    let mut s = db.session();
    let lines = s.add_all((0..4).map(|no| new!(Line { order: format!("o{}", no % 2), no })));
    s.flush().await?;
    assert_eq!(Line::delete_where().filter(Line::order.eq("o0")).execute(&mut s).await?, 2);
    assert_eq!((s.state(lines[0])?, s.state(lines[1])?), (State::Deleted, State::Persistent));
    // A key that is written: the object keeps the old one, and its row is gone under it.
    assert_eq!(Line::update().filter_by(Line::no, 3).set(Line::no, 30).execute(&mut s).await?, 1);
    assert_eq!(s[lines[3]].no, 3);
    assert_eq!(s.refresh(lines[3]).await.unwrap_err().kind(), Kind::InvalidRequest);
    Ok(())
}

#[tokio::test]
async fn criteria_of_the_session_hold_for_update_and_delete() -> realgar::Result<()> {
    let (_db, mut s, _) = three().await?;
    s.with_loader_criteria(Profile::TABLE, Profile::bio.ne("bio 0000"));
    assert_eq!(Profile::update().set(Profile::bio, "new").execute(&mut s).await?, 1);
    assert_eq!(Profile::delete_where().execute(&mut s).await?, 1);
    assert_eq!(sql("SELECT bio FROM profiles").one::<String>(&mut s).await?, "bio 0000");
    Ok(())
}

#[tokio::test]
async fn update_and_delete_answer_what_they_met() -> realgar::Result<()> {
    if lacks("an UPDATE that answers rows") {
        let (_db, mut s, _all) = three().await?;
        let told = User::update().set(User::age, 1).returning(User::id).all(&mut s).await.unwrap_err();
        assert_eq!(told.kind(), Kind::Unsupported);
        return Ok(());
    }
    let (db, mut s, all) = three().await?;
    let recorder = db.recorder();
    let mut ages: Vec<(i64, i64)> =
        User::update().set(User::age, User::id * 10).returning((User::id, User::age)).all(&mut s).await?;
    ages.sort_unstable();
    assert_eq!(ages, [(1, 10), (2, 20), (3, 30)]);
    assert_eq!(s[all[1]].age, 20);
    let user = User::update().filter_by(User::id, 2).set(User::age, 21).returning(User::TABLE).one(&mut s).await?;
    assert_eq!((user, s[user].age), (all[1], 21));
    let gone = Profile::delete_where().returning(Profile::TABLE).all(&mut s).await?;
    assert_eq!(gone.len(), 2);
    assert!(gone.iter().all(|&profile| s.state(profile).unwrap() == State::Deleted || s[profile].id > 0));
    assert_eq!(recorder.count(), 3);
    assert_eq!(User::update().filter_by(User::id, 99).set(User::age, 1).returning(User::id).first(&mut s).await?, None);
    let error = User::update().set(User::age, 1).returning(User::id).one(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::MultipleResultsFound);
    Ok(())
}

#[tokio::test]
async fn insert_takes_many_rows_in_one_statement() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let rows = (0..100).map(|number| new!(User { name: format!("u{number}"), age: number }));
    assert_eq!(User::insert().values(rows).execute(&mut s).await?, 100);
    assert_eq!(recorder.count(), 1);
    assert_eq!(User::select().count(&mut s).await?, 100);
    assert_eq!(User::insert().values([]).execute(&mut s).await?, 0);
    assert_eq!(recorder.count(), 2, "nothing is sent for no rows");
    // Keys given and keys to be made are statements of their own.
    let rows = [new!(User { name: "x" }), new!(User { id: 100_000, name: "y" }), new!(User { name: "z" })];
    let ids = User::insert().values(rows).returning(User::id).all(&mut s).await?;
    assert_eq!(ids, [101, 100_000, if lacks("keys that follow the largest") { 102 } else { 100_001 }]);
    assert_eq!(recorder.count(), 5);
    let many = (0..20_000).map(|number| new!(User { name: format!("many {number}") }));
    assert_eq!(User::insert().values(many).execute(&mut s).await?, 20_000);
    assert_eq!(recorder.count(), 25, "a thousand rows a statement");
    let twice = (0..900).map(|number| new!(User { name: format!("twice {}", number / 2) }));
    let error = User::insert().values(twice).execute(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    assert!(error.to_string().len() < 4_000, "a long statement is not shown to its end");
    Ok(())
}

#[tokio::test]
async fn inserted_rows_come_back_as_objects() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    let mut s = db.session();
    let rows = [new!(User { name: "ada" }), new!(User { name: "bob" })];
    let users = User::insert().values(rows).returning(User::TABLE).all(&mut s).await?;
    assert_eq!((s[users[0]].name.as_str(), s.state(users[1])?), ("ada", State::Persistent));
    s[users[0]].name.push('!');
    s.commit().await?;
    assert_eq!(select(User::name).order_by(User::id).all(&mut s).await?, ["ada!", "bob"]);
    let error =
        User::insert().values([new!(User { name: "eve", posts: [new!(Post { title: "t" })] })]).execute(&mut s).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("`User::posts`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn upserts() -> realgar::Result<()> {
    let (db, mut s, all) = three().await?;
    let row = |name: &str, age: i64| new!(User { name, age });
    let both = || [row("user 0001", 41), row("new", 42)];
    let stays = if lacks("rows that stay are not counted") { 1 } else { 0 };
    let count = User::insert().values(both()).on_conflict_do_nothing(User::name).execute(&mut s).await?;
    assert_eq!(count, 1 + stays);
    let count = User::insert().values(both()).on_conflict_do_nothing(()).execute(&mut s).await?;
    assert_eq!(count, 2 * stays);
    assert_eq!((s[all[1]].age, User::select().count(&mut s).await?), (0, 4));
    if lacks("an upsert of some of the rows") {
        let upsert = || {
            User::insert()
                .values(both())
                .on_conflict_do_update(User::name, |user| user.set(User::age, excluded(User::age) + User::age))
        };
        assert_eq!(upsert().execute(&mut s).await?, 2);
        s.refresh(all[1]).await?;
        assert_eq!(s[all[1]].age, 41);
        let some = User::insert()
            .values(both())
            .on_conflict_do_update(User::name, |user| user.set(User::age, 1).filter(User::age.lt(80)));
        assert_eq!(some.execute(&mut s).await.unwrap_err().kind(), Kind::Unsupported);
        // A key is given, so it could tell, too.
        let two = User::insert().values([new!(User { id: 1, name: "user 0001" })]).on_conflict_do_nothing(User::name);
        let error = two.execute(&mut s).await.unwrap_err();
        assert!(error.kind() == Kind::Unsupported && error.to_string().contains("others: id"), "{error}");
        return Ok(());
    }

    let recorder = db.recorder();
    let upsert = || {
        User::insert().values(both()).on_conflict_do_update(User::name, |user| {
            user.set(User::age, excluded(User::age) + User::age).filter(User::age.lt(80))
        })
    };
    assert_eq!(upsert().execute(&mut s).await?, 2);
    assert_eq!((s[all[1]].age, recorder.count()), (41, 1), "a known object is kept in step");
    let mut ages = upsert().returning((User::name, User::age)).all(&mut s).await?;
    ages.sort();
    assert_eq!(ages, [("user 0001".to_owned(), 82)], "`new` had 84 and stays");
    assert_eq!(s[all[1]].age, 82);
    s.rollback().await?;
    assert_eq!(s[all[1]].age, 0);
    Ok(())
}

#[derive(Model)]
#[model(table = "notes")]
struct Note {
    #[column(primary_key)]
    id: i64,
    #[column(length = 5, unique)]
    title: String,
    #[column(server_default = "'draft'")]
    state: Auto<String>,
    #[column(computed = "length(title)")]
    length: Auto<i64>,
    #[column(secret)]
    token: String,
    #[column(onupdate = edited)]
    edits: i64,
}

fn edited() -> i64 {
    7
}

async fn notes() -> realgar::Result<(Db, Session)> {
    let db = Db::connect(&database().await, models![Note]).await?;
    db.create_all().await?;
    let s = db.session();
    Ok((db, s))
}

#[tokio::test]
async fn what_the_database_makes() -> realgar::Result<()> {
    let (_db, mut s) = notes().await?;
    let rows = [
        new!(Note { title: "one", token: "t", edits: 0 }),
        new!(Note { title: "two", state: "final".to_owned(), token: "t", edits: 0 }),
    ];
    let states = Note::insert().values(rows).returning((Note::state, Note::length)).all(&mut s).await?;
    let states: Vec<(String, i64)> = states.into_iter().map(|(state, length)| (state.clone(), length)).collect();
    assert_eq!(states, [("draft".to_owned(), 3), ("final".to_owned(), 3)]);
    let note = Note::select().filter_by(Note::title, "one").one(&mut s).await?;
    Note::update().filter_by(Note::title, "one").set(Note::title, "three").execute(&mut s).await?;
    assert_eq!(s[note].title, "three");
    assert_eq!(*s[note].length, 5);
    assert_eq!(s[note].edits, 7, "`onupdate` fills its column");
    Ok(())
}

#[tokio::test]
async fn values_that_do_not_fit_are_not_sent_and_secrets_not_shown() -> realgar::Result<()> {
    let (db, mut s) = notes().await?;
    let recorder = db.recorder();
    let error = Note::insert()
        .values([new!(Note { title: "too long", token: "t", edits: 0 })])
        .execute(&mut s)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Data);
    let error = Note::update().set(Note::title, "too long").execute(&mut s).await.unwrap_err();
    assert!(error.kind() == Kind::Data && error.to_string().contains("`Note::title`"), "{error}");
    assert_eq!(recorder.count(), 0);
    Note::insert().values([new!(Note { title: "a", token: "hush", edits: 0 })]).execute(&mut s).await?;
    Note::update().set(Note::token, "sesame").execute(&mut s).await?;
    assert_eq!(Note::select().filter_by(Note::token, "sesame").count(&mut s).await?, 1);
    Ok(())
}
