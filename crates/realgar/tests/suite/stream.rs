//! `yield_per`: batches with bounded memory.

use realgar::{Lock, prelude::*};

use crate::{
    blog::{Category, Comment, File, Post, Profile, Tag, User, open, people, users},
    database::{database, lacks, name},
};

/// The slot behind a handle: slots are used again when memory is bounded.
fn slot<M: Model>(handle: Handle<M>) -> usize {
    format!("{handle:?}").split(['(', ')']).nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn each_row_once_and_a_statement_for_each_batch() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 25).await?;
    for (size, statements) in [(10, 3), (25, 2), (26, 1), (1, 26)] {
        let (mut s, recorder) = (db.session(), db.recorder());
        let (mut batches, mut names) = (User::select().yield_per(size), Vec::new());
        while let Some(users) = batches.next(&mut s).await? {
            assert!(users.len() as u64 <= size);
            names.extend(users.iter().map(|&user| s[user].name.clone()));
        }
        assert_eq!(names, (0..25).map(|number| format!("user {number:04}")).collect::<Vec<_>>());
        assert_eq!(recorder.count(), statements, "batches of {size}");
        assert!(batches.next(&mut s).await?.is_none());
        assert_eq!(recorder.count(), statements);
    }
    Ok(())
}

#[tokio::test]
async fn memory_is_bounded() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 500).await?;
    let mut s = db.session();
    let known = User::select().order_by(User::id.desc()).first(&mut s).await?.expect("a user");
    let (mut batches, mut last) = (User::select().options(User::posts.selectin()).yield_per(20), None);
    let mut count = 0;
    while let Some(users) = batches.next(&mut s).await? {
        if let Some(last) = last {
            assert_eq!(s.state::<User>(last).unwrap_err().kind(), Kind::DetachedInstance);
        }
        for &user in &users {
            for post in s.load(user, User::posts).await? {
                let tags = s.load(post, Post::tags).await?; // loaded meanwhile, along the batch's relationships
                assert!(slot(tags[0]) < 200);
                assert!(slot(post) < 100);
            }
            assert!(slot(user) < 50);
            count += 1;
        }
        last = users.first().copied();
    }
    assert_eq!(count, 500);
    assert_eq!(s[known].name, "user 0499", "what was known before stays");
    Ok(())
}

#[tokio::test]
async fn what_changed_stays_until_it_is_committed() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 6).await?;
    let mut s = db.session();
    let (mut batches, mut all) = (User::select().yield_per(2), Vec::new());
    while let Some(users) = batches.next(&mut s).await? {
        s[users[0]].name.push('!');
        all.push(users);
    }
    for users in &all {
        assert!(s[users[0]].name.ends_with('!'));
        assert!(s.try_ref(users[1]).is_err());
    }
    s.rollback().await?;
    assert!(all.iter().all(|users| !s[users[0]].name.ends_with('!')));
    s.close().await?;

    let (mut batches, mut last) = (User::select().yield_per(2), None);
    while let Some(users) = batches.next(&mut s).await? {
        assert!(last.is_none_or(|last| s.try_ref::<User>(last).is_err()));
        users.iter().for_each(|&user| s[user].name.push('!'));
        s.commit().await?;
        last = Some(users[0]);
    }
    assert_eq!(User::select().filter(User::name.like("%!")).count(&mut s).await?, 6);
    Ok(())
}

/// Objects that a new one refers to stay with it until it is flushed, and its relationship is right afterwards.
#[tokio::test]
async fn what_hangs_on_a_batch_is_written() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 6).await?;
    let mut s = db.session();
    let (mut batches, mut made) = (Post::select().yield_per(5), Vec::new());
    let author = User::select().order_by(User::id).first(&mut s).await?.expect("a user");
    while let Some(posts) = batches.next(&mut s).await? {
        for post in posts {
            made.push(s.append(post, Post::comments, new!(Comment { text: "hm", author }))?);
        }
    }
    s.commit().await?;
    for comment in made {
        let post = s.load(comment, Comment::post).await?;
        assert_eq!(s.key(post)?, s[comment].post_id);
    }
    assert_eq!(Comment::select().count(&mut s).await?, 12);
    Ok(())
}

