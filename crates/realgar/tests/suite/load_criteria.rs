//! Criteria in loader options and joins: `User::posts.and(…)`; and what a flush makes of partial collections.

use realgar::prelude::*;

use crate::{
    blog::{Comment, Post, Tag, User, open, users},
    database::{database, lacks},
};

async fn blog(count: usize) -> realgar::Result<Db> {
    let db = open(&database().await).await?;
    users(&db, count).await?;
    let mut s = db.session();
    s.add(new!(User { name: "lonely" }));
    s.commit().await?;
    Ok(db)
}

/// Every strategy brings the same part of a collection; owners without a match have an empty one.
#[tokio::test]
async fn a_part_of_a_collection_by_every_strategy() -> realgar::Result<()> {
    let db = blog(3).await?;
    let only = || User::posts.and(Post::title.ne("post 0001a")).and(Post::title.like("%a"));
    for (option, at_once, in_all) in [
        (only().selectin(), 2, 2),
        (only().joined(), 1, 1),
        (only().subquery(), 2, 2),
        (only().immediate(), 5, 5),
        (only().select(), 1, 5),
        (only().peers(), 1, 3),
    ] {
        let (mut s, recorder) = (db.session(), db.recorder());
        let all = User::select().options(option).order_by(User::id).all(&mut s).await?;
        assert_eq!(recorder.count(), at_once);
        let mut counts = Vec::new();
        for user in all {
            let posts = s.load(user, User::posts).await?;
            assert!(posts.iter().all(|&post| s[post].title.ends_with('a')));
            counts.push(posts.len());
        }
        assert_eq!(counts, [1, 0, 1, 0]);
        assert_eq!(recorder.count(), in_all);
    }
    Ok(())
}

