//! `version` columns: the session counts the updates of a row, and notices when somebody else did, too.

use realgar::prelude::*;

use crate::models::{File, open, statements};

#[derive(Model, Debug)]
#[model(table = "pages")]
struct Page {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(version)]
    version: i64,
    #[relationship(back_populates = page)]
    notes: Many<Note>,
}

#[derive(Model, Debug)]
#[model(table = "notes")]
struct Note {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Page::id)]
    page_id: Option<i64>,
    #[relationship(back_populates = notes)]
    page: One<Option<Page>>,
}

#[derive(Model, Debug)]
#[model(table = "drafts")]
struct Draft {
    #[column(primary_key)]
    id: i64,
    #[column(version)]
    version: i32,
}

#[tokio::test]
async fn it_starts_at_one_and_counts_the_updates_of_the_row_alone() {
    let db = open(models![Page, Note]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    assert_eq!(s[page].version, 0, "not yet");
    s.flush().await.unwrap();
    assert_eq!(s[page].version, 1);
    s[page].title = "b".into();
    s.flush().await.unwrap();
    assert_eq!(s[page].version, 2);
    s[page].title = "b".into();
    s.append(page, Page::notes, new!(Note {})).unwrap();
    s.commit().await.unwrap();
    assert_eq!(s[page].version, 2, "a note is no update of the page");
    let versions: Vec<i64> = select(Page::version).all(&mut s).await.unwrap();
    assert_eq!(versions, [2]);
}

#[tokio::test]
async fn the_statements_ask_for_the_version_that_was_read() {
    if crate::database::lacks("statements as SQLite spells them") {
        return;
    }
    let db = open(models![Page, Note]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    s.commit().await.unwrap();
    let recorder = db.recorder();
    s[page].title = "b".into();
    s.flush().await.unwrap();
    s.delete(page).unwrap();
    s.flush().await.unwrap();
    let texts: Vec<String> =
        crate::models::texts(&recorder).into_iter().filter(|sql| !sql.starts_with("SELECT")).collect();
    assert_eq!(
        texts,
        [
            r#"UPDATE "pages" SET "title" = ?, "version" = ? WHERE "id" = ? AND "version" = ?"#,
            r#"DELETE FROM "pages" WHERE "id" = ? AND "version" = ?"#,
        ]
    );
}

#[tokio::test]
async fn a_row_that_somebody_else_changed_is_stale_data_and_stays_as_it_is() {
    let file = File::new();
    let db = file.open(models![Page, Note]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    s.commit().await.unwrap();
    file.execute("UPDATE pages SET title = 'theirs', version = version + 1");
    s[page].title = "mine".into();
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), Kind::StaleData);
    assert_eq!(error.entity(), Some("Page(id = 1)"));
    assert!(error.what().contains("`Page::version`"), "{error}");
    s.rollback().await.unwrap();
    assert_eq!((s[page].title.as_str(), s[page].version), ("a", 1));
    s.refresh(page).await.unwrap();
    assert_eq!((s[page].title.as_str(), s[page].version), ("theirs", 2));
    s[page].title = "mine".into();
    s.commit().await.unwrap();
    assert_eq!(s[page].version, 3);
}

#[tokio::test]
async fn deleting_a_row_that_somebody_else_changed_is_stale_data() {
    let file = File::new();
    let db = file.open(models![Draft]).await;
    let mut s = db.session();
    let draft = s.add(new!(Draft {}));
    s.commit().await.unwrap();
    file.execute("UPDATE drafts SET version = version + 1");
    s.delete(draft).unwrap();
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::StaleData);
    s.rollback().await.unwrap();
    assert_eq!(s.state(draft).unwrap(), realgar::State::Persistent);
    s.refresh(draft).await.unwrap();
    s.delete(draft).unwrap();
    s.commit().await.unwrap();
}

#[tokio::test]
async fn a_rollback_restores_the_version() {
    let db = open(models![Page, Note]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    s.commit().await.unwrap();
    s[page].title = "b".into();
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    assert_eq!(s[page].version, 1);
    s[page].title = "c".into();
    s.commit().await.unwrap();
    assert_eq!(s[page].version, 2);
}

#[tokio::test]
async fn what_is_merged_must_be_of_the_version_that_is_there() {
    let db = open(models![Page, Note]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    s.commit().await.unwrap();
    s[page].title = "b".into();
    s.commit().await.unwrap();

    let error = s.merge(new!(Page { id: 1, title: "old", version: 1 })).await.unwrap_err();
    assert_eq!(error.kind(), Kind::StaleData, "{error}");
    assert_eq!(s[page].title, "b");
    let merged = s.merge(new!(Page { id: 1, title: "c", version: 2 })).await.unwrap();
    s.commit().await.unwrap();
    assert_eq!((merged, s[page].version), (page, 3));
    s.merge(new!(Page { id: 1, title: "d" })).await.unwrap();
    s.commit().await.unwrap();
    assert_eq!((s[page].title.as_str(), s[page].version), ("d", 4), "without a version, it is onto what is there");
}

#[tokio::test]
async fn a_row_switch_counts_on() {
    let db = open(models![Page, Note]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    s.flush().await.unwrap();
    s.delete(page).unwrap();
    let other = s.add(new!(Page { id: 1, title: "b" }));
    let recorder = db.recorder();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["SELECT", "UPDATE pages(title, version) x1"]);
    assert_eq!(s[other].version, 2);
}

#[tokio::test]
async fn a_merge_without_a_version_writes_nothing_but_what_differs() {
    let db = open(models![Page, Note]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    s.commit().await.unwrap();
    assert_eq!(s.merge(new!(Page { id: s[page].id, title: "a" })).await.unwrap(), page);
    let recorder = db.recorder();
    s.commit().await.unwrap();
    assert_eq!((statements(&recorder), s[page].version), (vec![], 1));
    s.merge(new!(Page { id: s[page].id, title: "b" })).await.unwrap();
    s.commit().await.unwrap();
    assert_eq!((s[page].title.as_str(), s[page].version), ("b", 2));
}
