//! Keys that the server draws reach their objects: in whatever order rows come, however far apart the keys are.

use realgar::prelude::*;

use crate::{
    counted::Counted,
    world::{Post, Tag, User, World, users},
};

#[tokio::test]
async fn keys_reach_their_objects_in_whatever_order_rows_come() -> realgar::Result<()> {
    let Some(counted) = Counted::new(models![User, Tag]).await else { return Ok(()) };
    counted.proxy.reverse();
    let mut s = counted.db.session();
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
    // Rows are indeed turned round: the database answers these in order.
    let ids: Vec<i64> = select(User::id).order_by(User::id).all(&mut s).await?;
    assert!(ids.is_sorted_by(|one, next| one > next), "{ids:?}");
    let rows: Vec<(i64, String, String)> =
        select((User::id, User::name, Post::title)).join(User::posts).all(&mut counted.world.db.session()).await?;
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