/// A collection of an object that stays and that held one that goes is loaded anew.
#[tokio::test]
async fn collections_are_never_cut_silently() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 3).await?;
    let mut s = db.session();
    let ada = User::select().order_by(User::id).first(&mut s).await?.expect("a user");
    let mut batches = Post::select().options(Post::author.selectin()).yield_per(2);
    while batches.next(&mut s).await?.is_some() {
        assert_eq!(s.load(ada, User::posts).await?.len(), 2);
    }
    assert_eq!(s.load(ada, User::posts).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn any_order_with_nulls_and_equals() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    let mut s = db.session();
    for number in 0..30_i64 {
        let email = (number % 3 != 0).then(|| format!("{}@x", number % 4));
        s.add(new!(User { name: format!("u{number:02}"), age: number % 5, email }));
    }
    s.commit().await?;
    s.close().await?;
    let orders = [
        User::select().order_by(User::email),
        User::select().order_by(User::email.desc()),
        User::select().order_by((User::age.desc(), User::email)),
        User::select().order_by((User::email.desc(), User::age, User::name.desc())),
        User::select().order_by(User::email.asc().nulls_last()),
        User::select().order_by(User::email.desc().nulls_first()),
        User::select().order_by(User::age + 1).filter(User::age.gt(1)),
        User::select().order_by(User::age).limit(17).offset(3),
        User::select().order_by(User::age.desc()).distinct(),
    ];
    for query in orders {
        let wanted = query.clone().order_by(User::id).all(&mut s).await?;
        let wanted: Vec<i64> = wanted.iter().map(|&user| s[user].id).collect();
        s.close().await?;
        let (mut batches, mut found) = (query.yield_per(4), Vec::new());
        while let Some(users) = batches.next(&mut s).await? {
            found.extend(users.iter().map(|&user| s[user].id));
        }
        assert_eq!(found, wanted);
    }
    Ok(())
}

/// A page that is found by reading all pages before it makes a stream quadratic.
#[tokio::test]
async fn a_page_can_be_sought_in_an_index() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 4).await?;
    let mut s = db.session();
    let cases = [
        (User::select().order_by(User::id), "WHERE users.id > ? ORDER BY users.id LIMIT"),
        (User::select().order_by(User::id.desc()), "WHERE users.id < ? ORDER BY users.id DESC LIMIT"),
        (
            User::select().order_by(User::name),
            "WHERE (users.name >= ?) AND ((users.name > ?) OR ((users.name = ?) AND (users.id > ?))) ORDER BY users.name",
        ),
    ];
    for (query, place) in cases {
        let (recorder, mut batches) = (db.recorder(), query.yield_per(2));
        while batches.next(&mut s).await?.is_some() {}
        let statement = recorder.statements()[1].sql.replace(['"', '`'], "");
        let parts = statement.split('$').enumerate();
        let parts = parts.map(|(at, part)| if at == 0 { part } else { part.trim_start_matches(char::is_numeric) });
        let statement = parts.collect::<Vec<_>>().join("?");
        assert!(statement.contains(place), "{statement}");
    }
    Ok(())
}

#[tokio::test]
async fn tuples_joins_and_composite_keys() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 5).await?;
    let mut s = db.session();
    s.add(new!(User { name: "lonely" }));
    let query = select((User::name, Post::title.optional())).outer_join(User::posts).order_by(User::name.desc());
    let wanted = query.clone().order_by(Post::id).all(&mut s).await?;
    let (mut batches, mut found) = (query.yield_per(3), Vec::new());
    while let Some(rows) = batches.next(&mut s).await? {
        found.extend(rows);
    }
    assert_eq!(found, wanted);
    let mut batches = select((User::TABLE, Tag::TABLE)).join(User::posts).join(Post::tags).yield_per(4);
    let mut count = 0;
    while let Some(rows) = batches.next(&mut s).await? {
        assert!(rows.iter().all(|&(user, tag)| s[user].name[5..] == s[tag].name[4..8]));
        count += rows.len();
    }
    assert_eq!(count, 10);
    people(&db, 0).await?;
    s.rollback().await?;
    let mut s = db.session();
    s.add_all((0..7).map(|no| new!(crate::blog::Line { order: format!("o{}", no % 2), no })));
    s.commit().await?;
    let (mut batches, mut lines) = (crate::blog::Line::select().yield_per(2), Vec::new());
    while let Some(found) = batches.next(&mut s).await? {
        lines.extend(found.iter().map(|&line| (s[line].order.clone(), s[line].no)));
    }
    let wanted: Vec<_> = [0, 2, 4, 6]
        .map(|no| ("o0".to_owned(), no))
        .into_iter()
        .chain([1, 3, 5].map(|no| ("o1".to_owned(), no)))
        .collect();
    assert_eq!(lines, wanted);
    Ok(())
}

