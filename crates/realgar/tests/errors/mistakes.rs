//! A newcomer's mistakes at run time. The mend has to follow from the text alone; where it can be tried, it is.

use std::time::Duration;

use realgar::prelude::*;

use crate::{
    models::{File, Post, Section, Tag, User, blog, open},
    told::{MARKER, told},
};

/// `told/mistakes/<name>.txt`
fn check(name: &str, kind: Kind, error: &realgar::Error) {
    told(&format!("mistakes/{name}"), kind, error);
}

#[tokio::test]
async fn the_field_is_read_instead_of_the_session_asked() -> realgar::Result<()> {
    let (mut s, user, post) = blog().await?;
    s.load(user, User::posts).await?;
    check("collection_field_is_read", Kind::DetachedInstance, &s[user].posts.get().map(drop).unwrap_err());
    check("to_one_field_is_read", Kind::DetachedInstance, &s[post].author.get().map(drop).unwrap_err());
    Ok(())
}

#[tokio::test]
async fn a_tree_is_walked_further_than_it_was_loaded() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.rollback().await?;
    let users = User::select().fetch(s.db()).await?;
    check("tree_without_options", Kind::DetachedInstance, &users[0].posts.get().map(drop).unwrap_err());
    let users = User::select().options(User::posts.selectin()).fetch(s.db()).await?;
    assert_eq!(users[0].posts.get()?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_was_loaded_before_a_commit_is_read_after_it() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    s.load(user, User::posts).await?;
    s.commit().await?;
    check("loaded_before_a_commit", Kind::NotLoaded, &s.loaded(user, User::posts).unwrap_err());
    check("view_of_what_is_not_loaded", Kind::NotLoaded, &s.view(user).many(User::posts).map(drop).unwrap_err());
    Ok(())
}

