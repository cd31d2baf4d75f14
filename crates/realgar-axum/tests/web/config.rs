//! Settings from variables.

use realgar::prelude::*;
use realgar_axum::Config;

use crate::app::User;

fn config(variables: &[(&str, &str)]) -> realgar::Result<Config> {
    let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::from_variables(find)
}

#[tokio::test]
async fn r152_a_url_is_required() {
    let error = config(&[]).unwrap().connect(models![User]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Argument);
    assert!(error.to_string().contains("DATABASE_URL"), "{error}");
    let error = config(&[("DATABASE_URL", "  ")]).unwrap().connect(models![User]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Argument, "empty is not set");
    config(&[("DATABASE_URL", "sqlite::memory:")]).unwrap().connect(models![User]).await.unwrap();
    config(&[]).unwrap().or_url("sqlite::memory:").connect(models![User]).await.unwrap();
    let error =
        config(&[("DATABASE_URL", "oracle://x")]).unwrap().or_url("sqlite::memory:").connect(models![User]).await;
    assert_eq!(error.unwrap_err().kind(), Kind::Argument, "what is set stands");
}

#[tokio::test]
async fn r152_create_all_makes_what_is_missing_in_one_database_in_memory() {
    let db = config(&[("DATABASE_URL", "sqlite::memory:")]).unwrap().connect(models![User]).await.unwrap();
    db.create_all().await.unwrap();
    db.create_all().await.unwrap();
    let mut first = db.session();
    first.add(new!(User { name: "Ada" }));
    first.commit().await.unwrap();
    assert_eq!(User::select().count(&mut db.session()).await.unwrap(), 1, "every session sees the same one");
    db.drop_all().await.unwrap();
    assert_eq!(User::select().count(&mut db.session()).await.unwrap_err().kind(), Kind::Operational);
}

#[tokio::test]
async fn settings_are_understood_or_refused() {
    for (name, value) in [
        ("DATABASE_ECHO", "perhaps"),
        ("DATABASE_POOL_SIZE", "many"),
        ("DATABASE_POOL_SIZE", "-1"),
        ("DATABASE_POOL_TIMEOUT", "1s"),
    ] {
        let error = config(&[(name, value)]).unwrap_err();
        assert_eq!(error.kind(), Kind::Argument);
        assert!(error.to_string().contains(name) && !error.to_string().contains(value), "{error}");
    }
    let all = [
        ("DATABASE_URL", "sqlite:////tmp/no/such/folder/app.db?secret=hunter2"),
        ("DATABASE_ECHO", "On"),
        ("DATABASE_POOL_SIZE", " 3 "),
        ("DATABASE_POOL_TIMEOUT", "50"),
    ];
    let shown = format!("{:?}", config(&all).unwrap());
    assert_eq!(shown, "Config { url: Some(\"[set]\"), echo: true, pool_size: Some(3), pool_timeout: Some(50ms) }");
    let settings = [("DATABASE_URL", "sqlite::memory:"), ("DATABASE_POOL_TIMEOUT", "30")];
    let db = config(&settings).unwrap().connect(models![User]).await.unwrap();
    let mut holder = db.session();
    holder.add(new!(User { name: "Ada" }));
    holder.flush().await.unwrap_err(); // no table, but a connection
    let mut holder = db.session();
    sql("SELECT 1").scalar::<i64>(&mut holder).await.unwrap();
    let error = sql("SELECT 1").scalar::<i64>(&mut db.session()).await.unwrap_err();
    assert!(error.what().contains("30 ms"), "{error}");
}
