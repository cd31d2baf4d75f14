//! Database URLs that are not understood.

use realgar::prelude::*;

use crate::{
    models::User,
    told::{MARKER, told},
};

#[tokio::test]
async fn what_is_not_understood_is_named() {
    for (name, url) in [
        ("no_scheme", "app.db".to_owned()),
        ("empty", String::new()),
        ("unknown_scheme", format!("oracle://scott:{MARKER}@host/db")),
        ("a_driver_beside_the_scheme", format!("sqlite+aiosqlite:///{MARKER}.db")),
        ("unknown_parameter", format!("sqlite::memory:?passwrd={MARKER}")),
        ("bad_number", format!("sqlite::memory:?pool_size={MARKER}")),
        ("negative_number", "sqlite::memory:?busy_timeout=-1".to_owned()),
        ("huge_number", "sqlite::memory:?pool_timeout=99999999999999999999999".to_owned()),
        ("number_without_value", "sqlite::memory:?pool_timeout".to_owned()),
        ("bad_choice", format!("sqlite::memory:?mode={MARKER}")),
        ("bad_switch", "sqlite::memory:?foreign_keys=yes".to_owned()),
        ("not_utf8", "sqlite:///%ff.db".to_owned()),
    ] {
        let error = Db::connect(&url, models![User]).await.unwrap_err();
        told(&format!("urls/{name}"), Kind::Argument, &error);
    }
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn what_a_server_is_not_asked_is_named() {
    for (name, place) in
        [("port", "host:port/db"), ("setting", "host/db?sslmode=maybe"), ("charset", "host/db?charset=latin1")]
    {
        let url = format!("mysql://scott:{MARKER}@{place}");
        let error = Db::connect(&url, models![User]).await.unwrap_err();
        told(&format!("urls/mysql_{name}"), Kind::Argument, &error);
    }
}

#[tokio::test]
async fn numbers_that_are_large_but_right() -> realgar::Result<()> {
    for url in [
        "sqlite::memory:?pool_timeout=18446744073709551615",
        "sqlite::memory:?busy_timeout=18446744073709551615&pool_size=0",
    ] {
        let db = Db::connect(url, models![User]).await?;
        db.create_all().await?;
    }
    Ok(())
}
