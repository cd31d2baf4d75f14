//! The database: URLs and files, tables, recorder, connections, transactions that end early, views and trees.

use crate::database::{database, lacks, storable};
use realgar::{Event, Recorder, prelude::*};
use serde::Serialize;

use crate::blog::{Category, File, Person, Post, Tag, User, memory, open, people, users};

fn marks(recorder: &Recorder) -> String {
    let mark = |event| match event {
        Event::Begin => 'b',
        Event::Commit => 'c',
        Event::Rollback => 'r',
        _ => '.',
    };
    recorder.take().into_iter().map(mark).collect()
}

async fn refused(url: &str) -> realgar::Error {
    Db::connect(url, models![User]).await.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_by_its_absolute_path() {
    let file = File::new();
    let folder = file.folder();
    let missing = refused(&format!("sqlite:///{folder}/no/such/app.db")).await;
    assert_eq!(missing.kind(), Kind::Operational);
    assert!(missing.to_string().contains(&format!("{folder}/no/such/app.db")), "{missing}");
    let directory = refused(&format!("sqlite:///{folder}")).await;
    assert_eq!(directory.kind(), Kind::Operational);
    let absent = refused(&file.url("mode=rw")).await;
    assert!(absent.kind() == Kind::Operational && absent.to_string().contains("way out"), "{absent}");
    assert_eq!(refused(&file.url("mode=ro")).await.kind(), Kind::Operational);
    std::fs::write(format!("{folder}/app.db"), "this is a text, and a rather long one at that".repeat(100)).unwrap();
    for settings in ["", "mode=ro"] {
        let text = refused(&file.url(settings)).await;
        assert!(text.kind() == Kind::Operational && text.to_string().contains("no SQLite database"), "{text}");
    }
    for (url, kind) in [
        ("mysql://me:s3cret@host/db?s3cret=1", Kind::Argument),
        ("sqlite:a?x=s3cret", Kind::Argument),
        ("nonsense", Kind::Argument),
    ] {
        let error = refused(url).await;
        let shown = error.to_string().replace("unknown parameter `s3cret`", "");
        assert!(error.kind() == kind && !shown.contains("s3cret"), "{error}");
    }
}

#[tokio::test]
async fn a_read_only_database_reads_and_refuses_to_write() -> realgar::Result<()> {
    let file = File::new();
    users(&open(&file.url("")).await?, 2).await?;
    let db = Db::connect(&file.url("mode=ro"), models![User]).await?;
    let mut s = db.session();
    assert_eq!(User::select().count(&mut s).await?, 2);
    let new = s.add(new!(User { name: "new" }));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Operational);
    assert!(error.to_string().contains("read-only"), "{error}");
    s.rollback().await?;
    assert_eq!((s.state(new)?, User::select().count(&mut s).await?), (State::Transient, 2));
    Ok(())
}

#[tokio::test]
async fn a_file_keeps_what_was_committed() -> realgar::Result<()> {
    let file = File::new();
    users(&open(&file.url("")).await?, 2).await?;
    let db = open(&file.url("")).await?;
    assert_eq!(User::select().count(&mut db.session()).await?, 2);
    Ok(())
}