#[tokio::test]
async fn the_criterion_stands_in_on_or_where() -> realgar::Result<()> {
    if lacks("statements as SQLite spells them") {
        return Ok(());
    }
    let db = blog(1).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let only = || User::posts.and(Post::title.like("%a"));
    User::select().options(only().joined()).all(&mut s).await?;
    let text = crate::models::plain(&recorder.statements()[0].sql);
    assert!(text.contains(r#"LEFT OUTER JOIN "posts" AS "posts_1" ON ("users"."id" = "posts_1"."user_id") AND ("posts_1"."title" LIKE ?)"#), "{text}");
    User::select().options(only().selectin()).populate_existing().all(&mut s).await?;
    let text = crate::models::plain(&recorder.statements()[2].sql);
    assert!(text.contains(r#"AND ("posts"."title" LIKE ?)"#), "{text}");
    Ok(())
}

#[tokio::test]
async fn many_to_many_and_limits() -> realgar::Result<()> {
    let db = blog(2).await?;
    for option in [Post::tags.and(Tag::name.like("%a")).joined(), Post::tags.and(Tag::name.like("%a")).selectin()] {
        let mut s = db.session();
        let posts = Post::select().options(option).order_by(Post::id).limit(3).all(&mut s).await?;
        let counts: Vec<usize> = posts.iter().map(|&post| s.loaded(post, Post::tags).unwrap().len()).collect();
        assert_eq!(counts, [1, 0, 1]);
    }
    Ok(())
}

/// To one: nobody where the criterion is not met, also where the session knows who it would be.
#[tokio::test]
async fn to_one() -> realgar::Result<()> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { name: "ada", profile: new!(crate::blog::Profile { bio: "short" }) }));
    s.commit().await?;
    for option in [
        User::profile.and(crate::blog::Profile::bio.eq("long")).joined(),
        User::profile.and(crate::blog::Profile::bio.eq("long")).selectin(),
        User::profile.and(crate::blog::Profile::bio.eq("long")).select(),
    ] {
        let user = User::select().options(option).populate_existing().one(&mut s).await?;
        assert_eq!(s.load(user, User::profile).await?, None);
    }
    Ok(())
}

/// As in the reference, many-to-one with a criterion asks the database even for whom the session knows.
#[tokio::test]
async fn many_to_one_asks_even_for_those_who_are_known() -> realgar::Result<()> {
    let db = blog(1).await?;
    let nobody = || Post::author.and(User::name.eq("somebody else"));
    for (option, statements) in [(nobody().selectin(), 2), (nobody().select(), 2), (nobody().joined(), 1)] {
        let mut s = db.session();
        User::select().all(&mut s).await?;
        let recorder = db.recorder();
        let post = Post::select().options(option).order_by(Post::id).first(&mut s).await?.expect("a post");
        assert_eq!(s.load(post, Post::author).await.unwrap_err().kind(), Kind::NoResultFound);
        assert_eq!(recorder.count(), statements);
    }
    Ok(())
}

#[tokio::test]
async fn nested() -> realgar::Result<()> {
    let db = blog(2).await?;
    let mut s = db.session();
    let path =
        User::posts.and(Post::title.like("%b")).selectin().then(Post::tags.and(Tag::name.like("%1b")).selectin());
    let all = User::select().options(path).order_by(User::id).all(&mut s).await?;
    let mut tags = Vec::new();
    for user in all {
        for post in s.loaded(user, User::posts)? {
            tags.extend(s.loaded(post, Post::tags)?.into_iter().map(|tag| s[tag].name.clone()));
        }
    }
    assert_eq!(tags, ["tag 0001b"]);
    Ok(())
}

/// A criterion may compare with an object, and with the owner where it is joined.
#[tokio::test]
async fn criteria_with_objects() -> realgar::Result<()> {
    let db = blog(2).await?;
    let mut s = db.session();
    let tag = Tag::select().filter_by(Tag::name, "tag 0001b").one(&mut s).await?;
    for option in [
        User::posts.and(Post::tags.contains(tag)).selectin(),
        User::posts.and(Post::tags.contains(tag)).joined(),
        User::posts.and(Post::tags.contains(tag)).select(),
    ] {
        let mut found = 0;
        for user in User::select().options(option).populate_existing().all(&mut s).await? {
            found += s.load(user, User::posts).await?.len();
        }
        assert_eq!(found, 1);
    }
    Ok(())
}

#[tokio::test]
async fn in_joins_the_criterion_is_part_of_on() -> realgar::Result<()> {
    let db = blog(2).await?;
    let mut s = db.session();
    let rows = select((User::name, Post::title.optional()))
        .outer_join(User::posts.and(Post::title.eq("post 0001b")))
        .order_by(User::id)
        .all(&mut s)
        .await?;
    let titles: Vec<_> = rows.iter().map(|(_, title)| title.as_deref()).collect();
    assert_eq!(titles, [None, Some("post 0001b"), None]);
    assert_eq!(User::select().join(User::posts.and(Post::title.like("%b"))).count(&mut s).await?, 2);
    let other = alias::<Post>();
    let query = User::select().join(User::posts.of_type(other).and(other.col(Post::title).like("%1b")));
    assert_eq!(query.count(&mut s).await?, 1);
    let tagged = Post::select().outer_join(Post::tags.and(Tag::name.like("%1b")));
    assert_eq!(tagged.count(&mut s).await?, 4);
    Ok(())
}

/// What was never in the collection stays as it is, whatever is done to what was.
#[tokio::test]
async fn a_flush_leaves_alone_what_a_partial_collection_never_held() -> realgar::Result<()> {
    let db = blog(1).await?;
    let mut s = db.session();
    let user =
        User::select().filter_by(User::name, "user 0000").options(User::posts.and(Post::title.like("%a")).selectin());
    let user = user.one(&mut s).await?;
    let held = s.loaded(user, User::posts)?;
    assert_eq!(held.len(), 1);
    s.append(user, User::posts, new!(Post { title: "post 0000c" }))?;
    s[user].name = "renamed".into();
    s.commit().await?;
    assert_eq!(s.load(user, User::posts).await?.len(), 3);

    // Replacing all of it replaces what it held.
    let lonely = User::select().filter_by(User::name, "lonely").one(&mut s).await?;
    let query = User::select().filter_by(User::name, "renamed").populate_existing();
    query.options(User::posts.and(Post::title.like("%a")).selectin()).one(&mut s).await?;
    let held = s.loaded(user, User::posts)?;
    s.set(held[0], Post::author, lonely)?;
    assert!(s.loaded(user, User::posts)?.is_empty());
    s.commit().await?;
    assert_eq!(s.load(user, User::posts).await?.len(), 2);
    assert_eq!(s.load(lonely, User::posts).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_criterion_about_another_model_is_refused() -> realgar::Result<()> {
    let db = blog(1).await?;
    let mut s = db.session();
    let error =
        User::select().options(User::posts.and(Comment::text.eq("x")).selectin()).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("`Comment` is not part of this select"), "{error}");
    Ok(())
}
