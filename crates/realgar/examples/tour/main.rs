//! A walk through five introductions to SQLAlchemy's relationships: their examples in Rust, printing what they print.
//!
//! `cargo run --example tour -- --help` says how to change the name, keep the database and see the SQL. Each document
//! is a module; begin with `lesson.rs`.

mod article;
mod chapter;
mod guide;
mod howto;
mod lesson;
mod options;
mod python;

use std::{error::Error, fs, process::ExitCode};

use options::{Ask, Options};
use realgar::prelude::*;

/// What every part of the tour returns.
type Done = Result<(), Box<dyn Error>>;

/// Who took the tour. A file with this table is ours, and only such a file is written over.
#[derive(Model)]
#[model(table = "tour")]
struct Tour {
    #[column(primary_key)]
    id: i64,
    name: String,
}

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
    let db = open(options).await?;
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

/// Opens the database, in memory or in a file, with every table fresh and empty.
async fn open(options: &Options) -> Result<Db, Box<dyn Error>> {
    let models = models![
        Tour,
        lesson::User,
        lesson::loading::User,
        lesson::exercises::Author,
        lesson::exercises::Student,
        guide::Author,
        guide::shapes::Student,
        guide::shapes::User,
        guide::shapes::Parent,
        chapter::User,
        chapter::joins::User,
        howto::User,
        howto::Parent,
        article::User,
        article::cascades::Owner,
        article::cascades::Keeper,
    ];
    let used = ours(options).await?;
    let db = Db::builder(models).echo(options.echo).connect(&options.url()).await?;
    if used {
        db.drop_all().await?;
    }
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(Tour { name: &options.name }));
    s.commit().await?;
    Ok(db)
}

/// Whether the file holds an earlier tour. One that holds anything else is refused, and was only read.
async fn ours(options: &Options) -> Result<bool, Box<dyn Error>> {
    match &options.db {
        Some(path) if fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0) => {
            let db = Db::connect(&format!("{}?mode=ro", options.url()), models![Tour]).await?;
            match Tour::select().first(&mut db.session()).await {
                Err(error) if error.kind() == Kind::Operational => {
                    Err(Box::from(format!("{path} holds tables of somebody else: name a file that is not there yet")))
                }
                tour => Ok(tour.map(|_| true)?),
            }
        }
        _ => Ok(false),
    }
}
