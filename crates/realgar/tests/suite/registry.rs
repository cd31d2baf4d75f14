//! What no single model shows is reported where the database is opened: the right kind, all at once, with a way out.
//! All other mistakes in a mapping do not compile: see the crate `realgar-compile-fail`.

use crate::database::database;
use realgar::{Error, ModelDesc, prelude::*};

async fn mistake(models: impl AsRef<[&'static ModelDesc]>) -> Error {
    Db::connect(&database().await, models).await.expect_err("the mapping is wrong")
}

/// The mistake has this kind, and its text holds all of these.
async fn check(models: impl AsRef<[&'static ModelDesc]>, kind: Kind, parts: &[&str]) {
    let error = mistake(models).await;
    assert_eq!(error.kind(), kind, "{error}");
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
}

mod forked {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    /// Two keys lead to `User`.
    #[derive(Debug, Model)]
    pub(super) struct Page {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) author_id: i64,
        #[column(foreign_key = User::id)]
        pub(super) editor_id: Option<i64>,
        #[relationship(foreign_keys = Page::author_id)]
        pub(super) author: One<User>,
        #[relationship(foreign_keys = Page::editor_id)]
        pub(super) editor: One<Option<User>>,
    }
}

#[tokio::test]
async fn a_chosen_foreign_key_is_the_one_that_is_written() {
    use forked::{Page, User};

    let db = crate::models::open(models![Page]).await;
    let mut s = db.session();
    let (ada, bob) = (s.add(new!(User {})), s.add(new!(User {})));
    let page = s.add(new!(Page { author: ada, editor: bob }));
    s.flush().await.unwrap();
    assert_eq!((s[page].author_id, s[page].editor_id), (1, Some(2)));
}

mod twins {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "people")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    #[derive(Debug, Model)]
    #[model(table = "people")]
    pub(super) struct Person {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

#[tokio::test]
async fn two_models_on_one_table() {
    let parts = ["`User`", "`Person`", "`people`", "another name"];
    check(models![twins::User, twins::Person], Kind::InvalidRequest, &parts).await;
}

/// Two models of one name, in two modules, are two models.
mod namesakes {
    pub(super) mod a {
        use realgar::prelude::*;

        #[derive(Debug, Model)]
        #[model(table = "a_users")]
        pub(crate) struct User {
            #[column(primary_key)]
            pub(crate) id: i64,
        }
    }

    pub(super) mod b {
        use realgar::prelude::*;

        #[derive(Debug, Model)]
        #[model(table = "b_users")]
        pub(crate) struct User {
            #[column(primary_key)]
            pub(crate) id: i64,
        }
    }

    /// As `a::User`, table and all.
    pub(super) mod c {
        use realgar::prelude::*;

        #[derive(Debug, Model)]
        #[model(table = "a_users")]
        pub(crate) struct User {
            #[column(primary_key)]
            pub(crate) id: i64,
        }
    }
}

#[tokio::test]
async fn models_of_one_name_are_told_apart() {
    use namesakes::{a, b, c};

    let db = crate::models::open(models![a::User, b::User]).await;
    let mut s = db.session();
    s.add(new!(a::User {}));
    s.add(new!(b::User { id: 5 }));
    s.commit().await.unwrap();
    assert!(s.get::<b::User>(5).await.unwrap().is_some() && s.get::<a::User>(5).await.unwrap().is_none());
    check(models![a::User, c::User], Kind::InvalidRequest, &["a_users"]).await;
}

#[tokio::test]
async fn all_mistakes_are_told_at_once() {
    use namesakes::{a, c};

    check(
        models![twins::User, twins::Person, a::User, c::User],
        Kind::InvalidRequest,
        &[
            "2 mapping mistakes:",
            "`User` and `Person` both stand for the table `people`",
            "`User` and `User`",
            "`a_users`",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_model_that_the_database_does_not_know() {
    let db = crate::models::open(models![twins::User]).await;
    let mut s = db.session();
    let error = twins::Person::select().all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("Person") && error.to_string().contains("models!["), "{error}");
    // `add` cannot fail: the flush says it, with the place.
    let handle = s.add(new!(twins::Person {}));
    let error = s.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.place().unwrap().file()), (Kind::InvalidRequest, file!()));
    assert_eq!(s.try_ref(handle).unwrap_err().kind(), Kind::InvalidRequest);
}
