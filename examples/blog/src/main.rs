//! `cargo run -p blog` serves the blog, `cargo run -p blog -- shell` opens a shell on its models.
//!
//! `DATABASE_URL` says where its database is (`sqlite:///blog.db`), `BLOG_ADDRESS` where it listens (`127.0.0.1:3000`),
//! `BLOG_TIMING=1` adds the header `Server-Timing`.

use std::{env, error::Error, process::ExitCode};

use realgar::Db;
use realgar_axum::Config;
use tokio::net::TcpListener;

const USAGE: &str = "\
usage: blog            serve the blog
       blog shell      a shell on its models

DATABASE_URL=sqlite:///blog.db   DATABASE_ECHO=1   BLOG_ADDRESS=127.0.0.1:3000   BLOG_TIMING=1";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => serve().await,
        ["shell"] => shell().await,
        ["-h" | "--help" | "help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("blog: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn open() -> Result<Db, Box<dyn Error>> {
    let db = Config::from_env()?.or_url("sqlite:///blog.db").connect(blog::models()).await?;
    db.create_all().await?;
    Ok(db)
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let db = open().await?;
    if blog::seed::seed(&db).await? {
        let (users, password) = (blog::seed::USERS.join(", "), blog::seed::PASSWORD);
        println!("a new blog, with users to log in as: {users}; the password is {password}");
    }
    let address = env::var("BLOG_ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}\n  way out: BLOG_ADDRESS=127.0.0.1:0 takes a port that is free")
    })?;
    println!("listening on http://{}", listener.local_addr()?);
    let timing = env::var("BLOG_TIMING").is_ok_and(|timing| timing == "1");
    axum::serve(listener, blog::app(db, timing))
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

async fn shell() -> Result<(), Box<dyn Error>> {
    let db = open().await?;
    realgar_axum::shell(db).await?;
    Ok(())
}