#[tokio::test]
async fn tables_are_made_once_and_dropped_with_all_in_them() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 1).await?;
    db.create_all().await?;
    assert_eq!(User::select().count(&mut db.session()).await?, 1, "making what is there changes nothing");
    db.drop_all().await?;
    let error = User::select().all(&mut db.session()).await.unwrap_err();
    assert!(error.kind() == Kind::Operational && error.to_string().contains("create_all"), "{error}");
    assert!(error.statement().is_some_and(|sql| sql.starts_with("SELECT")));
    db.drop_all().await?;
    db.create_all().await?;
    assert_eq!(User::select().count(&mut db.session()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn echo_prints_everything_and_breaks_nothing() -> realgar::Result<()> {
    let db = Db::builder(models![User]).echo(true).connect(&database().await).await?;
    db.create_all().await?;
    let mut s = db.session();
    let times = if lacks("unique texts of any length") { 50 } else { 1_000 };
    s.add(new!(User { name: "long ".repeat(times), email: storable("nul\0 and 🦀") }));
    s.commit().await?;
    assert_eq!(User::select().filter(User::age.in_(0..10)).all(&mut s).await?.len(), 1);
    s.rollback().await
}

#[tokio::test]
async fn the_recorder_sees_transactions_begin_and_end() -> realgar::Result<()> {
    let db = memory().await?;
    let recorder = db.recorder();
    let mut s = db.session();
    s.commit().await?;
    s.rollback().await?;
    assert_eq!(marks(&recorder), "", "nothing to do is nothing sent");
    let ada = s.add(new!(User { name: "Ada" }));
    assert_eq!(marks(&recorder), "", "add sends nothing");
    s.commit().await?;
    assert_eq!(marks(&recorder), "b.c");
    User::select().all(&mut s).await?;
    User::select().all(&mut s).await?;
    s.rollback().await?;
    assert_eq!(marks(&recorder), "b..r");
    s[ada].age = 36;
    s.flush().await?;
    drop(s);
    assert_eq!(marks(&recorder), "b.r", "dropping rolls back");
    let mut s = db.session();
    s.add_all((0..3).map(|number| new!(User { name: number.to_string() })));
    s.flush().await?;
    let sent = recorder.statements();
    assert_eq!(sent.iter().map(|sent| sent.executions).sum::<usize>(), 3, "{sent:?}");
    s.close().await?;
    assert!(matches!(recorder.events().last(), Some(Event::Rollback)));
    assert!(db.recorder().events().is_empty(), "a new one knows nothing of before");
    Ok(())
}

#[tokio::test]
async fn a_test_session_undoes_its_commits() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.test_session();
    s.add(new!(User { name: "Ada" }));
    s.commit().await?;
    s.add(new!(User { name: "Bob" }));
    s.rollback().await?;
    assert_eq!(User::select().count(&mut s).await?, 1, "a rollback goes back to the last commit");
    drop(s);
    assert_eq!(User::select().count(&mut db.session()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_failed_flush_in_a_test_session_keeps_what_was_committed_before() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.test_session();
    s.add(new!(User { name: "Ada" }));
    s.commit().await?;
    s.add(new!(User { name: "Ada" }));
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::UniqueViolation);
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::PendingRollback);
    s.rollback().await?;
    assert_eq!(User::select().count(&mut s).await?, 1);
    drop(s);
    assert_eq!(User::select().count(&mut db.session()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn fetch_answers_owned_trees_of_what_was_asked_for() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 2).await?;
    let recorder = db.recorder();
    let all = User::select().options(User::posts.selectin().then(Post::tags.joined())).order_by(User::id);
    let all = all.fetch(&db).await?;
    assert_eq!(marks(&recorder), "b..r");
    let posts: Vec<&Post> = all[1].posts.get()?.collect();
    assert_eq!((posts.len(), posts[1].title.as_str()), (2, "post 0001b"));
    assert_eq!(posts[1].tags.get()?.next().expect("a tag").name, "tag 0001b");
    let error = all[0].profile.get().map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), Kind::DetachedInstance);
    assert!(all[0].profile.is_unloaded() && posts[0].comments.is_unloaded());
    let pairs: Vec<(User, String)> =
        select((entity::<User>(), Post::title)).join(User::posts).order_by(Post::title).fetch(&db).await?;
    assert_eq!((pairs.len(), pairs[3].0.name.as_str(), pairs[3].1.as_str()), (4, "user 0001", "post 0001b"));
    Ok(())
}

#[tokio::test]
async fn a_tree_leaves_out_what_is_not_loaded_and_cuts_circles() -> realgar::Result<()> {
    let db = memory().await?;
    people(&db, 3).await?;
    users(&db, 1).await?;
    let mut s = db.session();
    let user = User::select().options(User::posts.selectin()).one(&mut s).await?;
    s.load(s.loaded(user, User::posts)?[0], Post::author).await?;
    let recorder = db.recorder();
    let tree = s.tree(user)?;
    let posts: Vec<&Post> = tree.posts.get()?.collect();
    assert!(posts.len() == 2 && posts[0].author.is_unloaded() && posts[0].tags.is_unloaded());
    assert_eq!(recorder.count(), 0);

    let all = Person::select().options(Person::follows.selectin()).order_by(Person::id).all(&mut s).await?;
    s.append(all[2], Person::follows, all[0])?;
    let tree = s.tree(all[0])?;
    let second = tree.follows.get()?.next().expect("the second");
    let third = second.follows.get()?.next().expect("the third");
    assert_eq!(third.name, "person 0002");
    assert!(third.follows.is_unloaded() || third.follows.get()?.len() == 0, "back at the first: cut");
    Ok(())
}

#[tokio::test]
async fn a_tree_of_a_new_object_has_what_it_was_given() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "Hello" })] }));
    let tree = s.tree(ada)?;
    assert_eq!(tree.posts.get()?.next().expect("the post").title, "Hello");
    Ok(())
}

#[tokio::test]
async fn a_tree_of_a_long_chain_needs_no_deep_stack() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    let top = s.add(new!(Category { name: "top" }));
    let mut above = top;
    for _ in 0..10_000 {
        above = s.append(above, Category::children, new!(Category { name: "below" }))?;
    }
    s.commit().await?;
    for category in Category::select().order_by(Category::id).all(&mut s).await? {
        s.load(category, Category::children).await?;
    }
    let tree = s.tree(top)?;
    let (mut deep, mut at) = (0, &tree);
    while let Some(below) = at.children.get().ok().and_then(|mut children| children.next()) {
        (deep, at) = (deep + 1, below);
    }
    assert!((10..=64).contains(&deep), "{deep} levels");
    Ok(())
}

