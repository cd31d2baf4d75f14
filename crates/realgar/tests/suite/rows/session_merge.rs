//! Rows 87 to 95: objects from elsewhere, objects let go, the end of a session.

use realgar::prelude::*;

use super::selects;
use crate::models::{
    blog::{Comment, Post, Tag, User},
    open, sent,
    shop::Article,
};

/// Ada with two posts, the first with a comment and a tag.
async fn blog() -> realgar::Result<Db> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let first = new!(Post { title: "a", comments: [new!(Comment { text: "!" })], tags: [new!(Tag { name: "rust" })] });
    s.add(new!(User { name: "Ada", city: "Rome", posts: [first, new!(Post { title: "b" })] }));
    s.commit().await?;
    Ok(db)
}

#[tokio::test]
async fn r087_merge_copies_onto_the_sessions_object() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let ada = s.get_one::<User>(1).await?;
    let recorder = db.recorder();
    let posts = many![new!(Post { id: 2, title: "b!", user_id: 1 }), new!(Post { title: "c", user_id: 1 })];
    let given = new!(User { id: 1, name: "Ada L.", city: None, posts: posts });
    assert_eq!(s.merge(given).await?, ada, "the session's own object");
    assert_eq!(selects(&recorder), 1, "the collection, to know what leaves it: it brings post 2");
    assert_eq!((s[ada].name.as_str(), s[ada].city.as_deref()), ("Ada L.", None), "an explicit none is copied");
    s.commit().await?;
    let titles = select(Post::title).order_by(Post::id).all(&mut s).await?;
    assert_eq!(titles, ["b!", "c"], "what was left out was an orphan");
    // A relationship that is unset is left as it is.
    s.merge(new!(User { id: 1, name: "Ada" })).await?;
    s.commit().await?;
    assert_eq!(s.load(ada, User::posts).await?.len(), 2);
    Ok(())
}

mod partial {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "files")]
    pub(super) struct File {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        pub(super) content: Deferred<String>,
        #[column(server_default = "7")]
        pub(super) mode: Auto<i64>,
    }
}

#[tokio::test]
async fn r087_merge_leaves_out_columns_that_are_unset() -> realgar::Result<()> {
    use partial::File;

    let db = open(models![File]).await;
    let mut s = db.session();
    s.add(new!(File { name: "a", content: "long" }));
    s.commit().await?;
    s.close().await?;
    let file = s.merge(new!(File { id: 1, name: "b", content: Deferred::default() })).await?;
    s.commit().await?;
    assert_eq!(select((File::name, File::content, File::mode)).one(&mut s).await?, ("b".into(), "long".into(), 7));
    s.merge(new!(File { id: 1, name: "b", content: "longer", mode: 8 })).await?;
    s.commit().await?;
    let rows = select((File::content, File::mode)).one(&mut s).await?;
    assert_eq!((rows, s.state(file)?), (("longer".into(), 8), State::Persistent));
    Ok(())
}

#[tokio::test]
async fn r088_merge_without_a_key_and_with_an_unknown_one() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let new = s.merge(new!(User { name: "new" })).await?;
    assert_eq!((s.state(new)?, selects(&recorder)), (State::Pending, 0));
    s.no_autoflush(async |s| {
        let unknown = s.merge(new!(User { id: 77, name: "unknown" })).await?;
        assert_eq!((s.state(unknown)?, selects(&recorder)), (State::Pending, 1));
        Ok(())
    })
    .await?;
    s.commit().await?;
    s.close().await?;
    // `load=False` is `attach`: nothing is sent, and what it holds is taken for what the row holds.
    let tree = User::select().options(User::posts.selectin()).filter_by(User::id, 1).fetch_one(&db).await?;
    recorder.take();
    let ada = s.attach(tree)?;
    s.flush().await?;
    assert_eq!((s.loaded(ada, User::posts)?.len(), recorder.events()), (2, vec![]));
    Ok(())
}

#[tokio::test]
async fn r089_expunge_and_close_let_go() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let ada = s.get_one::<User>(1).await?;
    let posts = s.load(ada, User::posts).await?;
    let comment = s.load(posts[0], Post::comments).await?[0];
    let tag = s.load(posts[0], Post::tags).await?[0];
    s[ada].name = "lost".to_owned();
    s.expunge(ada)?; // `all` on posts and comments, not on tags
    for gone in [s.state(ada), s.state(posts[0]), s.state(posts[1]), s.state(comment)] {
        assert_eq!(gone.unwrap_err().kind(), Kind::DetachedInstance);
    }
    assert_eq!(s.state(tag)?, State::Persistent);
    let again = s.get_one::<User>(1).await?;
    assert_eq!(s[again].name, "Ada");
    s[again].name = "lost, too".to_owned();
    s.flush().await?;
    s.close().await?;
    assert_eq!(s.state(again).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(select(User::name).one(&mut s).await?, "Ada", "the session can be used again");
    Ok(())
}

