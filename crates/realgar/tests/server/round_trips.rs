//! Round trips to PostgreSQL, counted on the way: of a flush, of each loading strategy; and rows that come back in another
//! order.

use realgar::{Load, prelude::*};

use crate::{
    proxy::Proxy,
    world::{Post, Tag, User, World},
};

/// A database by way of a proxy, its statements prepared by having been used once.
async fn world() -> Option<(World, Proxy, Db)> {
    let world = World::postgres(models![User, Tag]).await?;
    let proxy = Proxy::new(&world.url, world.brand).await;
    let db = Db::builder(models![User, Tag]).pool_size(1).connect(&world.by_way_of(proxy.address)).await.unwrap();
    Some((world, proxy, db))
}

fn users(count: usize, posts: usize) -> Vec<User> {
    let post = |user: usize, post: usize| new!(Post { title: format!("{user}.{post}") });
    let posts = |user| (0..posts).map(|number| post(user, number)).collect::<Vec<_>>();
    (0..count).map(|number| new!(User { name: format!("user {number}"), posts: posts(number) })).collect()
}

#[tokio::test]
async fn a_thousand_users_with_five_posts_take_a_handful() -> realgar::Result<()> {
    let Some((_world, proxy, db)) = world().await else { return Ok(()) };
    let mut s = db.session();
    proxy.trips();
    let handles = s.add_all(users(1_000, 5));
    s.commit().await?;
    // BEGIN, two inserts that are prepared first, COMMIT.
    assert_eq!(proxy.trips(), 6);
    for &user in &handles {
        s[user].name.push('!');
    }
    s.commit().await?;
    assert_eq!(proxy.trips(), 4, "BEGIN, an update that is prepared first, COMMIT");
    for &user in &handles {
        s[user].name.push('?');
    }
    s.commit().await?;
    assert_eq!(proxy.trips(), 3, "BEGIN, the update, COMMIT");
    s.close().await?;
    let users = User::select().options(User::posts.selectin()).all(&mut s).await?;
    for &user in &users {
        s.delete(user)?;
    }
    proxy.trips();
    s.commit().await?;
    // Their tags, in one list of 5,000 keys; two deletes; each prepared first; COMMIT.
    assert_eq!(proxy.trips(), 7);
    assert_eq!(Post::select().count(&mut s).await? + User::select().count(&mut s).await?, 0);
    Ok(())
}

#[tokio::test]
async fn each_strategy_takes_as_many_trips_as_statements() -> realgar::Result<()> {
    let Some((_world, proxy, db)) = world().await else { return Ok(()) };
    let mut s = db.session();
    s.add_all(users(100, 3));
    s.commit().await?;
    type Strategy = fn() -> Load<User, Post>;
    let strategies: [(&str, Strategy, usize); 4] = [
        ("joined", || User::posts.joined(), 1),
        ("selectin", || User::posts.selectin(), 2),
        ("subquery", || User::posts.subquery(), 2),
        ("immediate", || User::posts.immediate(), 101),
    ];
    for (name, strategy, statements) in strategies {
        for round in ["first", "second"] {
            s.close().await?;
            proxy.trips();
            let recorder = db.recorder();
            let found = User::select().options(strategy()).all(&mut s).await?;
            assert!(found.iter().all(|&user| s.loaded(user, User::posts).is_ok_and(|posts| posts.len() == 3)));
            assert_eq!(recorder.count(), statements, "{name}");
            // BEGIN travels with the first one. The first time, each text is prepared.
            let prepared = if round == "first" { recorder_texts(&recorder) } else { 0 };
            assert_eq!(proxy.trips(), statements + prepared, "{name}, {round}");
            s.close().await?;
        }
    }
    // Asked for one by one: the second collection brings those of all the others.
    let found = User::select().all(&mut s).await?;
    let recorder = db.recorder();
    for &user in &found {
        s.load(user, User::posts).await?;
    }
    assert_eq!(recorder.count(), 2);
    Ok(())
}

/// How many texts of these statements were new to the connection: the query of users is known after the first strategy.
fn recorder_texts(recorder: &realgar::Recorder) -> usize {
    use std::{collections::HashSet, sync::Mutex};
    static KNOWN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let mut known = KNOWN.lock().expect("unharmed");
    let known = known.get_or_insert_default();
    recorder.statements().into_iter().filter(|statement| known.insert(statement.sql.clone())).count()
}

