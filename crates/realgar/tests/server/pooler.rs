//! PgBouncer, which gives every transaction another connection of the server: no statement has a name there.

use realgar::{ModelDesc, prelude::*, sql};

use crate::world::server;

#[derive(Debug, Model)]
#[model(table = "pooled")]
struct Pooled {
    #[column(primary_key)]
    id: i64,
    name: String,
    price: f64,
    note: Option<Vec<u8>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_works_without_named_statements() -> realgar::Result<()> {
    let Some(url) = server("REALGAR_TEST_POOLER") else { return Ok(()) };
    let db = Db::connect(&format!("{url}?statement_cache=0&sslmode=disable"), models![Pooled]).await?;
    db.drop_all().await?;
    db.create_all().await?;
    let mut tasks = Vec::new();
    for task in 0..8 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            for round in 0..10 {
                let mut s = db.session();
                let row =
                    |number| new!(Pooled { name: format!("{task}.{round}.{number}"), price: 1.5, note: vec![0, 255] });
                let rows = s.add_all((0..5).map(row));
                s.commit().await?;
                let ids = rows.iter().map(|&row| s[row].id).collect::<Vec<_>>();
                let found = Pooled::select().filter(Pooled::id.in_(ids) & Pooled::price.gt(1.0)).all(&mut s).await?;
                assert_eq!(found.len(), 5);
                s[found[0]].price += 0.25;
                s.delete(found[1])?;
                s.commit().await?;
                let one = s.get_one::<Pooled>(s[found[0]].id).await?;
                assert_eq!((s[one].price, s[one].note.as_deref()), (1.75, Some(&[0, 255][..])));
                s.rollback().await?;
            }
            Ok::<(), realgar::Error>(())
        }));
    }
    for task in tasks {
        task.await.expect("no panic")?;
    }
    assert_eq!(Pooled::select().count(&mut db.session()).await?, 8 * 10 * 4);
    db.drop_all().await
}

/// What happens without the switch is an error that names it.
#[tokio::test]
async fn a_lost_statement_names_the_switch() -> realgar::Result<()> {
    let Some(url) = server("REALGAR_TEST_POOLER") else { return Ok(()) };
    let none: [&'static ModelDesc; 0] = [];
    let db = Db::builder(none).pool_size(8).connect(&format!("{url}?sslmode=disable")).await?;
    let mut sessions: Vec<Session> = (0..3).map(|_| db.session()).collect();
    let mut lost = None;
    for round in 0..60 {
        let s = &mut sessions[round % 3];
        let text = "SELECT CAST(? AS BIGINT)";
        match sql(text).bind(round as i64).all::<i64>(s).await {
            Ok(_) => {}
            Err(error) => lost = Some(error),
        }
        // Two transactions at a time stay open, so that the next one gets another connection of the server.
        if round % 3 == 2 {
            for s in &mut sessions {
                s.rollback().await?;
            }
            sessions.rotate_left(1);
        }
    }
    if let Some(error) = lost {
        assert!(error.to_string().contains("statement_cache=0"), "{error}");
    }
    Ok(())
}
