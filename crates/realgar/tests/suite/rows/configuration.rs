//! Rows 25 to 40: mistakes in the mapping, told where the database is opened. Those that do not compile stand in
//! `refused.md`.

use realgar::{Error, ModelDesc, prelude::*};

use crate::{events::Ear, models::open};

/// The mistake of this mapping has this kind, and its text holds these.
async fn check(models: impl AsRef<[&'static ModelDesc]>, kind: Kind, parts: &[&str]) -> Error {
    let error = Db::connect("sqlite::memory:", models).await.expect_err("the mapping is wrong");
    assert_eq!(error.kind(), kind, "{error}");
    for part in parts {
        assert!(error.to_string().contains(part), "`{part}` in: {error}");
    }
    error
}

mod unlinked {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) posts: Many<Post>,
    }

    #[derive(Model)]
    #[model(table = "posts")]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

#[tokio::test]
async fn r025_no_foreign_key_links_the_tables() {
    let parts = ["`User::posts`", "no foreign key links `users` and `posts`", "foreign_key = User::"];
    check(models![unlinked::User], Kind::NoForeignKeys, &parts).await;
}

#[tokio::test]
async fn r026_no_database_is_opened_with_a_mistake() {
    // Every use of the mapping fails, since there is nothing to use it with; each time with the same words.
    let first = check(models![unlinked::User], Kind::NoForeignKeys, &[]).await;
    let again = check(models![unlinked::Post, unlinked::User], Kind::NoForeignKeys, &[]).await;
    assert_eq!(first.to_string(), again.to_string());
    // What has no part in the mistake is usable.
    assert!(Db::connect("sqlite::memory:", models![unlinked::Post]).await.is_ok());
}

mod pairs {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "nodes")]
    pub(super) struct Node {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Node::id)]
        pub(super) parent_id: Option<i64>,
        #[relationship(back_populates = parent)]
        pub(super) children: Many<Node>,
        #[relationship(back_populates = children)]
        pub(super) parent: Many<Node>,
    }

    #[derive(Model)]
    #[model(table = "letters")]
    pub(super) struct Letter {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Node::id)]
        pub(super) from_id: i64,
        #[column(foreign_key = Node::id)]
        pub(super) to_id: i64,
        pub(super) from: One<Node>,
    }
}

#[tokio::test]
async fn r013_a_pair_in_the_same_direction() {
    let parts = ["`Node::children`", "`Node::parent`", "go in the same direction"];
    check(models![pairs::Node], Kind::Argument, &parts).await;
}

#[tokio::test]
async fn r014_several_keys_need_a_choice() {
    let error = Db::connect("sqlite::memory:", models![pairs::Letter]).await.expect_err("the mapping is wrong");
    assert!(error.to_string().contains("`Letter::from`: several foreign keys"), "{error}");
    assert!(error.to_string().contains("foreign_keys ="), "{error}");
}

mod lost {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) drafts: Many<ToOther>,
    }

    #[derive(Model)]
    #[model(table = "to_nothing")]
    pub(super) struct ToNothing {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: i64,
        #[relationship(back_populates = posts)]
        pub(super) author: One<User>,
    }

    #[derive(Model)]
    #[model(table = "to_column")]
    pub(super) struct ToColumn {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: i64,
        #[relationship(back_populates = id)]
        pub(super) author: One<User>,
    }

    #[derive(Model)]
    #[model(table = "to_other")]
    pub(super) struct ToOther {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: i64,
    }

    #[derive(Model)]
    #[model(table = "astray")]
    pub(super) struct Astray {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: i64,
        #[relationship(back_populates = drafts)]
        pub(super) author: One<User>,
    }
}

#[tokio::test]
async fn r029_back_populates_names_nothing() {
    let parts = ["`ToNothing::author`", "`User::posts`", "not there"];
    check(models![lost::ToNothing], Kind::InvalidRequest, &parts).await;
}

