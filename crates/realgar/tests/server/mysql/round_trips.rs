//! Round trips, counted on the way: of a flush, of each loading strategy; and rows that come back in another order.

use realgar::{Load, prelude::*};

use super::trips::Proxy;
use crate::world::{Post, Tag, User, World};

/// A database by way of a proxy.
async fn counted() -> Option<(World, Proxy, Db)> {
    let world = World::mysql(models![User, Tag]).await?;
    let proxy = Proxy::new(&world.url).await;
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
    let Some((_world, proxy, db)) = counted().await else { return Ok(()) };
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
    assert_eq!(proxy.trips(), 5, "BEGIN, SAVEPOINT, an update that is prepared first, COMMIT");
    for &user in &handles {
        s[user].name.push('?');
    }
    s.commit().await?;
    assert_eq!(proxy.trips(), 4, "BEGIN, SAVEPOINT, the update, COMMIT");
    s.close().await?;
    let users = User::select().options(User::posts.selectin()).all(&mut s).await?;
    for &user in &users {
        s.delete(user)?;
    }
    proxy.trips();
    s.commit().await?;
    // Their tags, in one list of 5,000 keys; two deletes with a SAVEPOINT each; each prepared first; COMMIT.
    assert_eq!(proxy.trips(), 9);
    assert_eq!(Post::select().count(&mut s).await? + User::select().count(&mut s).await?, 0);
    Ok(())
}

#[tokio::test]
async fn each_strategy_takes_as_many_trips_as_statements() -> realgar::Result<()> {
    let Some((_world, proxy, db)) = counted().await else { return Ok(()) };
    let mut s = db.session();
    s.add_all(users(100, 3));
    s.commit().await?;
    type Strategy = fn() -> Load<User, Post>;
    let strategies: [(&str, Strategy, usize, usize); 4] = [
        // How many statements, and how many of their texts are new to the connection.
        ("joined", || User::posts.joined(), 1, 1),
        ("selectin", || User::posts.selectin(), 2, 2),
        ("subquery", || User::posts.subquery(), 2, 1),
        ("immediate", || User::posts.immediate(), 101, 1),
    ];
    for (name, strategy, statements, new) in strategies {
        for round in ["first", "second"] {
            s.close().await?;
            proxy.trips();
            let recorder = db.recorder();
            let found = User::select().options(strategy()).all(&mut s).await?;
            assert!(found.iter().all(|&user| s.loaded(user, User::posts).is_ok_and(|posts| posts.len() == 3)));
            assert_eq!(recorder.count(), statements, "{name}");
            let begin = 1;
            let prepared = if round == "first" { new } else { 0 };
            assert_eq!(proxy.trips(), begin + statements + prepared, "{name}, {round}");
            s.close().await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn keys_reach_their_objects_in_whatever_order_rows_come() -> realgar::Result<()> {
    let Some((world, proxy, db)) = counted().await else { return Ok(()) };
    proxy.reverse();
    let mut s = db.session();
    let handles = s.add_all(users(200, 2));
    s.flush().await?;
    assert!(handles.is_sorted_by_key(|&user| s[user].id));
    for &user in &handles {
        let posts = s.loaded(user, User::posts)?;
        assert!(posts.iter().all(|&post| s[post].user_id == s[user].id));
    }
    for (number, &user) in handles.iter().enumerate().filter(|(number, _)| number % 3 == 0) {
        s[user].name = format!("changed {number}");
    }
    s.commit().await?;
    let rows: Vec<(i64, String, String)> =
        select((User::id, User::name, Post::title)).join(User::posts).all(&mut world.db.session()).await?;
    assert_eq!(rows.len(), 400);
    for (id, name, title) in rows {
        let user = handles.iter().position(|&user| s[user].id == id).expect("one of them");
        assert!(name.ends_with(&format!(" {user}")) && title.starts_with(&format!("{user}.")), "{id} {name} {title}");
    }
    Ok(())
}

/// A cluster's servers draw keys some steps apart.
#[tokio::test]
async fn keys_can_be_steps_apart() -> realgar::Result<()> {
    let Some(world) = World::mysql(models![User, Tag]).await else { return Ok(()) };
    let url = format!("{}&init=SET%20auto_increment_increment%3D7,%20auto_increment_offset%3D3", world.url);
    let db = Db::connect(&url, models![User, Tag]).await?;
    let mut s = db.session();
    let handles = s.add_all(users(20, 1));
    s.commit().await?;
    for (number, &user) in handles.iter().enumerate() {
        assert_eq!(s[user].id, 3 + 7 * number as i64);
        assert_eq!(User::select().filter_by(User::id, s[user].id).fetch_one(&db).await?.name, format!("user {number}"));
    }
    Ok(())
}