#[tokio::test]
async fn keys_reach_their_objects_in_whatever_order_rows_come() -> realgar::Result<()> {
    let Some((world, proxy, db)) = world().await else { return Ok(()) };
    proxy.reverse();
    let mut s = db.session();
    let handles = s.add_all(users(200, 2));
    s.flush().await?;
    for &user in &handles {
        let posts = s.loaded(user, User::posts)?;
        assert!(posts.iter().all(|&post| s[post].user_id == s[user].id));
    }
    for (number, &user) in handles.iter().enumerate().filter(|(number, _)| number % 3 == 0) {
        s[user].name = format!("changed {number}");
    }
    s.commit().await?;
    // Rows are indeed turned round: the database answers these in order.
    let ids: Vec<i64> = select(User::id).order_by(User::id).all(&mut s).await?;
    assert!(ids.is_sorted_by(|one, next| one > next), "{ids:?}");
    let rows: Vec<(i64, String, String)> =
        select((User::id, User::name, Post::title)).join(User::posts).all(&mut world.db.session()).await?;
    assert_eq!(rows.len(), 400);
    for (id, name, title) in rows {
        let user = handles.iter().position(|&user| s[user].id == id).expect("one of them");
        assert!(name.ends_with(&format!(" {user}")) && title.starts_with(&format!("{user}.")), "{id} {name} {title}");
    }
    Ok(())
}

mod level {
    //! Three relationships of one model.
    use super::*;

    #[derive(Debug, Model)]
    #[model(table = "hubs")]
    pub(super) struct Hub {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        #[relationship(back_populates = hub)]
        pub(super) reds: Many<Red>,
        #[relationship(back_populates = hub)]
        pub(super) blues: Many<Blue>,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
        #[relationship]
        pub(super) owner: One<Owner>,
    }

    #[derive(Debug, Model)]
    #[model(table = "reds")]
    pub(super) struct Red {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Hub::id)]
        pub(super) hub_id: i64,
        #[relationship(back_populates = reds)]
        pub(super) hub: One<Hub>,
        #[relationship]
        pub(super) dots: Many<Dot>,
    }

    #[derive(Debug, Model)]
    #[model(table = "dots")]
    pub(super) struct Dot {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Red::id)]
        pub(super) red_id: i64,
    }

    #[derive(Debug, Model)]
    #[model(table = "blues")]
    pub(super) struct Blue {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Hub::id)]
        pub(super) hub_id: i64,
        #[relationship(back_populates = blues)]
        pub(super) hub: One<Hub>,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
        #[relationship]
        pub(super) owner: One<Owner>,
    }

    #[derive(Debug, Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

/// Relationships of one level are loaded in the time of one: PostgreSQL takes statements before it has answered others.
#[tokio::test]
async fn a_level_of_relationships_takes_one_trip() -> realgar::Result<()> {
    use level::{Blue, Dot, Hub, Owner, Red};
    let Some(world) = World::postgres(models![Hub]).await else { return Ok(()) };
    let proxy = Proxy::new(&world.url, world.brand).await;
    let db = Db::builder(models![Hub]).pool_size(1).connect(&world.by_way_of(proxy.address)).await?;
    let mut s = db.session();
    for number in 0..20 {
        let owner = s.add(new!(Owner {}));
        let red = || new!(Red { dots: [new!(Dot {}), new!(Dot {})] });
        let reds: Vec<Red> = (0..3).map(|_| red()).collect();
        let blues = [new!(Blue { owner: owner }), new!(Blue { owner: owner })];
        s.add(new!(Hub { name: format!("{number}"), reds: reds, blues: blues, owner: owner }));
    }
    s.commit().await?;
    for round in ["prepared first", "prepared"] {
        s.close().await?;
        proxy.trips();
        let recorder = s.recorder();
        let level = Hub::select()
            .options(Hub::reds.selectin().then(Red::dots.selectin()))
            .options(Hub::blues.selectin())
            .options(Hub::owner.selectin());
        let hubs = level.order_by(Hub::id).all(&mut s).await?;
        let prepared = if round == "prepared" { 0 } else { 3 };
        // The hubs; what hangs on them; the dots.
        assert_eq!((proxy.trips(), recorder.count()), (3 + prepared, 5), "{round}");
        for &hub in &hubs {
            let (reds, blues) = (s.loaded(hub, Hub::reds)?, s.loaded(hub, Hub::blues)?);
            assert_eq!((reds.len(), blues.len()), (3, 2));
            assert_eq!(s[s.loaded(hub, Hub::owner)?].id, s[hub].owner_id);
            assert!(reds.iter().all(|&red| s[red].hub_id == s[hub].id));
            assert!(reds.iter().all(|&red| s.loaded(red, Red::dots).is_ok_and(|dots| dots.len() == 2)));
        }
        // Who was brought by one need not be asked for by the next.
        let recorder = s.recorder();
        s.preload(&hubs, Hub::blues.then(Blue::owner)).await?;
        assert_eq!(recorder.count(), 0, "{round}");
        s.rollback().await?;
    }
    // An error is that of the statement that failed, whatever was sent with it.
    sql("DROP TABLE blues").execute(&mut s).await?;
    s.commit().await?;
    let level =
        Hub::select().options(Hub::reds.selectin()).options(Hub::blues.selectin()).options(Hub::owner.selectin());
    let error = level.all(&mut s).await.unwrap_err();
    assert!(error.statement().is_some_and(|sql| sql.contains("blues")), "{error:?}");
    assert_eq!(Hub::select().count(&mut s).await.unwrap_err().kind(), Kind::PendingRollback);
    s.rollback().await?;
    assert_eq!(Hub::select().count(&mut s).await?, 20);
    Ok(())
}