#[tokio::test]
async fn r030_back_populates_names_a_column() {
    let parts = ["`ToColumn::author`", "`User::id`", "is a column"];
    check(models![lost::ToColumn], Kind::InvalidRequest, &parts).await;
}

#[tokio::test]
async fn r033_back_populates_leads_to_another_model() {
    let parts = ["`Astray::author`", "`User::drafts`", "leads to `ToOther`"];
    check(models![lost::Astray], Kind::Argument, &parts).await;
}

mod associations {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "posts")]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Half)]
        pub(super) tags: Many<Tag>,
    }

    #[derive(Model)]
    #[model(table = "tags")]
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

    #[derive(Model)]
    #[model(table = "people")]
    pub(super) struct Person {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Knows)]
        pub(super) knows: Many<Person>,
    }

    /// Leads to people twice.
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
async fn r034_association_tables_with_too_few_or_too_many_keys() {
    use associations::{Person, Post};

    check(models![Post], Kind::NoForeignKeys, &["`Post::tags`", "`half` and `tags`"]).await;
    check(models![Person], Kind::AmbiguousForeignKeys, &["`Person::knows`", "primaryjoin ="]).await;
}

mod orphans {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "drawers")]
    pub(super) struct Drawer {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(cascade = "save-update, delete-orphan")]
        pub(super) socks: Many<Sock>,
    }

    #[derive(Model)]
    #[model(table = "socks")]
    pub(super) struct Sock {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Drawer::id)]
        pub(super) drawer_id: Option<i64>,
    }

    /// The key is here: what it points to can have several owners.
    #[derive(Model)]
    #[model(table = "feet")]
    pub(super) struct Foot {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Sock::id)]
        pub(super) sock_id: Option<i64>,
        #[relationship(cascade = "all, delete-orphan")]
        pub(super) sock: One<Option<Sock>>,
    }
}

#[tokio::test]
async fn r035_delete_orphan_where_there_can_be_several_owners() {
    let parts = ["`Foot::sock`", "delete-orphan", "single_parent"];
    check(models![orphans::Foot], Kind::Argument, &parts).await;
}

#[tokio::test]
async fn r036_delete_orphan_without_delete_is_warned_about() -> realgar::Result<()> {
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    Db::connect("sqlite::memory:", models![orphans::Drawer]).await?;
    let warnings = ear.heard("WARN");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`Drawer::socks` has the cascade delete-orphan without delete"), "{warnings:?}");
    Ok(())
}

mod scalar {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    #[derive(Model)]
    #[model(table = "posts")]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) author_id: i64,
        #[column(foreign_key = User::id)]
        pub(super) editor_id: i64,
        #[relationship(foreign_keys = Post::author_id, lazy = "dynamic")]
        pub(super) author: One<User>,
        #[relationship(foreign_keys = Post::editor_id, lazy = "write_only")]
        pub(super) editor: One<User>,
    }
}

#[tokio::test]
async fn r038_dynamic_and_write_only_are_for_collections() {
    let parts = ["2 mapping mistakes", "`Post::author` is to one", "`Post::editor` is to one"];
    check(models![scalar::Post], Kind::InvalidRequest, &parts).await;
}

/// Two models of one name, in two modules.
mod a {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "a_users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

mod b {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "b_users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = super::a::User::id)]
        pub(super) other_id: Option<i64>,
        pub(super) other: One<Option<super::a::User>>,
    }
}

#[tokio::test]
async fn r039_models_of_one_name_are_told_apart_by_module() -> realgar::Result<()> {
    let db = open(models![b::User]).await;
    let mut s = db.session();
    let user = s.add(new!(b::User { id: 5, other: new!(a::User { id: 7 }) }));
    s.commit().await?;
    assert_eq!(s.load(user, b::User::other).await?, s.get::<a::User>(7).await?);
    assert_eq!((s.get::<a::User>(5).await?, s.get::<b::User>(7).await?), (None, None));
    Ok(())
}
