//! A walk through five introductions to SQLAlchemy's relationships: their examples in Rust, printing what they print.
//!
//! `cargo run --example tour -- --help` says how to change the name, keep the database and see the SQL. Each document
//! is a module, each of its examples has a number; begin with `lesson.rs`.

mod article;
mod chapter;
mod database;
mod guide;
mod howto;
mod lesson;
mod options;
mod python;

use std::{error::Error, process::ExitCode};

use options::{Ask, Options};

/// What every part of the tour returns.
type Done = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Ask::Tour(options)) => options,
        Ok(Ask::Help) => {
            println!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("tour: {problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match tour(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tour: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tour(options: &Options) -> Done {
    let db = database::open(options).await?;
    let name = options.name.as_str();

    println!("0. A lesson: one user, many posts");
    lesson::run(&db, name).await?;
    println!("\n1. A guide: four kinds of relationships");
    guide::run(&db).await?;
    println!("\n2. A chapter: connecting tables");
    chapter::run(&db, name).await?;
    println!("\n3. A how-to: syntax and examples");
    howto::run(&db).await?;
    println!("\n4. An article: cascades and association objects");
    article::run(&db).await
}
