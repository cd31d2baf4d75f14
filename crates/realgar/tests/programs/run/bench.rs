//! The databases of programs: models, tables, and another connection to them.

use std::path::Path;

use realgar::{prelude::*, sql};

use crate::schemas::{Kind, Schema, blog::*, library::*, school::*, tree::*};

/// A database in which programs run one after another.
pub struct Bench {
    pub schema: Schema,
    pub db: Db,
    /// Another connection: the same database in memory, a connection of its own to a file.
    pub other: Db,
}

impl Bench {
    /// A database in memory, or in a file.
    pub async fn new(schema: Schema, file: Option<&Path>) -> realgar::Result<Bench> {
        let models = || match schema {
            Schema::Library => models![Author, Book, Page].to_vec(),
            Schema::Blog => models![Post, Label].to_vec(),
            Schema::Tree => models![Node].to_vec(),
            Schema::School => models![Student, Course, Enrolment].to_vec(),
        };
        let url = file.map_or_else(|| "sqlite::memory:".to_owned(), |file| format!("sqlite:///{}", file.display()));
        let db = Db::connect(&url, models()).await?;
        db.create_all().await?;
        let other = if file.is_some() { Db::connect(&url, models()).await? } else { db.clone() };
        Ok(Bench { schema, db, other })
    }

    /// Empties all tables.
    pub(super) async fn clear(&self) -> realgar::Result<()> {
        let mut s = self.other.session();
        for &kind in self.schema.kinds().iter().rev() {
            match kind {
                Kind::Post => sql("DELETE FROM post_labels").execute(&mut s).await?,
                Kind::Node => sql("UPDATE nodes SET parent_id = NULL").execute(&mut s).await?,
                _ => 0,
            };
        }
        for &kind in self.schema.kinds().iter().rev() {
            sql(format!("DELETE FROM {}", kind.mould().table)).execute(&mut s).await?;
        }
        s.commit().await
    }
}
