//! `union`, `union_all`, `intersect`, `except`: rows of several selects taken together.

use realgar::prelude::*;

use crate::{
    blog::{Post, Profile, User, open, users},
    database::database,
};

async fn session() -> realgar::Result<Session> {
    let db = open(&database().await).await?;
    users(&db, 5).await?;
    Ok(db.session())
}

fn below(id: i64) -> Select<Handle<User>> {
    User::select().filter(User::id.lt(id))
}

fn above(id: i64) -> Select<Handle<User>> {
    User::select().filter(User::id.gt(id))
}

async fn ids(query: Select<Handle<User>>, s: &mut Session) -> realgar::Result<Vec<i64>> {
    Ok(query.order_by(User::id).all(s).await?.into_iter().map(|user| s[user].id).collect())
}

#[tokio::test]
async fn objects() -> realgar::Result<()> {
    let mut s = session().await?;
    let recorder = s.db().recorder();
    assert_eq!(ids(below(3).union(above(3)), &mut s).await?, [1, 2, 4, 5]);
    assert_eq!(ids(below(4).union(above(2)), &mut s).await?, [1, 2, 3, 4, 5]);
    assert_eq!(ids(below(4).union_all(above(2)), &mut s).await?, [1, 2, 3, 3, 4, 5]);
    assert_eq!(ids(below(4).intersect(above(2)), &mut s).await?, [3]);
    assert_eq!(ids(below(4).except(above(2)), &mut s).await?, [1, 2]);
    assert_eq!(ids(below(2).union(above(4)).union(User::select().filter_by(User::id, 3)), &mut s).await?, [1, 3, 5]);
    assert_eq!(ids(below(4).union(above(4)).except(below(2)), &mut s).await?, [2, 3, 5]);
    assert_eq!(recorder.count(), 7);
    Ok(())
}

#[tokio::test]
async fn what_follows_is_about_all_of_them() -> realgar::Result<()> {
    let mut s = session().await?;
    let both = || below(3).union(above(3));
    assert_eq!(ids(both().filter(User::id.ne(1)), &mut s).await?, [2, 4, 5]);
    assert_eq!(both().count(&mut s).await?, 4);
    assert!(both().filter_by(User::id, 5).exists(&mut s).await?);
    assert!(!both().filter_by(User::id, 3).exists(&mut s).await?);
    let two = both().order_by(User::name.desc()).limit(2).offset(1).all(&mut s).await?;
    assert_eq!(two.iter().map(|&user| s[user].id).collect::<Vec<_>>(), [4, 2]);
    assert_eq!(ids(both().filter(User::profile.has(Profile::bio.like("%"))), &mut s).await?, [1, 5]);
    assert_eq!(ids(both().join(User::posts).filter(Post::title.like("%3a")), &mut s).await?, [4]);
    let mut batches = both().yield_per(3);
    assert_eq!(batches.next(&mut s).await?.map(|users| users.len()), Some(3));
    assert_eq!(batches.next(&mut s).await?.map(|users| users.len()), Some(1));
    Ok(())
}

#[tokio::test]
async fn parts_have_limits_of_their_own() -> realgar::Result<()> {
    let mut s = session().await?;
    let first = User::select().order_by(User::id).limit(1);
    let last = User::select().order_by(User::id.desc()).limit(2);
    assert_eq!(ids(first.clone().union(last.clone()), &mut s).await?, [1, 4, 5]);
    assert_eq!(
        User::select().filter(User::id.in_(select(User::id).limit(0).union(select(User::id)))).count(&mut s).await?,
        5
    );
    assert_eq!(ids(User::select().except(first.union(last)), &mut s).await?, [2, 3]);
    Ok(())
}

#[tokio::test]
async fn relationships_are_loaded_with_them() -> realgar::Result<()> {
    let mut s = session().await?;
    for (option, statements) in
        [(User::posts.selectin(), 2), (User::posts.joined(), 1), (User::posts.subquery(), 2), (User::posts.select(), 3)]
    {
        let recorder = s.db().recorder();
        let users = below(2).union(above(4)).options(option).order_by(User::id).all(&mut s).await?;
        for user in users {
            assert_eq!(s.load(user, User::posts).await?.len(), 2);
        }
        assert_eq!(recorder.count(), statements);
        s.close().await?;
    }
    let users = below(3).union(above(4)).options(User::posts.joined()).order_by(User::id).limit(2).all(&mut s).await?;
    assert_eq!(users.len(), 2);
    assert_eq!(s.loaded(users[1], User::posts)?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn values() -> realgar::Result<()> {
    let mut s = session().await?;
    let names = select(User::name).filter(User::id.lt(3)).union(select(Profile::bio).filter(Profile::id.eq(1)));
    assert_eq!(names.order_by(User::name).all(&mut s).await?, ["bio 0000", "user 0000", "user 0001"]);
    let pairs = select((User::id, count(Post::id))).join(User::posts).group_by(User::id).filter(User::id.le(2));
    let more = select((User::id, count(Post::id))).join(User::posts).group_by(User::id).filter(User::id.eq(5));
    let mut pairs: Vec<(i64, i64)> = pairs.union_all(more).all(&mut s).await?;
    pairs.sort_unstable();
    assert_eq!(pairs, [(1, 2), (2, 2), (5, 2)]);
    let rows = select((User::TABLE, Post::TABLE)).join(User::posts);
    let some = rows.clone().filter(Post::title.like("%a")).union(rows.filter(User::id.eq(1)));
    assert_eq!(some.clone().count(&mut s).await?, 6);
    for (user, post) in some.all(&mut s).await? {
        assert_eq!(s[user].id, s[post].user_id);
    }
    let error = select(User::id).union(select(Post::id)).yield_per(2).next(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    Ok(())
}

#[tokio::test]
async fn criteria_of_the_session_hold_in_every_part() -> realgar::Result<()> {
    let mut s = session().await?;
    s.with_loader_criteria(User::TABLE, User::id.ne(1));
    assert_eq!(ids(below(3).union(above(4)), &mut s).await?, [2, 5]);
    Ok(())
}

#[derive(Model)]
#[model(table = "pages")]
struct Page {
    #[column(primary_key)]
    id: i64,
    body: Deferred<String>,
}

#[tokio::test]
async fn deferred_columns_come_along_where_they_are_asked_for() -> realgar::Result<()> {
    let db = Db::connect(&database().await, models![Page]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add_all(["a", "b", "c"].map(|body| new!(Page { body })));
    s.commit().await?;
    s.close().await?;
    let both = || Page::select().filter_by(Page::id, 1).union(Page::select().filter_by(Page::id, 2));
    assert!(both().all(&mut s).await?.iter().all(|&page| s[page].body.is_unloaded()));
    let found = both().undefer(Page::body).order_by(Page::id).all(&mut s).await?;
    assert_eq!(s[found[1]].body.get()?, "b");
    Ok(())
}
