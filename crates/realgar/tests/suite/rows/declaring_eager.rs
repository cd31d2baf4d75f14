//! Models that are loaded with their owners by the mapping.

use realgar::prelude::*;

#[derive(Model)]
#[model(table = "pages")]
pub(super) struct Page {
    #[column(primary_key)]
    pub(super) id: i64,
    #[relationship(lazy = "joined")]
    pub(super) notes: Many<Note>,
}

#[derive(Model)]
#[model(table = "notes")]
pub(super) struct Note {
    #[column(primary_key)]
    pub(super) id: i64,
    #[column(foreign_key = Page::id)]
    pub(super) page_id: Option<i64>,
}
