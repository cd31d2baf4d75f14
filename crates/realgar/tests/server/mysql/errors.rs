//! Which kind an error has, and what it leaves of the transaction.

use std::time::Duration;

use realgar::{prelude::*, sql};

use crate::world::{Post, Tag, User, World};

#[derive(Debug, Model)]
#[model(table = "accounts", check("balance >= 0"))]
struct Account {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 10)]
    owner: String,
    balance: i32,
}

/// Two accounts, in a database for sessions that wait a second for a lock.
async fn accounts() -> Option<(World, Db)> {
    let world = World::mysql(models![Account, User, Tag]).await?;
    let url = format!("{}&init=SET%20innodb_lock_wait_timeout%3D1", world.url);
    let db = Db::connect(&url, models![Account, User, Tag]).await.unwrap();
    let mut s = db.session();
    s.add_all([new!(Account { owner: "ada", balance: 10 }), new!(Account { owner: "bob", balance: 10 })]);
    s.commit().await.unwrap();
    Some((world, db))
}

#[tokio::test]
async fn each_has_its_kind_and_names_whom() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let mut s = db.session();
    // The one that is refused is found among many.
    let rows = |wrong: &str| {
        let name = |number: i32| if number == 77 { wrong.to_owned() } else { format!("n{number}") };
        (0..100).map(|number| new!(Account { owner: name(number), balance: 1 })).collect::<Vec<_>>()
    };
    let handles = s.add_all(rows("bob"));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    let facts = error.database().unwrap();
    assert_eq!((facts.table.as_deref(), &facts.columns[..]), (Some("accounts"), &["owner".to_owned()][..]));
    assert!(error.to_string().contains("errors.rs") && !error.to_string().contains("bob"), "{error}");
    s.rollback().await?;
    assert_eq!((handles.len(), Account::select().count(&mut s).await?), (100, 2));

    let mut many = rows("n77");
    many[42].balance = -1;
    s.add_all(many);
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::CheckViolation, "{error}");
    s.rollback().await?;
    s.add(new!(Post { title: "t", user_id: 99 }));
    let error = s.flush().await.unwrap_err();
    assert_eq!(
        (error.kind(), &error.database().unwrap().columns[..]),
        (Kind::ForeignKeyViolation, &["user_id".to_owned()][..])
    );
    s.rollback().await?;
    for (text, kind) in [
        ("INSERT INTO accounts (owner, balance) VALUES (NULL, 1)", Kind::NotNullViolation),
        ("INSERT INTO accounts (balance) VALUES (1)", Kind::NotNullViolation),
        ("INSERT INTO accounts (owner, balance) VALUES ('much too long', 1)", Kind::Data),
        ("INSERT INTO accounts (owner, balance) VALUES ('x', 3000000000)", Kind::Data),
        ("INSERT INTO accounts (owner, balance) VALUES ('x', 's3cret')", Kind::Data),
        ("UPDATE accounts SET balance = 1 / 0", Kind::Data),
        ("SELEC 1", Kind::Programming),
        ("SELECT 1 FROM missing", Kind::Operational),
        ("SELECT missing FROM accounts", Kind::Operational),
    ] {
        let error = sql(text).execute(&mut s).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.what().contains("s3cret"), "{error}");
    }
    // The transaction goes on after each of them.
    assert_eq!(Account::select().count(&mut s).await?, 2);
    Ok(())
}

/// Two sessions lock two rows crosswise: the server throws one of the transactions away.
async fn cross(db: &Db) -> (Session, realgar::Error, Session) {
    let (mut one, mut two) = (db.session(), db.session());
    let lock = |id: i64| Account::update().filter_by(Account::id, id).set(Account::balance, Account::balance + 1);
    lock(1).execute(&mut one).await.unwrap();
    lock(2).execute(&mut two).await.unwrap();
    let (first, second) = tokio::join!(lock(2).execute(&mut one), lock(1).execute(&mut two));
    match (first, second) {
        (Err(error), Ok(_)) => (one, error, two),
        (Ok(_), Err(error)) => (two, error, one),
        both => panic!("{both:?}"),
    }
}