#[tokio::test]
async fn a_view_walks_what_is_loaded() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let option = User::posts.selectin().then(Post::tags.selectin());
    let all = User::select().options(option).options(User::profile.joined()).order_by(User::id).all(&mut s).await?;
    let view = s.view(all[0]);
    let tags = view.many(User::posts)?.map(|post| {
        let tags = post.many(Post::tags)?.map(|tag| tag.get().name.as_str()).collect::<Vec<_>>();
        Ok(format!("{} by {}: {tags:?}", post.title, post.one(Post::author)?.name))
    });
    let tags: Vec<String> = tags.collect::<realgar::Result<_>>()?;
    assert_eq!(tags[0], "post 0000a by user 0000: [\"tag 0000a\"]");
    assert_eq!(view.one(User::profile)?.map(|profile| profile.get().bio.as_str()), Some("bio 0000"));
    assert!(s.view(all[1]).one(User::profile)?.is_none());
    assert_eq!(view.handle(), all[0]);
    let post = s.loaded(all[0], User::posts)?[0];
    let error = s.view(post).many(Post::comments).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), Kind::NotLoaded);
    Ok(())
}

#[tokio::test]
async fn what_is_not_loaded_says_how_to_load_it() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 1).await?;
    let mut s = db.session();
    let user = User::select().one(&mut s).await?;
    let error = s.loaded(user, User::posts).unwrap_err();
    assert_eq!(
        error.to_string(),
        "NotLoaded: relationship `User::posts` is not loaded\n  entity: User(id = 1)\n  way out: \
         `session.load(…, User::posts).await?`, or `.options(User::posts.selectin())` in the query"
    );
    Ok(())
}

#[derive(Model, Serialize)]
struct Team {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = team)]
    players: Many<Player>,
    #[relationship(back_populates = team)]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    coach: One<Option<Coach>>,
}

#[derive(Model, Serialize)]
struct Player {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Team::id)]
    team_id: i64,
    #[relationship(back_populates = players)]
    team: One<Team>,
}

#[derive(Model, Serialize)]
struct Coach {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Team::id)]
    team_id: i64,
    #[relationship(back_populates = coach)]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    team: One<Team>,
}

#[tokio::test]
async fn a_tree_is_serialised_as_the_derive_says() -> realgar::Result<()> {
    let db = Db::connect(&database().await, models![Team]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(Team { name: "Reds", players: [new!(Player {})], coach: new!(Coach {}) }));
    s.commit().await?;
    s.close().await?;
    let json = |tree: &Team| serde_json::to_string(tree).expect("a tree is serialised");
    let bare = Team::select().fetch_one(&db).await?;
    assert_eq!(json(&bare), r#"{"id":1,"name":"Reds","players":null}"#);
    let full = Team::select().options(Team::players.selectin()).options(Team::coach.joined()).fetch_one(&db).await?;
    assert_eq!(
        json(&full),
        r#"{"id":1,"name":"Reds","players":[{"id":1,"team_id":1,"team":null}],"coach":{"id":1,"team_id":1}}"#
    );
    Ok(())
}

#[tokio::test]
async fn what_a_database_answers_is_never_a_panic() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("")).await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let all = User::select().order_by(User::id).all(&mut s).await?;
    s.commit().await?;
    for (change, column) in [
        ("age = 'many'", "age"),
        ("age = 1.5", "age"),
        ("name = CAST(x'ff' AS TEXT)", "name"),
        ("name = x'00'", "name"),
        ("active = 2", "active"),
    ] {
        file.raw().execute_batch(&format!("UPDATE users SET {change} WHERE id = 1")).unwrap();
        for session in [&mut s, &mut db.session()] {
            let error = User::select().order_by(User::id.desc()).all(session).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Data, "{error}");
            assert!(error.to_string().contains(&format!("column `{column}` of table `users`")), "{error}");
        }
        assert_eq!(s[all[0]].id, 1, "the object is still what it was");
        s.rollback().await?;
        file.raw().execute_batch("UPDATE users SET age = 7, name = 'user 0000', active = 1 WHERE id = 1").unwrap();
        assert_eq!(User::select().order_by(User::id).all(&mut s).await?, all);
        assert_eq!(s[all[0]].age, 7);
        s.commit().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_closed_session_has_void_handles_and_begins_anew() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 1).await?;
    let mut s = db.session();
    let old = Tag::select().order_by(Tag::id).first(&mut s).await?.expect("a tag");
    s.close().await?;
    let new = Tag::select().order_by(Tag::id).first(&mut s).await?.expect("a tag");
    assert!(old != new && s.try_ref(new).is_ok());
    assert_eq!(s.try_ref(old).map(|_| ()).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.load(old, Tag::posts).await.unwrap_err().kind(), Kind::DetachedInstance);
    Ok(())
}
