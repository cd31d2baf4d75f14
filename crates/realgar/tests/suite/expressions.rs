//! SQL expressions as values: rendered into the statement of the flush, and read back.

use realgar::prelude::*;

use crate::models::{open, statements};

#[derive(Model, Debug)]
#[model(table = "pages")]
struct Page {
    #[column(primary_key)]
    id: i64,
    title: String,
    visits: i64,
    position: Option<i64>,
    #[column(version)]
    version: i64,
}

#[tokio::test]
async fn r076_an_expression_is_a_value_of_an_update() {
    let db = open(models![Page]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a", visits: 1 }));
    s.flush().await.unwrap();
    sql("UPDATE pages SET visits = 41").execute(&mut s).await.unwrap();
    let recorder = db.recorder();
    s[page].title = "b".into();
    s.set_expression(page, Page::visits, Page::visits + 1).unwrap();
    assert!(s.is_modified(page).unwrap());
    assert_eq!(s.plan().await.unwrap().to_string(), "update pages (title, visits): Page(id = 1)\n");
    s.flush().await.unwrap();
    // `"visits" = "pages"."visits" + ?`
    assert_eq!(statements(&recorder), ["UPDATE pages(title, visits, pages, visits, version) x1", "SELECT"]);
    assert_eq!((s[page].visits, s[page].title.as_str(), s[page].version), (42, "b", 2));
    s.flush().await.unwrap();
    assert_eq!(recorder.count(), 0, "it was set once");
}

#[tokio::test]
async fn a_rollback_restores_what_the_field_was() {
    let db = open(models![Page]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a", visits: 1 }));
    s.commit().await.unwrap();
    s.set_expression(page, Page::visits, Page::visits + 1).unwrap();
    s.flush().await.unwrap();
    assert_eq!(s[page].visits, 2);
    s.set_expression(page, Page::visits, Page::visits + 1).unwrap();
    s.rollback().await.unwrap();
    assert_eq!((s[page].visits, s.is_modified(page).unwrap()), (1, false));
    s.commit().await.unwrap();
    assert_eq!(Page::select().filter(Page::visits.eq(1)).count(&mut s).await.unwrap(), 1);
}

#[tokio::test]
async fn r076_an_expression_is_a_value_of_a_new_object() {
    let db = open(models![Page]).await;
    let mut s = db.session();
    let other = alias::<Page>();
    let first = s.add(new!(Page { title: "a", visits: 1, position: 7 }));
    let second = s.add(new!(Page { title: "b", visits: 2 }));
    let third = s.add(new!(Page { title: "c", visits: 3 }));
    s.set_expression(second, Page::position, select(max(other.col(Page::position))).scalar_subquery()).unwrap();
    let recorder = db.recorder();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["INSERT pages x1", "INSERT pages x1", "SELECT", "INSERT pages x1"]);
    assert_eq!((s[first].id, s[second].id, s[third].id), (1, 2, 3));
    assert_eq!((s[second].position, s[third].position), (Some(7), None));
    s.commit().await.unwrap();
    assert_eq!(s.get::<Page>(2).await.unwrap(), Some(second));
}

#[tokio::test]
async fn keys_versions_and_deleted_rows_have_none() {
    let db = open(models![Page]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a", visits: 1 }));
    s.flush().await.unwrap();
    assert_eq!(s.set_expression(page, Page::id, Page::visits + 1).unwrap_err().kind(), Kind::InvalidRequest);
    assert_eq!(s.set_expression(page, Page::version, Page::visits + 1).unwrap_err().kind(), Kind::InvalidRequest);
    s.delete(page).unwrap();
    s.flush().await.unwrap();
    assert_eq!(s.set_expression(page, Page::visits, 1).unwrap_err().kind(), Kind::InvalidRequest);
}

#[tokio::test]
async fn expire_and_refresh_forget_it() {
    let db = open(models![Page]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a", visits: 1 }));
    s.commit().await.unwrap();
    for (title, way) in ["b", "c", "d"].into_iter().zip(0..) {
        s.set_expression(page, Page::visits, Page::visits + 1).unwrap();
        match way {
            0 => s.expire(page).unwrap(),
            1 => s.refresh(page).await.unwrap(),
            _ => s.refresh_with(page, Page::visits).await.unwrap(),
        }
        assert!(!s.is_modified(page).unwrap());
        s[page].title = title.into();
        s.commit().await.unwrap();
        s.refresh(page).await.unwrap();
        assert_eq!((s[page].title.as_str(), s[page].visits), (title, 1));
    }
}

#[tokio::test]
async fn it_is_a_value_of_an_object_that_takes_a_deleted_one_s_row() {
    let db = open(models![Page]).await;
    let mut s = db.session();
    let old = s.add(new!(Page { title: "a", visits: 2 }));
    s.commit().await.unwrap();
    let recorder = db.recorder();
    s.delete(old).unwrap();
    let new = s.add(new!(Page { id: s[old].id, title: "b", visits: 0 }));
    s.set_expression(new, Page::visits, Page::visits + 40).unwrap();
    s.flush().await.unwrap();
    assert_eq!(recorder.count(), 2, "one UPDATE, one SELECT");
    assert_eq!((s[new].title.as_str(), s[new].visits, s[new].version), ("b", 42, 2));
    s.rollback().await.unwrap();
    assert_eq!((s[old].title.as_str(), s[old].visits, s[old].version), ("a", 2, 1));
}
