//! The databases: one with rows, one without, and copies of them.

use std::{fmt::Write, pin::pin};

use bytes::Bytes;
use common::*;
use futures_util::SinkExt;
use tokio_postgres::{Client, Error, NoTls};

async fn connect(server: &str, database: &str) -> Result<Client, Error> {
    let (base, _) = server.rsplit_once('/').expect("a database in the URL");
    let (client, connection) = tokio_postgres::connect(&format!("{base}/{database}"), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub async fn make(server: &str) -> Result<(), Error> {
    let maintenance = connect(server, "postgres").await?;
    for kind in ["seed", "empty"] {
        maintenance.execute(&format!("CREATE DATABASE {POSTGRES_WORK}_{kind}"), &[]).await?;
        let client = connect(server, &format!("{POSTGRES_WORK}_{kind}")).await?;
        client.batch_execute(POSTGRES_SCHEMA).await?;
        if kind == "seed" {
            fill(&client).await?;
        }
        client.batch_execute("VACUUM ANALYZE").await?;
    }
    Ok(())
}

/// Replaces the database that programs work on.
pub async fn copy(server: &str, kind: &str) -> Result<(), Error> {
    let maintenance = connect(server, "postgres").await?;
    maintenance.execute(&format!("DROP DATABASE IF EXISTS {POSTGRES_WORK} WITH (FORCE)"), &[]).await?;
    let copy = format!("CREATE DATABASE {POSTGRES_WORK} TEMPLATE {POSTGRES_WORK}_{kind}");
    maintenance.execute(&copy, &[]).await?;
    // Processes that help and are gone afterwards could not be asked for their time; and nothing is to be written meanwhile.
    let alone = format!("ALTER DATABASE {POSTGRES_WORK} SET max_parallel_workers_per_gather = 0");
    maintenance.execute(&alone, &[]).await?;
    maintenance.batch_execute("CHECKPOINT").await
}

async fn fill(client: &Client) -> Result<(), Error> {
    let mut lines = String::new();
    for user in 1..=USERS {
        writeln!(lines, "{user}\t{}\t{}\t{}", user_name(user), user_email(user), user % 2 == 0).unwrap();
    }
    copy_in(client, "users", &mut lines).await?;
    for post in 1..=POSTS {
        writeln!(lines, "{post}\t{}\t{}\t{}", post_title(post), post_body(post), (post - 1) / 10 + 1).unwrap();
    }
    copy_in(client, "posts", &mut lines).await?;
    for tag in 1..=TAGS {
        writeln!(lines, "{tag}\ttag{tag}").unwrap();
    }
    copy_in(client, "tags", &mut lines).await?;
    for post in 1..=TAGGED {
        for place in 0..5 {
            writeln!(lines, "{post}\t{}", tag_of(post, place)).unwrap();
        }
    }
    copy_in(client, "post_tags", &mut lines).await
}

async fn copy_in(client: &Client, table: &str, lines: &mut String) -> Result<(), Error> {
    let mut sink = pin!(client.copy_in::<_, Bytes>(&format!("COPY {table} FROM STDIN")).await?);
    sink.send(std::mem::take(lines).into()).await?;
    sink.finish().await.map(|_| ())
}
