//! Rows 126, 127, 129, 135 and 136: what a query says about what it loads.

use realgar::prelude::*;

use super::selects;
use crate::models::{
    blog::{Post, Tag, User},
    open, texts,
};

/// Ada with posts `a` and `b`, Bob with `c`.
async fn blog() -> realgar::Result<Session> {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" }), new!(Post { title: "b" })] }));
    s.add(new!(User { name: "Bob", posts: [new!(Post { title: "c" })] }));
    s.commit().await?;
    s.close().await?;
    Ok(s)
}

/// How many posts each of these is known to have.
fn counts(s: &Session, users: &[Handle<User>]) -> realgar::Result<Vec<usize>> {
    users.iter().map(|&user| Ok(s.loaded(user, User::posts)?.len())).collect()
}

#[tokio::test]
async fn r126_populate_existing_overwrites() -> realgar::Result<()> {
    let mut s = blog().await?;
    let query = || User::select().options(User::posts.selectin()).order_by(User::id);
    let users = query().all(&mut s).await?;
    sql("UPDATE users SET city = 'Rome'").execute(&mut s).await?;
    sql("DELETE FROM posts WHERE title = 'a'").execute(&mut s).await?;
    query().all(&mut s).await?;
    assert_eq!((s[users[0]].city.as_deref(), counts(&s, &users)?), (None, vec![2, 1]));
    query().populate_existing().all(&mut s).await?;
    assert_eq!((s[users[0]].city.as_deref(), counts(&s, &users)?), (Some("Rome"), vec![1, 1]));
    Ok(())
}

#[tokio::test]
async fn r127_contains_eager_fills_from_the_join() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let query = User::select().join(User::posts).filter(Post::title.in_(["b", "c"])).order_by(User::id);
    let users = query.options(User::posts.contains_eager()).all(&mut s).await?;
    assert_eq!((counts(&s, &users)?, texts(&recorder).concat().matches("JOIN").count()), (vec![1, 1], 1));
    assert_eq!(selects(&recorder), 1);
    assert_eq!(s[s.loaded(users[0], User::posts)?[0]].title, "b");
    Ok(())
}

#[tokio::test]
async fn r129_criteria_in_options_and_joins() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let only = || User::posts.and(Post::title.gt("b"));
    for option in [only().joined(), only().selectin(), only().select(), only().subquery()] {
        let users = User::select().options(option).order_by(User::id).all(&mut s).await?;
        for &user in &users {
            s.load(user, User::posts).await?;
        }
        assert_eq!(counts(&s, &users)?, [0, 1], "parents without a match remain");
        s.close().await?;
    }
    recorder.take();
    User::select().options(only().joined()).all(&mut s).await?;
    let text = texts(&recorder).concat();
    assert!(text.contains("LEFT OUTER JOIN") && !text.contains("WHERE"), "in ON: {text}");
    recorder.take();
    User::select().populate_existing().options(only().selectin()).all(&mut s).await?;
    assert!(texts(&recorder)[1].contains("WHERE"), "in WHERE");
    let names = select((User::name, Post::title.optional())).outer_join(only()).order_by(User::id).all(&mut s).await?;
    assert_eq!(names, [("Ada".to_owned(), None), ("Bob".to_owned(), Some("c".to_owned()))]);
    Ok(())
}

#[tokio::test]
async fn r135_streaming_in_batches() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let (mut batches, mut titles) = (Post::select().options(Post::author.selectin()).yield_per(2), Vec::new());
    while let Some(posts) = batches.next(&mut s).await? {
        assert!(posts.len() <= 2);
        for post in posts {
            titles.push((s[post].title.clone(), s[s.loaded(post, Post::author)?].name.clone()));
        }
    }
    let want = [("a", "Ada"), ("b", "Ada"), ("c", "Bob")];
    assert_eq!(titles, want.map(|(title, name)| (title.to_owned(), name.to_owned())));
    assert_eq!(selects(&recorder), 4, "two batches, and selectin for each");
    for refused in [User::posts.joined(), User::posts.subquery()] {
        let mut batches = User::select().options(refused).yield_per(2);
        assert_eq!(batches.next(&mut s).await.unwrap_err().kind(), Kind::InvalidRequest);
    }
    assert_eq!(selects(&recorder), 0, "refused before anything is sent");
    Ok(())
}

mod deferred {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "articles")]
    pub(super) struct Article {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) title: String,
        pub(super) body: Deferred<String>,
        pub(super) notes: Deferred<String>,
    }
}

#[tokio::test]
async fn r136_load_only_defer_undefer_and_loader_criteria() -> realgar::Result<()> {
    use deferred::Article;

    let db = open(models![Article, User]).await;
    let mut s = db.session();
    s.add(new!(Article { title: "a", body: "long", notes: "short" }));
    s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" }), new!(Post { title: "b" })] }));
    s.commit().await?;
    s.close().await?;
    let unloaded = |article: &Article| (article.body.is_unloaded(), article.notes.is_unloaded());
    let query = Article::select();
    for (query, want) in [
        (query.clone(), (true, true)),
        (query.clone().undefer(Article::body), (false, true)),
        (query.clone().undefer(Article::body).defer(Article::body), (true, true)),
        (query.load_only((Article::title, Article::notes)), (true, false)),
    ] {
        let article = query.one(&mut s).await?;
        assert_eq!(unloaded(&s[article]), want);
        s.close().await?;
    }
    // A criterion for a model, in all places: roots, joins, lazy and eager loads.
    let hidden = || Post::title.ne("a");
    assert_eq!(Post::select().with_loader_criteria(Post::TABLE, hidden()).count(&mut s).await?, 1);
    let users =
        User::select().with_loader_criteria(Post::TABLE, hidden()).options(User::posts.joined()).all(&mut s).await?;
    assert_eq!(counts(&s, &users)?, [1]);
    s.close().await?;
    s.with_loader_criteria(Post::TABLE, hidden());
    let ada = User::select().one(&mut s).await?;
    assert_eq!((s.load(ada, User::posts).await?.len(), select(Tag::name).all(&mut s).await?.len()), (1, 0));
    Ok(())
}
