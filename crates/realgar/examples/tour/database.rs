//! The tour's database: in memory or in a file, with every table fresh and empty.

use std::{error::Error, fs};

use realgar::prelude::*;

use crate::{article, chapter, guide, howto, lesson, options::Options};

/// Who took the tour. A file with this table is ours, and only such a file is written over.
#[derive(Model)]
#[model(table = "tour")]
struct Tour {
    #[column(primary_key)]
    id: i64,
    name: String,
}

/// Opens the database and makes the tables.
pub async fn open(options: &Options) -> Result<Db, Box<dyn Error>> {
    let models = models![
        Tour,
        lesson::User,
        lesson::loading::User,
        lesson::flask::User,
        lesson::mistakes::one_sided::User,
        lesson::exercises::Author,
        lesson::exercises::Student,
        guide::Author,
        guide::shapes::Student,
        guide::shapes::User,
        guide::parents::Parent,
        guide::lazy::Author,
        chapter::User,
        chapter::joins::User,
        howto::User,
        howto::Parent,
        howto::joined::User,
        article::User,
        article::cascades::Owner,
        article::cascades::Keeper,
        article::groups::User,
        article::memberships::User,
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