mod tree {
    //! Rows that refer to rows of the same table.
    use super::*;

    #[derive(Debug, Model)]
    #[model(table = "leaves")]
    pub(super) struct Leaf {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Leaf::id)]
        pub(super) parent_id: Option<i64>,
        #[relationship(back_populates = parent, cascade = "all, delete-orphan")]
        pub(super) children: Many<Leaf>,
        #[relationship(back_populates = children)]
        pub(super) parent: One<Option<Leaf>>,
    }

    /// So many children on each level.
    pub(super) fn leaf(widths: &[usize]) -> Leaf {
        let children: Vec<Leaf> = match widths {
            [] => Vec::new(),
            [width, below @ ..] => (0..*width).map(|_| leaf(below)).collect(),
        };
        new!(Leaf { children: children })
    }
}

/// Rows that refer to one another go by generations, whatever their number.
#[tokio::test]
async fn a_tree_takes_as_many_statements_as_it_is_deep() -> realgar::Result<()> {
    use tree::{Leaf, leaf};
    let Some(world) = World::new(models![Leaf]).await else { return Ok(()) };
    let mut s = world.db.session();
    for (widths, rows) in [([2, 2, 2], 15), ([10, 6, 5], 371)] {
        let recorder = s.recorder();
        s.add(leaf(&widths));
        s.commit().await?;
        assert_eq!((recorder.count(), Leaf::select().count(&mut s).await?), (4, rows), "one for each generation");
        s.close().await?;
        let root = Leaf::select().filter(Leaf::parent_id.is_null()).one(&mut s).await?;
        let recorder = s.recorder();
        s.delete(root)?;
        s.commit().await?;
        let sent = recorder.statements();
        let count = |word: &str| sent.iter().filter(|statement| statement.sql.starts_with(word)).count();
        // What is below each generation is looked up; then they go, at once where the server looks at keys at the end.
        assert_eq!(count("SELECT"), 4, "{sent:#?}");
        assert!(count("DELETE") <= 4, "{sent:#?}");
        assert_eq!(Leaf::select().count(&mut s).await?, 0);
        s.rollback().await?;
    }
    Ok(())
}

/// What goes out together is read one after another, however much the first of them brings.
#[tokio::test]
async fn large_answers_to_what_went_out_together_wait_for_one_another() -> realgar::Result<()> {
    let Some(world) = World::new(models![User, Tag]).await else { return Ok(()) };
    let mut s = world.db.session();
    let tag = s.add(new!(Tag { name: "x".repeat(60_000) }));
    for number in 0..2_000 {
        let posts = vec![new!(Post { title: "a title".to_owned() })];
        let user = s.add(new!(User { name: format!("{number:070}"), posts }));
        if number % 500 == 0 {
            let post = s.loaded(user, User::posts)?[0];
            s.append(post, Post::tags, tag)?;
        }
    }
    s.commit().await?;
    s.close().await?;
    let both = Post::select().options(Post::author.selectin()).options(Post::tags.selectin());
    let loaded = tokio::time::timeout(std::time::Duration::from_secs(20), both.all(&mut s)).await;
    let posts = loaded.expect("an answer that nobody reads holds up the next one")?;
    assert_eq!(posts.iter().filter(|&&post| s.loaded(post, Post::tags).is_ok_and(|tags| tags.len() == 1)).count(), 4);
    assert!(posts.iter().all(|&post| s.loaded(post, Post::author).is_ok()));
    Ok(())
}

/// Whoever reads a long answer lets others have their turn, and comes to its end.
#[tokio::test]
async fn a_long_answer_leaves_others_their_turn() -> realgar::Result<()> {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    let Some(world) = World::postgres(models![User, Tag]).await else { return Ok(()) };
    let turns = Arc::new(AtomicUsize::new(0));
    let others = tokio::spawn({
        let turns = turns.clone();
        async move {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        }
    });
    let mut s = world.db.session();
    let before = turns.load(Ordering::Relaxed);
    let texts = sql("SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    let all =
        tokio::time::timeout(Duration::from_secs(60), texts.all::<String>(&mut s)).await.expect("it has an end")?;
    others.abort();
    assert_eq!(all.len(), 20_000);
    assert!(turns.load(Ordering::Relaxed) - before > 5);
    Ok(())
}

/// A connection that is not needed any more is closed at once, though nobody waits for anything.
#[tokio::test]
async fn a_connection_that_is_dropped_is_gone_from_the_server() -> realgar::Result<()> {
    let Some(world) = World::postgres(models![User, Tag]).await else { return Ok(()) };
    let db = Db::connect(&world.url, models![User, Tag]).await?;
    let mine: i64 = sql("SELECT pg_backend_pid()::bigint").one(&mut db.session()).await?;
    drop(db);
    let mut s = world.db.session();
    for _ in 0..100 {
        let there = sql("SELECT count(*) FROM pg_stat_activity WHERE pid = ?").bind(mine).one::<i64>(&mut s).await?;
        if there == 0 {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the server still has the connection");
}
