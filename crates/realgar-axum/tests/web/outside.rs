//! The rest of what the reference's extension does, and what is otherwise here.

use axum::{Router, extract::FromRef, extract::State, routing::post};
use realgar::{Event, Recorder, prelude::*};
use realgar_axum::{DbLayer, DbSession};

use crate::app;

mod alone {
    // What a module of models needs: the prelude, and nothing else.
    use realgar::prelude::*;

    #[derive(Model)]
    pub(super) struct UserGroup {
        #[column(primary_key)]
        pub id: i64,
        #[relationship(backref = group, lazy = "joined")]
        pub members: Many<Member>,
    }

    #[derive(Model)]
    pub(super) struct Member {
        #[column(primary_key)]
        pub id: i64,
        #[column(foreign_key = UserGroup::id)]
        pub group_id: Option<i64>,
    }

    #[derive(Model)]
    pub(super) struct HTTPResponse {
        #[column(primary_key)]
        pub id: i64,
    }
}

#[derive(Model)]
struct Log {
    #[column(primary_key)]
    id: i64,
    text: String,
}

#[tokio::test]
async fn r148_one_import_brings_what_models_need() {
    let db = Db::connect("sqlite::memory:", models![alone::UserGroup]).await.unwrap();
    db.create_all().await.unwrap();
    let mut s = db.session();
    let group = s.add(new!(alone::UserGroup { members: [new!(alone::Member {})] }));
    s.commit().await.unwrap();
    let found = alone::UserGroup::select().options(alone::UserGroup::members.joined()).one(&mut s).await.unwrap();
    assert_eq!((found, s.loaded(group, alone::UserGroup::members).unwrap().len()), (group, 1));
}

#[test]
fn r149_tables_are_named_after_their_models() {
    assert_eq!(alone::UserGroup::DESC.table.name, "user_group");
    assert_eq!(alone::HTTPResponse::DESC.table.name, "http_response");
}

// Where no database is in the state, a handler with a session does not compile: the documentation of `DbSession` shows it.
#[tokio::test]
async fn r150_a_query_is_sent_with_a_session() {
    let db = app::db().await;
    app::seed(&db, &[("Ada", 0)]).await;
    let mut s = db.session();
    let ada = app::User::select().first(&mut s).await.unwrap();
    assert_eq!(ada, s.get::<app::User>(1).await.unwrap());
}

#[tokio::test]
async fn r151_what_a_request_had_is_void_when_it_is_over() {
    let db = app::db().await;
    app::seed(&db, &[("Ada", 1)]).await;
    let mut s = db.session();
    let ada = s.get_one::<app::User>(1).await.unwrap();
    s.close().await.unwrap();
    assert_eq!(s.load(ada, app::User::posts).await.unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.try_ref(ada).err().unwrap().kind(), Kind::DetachedInstance);
}

#[tokio::test]
async fn r153_echo_is_a_setting() {
    // What it prints is compared with the reference's in the parity tests (`s1_07_echo`); here, that the setting arrives.
    let config = |echo: &'static str| {
        realgar_axum::Config::from_variables(move |name| (name == "DATABASE_ECHO").then(|| echo.into()))
    };
    assert!(format!("{:?}", config("1").unwrap()).contains("echo: true"));
    assert!(format!("{:?}", config("0").unwrap()).contains("echo: false"));
    assert!(format!("{:?}", realgar_axum::Config::new().echo(true)).contains("echo: true"));
}

#[tokio::test]
async fn r154_objects_are_named_by_model_and_key() {
    // A handle is a number; the names of objects are those of errors, and of the shell.
    let db = app::db().await;
    let mut s = db.session();
    let ada = s.add(new!(app::User { name: "Ada" }));
    let pending = s.refresh(ada).await.unwrap_err();
    assert!(pending.entity().unwrap().starts_with("User (pending, added at "), "{pending}");
    s.commit().await.unwrap();
    s.delete(ada).unwrap();
    s.commit().await.unwrap();
    let gone = s.refresh(ada).await.unwrap_err();
    assert_eq!(gone.entity(), Some("User(id = 1)"));
}

/// Two databases: each a type of its own in the state.
#[derive(Clone)]
struct Databases {
    main: Db,
    audit: Db,
}

#[derive(Clone)]
struct Audit(Db);

impl FromRef<Databases> for Db {
    fn from_ref(databases: &Databases) -> Db {
        databases.main.clone()
    }
}

impl FromRef<Databases> for Audit {
    fn from_ref(databases: &Databases) -> Audit {
        Audit(databases.audit.clone())
    }
}

async fn sign_up(DbSession(mut s): DbSession, State(Audit(audit)): State<Audit>) -> realgar_axum::Result<()> {
    s.add(new!(app::User { name: "Ada" }));
    let mut a = audit.session();
    a.add(new!(Log { text: "Ada signed up" }));
    s.commit().await?;
    a.commit().await?;
    Ok(())
}

#[tokio::test]
async fn r158_each_database_is_a_db_of_its_own() {
    let (main, audit) = (app::db().await, Db::connect("sqlite::memory:", models![Log]).await.unwrap());
    audit.create_all().await.unwrap();
    let recorders: [Recorder; 2] = [main.recorder(), audit.recorder()];
    let state = Databases { main, audit: audit.clone() };
    let app = Router::new().route("/sign-up", post(sign_up)).layer(DbLayer::new()).with_state(state.clone());
    assert_eq!(app::post_json(&app, "/sign-up", "").await.status.as_u16(), 200);
    assert_eq!(select(Log::text).one(&mut audit.session()).await.unwrap(), "Ada signed up");
    for recorder in recorders {
        let commits = recorder.events().into_iter().filter(|event| *event == Event::Commit).count();
        assert_eq!(commits, 1, "one transaction in each");
    }
    let error = Log::select().all(&mut state.main.session()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest, "a model of another database: {error}");
}

/// What was written, told once it is committed: the signal of the reference, made of two events.
#[tokio::test]
async fn r160_what_a_commit_wrote_is_told() {
    type Told = std::sync::Arc<std::sync::Mutex<Vec<String>>>;
    let (written, committed) = (Told::default(), Told::default());
    let note = |list: &Told, what: &'static str| {
        let list = list.clone();
        move |log: &Log| list.lock().unwrap().push(format!("{what} {}", log.text))
    };
    let (from, to, undone) = (written.clone(), committed.clone(), written.clone());
    let db = Db::builder(models![Log])
        .after_insert(note(&written, "insert"))
        .after_update(note(&written, "update"))
        .after_delete(note(&written, "delete"))
        .after_commit(move |_| to.lock().unwrap().append(&mut from.lock().unwrap()))
        .after_rollback(move |_| undone.lock().unwrap().clear());
    let db = db.connect("sqlite::memory:").await.unwrap();
    db.create_all().await.unwrap();
    let mut s = db.session();
    let log = s.add(new!(Log { text: "one" }));
    s.commit().await.unwrap();
    s[log].text = "two".into();
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    s[log].text = "three".into();
    s.commit().await.unwrap();
    s.delete(log).unwrap();
    s.commit().await.unwrap();
    assert_eq!(*committed.lock().unwrap(), ["insert one", "update three", "delete three"]);
}