#[tokio::test]
async fn relationships_load_batch_by_batch_or_are_refused() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 10).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    for option in [User::posts.joined(), User::posts.subquery()] {
        let error = User::select().options(option).yield_per(4).next(&mut s).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidRequest);
        assert!(error.to_string().contains("`.options(User::posts.selectin())`"), "{error}");
    }
    let query = User::select().join(User::posts).options(User::posts.contains_eager());
    assert_eq!(query.yield_per(4).next(&mut s).await.unwrap_err().kind(), Kind::InvalidRequest);
    let error = select((User::age, count(User::id))).group_by(User::age).yield_per(4).next(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert_eq!(recorder.count(), 0);

    let query = User::select().options(User::posts.selectin().then(Post::tags.joined()));
    let mut batches = query.options(User::profile.joined()).yield_per(4);
    let mut found = 0;
    while let Some(users) = batches.next(&mut s).await? {
        for user in users {
            found += usize::from(s.loaded(user, User::profile)?.is_some());
            for post in s.loaded(user, User::posts)? {
                found += s.loaded(post, Post::tags)?.len();
            }
        }
    }
    assert_eq!((found, recorder.count()), (25, 6));
    Ok(())
}

#[tokio::test]
async fn owned_trees_without_a_session() -> realgar::Result<()> {
    let file = File::new();
    let db = crate::blog::open(&file.url("")).await?;
    users(&db, 7).await?;
    let (mut batches, mut count) = (User::select().options(User::posts.selectin()).yield_per(3).fetch(&db), 0);
    while let Some(users) = batches.next().await? {
        for user in users {
            assert_eq!(user.posts.get()?.len(), 2);
            count += 1;
        }
    }
    assert_eq!(count, 7);
    Ok(())
}

/// Rows that come and go between batches: each row that is there all the time is read once.
#[tokio::test]
async fn rows_may_be_deleted_meanwhile() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    let mut s = db.session();
    s.add_all((0..20).map(|number| new!(Category { name: format!("{number:02}") })));
    s.commit().await?;
    let (mut batches, mut names) = (Category::select().yield_per(3), Vec::new());
    while let Some(found) = batches.next(&mut s).await? {
        for category in found {
            names.push(s[category].name.clone());
            s.delete(category)?;
        }
        s.commit().await?;
    }
    assert_eq!(names.len(), 20);
    assert_eq!(Category::select().count(&mut s).await?, 0);
    Ok(())
}

/// SQLite locks no rows: there a query that asks for it is sent without, as in the reference.
#[tokio::test]
async fn row_locks_are_sent_where_there_are_any() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    users(&db, 1).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    User::select().with_for_update().one(&mut s).await?;
    let lock = Lock::read().nowait();
    let lock = if name() == "mysql" && lacks("locks of some tables") { lock } else { lock.of(Profile::TABLE) };
    Profile::select().join(Profile::user).with_lock(lock).one(&mut s).await?;
    let is_lock = |text: &str| text.contains(" FOR ") || text.contains(" LOCK IN SHARE MODE NOWAIT");
    let locks = recorder.statements().iter().filter(|statement| is_lock(&statement.sql)).count();
    assert_eq!(locks, if name() == "sqlite" { 0 } else { 2 });
    let error = User::select().with_lock(Lock::update().of(Post::TABLE)).one(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    Ok(())
}
