//! Encryption: what each `sslmode` asks for, and what it refuses.

use realgar::{ModelDesc, prelude::*, sql};

use super::server;

const NONE: [&ModelDesc; 0] = [];

/// Whether the connection of this URL is encrypted.
async fn encrypted(url: &str) -> realgar::Result<bool> {
    let db = Db::connect(url, NONE).await?;
    let cipher = sql("SHOW STATUS LIKE 'Ssl_cipher'").all::<(String, String)>(&mut db.session()).await?;
    Ok(cipher.iter().any(|(_, cipher)| !cipher.is_empty()))
}

#[tokio::test]
async fn modes_encrypt_and_verify_as_they_say() -> realgar::Result<()> {
    let (Some(url), Ok(authority)) = (server(), std::env::var("REALGAR_TEST_AUTHORITY")) else { return Ok(()) };
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
    let Some(url) = server() else { return };
    let (who, address) = url.split_once('@').expect("a user");
    for url in [
        format!("mysql://me:s3cret@{address}?nonsense=1"),
        format!("mysql://me:s3cret@{address}?charset=s3cret"),
        format!("mysql://me:s3?cret@{address}"),
        "mysql://me:s3cret@127.0.0.1:1/db?connect_timeout=1".to_owned(),
        format!("mysql://nobody:s3cret@{address}"),
        format!("mariadb://realgar:s3cret@{address}"),
        format!("{who}@{}/missing", address.split_once('/').expect("a database").0),
    ] {
        let error = Db::connect(&url, NONE).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Argument | Kind::Operational), "{error}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("s3cret") && !text.contains("cret@"), "{text}");
        }
    }
    let db = Db::connect(&url, NONE).await.unwrap();
    assert!(!format!("{db:?}").contains("realgar:realgar") && !format!("{db:?}").contains("password"));
}
