//! Encryption: what each `sslmode` asks for, and what it refuses.

use realgar::{ModelDesc, prelude::*, sql};

use crate::world::server;

const NONE: [&ModelDesc; 0] = [];

/// Whether the connection of this URL is encrypted.
async fn encrypted(url: &str) -> realgar::Result<bool> {
    let db = Db::connect(url, NONE).await?;
    let ssl = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(sql(ssl).scalar::<bool>(&mut db.session()).await?.unwrap_or_default())
}

#[tokio::test]
async fn modes_encrypt_and_verify_as_they_say() -> realgar::Result<()> {
    let (Some(url), Ok(authority)) = (server("REALGAR_TEST_URL"), std::env::var("REALGAR_TEST_AUTHORITY")) else {
        return Ok(());
    };
    let mode = |mode: &str| format!("{url}?sslmode={mode}");
    assert!(!encrypted(&mode("disable")).await?);
    assert!(encrypted(&mode("prefer")).await?);
    assert!(encrypted(&url).await?, "`prefer` is the default");
    assert!(encrypted(&mode("require")).await?);
    let trusted = format!("{}&sslrootcert={authority}", mode("verify-full"));
    assert!(encrypted(&trusted).await?);
    assert!(encrypted(&trusted.replace("127.0.0.1", "localhost")).await?);
    // An authority that nobody knows, a host that the certificate does not name.
    for refused in [mode("verify-full"), trusted.replace("127.0.0.1", "127.0.0.2")] {
        let error = encrypted(&refused).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Operational, "{error}");
    }
    for wrong in [mode("maybe"), format!("{url}?sslrootcert={authority}"), format!("{trusted}.missing")] {
        assert_eq!(encrypted(&wrong).await.unwrap_err().kind(), Kind::Argument);
    }
    Ok(())
}

#[tokio::test]
async fn no_error_shows_the_password() {
    let Some(url) = server("REALGAR_TEST_URL") else { return };
    let address = url.split_once('@').expect("a user").1;
    for url in [
        format!("postgres://me:s3cret@{address}?nonsense=1"),
        format!("postgres://me:s3cret@{address}?port=s3cret"),
        format!("postgres://me:s3?cret@{address}"),
        "postgres://me:s3cret@127.0.0.1:1/db?connect_timeout=1".to_owned(),
        format!("postgres://nobody:s3cret@{address}"),
        format!("postgres://postgres:s3cret@{}/missing", address.split_once('/').expect("a database").0),
    ] {
        let error = Db::connect(&url, NONE).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Argument | Kind::Operational), "{error}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("s3cret") && !text.contains("cret@"), "{text}");
        }
    }
    let db = Db::connect(&format!("postgres://postgres:s3cret@{address}"), NONE).await.unwrap();
    assert!(!format!("{db:?}").contains("s3cret"));
}
