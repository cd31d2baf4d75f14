//! What is not there is a 404.

use axum::http::StatusCode;
use realgar::prelude::*;
use realgar_axum::{Problem, prelude::*};

use crate::app::{self, Place, Post, User, seed};

fn status<T>(result: Result<T, Problem>) -> StatusCode {
    result.err().expect("nothing is there").status()
}

#[tokio::test]
async fn r155_what_is_not_there_is_not_found() {
    let db = app::db().await;
    seed(&db, &[("Ada", 2), ("Bob", 0)]).await;
    let mut s = db.session();
    s.add(new!(Place { row: 3, seat: "C" }));
    s.commit().await.unwrap();

    let ada = s.get_or_404::<User>(1).await.unwrap();
    assert_eq!(s[ada].name, "Ada");
    assert_eq!(status(s.get_or_404::<User>(99).await), StatusCode::NOT_FOUND);
    s.get_or_404::<Place>((3, "C".to_owned())).await.unwrap();
    assert_eq!(status(s.get_or_404::<Place>((3, "D".to_owned())).await), StatusCode::NOT_FOUND);

    let by = |name| User::select().filter_by(User::name, name);
    assert_eq!(by("Ada").first_or_404(&mut s).await.unwrap(), ada);
    assert_eq!(status(by("Eve").first_or_404(&mut s).await), StatusCode::NOT_FOUND);
    assert_eq!(by("Ada").one_or_404(&mut s).await.unwrap(), ada);
    assert_eq!(status(by("Eve").one_or_404(&mut s).await), StatusCode::NOT_FOUND);
    assert_eq!(status(Post::select().one_or_404(&mut s).await), StatusCode::NOT_FOUND, "several are not one");
    assert_eq!(select(User::name).first_or_404(&mut s).await.unwrap(), "Ada", "also for columns");
}

#[tokio::test]
async fn r155_a_description_is_told_of_what_was_not_found_alone() {
    let db = app::db().await;
    let mut s = db.session();
    let problem = s.get_or_404::<User>(99).await.describe("There is no such user.").unwrap_err();
    assert_eq!(problem.text(), Some("There is no such user."));
    let conflict: Result<(), Problem> = Err(Problem::new(StatusCode::CONFLICT).detail("taken"));
    assert_eq!(conflict.describe("not found").unwrap_err().text(), Some("taken"));
}

#[tokio::test]
async fn r155_what_was_found_is_not_asked_for_again() {
    let db = app::db().await;
    seed(&db, &[("Ada", 0)]).await;
    let mut s = db.session();
    s.get_or_404::<User>(1).await.unwrap();
    let recorder = s.recorder();
    s.get_or_404::<User>(1).await.unwrap();
    assert_eq!(recorder.count(), 0);
}
