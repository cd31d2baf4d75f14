//! `cargo run -p blog` serves the blog, `cargo run -p blog -- shell` opens a shell on its models.
//!
//! The environment says the rest: see `USAGE`.

use std::{env, error::Error, process::ExitCode};

use blog::{Settings, visitor::Https};
use realgar::Db;
use realgar_axum::Config;
use tokio::net::TcpListener;

const USAGE: &str = "\
usage: blog            serve the blog
       blog shell      a shell on its models

  DATABASE_URL   where its data is   (sqlite:///blog.db?begin=immediate)
  DATABASE_ECHO  1: print every statement
  BLOG_ADDRESS   where it listens    (127.0.0.1:3000)
  BLOG_HTTPS     always: browsers reach it by https, its cookie is never sent in the clear;
                 proxy: as the proxy before it says in X-Forwarded-Proto
  BLOG_TIMING    1: say in the header Server-Timing what the database did";

/// Writers wait for one another from the start, so that none is overtaken.
const URL: &str = "sqlite:///blog.db?begin=immediate";

#[tokio::main]
async fn main() -> ExitCode {
    // Warnings and errors, to where errors go: what visitors are not told stands there.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
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

async fn open(url: &str) -> Result<Db, Box<dyn Error>> {
    let db = Config::from_env()?.or_url(url).connect(blog::models()).await?;
    db.create_all().await?;
    Ok(db)
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let timing = env::var("BLOG_TIMING").is_ok_and(|timing| timing == "1");
    let https = env::var("BLOG_HTTPS").unwrap_or_default();
    let https =
        Https::parse(&https).ok_or("BLOG_HTTPS is not understood\n  way out: it takes never, always or proxy")?;
    let settings = Settings { timing, https };
    let db = open(URL).await?;
    if blog::seed::seed(&db).await? {
        let (users, password) = (blog::seed::USERS.join(", "), blog::seed::PASSWORD);
        println!("a new blog: log in as {users}; the password of each is {password}");
    }
    let address = env::var("BLOG_ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}\n  way out: BLOG_ADDRESS=127.0.0.1:0 takes a port that is free")
    })?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, blog::app(db, settings))
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

async fn shell() -> Result<(), Box<dyn Error>> {
    // Whoever sits at a prompt keeps no writer waiting: a deferred transaction reads until something is changed.
    let db = open("sqlite:///blog.db").await?;
    realgar_axum::shell(db).await?;
    Ok(())
}