mod special {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "authors")]
    pub(super) struct Author {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) bio: Deferred<String>,
        #[relationship(back_populates = author, lazy = "raise")]
        pub(super) books: Many<Book>,
        #[relationship(back_populates = owner, lazy = "dynamic")]
        pub(super) pens: Many<Pen>,
        #[relationship(single_parent, cascade = "all, delete-orphan")]
        pub(super) desk: One<Option<Desk>>,
        #[column(foreign_key = Desk::id)]
        pub(super) desk_id: Option<i64>,
    }

    #[derive(Debug, Model)]
    #[model(table = "books")]
    pub(super) struct Book {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Author::id)]
        pub(super) author_id: Option<i64>,
        #[relationship(back_populates = books)]
        pub(super) author: One<Option<Author>>,
    }

    #[derive(Debug, Model)]
    #[model(table = "pens")]
    pub(super) struct Pen {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Author::id)]
        pub(super) owner_id: Option<i64>,
        #[relationship(back_populates = pens)]
        pub(super) owner: One<Option<Author>>,
    }

    #[derive(Debug, Model)]
    #[model(table = "desks")]
    pub(super) struct Desk {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

#[tokio::test]
async fn what_the_mapping_forbids_is_done_nevertheless() -> realgar::Result<()> {
    use special::{Author, Desk};
    let mut s = open(models![Author]).await?.session();
    s.add(new!(Author { bio: MARKER.to_owned(), desk: new!(Desk {}) }));
    s.commit().await?;
    s.close().await?;
    let author = Author::select().one(&mut s).await?;
    check("deferred_column_is_read", Kind::NotLoaded, &s[author].bio.get().map(drop).unwrap_err());
    check("relationship_that_raises", Kind::InvalidRequest, &s.load(author, Author::books).await.unwrap_err());
    let error = Author::select().options(Author::pens.selectin()).all(&mut s).await.unwrap_err();
    check("dynamic_in_options", Kind::InvalidRequest, &error);
    let desk = s.load(author, Author::desk).await?;
    let other = s.add(new!(Author { bio: MARKER.to_owned() }));
    check("second_owner", Kind::InvalidRequest, &s.set(other, Author::desk, desk).unwrap_err());
    Ok(())
}

#[tokio::test]
async fn an_outer_join_finds_nobody() -> realgar::Result<()> {
    let (mut s, _, post) = blog().await?;
    let pairs = select((Post::TABLE, Section::TABLE)).outer_join(Post::section);
    check("outer_join_without_optional", Kind::Data, &pairs.all(&mut s).await.unwrap_err());
    let names = select((Post::id, Section::name)).outer_join(Post::section);
    check("outer_joined_column_without_optional", Kind::Data, &names.all(&mut s).await.unwrap_err());
    let pairs = select((Post::TABLE, Section::TABLE.optional())).outer_join(Post::section);
    assert_eq!(pairs.all(&mut s).await?, [(post, None)]);
    Ok(())
}

#[tokio::test]
async fn a_savepoint_is_left_by_commit() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let inside = s.savepoint(async |s| s.commit().await);
    check("commit_inside_a_savepoint", Kind::InvalidRequest, &inside.await.unwrap_err());
    let swallowed = s.savepoint(async |s| {
        s.add(new!(User { name: MARKER }));
        let _ = s.flush().await; // as if nothing had happened
        s.add(new!(User { name: "Bob" }));
        Ok(())
    });
    check("error_swallowed_inside_a_savepoint", Kind::PendingRollback, &swallowed.await.unwrap_err());
    assert_eq!(User::select().count(&mut s).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_flush_is_dropped_in_the_middle() -> realgar::Result<()> {
    let file = File::new();
    let mut s = file.open("busy_timeout=60000", models![User]).await?.session();
    let other = file.raw();
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    let user = s.add(new!(User { name: MARKER }));
    assert!(tokio::time::timeout(Duration::from_millis(20), s.commit()).await.is_err());
    check("dropped_in_the_middle", Kind::PendingRollback, &s.commit().await.unwrap_err());
    other.execute_batch("COMMIT").expect("it is open");
    s.rollback().await?;
    s.add_again(user)?;
    s.commit().await
}

#[tokio::test]
async fn an_owner_is_deleted_and_those_that_it_owned_stay() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    s.delete(user)?;
    check("owner_is_deleted", Kind::NotNullViolation, &s.commit().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn a_row_is_deleted_that_others_refer_to() -> realgar::Result<()> {
    let (mut s, _, post) = blog().await?;
    let section = s.add(new!(Section { name: MARKER }));
    s.set(post, Post::section, section)?;
    s.commit().await?;
    s.delete(section)?; // `Section` knows nothing of posts
    check("row_that_others_refer_to", Kind::ForeignKeyViolation, &s.commit().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn an_owner_was_forgotten() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.add(new!(Post { title: MARKER }));
    let error = s.commit().await.unwrap_err();
    check("owner_was_forgotten", Kind::ForeignKeyViolation, &error);
    let facts = error.database().expect("the database said it");
    assert_eq!((facts.table.as_deref(), facts.columns.as_slice()), (Some("posts"), &["user_id".to_owned()][..]));
    Ok(())
}

#[tokio::test]
async fn a_tag_is_given_twice() -> realgar::Result<()> {
    let (mut s, _, post) = blog().await?;
    let tag = s.append(post, Post::tags, new!(Tag { name: MARKER }))?;
    s.commit().await?;
    s.append(post, Post::tags, tag)?;
    check("tag_given_twice", Kind::UniqueViolation, &s.commit().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn a_name_is_changed_to_one_that_is_taken() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let bob = s.add(new!(User { name: "Bob" }));
    s.commit().await?;
    s[bob].name = MARKER.to_owned();
    check("changed_to_what_is_taken", Kind::UniqueViolation, &s.commit().await.unwrap_err());
    assert_eq!(s[bob].name, MARKER, "the object holds what was written");
    s.rollback().await?;
    assert_eq!(s[bob].name, "Bob");
    Ok(())
}

#[tokio::test]
async fn a_query_is_asked_while_something_wrong_is_pending() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.add(new!(User { name: MARKER }));
    check("query_that_flushes_something_wrong", Kind::UniqueViolation, &Post::select().all(&mut s).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn a_database_in_memory_is_used_by_two() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    User::select().all(&mut s).await?;
    check("create_all_beside_a_session", Kind::Timeout, &s.db().create_all().await.unwrap_err());
    let error = User::select().fetch(s.db()).await.map(drop).unwrap_err();
    check("fetch_beside_a_session", Kind::Timeout, &error);
    s.commit().await?;
    User::select().fetch(s.db()).await?;
    Ok(())
}

#[tokio::test]
async fn a_key_is_looked_up_that_is_not_there() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    check("key_that_is_not_there", Kind::NoResultFound, &s.get_one::<User>(7).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn nobody_stands_where_somebody_must() -> realgar::Result<()> {
    let file = File::new();
    let mut s = file.open("foreign_keys=off", models![User]).await?.session();
    let post = s.add(new!(Post { title: MARKER, user_id: 7 }));
    s.commit().await?;
    check("nobody_where_somebody_must_be", Kind::NoResultFound, &s.load(post, Post::author).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn a_new_object_is_compared_with_before_it_has_a_row() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let error = s.no_autoflush(async |s| {
        let new = s.add(new!(User { name: "Bob" }));
        Post::select().filter(Post::author.is(new)).all(s).await
    });
    check("compared_with_before_it_has_a_row", Kind::InvalidRequest, &error.await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn tables_of_some_models_are_missing() -> realgar::Result<()> {
    let file = File::new();
    file.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, city TEXT, age INTEGER)");
    let db = Db::connect(&file.url(""), models![User]).await?;
    let mut s = db.session();
    s.add(new!(User { name: MARKER, posts: [new!(Post { title: MARKER })] }));
    check("tables_of_some_models_are_missing", Kind::Operational, &s.commit().await.unwrap_err());
    s.rollback().await?;
    db.create_all().await
}

mod newer {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "documents")]
    pub(super) struct Document {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(validate = |title: &str| (!title.is_empty()).then_some(()).ok_or("a document needs a title"))]
        pub(super) title: String,
        #[column(version)]
        pub(super) version: i64,
        #[relationship(back_populates = document)]
        pub(super) pages: Many<Page>,
    }

    #[derive(Debug, Model)]
    #[model(table = "pages")]
    pub(super) struct Page {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Document::id)]
        pub(super) document_id: i64,
        #[relationship(back_populates = pages)]
        pub(super) document: One<Document>,
    }
}

#[tokio::test]
async fn somebody_else_was_first() -> realgar::Result<()> {
    use newer::Document;
    let file = File::new();
    let mut s = file.open("", models![Document]).await?.session();
    let document = s.add(new!(Document { title: "first" }));
    s.commit().await?;
    file.execute("UPDATE documents SET title = 'theirs', version = version + 1");
    s[document].title = MARKER.to_owned();
    check("version_that_was_overtaken", Kind::StaleData, &s.commit().await.unwrap_err());
    // The way out, as the text says.
    s.rollback().await?;
    s.refresh(document).await?;
    s[document].title = MARKER.to_owned();
    s.commit().await
}

#[tokio::test]
async fn a_value_is_set_that_the_models_own_rule_refuses() -> realgar::Result<()> {
    use newer::Document;
    let mut s = open(models![Document]).await?.session();
    s.add(new!(Document { title: "" }));
    check("value_that_the_model_refuses", Kind::Validation, &s.commit().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn writes_and_batches_by_query_that_cannot_be() -> realgar::Result<()> {
    use newer::Document;
    let mut s = open(models![Document]).await?.session();
    s.add(new!(Document { title: MARKER }));
    s.commit().await?;
    let mut batches = Document::select().options(Document::pages.joined()).yield_per(10);
    check("batches_with_a_joined_collection", Kind::InvalidRequest, &batches.next(&mut s).await.unwrap_err());
    check("update_that_sets_nothing", Kind::InvalidRequest, &Document::update().execute(&mut s).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn a_key_is_changed_to_one_that_is_taken() -> realgar::Result<()> {
    use crate::models::{Rating, Reader};
    let mut s = open(models![Rating]).await?.session();
    let sections = s.add_all([new!(Section { name: MARKER }), new!(Section { name: MARKER })]);
    let ratings = sections.iter().map(|&section| new!(Rating { stars: 5, section }));
    let reader = s.add(new!(Reader { ratings: ratings.collect::<Vec<_>>() }));
    s.commit().await?;
    let rating = s.load(reader, Reader::ratings).await?[0];
    s[rating].section_id = 2;
    check("key_changed_to_one_that_is_taken", Kind::UniqueViolation, &s.commit().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn an_error_is_swallowed_inside_a_transaction() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.close().await?;
    let swallowed = s.db().transaction(async |s| {
        s.add(new!(User { name: MARKER }));
        let _ = s.flush().await; // as if nothing had happened
        Ok(())
    });
    check("error_swallowed_inside_a_transaction", Kind::PendingRollback, &swallowed.await.unwrap_err());
    assert_eq!(User::select().count(&mut s).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_handle_leaves_its_transaction() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.close().await?;
    let user = s.db().transaction(async |s| User::select().one(s).await).await?;
    check(
        "handle_of_a_transaction_that_is_over",
        Kind::DetachedInstance,
        &s.load(user, User::posts).await.unwrap_err(),
    );
    Ok(())
}

#[tokio::test]
async fn a_count_is_asked_for_in_the_wrong_place() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let query = select((User::name, count(Post::id))).join(User::posts).group_by(User::name);
    let error = query.clone().filter(count(Post::id).gt(0)).all(&mut s).await.unwrap_err();
    check("count_in_a_filter", Kind::Operational, &error);
    s.rollback().await?;
    assert_eq!(query.having(count(Post::id).gt(0)).all(&mut s).await?.len(), 1);
    let error = User::select().having(User::age.ge(0)).all(&mut s).await.unwrap_err();
    check("having_without_groups", Kind::Operational, &error);
    Ok(())
}

#[tokio::test]
async fn a_key_is_copied_before_it_is_there() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let bob = s.add(new!(User { name: "Bob" }));
    let post = s.add(new!(Post { title: MARKER, user_id: s[bob].id }));
    check("key_copied_before_it_is_there", Kind::ForeignKeyViolation, &s.commit().await.unwrap_err());
    s.rollback().await?;
    s.add_again(bob)?;
    s.add_again(post)?;
    s.set(post, Post::author, bob)?;
    s.commit().await
}

#[tokio::test]
async fn rows_are_deleted_by_query_that_others_refer_to() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let error = User::delete_where().execute(&mut s).await.unwrap_err();
    check("delete_by_query_of_what_others_refer_to", Kind::ForeignKeyViolation, &error);
    Ok(())
}

#[tokio::test]
async fn a_relationship_alone_is_an_option() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let user = User::select().options(User::posts).one(&mut s).await?;
    assert_eq!(s.loaded(user, User::posts)?.len(), 1);
    Ok(())
}