#[tokio::test]
async fn a_deadlock_leaves_nothing_that_could_be_committed() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let (mut loser, error, mut winner) = cross(&db).await;
    assert_eq!(error.kind(), Kind::SerializationFailure);
    assert_eq!(loser.commit().await.unwrap_err().kind(), Kind::PendingRollback);
    assert_eq!(Account::select().count(&mut loser).await.unwrap_err().kind(), Kind::PendingRollback);
    loser.rollback().await?;
    winner.commit().await?;
    let balances = || select(Account::balance).order_by(Account::id);
    assert_eq!(balances().all(&mut loser).await?, [11, 11]);
    // Inside a savepoint, too: it is gone with everything else.
    loser.rollback().await?;
    let (mut one, mut two) = (db.session(), db.session());
    let lock = |id: i64| Account::update().filter_by(Account::id, id).set(Account::balance, Account::balance + 1);
    lock(1).execute(&mut one).await?;
    lock(2).execute(&mut two).await?;
    lock(2).execute(&mut two).await?;
    let inner = one.savepoint(async |s| lock(2).execute(s).await.map(drop));
    let (inner, outer) = tokio::join!(inner, lock(1).execute(&mut two));
    if inner.is_err() {
        assert_eq!(one.commit().await.unwrap_err().kind(), Kind::PendingRollback);
    } else {
        assert!(outer.is_err());
    }
    Ok(())
}

#[tokio::test]
async fn what_met_others_is_run_again() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let transfer = |from: i64, to: i64| {
        let db = db.clone();
        async move {
            db.transaction(async |s| {
                for (id, change) in [(from, -1), (to, 1)] {
                    let set = Account::update().filter_by(Account::id, id);
                    set.set(Account::balance, Account::balance + change).execute(s).await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Ok(())
            })
            .await
        }
    };
    for _ in 0..5 {
        let (one, two) = tokio::join!(transfer(1, 2), transfer(2, 1));
        one?;
        two?;
    }
    assert_eq!(select(Account::balance).order_by(Account::id).all(&mut db.session()).await?, [10, 10]);
    // Who waits for a lock in vain is told so, keeps what was done before, and is run again.
    let (mut holder, mut waiter) = (db.session(), db.session());
    let account = holder.get_one::<Account>(1).await?;
    holder[account].balance = 7;
    holder.flush().await?;
    Account::update().filter_by(Account::id, 2).set(Account::balance, 8).execute(&mut waiter).await?;
    let late =
        Account::update().filter_by(Account::id, 1).set(Account::balance, 0).execute(&mut waiter).await.unwrap_err();
    assert_eq!(late.kind(), Kind::Timeout, "{late}");
    waiter.commit().await?;
    let release = async {
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        holder.commit().await
    };
    let (again, released) = tokio::join!(transfer(1, 2), release);
    again?;
    released?;
    assert_eq!(select(Account::balance).order_by(Account::id).all(&mut db.session()).await?, [6, 9]);
    Ok(())
}

#[tokio::test]
async fn a_table_that_is_made_does_not_end_the_transaction_unnoticed() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let mut s = db.session();
    s.add(new!(Account { owner: "cyd", balance: 1 }));
    s.flush().await?;
    sql("CREATE TABLE aside (id INT PRIMARY KEY)").execute(&mut s).await?; // commits what was before
    s.add(new!(Account { owner: "dan", balance: 1 }));
    s.flush().await?;
    s.rollback().await?;
    assert_eq!(select(Account::owner).order_by(Account::id).all(&mut s).await?, ["ada", "bob", "cyd"]);
    Ok(())
}

/// The number by which the server knows the session's connection.
async fn number(s: &mut Session) -> realgar::Result<i64> {
    sql("SELECT CONNECTION_ID()").one(s).await
}

