//! What one session sent: recorded with the place in the source, and with what was bound on request only.

use realgar::{Event, prelude::*};

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(secret)]
    password: String,
    #[column(foreign_key = User::id)]
    friend_of: Option<i64>,
    #[relationship]
    friends: Many<User>,
    #[column(default = "".to_owned())]
    notes: Deferred<String>,
}

async fn db() -> Db {
    let db = Db::connect(&crate::database::database().await, models![User]).await.unwrap();
    db.create_all().await.unwrap();
    db
}

#[tokio::test]
async fn a_session_hears_of_itself_alone() {
    let db = db().await;
    let mut mine = db.session();
    let recorder = mine.recorder();
    let mut other = db.session();
    User::select().all(&mut other).await.unwrap();
    drop(other);
    User::select().count(&mut mine).await.unwrap();
    mine.commit().await.unwrap();
    let events = recorder.take();
    assert!(matches!(&events[..], [Event::Begin, Event::Statement(_), Event::Commit]), "{events:?}");
}

#[tokio::test]
async fn each_statement_says_where_it_was_asked_for() {
    let db = db().await;
    let mut s = db.session();
    let recorder = s.recorder();
    let ada = s.add(new!(User { name: "Ada", password: "x" }));
    let mut lines = Vec::new();
    lines.push(line!() + 1);
    s.flush().await.unwrap();
    lines.push(line!() + 1);
    User::select().filter_by(User::name, "Ada").one(&mut s).await.unwrap();
    lines.push(line!() + 1);
    User::select().exists(&mut s).await.unwrap();
    s.commit().await.unwrap();
    lines.push(line!() + 1);
    s.get::<User>(1).await.unwrap();
    s[ada].name.push('!');
    lines.push(line!() + 1);
    User::select().first(&mut s).await.unwrap(); // the UPDATE before it is on its account, too
    lines.push(line!() - 1);
    lines.push(line!() + 1);
    sql("SELECT 1").scalar::<i64>(&mut s).await.unwrap();
    lines.push(line!() + 1);
    s.load(ada, User::friends).await.unwrap();
    let places: Vec<u32> = recorder.statements().iter().map(|sent| sent.place.unwrap().line()).collect();
    assert_eq!(places, lines);
    assert!(recorder.statements().iter().all(|sent| sent.place.unwrap().file() == file!()));
}

/// Whatever the verb: each of its statements carries the line of its caller, and none that of the verb before.
#[tokio::test]
async fn every_verb_says_where_it_was_called() {
    let db = db().await;
    let mut s = db.session();
    let recorder = db.recorder();
    let friends = [new!(User { name: "Bob", password: "x" }), new!(User { name: "Eve", password: "x" })];
    let ada = s.add(new!(User { name: "Ada", password: "x", friends: friends }));
    s.commit().await.unwrap();
    recorder.take();
    /// Each statement since the last time was sent by the line of the macro.
    macro_rules! told {
        ($verb:expr) => {{
            let (line, done) = (line!(), $verb);
            let sent = recorder.statements();
            recorder.take();
            assert!(!sent.is_empty(), "{} sends nothing", stringify!($verb));
            for sent in sent {
                let place = sent.place.map(|place| (place.file(), place.line()));
                assert_eq!(place, Some((file!(), line)), "{}: {}", stringify!($verb), sent.sql);
            }
            done
        }};
    }
    told!(s.refresh(ada).await.unwrap());
    told!(s.refresh_with(ada, (User::name, User::friends)).await.unwrap());
    s.commit().await.unwrap();
    told!(s.preload(&[ada], User::friends).await.unwrap());
    told!(s.load_column(ada, User::notes).await.unwrap());
    s.commit().await.unwrap();
    told!(s.clear(ada, User::friends).await.unwrap());
    s.rollback().await.unwrap();
    told!(s.replace(ada, User::friends, Vec::<Handle<User>>::new()).await.unwrap());
    s.rollback().await.unwrap();
    told!(s.get_one::<User>(1).await.unwrap());
    s.delete(ada).unwrap();
    told!(s.plan().await.unwrap());
    s.rollback().await.unwrap();
    told!(s.merge(new!(User { id: 2, name: "Bobby", password: "y" })).await.unwrap());
    told!(s.savepoint(async |_| Ok(())).await.unwrap()); // what is pending is flushed before it
    told!(s.savepoint(async |s| Ok(s.add(new!(User { name: "Joe", password: "x" })))).await.unwrap());
    let mut batches = User::select().yield_per(2);
    told!(batches.next(&mut s).await.unwrap());
    told!(batches.next(&mut s).await.unwrap());
    let mut batches = User::select().yield_per(2).fetch(&db);
    s.rollback().await.unwrap();
    told!(batches.next().await.unwrap());
    told!(batches.next().await.unwrap());
    drop(batches);
    told!(User::select().fetch(&db).await.unwrap());
    told!(User::select().filter_by(User::name, "Ada").fetch_one(&db).await.unwrap());
    told!(User::select().fetch_first(&db).await.unwrap());
    told!(sql("SELECT * FROM users").fetch::<Handle<User>>(&db).await.unwrap());
    let model = db.model("User").unwrap();
    let friends = db.relationships(model).unwrap()[0].name;
    told!(s.dynamic().get(model, vec![realgar::Value::Int(1)]).await.unwrap());
    let every = Select::of(model);
    told!(s.dynamic().count(every.clone()).await.unwrap());
    told!(s.dynamic().all(every).await.unwrap());
    told!(s.dynamic().load(ada.erase(), friends).await.unwrap());
    s.commit().await.unwrap();
    told!(s.dynamic().relate(ada.erase(), friends, &[]).await.unwrap());
    s.rollback().await.unwrap();
    told!(db.transaction(async |s| Ok(s.add(new!(User { name: "Zoe", password: "x" })))).await.unwrap());
    told!(db.create_all().await.unwrap());
}

#[tokio::test]
async fn what_is_bound_is_recorded_on_request_and_secrets_never() {
    let db = db().await;
    let mut s = db.session();
    let (plain, full) = (s.recorder(), s.recorder_with_parameters());
    let everything = db.recorder();
    s.add(new!(User { name: "Ada", password: "hunter2" }));
    s.commit().await.unwrap();
    User::select().filter_by(User::name, "Ada").all(&mut s).await.unwrap();
    let parameters = |statements: Vec<realgar::Statement>| -> Vec<String> {
        statements.into_iter().flat_map(|statement| statement.parameters).collect()
    };
    assert_eq!(parameters(full.statements()), [r#""Ada", [secret], NULL, """#, r#""Ada""#]);
    assert_eq!(parameters(plain.statements()), [""; 0]);
    assert_eq!(parameters(everything.statements()), [""; 0]);
}

#[tokio::test]
async fn the_pool_says_how_busy_it_is() {
    let db = db().await;
    let most = if crate::database::server().is_some() { 8 } else { 1 }; // a database in memory has one connection
    assert_eq!((db.pool_status().in_use, db.pool_status().max_size), (0, most));
    let mut s = db.session();
    assert_eq!(db.pool_status().in_use, 0, "a session takes no connection until it is used");
    User::select().all(&mut s).await.unwrap();
    assert_eq!(db.pool_status().in_use, 1);
    s.rollback().await.unwrap();
    assert_eq!(db.pool_status().in_use, 0);
}
