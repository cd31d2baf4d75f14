//! `contains_eager`: a relationship filled from what the query joins itself.

use realgar::prelude::*;

use crate::{
    blog::{Category, Post, Tag, User, open, users},
    database::database,
};

async fn blog(count: usize) -> realgar::Result<Db> {
    let db = open(&database().await).await?;
    users(&db, count).await?;
    let mut s = db.session();
    s.add(new!(User { name: "lonely" }));
    s.commit().await?;
    Ok(db)
}

#[tokio::test]
async fn one_statement_fills_what_the_filter_leaves() -> realgar::Result<()> {
    let db = blog(3).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let query = User::select().join(User::posts).filter(Post::title.like("%a")).order_by(User::id);
    let all = query.options(User::posts.contains_eager()).all(&mut s).await?;
    assert_eq!(all.len(), 3);
    for &user in &all {
        let posts = s.load(user, User::posts).await?;
        assert_eq!(posts.len(), 1);
        assert!(s[posts[0]].title.ends_with('a'));
    }
    assert_eq!(recorder.count(), 1);
    let text = crate::models::plain(&recorder.statements()[0].sql);
    assert_eq!(text.matches("JOIN").count(), 1, "{text}");
    Ok(())
}

/// Each parent is answered once, as with `joined`; an outer join gives the others an empty collection.
#[tokio::test]
async fn parents_are_answered_once() -> realgar::Result<()> {
    let db = blog(2).await?;
    let mut s = db.session();
    let query = || User::select().order_by(User::id).options(User::posts.contains_eager());
    let all = query().outer_join(User::posts).all(&mut s).await?;
    let counts: Vec<usize> = all.iter().map(|&user| s.loaded(user, User::posts).unwrap().len()).collect();
    assert_eq!(counts, [2, 2, 0]);
    assert_eq!(query().join(User::posts).all(&mut s).await?.len(), 2);
    let one = query().join(User::posts).filter(User::name.eq("user 0001"));
    let user = one.clone().one(&mut s).await?;
    assert_eq!(s.loaded(user, User::posts)?.len(), 2);
    s.close().await?;
    let user = one.one(&mut s).await?;
    assert_eq!(s.loaded(user, User::posts)?.len(), 2, "`one` reads every row of its object");
    s.close().await?;
    let user = query().join(User::posts).first(&mut s).await?.expect("a user");
    assert_eq!(s.loaded(user, User::posts)?.len(), 2, "and so does `first`");
    Ok(())
}

#[tokio::test]
async fn a_limit_counts_joined_rows() -> realgar::Result<()> {
    let db = blog(2).await?;
    let mut s = db.session();
    let query = User::select().join(User::posts).order_by((User::id, Post::id)).limit(3);
    let all = query.options(User::posts.contains_eager()).all(&mut s).await?;
    let counts: Vec<usize> = all.iter().map(|&user| s.loaded(user, User::posts).unwrap().len()).collect();
    assert_eq!(counts, [2, 1]);
    Ok(())
}

#[tokio::test]
async fn from_an_alias() -> realgar::Result<()> {
    let db = blog(2).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let other = alias::<Post>();
    let query = User::select().join(User::posts.of_type(other)).filter(other.col(Post::title).like("%b"));
    let all = query.options(User::posts.of_type(other).contains_eager()).all(&mut s).await?;
    let posts = s.loaded(all[0], User::posts)?;
    assert_eq!((all.len(), s[posts[0]].title.as_str()), (2, "post 0000b"));
    assert_eq!(recorder.count(), 1);

    let root =
        s.add(new!(Category { name: "root", children: [new!(Category { name: "a" }), new!(Category { name: "b" })] }));
    s.commit().await?;
    let child = alias::<Category>();
    let query = Category::select().join(Category::children.of_type(child)).filter(child.col(Category::name).eq("b"));
    let found = query.options(Category::children.of_type(child).contains_eager()).one(&mut s).await?;
    assert_eq!((found, s.loaded(root, Category::children)?.len()), (root, 1));
    Ok(())
}

#[tokio::test]
async fn nested_and_beside_other_strategies() -> realgar::Result<()> {
    let db = blog(2).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let query = || User::select().join(User::posts).join(Post::tags).filter(Tag::name.like("%b")).order_by(User::id);
    let path = User::posts.contains_eager().then(Post::tags.contains_eager());
    for user in query().options(path).all(&mut s).await? {
        let posts = s.loaded(user, User::posts)?;
        assert_eq!(posts.len(), 1);
        assert_eq!(s.loaded(posts[0], Post::tags)?.len(), 1);
    }
    assert_eq!(recorder.count(), 1);
    s.close().await?;

    for (option, statements) in [(Post::tags.selectin(), 2), (Post::tags.joined(), 1)] {
        let recorder = db.recorder();
        let query = User::select().join(User::posts).filter(Post::title.like("%b"));
        let users = query.options(User::posts.contains_eager().then(option)).all(&mut s).await?;
        let posts = s.loaded(users[1], User::posts)?;
        assert_eq!(s.loaded(posts[0], Post::tags)?.len(), 1);
        assert_eq!(recorder.count(), statements);
        s.close().await?;
    }
    // With a limit, what the query brings itself is part of its subquery; what follows is loaded by another SELECT.
    let query = User::select().join(User::posts).filter(Post::title.like("%b")).order_by(User::id).limit(1);
    let query = query.options(User::posts.contains_eager().then(Post::tags.joined())).options(User::profile.joined());
    let user = query.one(&mut s).await?;
    let posts = s.loaded(user, User::posts)?;
    assert_eq!(s.loaded(posts[0], Post::tags)?.len(), 1);
    assert!(s.loaded(user, User::profile)?.is_some());
    Ok(())
}

/// A collection that is joined in beside it keeps the LIMIT to the query proper.
#[tokio::test]
async fn beside_a_joined_collection_with_a_limit() -> realgar::Result<()> {
    let db = blog(3).await?;
    let mut s = db.session();
    let query = Post::select().join(Post::author).order_by(Post::id).limit(2);
    let query = query.options(Post::author.contains_eager()).options(Post::tags.joined());
    let posts = query.all(&mut s).await?;
    assert_eq!(posts.len(), 2);
    for post in posts {
        let author = s.loaded(post, Post::author)?;
        assert_eq!(s[author].name, "user 0000");
        assert_eq!(s.loaded(post, Post::tags)?.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_loaded_already_stays_unless_populate_existing() -> realgar::Result<()> {
    let db = blog(1).await?;
    let mut s = db.session();
    let user = User::select().filter_by(User::name, "user 0000").options(User::posts.selectin()).one(&mut s).await?;
    let query =
        || User::select().join(User::posts).filter(Post::title.like("%a")).options(User::posts.contains_eager());
    query().all(&mut s).await?;
    assert_eq!(s.loaded(user, User::posts)?.len(), 2);
    query().populate_existing().all(&mut s).await?;
    assert_eq!(s.loaded(user, User::posts)?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_join_that_is_missing_is_named() -> realgar::Result<()> {
    let db = blog(1).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let error = User::select().options(User::posts.contains_eager()).all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("`.join(User::posts)`"), "{error}");
    assert_eq!(recorder.count(), 0);
    Ok(())
}