#[tokio::test]
async fn a_connection_that_is_killed_is_replaced() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let mut killer = db.session();
    let mut s = db.session();
    let account = s.get_one::<Account>(1).await?;
    s[account].balance = 3;
    s.flush().await?;
    let kill = format!("KILL {}", number(&mut s).await?);
    sql(kill).execute(&mut killer).await?;
    let error = Account::select().count(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Operational, "{error}");
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::PendingRollback);
    s.rollback().await?;
    assert_eq!(s.get_one::<Account>(1).await.map(|account| s[account].balance)?, 10);
    // Nobody knows what became of a commit that was under way.
    s[account].balance = 4;
    s.flush().await?;
    let kill = format!("KILL {}", number(&mut s).await?);
    sql(kill).execute(&mut killer).await?;
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), Kind::UnknownOutcome, "{error}");
    s.rollback().await?;
    assert_eq!(Account::select().filter_by(Account::id, 1).fetch_one(&db).await?.balance, 10);
    // One that was killed while it lay in the pool is replaced before anything is lost.
    let lying = number(&mut s).await?;
    s.rollback().await?;
    sql(format!("KILL {lying}")).execute(&mut killer).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    for _ in 0..3 {
        assert_eq!(Account::select().count(&mut db.session()).await?, 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_future_that_is_dropped_stops_its_statement() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let mut s = db.session();
    let account = s.get_one::<Account>(1).await?;
    s[account].balance = 3;
    s.flush().await?;
    let slow = number(&mut s).await?;
    let sleep = sql("SELECT SLEEP(30)").all::<i64>(&mut s);
    assert!(tokio::time::timeout(Duration::from_millis(100), sleep).await.is_err());
    s.rollback().await?;
    assert_eq!(s.get_one::<Account>(1).await.map(|account| s[account].balance)?, 10);
    let running = || sql(format!("SELECT COUNT(*) FROM information_schema.processlist WHERE id = {slow}"));
    let mut gone = false;
    for _ in 0..50 {
        gone = running().one::<i64>(&mut s).await? == 0;
        if gone {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(gone, "the server was told to stop");
    Ok(())
}

#[tokio::test]
async fn what_is_larger_than_a_packet_is_refused_here() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let mut s = db.session();
    let packet = sql("SELECT @@max_allowed_packet").one::<i64>(&mut s).await? as usize;
    let tag = s.add(new!(Tag { name: "x".repeat(packet) }));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Data, "{error}");
    assert!(error.to_string().contains("max_allowed_packet"), "{error}");
    s.rollback().await?;
    assert!(s.state(tag).is_ok());
    // Together they are larger: they go in several statements.
    s.add_all((0..5).map(|_| new!(Tag { name: "y".repeat(packet / 4) })));
    s.commit().await?;
    assert_eq!(Tag::select().count(&mut s).await?, 5);
    Ok(())
}

/// Of an UPDATE or DELETE of many rows, the one that is gone is found.
#[tokio::test]
async fn a_row_that_is_gone_is_named() -> realgar::Result<()> {
    let Some((_world, db)) = accounts().await else { return Ok(()) };
    let mut s = db.session();
    let tags = s.add_all((0..50).map(|number| new!(Tag { name: format!("t{number}") })));
    s.commit().await?;
    let ids: Vec<i64> = tags.iter().map(|&tag| s[tag].id).collect();
    sql("DELETE FROM tags WHERE id = ?").bind(ids[33]).execute(&mut s).await?;
    for &tag in &tags {
        s[tag].name.push('!');
    }
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::StaleData);
    assert!(error.to_string().contains(&format!("Tag(id = {})", ids[33])), "{error}");
    s.rollback().await?;
    // An UPDATE that changes nothing has met its rows; a DELETE of a row that is gone has what it wanted.
    sql("UPDATE tags SET name = CONCAT(name, '?')").execute(&mut s).await?;
    for &tag in &tags {
        s[tag].name.push('?');
    }
    s.flush().await?;
    sql("DELETE FROM tags WHERE id = ?").bind(ids[5]).execute(&mut s).await?;
    for &tag in &tags {
        s.delete(tag)?;
    }
    s.commit().await?;
    assert_eq!(Tag::select().count(&mut s).await?, 0);
    Ok(())
}