#[tokio::test]
async fn r090_the_identity_map_holds_its_objects() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let ada = User::select().one(&mut s).await?;
    let key = s.key(ada)?;
    for _ in 0..3 {
        Post::select().all(&mut s).await?;
    }
    let recorder = db.recorder();
    assert_eq!((s.get_one::<User>(key).await?, recorder.count()), (ada, 0), "no collector takes it");
    s.expunge_all();
    assert_eq!(s.try_ref(ada).unwrap_err().kind(), Kind::DetachedInstance);
    assert_ne!(s.get_one::<User>(key).await?, ada);
    Ok(())
}

#[tokio::test]
async fn r091_a_key_that_the_session_knows_is_refused_by_the_database() -> realgar::Result<()> {
    let db = open(models![Article]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.0 }));
    s.commit().await?;
    s.add(new!(Article { code: "pen", price: 2.0 }));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    assert!(error.to_string().contains("the session has the object with this key"), "{error}");
    s.rollback().await?;
    assert_eq!((s.get::<Article>("pen").await?, s[pen].price), (Some(pen), 1.0));
    Ok(())
}

#[tokio::test]
async fn r094_the_end_of_a_session_and_of_a_transaction() -> realgar::Result<()> {
    let db = blog().await?;
    let recorder = db.recorder();
    {
        let mut s = db.session();
        s.add(new!(User { name: "Eve" }));
        s.flush().await?;
    }
    assert_eq!(sent(&recorder), ["BEGIN", "INSERT users x1", "ROLLBACK"], "the end of a session closes it");
    let id = db
        .transaction(async |s| {
            let bob = s.add(new!(User { name: "Bob" }));
            s.flush().await?;
            s.key(bob)
        })
        .await?;
    assert_eq!((id > 1, sent(&recorder).last().map(String::as_str)), (true, Some("COMMIT")));
    let failed: realgar::Result<()> = db
        .transaction(async |s| {
            s.add(new!(User { name: "Cyd" }));
            s.flush().await?;
            Err(realgar::Error::new(Kind::Other, "no"))
        })
        .await;
    assert_eq!(
        (failed.unwrap_err().kind(), sent(&recorder).last().map(String::as_str)),
        (Kind::Other, Some("ROLLBACK"))
    );
    assert_eq!(User::select().count(&mut db.session()).await?, 2);
    Ok(())
}

#[tokio::test]
async fn r094_a_transaction_that_was_overtaken_is_tried_again() -> realgar::Result<()> {
    let db = blog().await?;
    let attempts = std::sync::atomic::AtomicU32::new(0);
    let work = async |s: &mut Session| {
        s.add(new!(User { name: "Bob" }));
        s.flush().await?;
        match attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 | 1 => Err(realgar::Error::new(Kind::SerializationFailure, "overtaken")),
            _ => Ok(()),
        }
    };
    db.transaction(work).await?;
    assert_eq!((attempts.into_inner(), User::select().count(&mut db.session()).await?), (3, 2));
    Ok(())
}

#[tokio::test]
async fn r095_update_and_delete_by_query_bypass_cascades() -> realgar::Result<()> {
    let db = blog().await?;
    let mut s = db.session();
    let ada = s.get_one::<User>(1).await?;
    let posts = s.load(ada, User::posts).await?;
    let recorder = db.recorder();
    let rows = Post::update().filter(Post::title.eq("a")).set(Post::title, "A").execute(&mut s).await?;
    assert_eq!((rows, s[posts[0]].title.as_str(), s.is_modified(posts[0])?), (1, "A", false), "objects are in step");
    assert_eq!(recorder.count(), if crate::database::lacks("an UPDATE that answers rows") { 3 } else { 1 });
    // Nothing goes along: the comment still refers to its post, and the user to what is in memory.
    assert_eq!(Post::delete_where().execute(&mut s).await.unwrap_err().kind(), Kind::ForeignKeyViolation);
    s.rollback().await?;
    let posts = s.load(ada, User::posts).await?;
    assert_eq!(Post::delete_where().filter(Post::title.eq("b")).execute(&mut s).await?, 1);
    assert_eq!((s.state(posts[1])?, s.state(posts[0])?), (State::Deleted, State::Persistent));
    assert_eq!(s.get::<Post>(2).await?, None);
    Ok(())
}
