//! Mistakes in the mapping are reported where the database is opened: the right kind, all at once, with a way out.

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

mod unlinked {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) posts: Many<Post>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

#[tokio::test]
async fn no_foreign_key_links_the_tables() {
    check(
        models![unlinked::User],
        Kind::NoForeignKeys,
        &["`User::posts`", "`user` and `post`", "way out", "foreign_key = User::", "`Post`"],
    )
    .await;
}

mod unlinked_backref {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(backref = author)]
        pub(super) posts: Many<Post>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

#[tokio::test]
async fn a_mistake_is_told_once_where_backref_makes_the_way_back() {
    for models in [
        models![unlinked_backref::User, unlinked_backref::Post],
        models![unlinked_backref::Post, unlinked_backref::User],
    ] {
        let error = mistake(models).await;
        assert_eq!(error.kind(), Kind::NoForeignKeys);
        assert_eq!(error.what(), "relationship `User::posts`: no foreign key links `user` and `post`");
    }
}

mod forked {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    #[derive(Debug, Model)]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) author_id: i64,
        #[column(foreign_key = User::id)]
        pub(super) editor_id: i64,
        pub(super) author: One<User>,
    }

    /// The same, with the key named.
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
async fn several_foreign_keys_need_a_choice() {
    check(models![forked::Post], Kind::AmbiguousForeignKeys, &["`Post::author`", "foreign_keys ="]).await;
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

mod lost {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    macro_rules! post {
        ($name:ident, $back:ident) => {
            #[derive(Debug, Model)]
            pub(super) struct $name {
                #[column(primary_key)]
                pub(super) id: i64,
                #[column(foreign_key = User::id)]
                pub(super) user_id: i64,
                #[relationship(back_populates = $back)]
                pub(super) author: One<User>,
            }
        };
    }
    post!(ToNothing, posts);
    post!(ToColumn, id);
}

#[tokio::test]
async fn a_way_back_that_is_not_there() {
    check(models![lost::ToNothing], Kind::InvalidRequest, &["`ToNothing::author`", "`User::posts`", "not there"]).await;
    check(models![lost::ToColumn], Kind::InvalidRequest, &["`ToColumn::author`", "`User::id`", "is a column"]).await;
}

mod astray {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = editor, foreign_keys = Post::author_id)]
        pub(super) posts: Many<Post>,
        pub(super) pages: Many<Page>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) author_id: i64,
        #[column(foreign_key = User::id)]
        pub(super) editor_id: i64,
        #[relationship(back_populates = posts, foreign_keys = Post::author_id)]
        pub(super) author: One<User>,
        #[relationship(foreign_keys = Post::editor_id)]
        pub(super) editor: One<User>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Page {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: i64,
    }

    #[derive(Debug, Model)]
    pub(super) struct Note {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: i64,
        #[relationship(back_populates = pages)]
        pub(super) user: One<User>,
    }
}

#[tokio::test]
async fn a_way_back_that_does_not_lead_back() {
    check(models![astray::Post], Kind::Argument, &["`Post::author`", "`User::posts`", "back-populates `editor`"]).await;
    check(models![astray::Note], Kind::Argument, &["`Note::user`", "`User::pages`", "leads to `Page`"]).await;
}

mod ends {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    /// Somebody, always; but the key takes NULL.
    #[derive(Debug, Model)]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: Option<i64>,
        pub(super) author: One<User>,
    }

    /// Somebody, always; but the other side holds the key.
    #[derive(Debug, Model)]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) pet: One<Pet>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
    }
}

#[tokio::test]
async fn one_promises_more_than_the_key_can_hold() {
    check(models![ends::Post], Kind::Argument, &["`Post::author`", "takes NULL", "One<Option<User>>"]).await;
    check(models![ends::Owner], Kind::Argument, &["`Owner::pet`", "other side", "One<Option<Pet>>"]).await;
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

mod loose_ends {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Half)]
        pub(super) tags: Many<Tag>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Tag {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    /// Leads to posts only.
    #[derive(Table)]
    #[table("half")]
    pub(super) struct Half {
        #[column(foreign_key = Post::id)]
        pub(super) post_id: i64,
    }

    #[derive(Debug, Model)]
    pub(super) struct Person {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Knows)]
        pub(super) knows: Many<Person>,
    }

    /// Both ends lead to people: which is which?
    #[derive(Table)]
    #[table("knows")]
    pub(super) struct Knows {
        #[column(foreign_key = Person::id)]
        pub(super) who: i64,
        #[column(foreign_key = Person::id)]
        pub(super) whom: i64,
    }
}

#[tokio::test]
async fn association_tables_without_keys_or_with_too_many() {
    check(models![loose_ends::Post], Kind::NoForeignKeys, &["`Post::tags`", "`half` and `tag`", "`Half`"]).await;
    check(models![loose_ends::Person], Kind::AmbiguousForeignKeys, &["`Person::knows`", "primaryjoin ="]).await;
}

#[tokio::test]
async fn all_mistakes_are_told_at_once() {
    let error = mistake(models![unlinked::User, forked::Post, ends::Post]).await;
    let text = error.to_string();
    // `unlinked::User`, `forked::User` and `ends::User` are of one table, as are both `Post`s of two keys.
    for part in ["mapping mistakes:", "`User::posts`", "`Post::author`", "several foreign keys"] {
        assert!(text.contains(part), "`{part}` in: {text}");
    }
    check(
        models![lost::ToNothing, lost::ToColumn, loose_ends::Person],
        Kind::InvalidRequest,
        &["3 mapping mistakes", "`ToNothing::author`", "`ToColumn::author`", "`Person::knows`"],
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

mod one_way {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    pub(super) struct Lists {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Lists::id)]
        pub(super) parent_id: Option<i64>,
        #[relationship(back_populates = parent)]
        pub(super) children: Many<Lists>,
        #[relationship(back_populates = children)]
        pub(super) parent: Many<Lists>,
    }

    #[derive(Debug, Model)]
    pub(super) struct Single {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Single::id)]
        pub(super) next_id: Option<i64>,
        #[relationship(back_populates = next)]
        pub(super) previous: One<Option<Single>>,
        #[relationship(back_populates = previous)]
        pub(super) next: One<Option<Single>>,
    }
}

#[tokio::test]
async fn a_way_back_in_the_same_direction() {
    for models in [models![one_way::Lists], models![one_way::Single]] {
        let error = mistake(models).await;
        assert_eq!(error.kind(), Kind::Argument, "{error}");
        assert!(error.to_string().contains("go in the same direction") && !error.to_string().contains("2 "), "{error}");
    }
}
