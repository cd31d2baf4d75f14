//! Objects and handles that are not what a verb needs.

use realgar::prelude::*;

use crate::{
    models::{Node, Post, Section, Tag, User, blog, open},
    told::{MARKER, NUMBER, told},
};

#[tokio::test]
async fn key_zero_is_left_to_the_database_and_a_row_zero_can_be_used() -> realgar::Result<()> {
    let mut s = open(models![User, Node]).await?.session();
    let made = s.add(new!(Section { id: 0, name: MARKER }));
    s.flush().await?;
    assert_eq!(s[made].id, 1, "0 on purpose is 0: generate");
    sql("INSERT INTO sections VALUES (0, 'zero')").execute(&mut s).await?;
    let zero = s.get_one::<Section>(0).await?;
    assert_eq!(s[zero].name, "zero");
    s[zero].name = MARKER.to_owned();
    s.commit().await?;
    let names = select(Section::name).filter(Section::id.eq(0)).all(&mut s).await?;
    assert_eq!(names, [MARKER]);
    s.delete(zero)?;
    s.commit().await?;
    assert_eq!(s.get::<Section>(0).await?, None);
    told("objects/attach_without_a_key", Kind::InvalidRequest, &s.attach(new!(Section { name: MARKER })).unwrap_err());
    Ok(())
}

#[cfg(feature = "uuid")]
#[tokio::test]
async fn a_nil_uuid_is_a_key_as_any_other() -> realgar::Result<()> {
    use uuid::Uuid;

    #[derive(Debug, Model)]
    struct Token {
        #[column(primary_key)]
        id: Uuid,
        note: String,
    }

    let mut s = open(models![Token]).await?.session();
    let nil = s.add(new!(Token { id: Uuid::nil(), note: "first" }));
    s.commit().await?;
    assert_eq!((s.key(nil)?, s.get::<Token>(Uuid::nil()).await?), (Uuid::nil(), Some(nil)));
    s.add(new!(Token { id: Uuid::nil(), note: MARKER }));
    told("objects/a_second_nil_uuid", Kind::UniqueViolation, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn the_key_of_a_persistent_object_added_again() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    s.add(new!(User { id: 1, name: "Bob" }));
    told("objects/key_that_the_session_knows", Kind::UniqueViolation, &s.flush().await.unwrap_err());
    s.rollback().await?;
    assert_eq!(s[user].name, MARKER);
    // The way out, as the text says.
    assert_eq!(s.merge(new!(User { id: 1, name: "Bob" })).await?, user);
    s.commit().await?;
    let mut other = s.db().session();
    other.add(new!(User { id: 1, name: MARKER }));
    told("objects/key_that_a_row_has", Kind::UniqueViolation, &other.flush().await.unwrap_err());
    other.rollback().await?;
    told(
        "objects/attach_of_a_known_key",
        Kind::InvalidRequest,
        &s.attach(new!(User { id: 1, name: MARKER })).unwrap_err(),
    );
    Ok(())
}

#[tokio::test]
async fn taking_and_assigning_whole_structs_is_noticed() -> realgar::Result<()> {
    let (mut s, user, post) = blog().await?;
    let taken = std::mem::take(&mut s[user]);
    assert_eq!(taken.name, MARKER);
    told("objects/mem_take", Kind::InvalidRequest, &s.flush().await.unwrap_err());
    s.rollback().await?;
    assert_eq!(s[user].name, MARKER, "nothing is lost");
    s[user] = new!(User { name: "Bob" });
    told("objects/whole_struct_without_the_key", Kind::InvalidRequest, &s.commit().await.unwrap_err());
    s.rollback().await?;
    // With the key it is an UPDATE of what differs, and its relationship fields are taken over.
    s.load(user, User::posts).await?;
    s[user] = new!(User { id: 1, name: "Bob", posts: [new!(Post { title: "new" })] });
    let error = s.flush().await.unwrap_err();
    told("objects/whole_struct_that_leaves_a_child_without_owner", Kind::NotNullViolation, &error);
    s.rollback().await?;
    s[user] = new!(User { id: 1, name: "Bob" });
    s.commit().await?;
    assert_eq!(s.load(user, User::posts).await?, [post]);
    assert_eq!(s[user].name, "Bob");
    Ok(())
}

mod mutual {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "towns")]
    pub(super) struct Town {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Person::id)]
        pub(super) mayor_id: Option<i64>,
        #[relationship(foreign_keys = Town::mayor_id)]
        pub(super) mayor: One<Option<Person>>,
    }

    #[derive(Debug, Model)]
    #[model(table = "people")]
    pub(super) struct Person {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Town::id)]
        pub(super) home_id: Option<i64>,
        #[relationship(foreign_keys = Person::home_id)]
        pub(super) home: One<Option<Town>>,
    }
}

#[tokio::test]
async fn two_new_objects_that_own_each_other() -> realgar::Result<()> {
    use mutual::{Person, Town};
    let mut s = open(models![Town]).await?.session();
    let town = s.add(new!(Town {}));
    let mayor = s.add(new!(Person { home: town }));
    s.set(town, Town::mayor, mayor)?;
    told("objects/two_that_own_each_other", Kind::CircularDependency, &s.flush().await.unwrap_err());
    s.rollback().await?;
    // The way out, as the text says: one without its reference first.
    let town = s.add(new!(Town {}));
    let mayor = s.add(new!(Person { home: town }));
    s.flush().await?;
    s.set(town, Town::mayor, mayor)?;
    s.commit().await?;
    assert_eq!((s.load(town, Town::mayor).await?, s.load(mayor, Person::home).await?), (Some(mayor), Some(town)));
    Ok(())
}

#[tokio::test]
async fn an_object_related_to_itself() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let node = s.add(new!(Node { name: MARKER }));
    s.set(node, Node::parent, node)?;
    told("objects/new_and_its_own_parent", Kind::CircularDependency, &s.flush().await.unwrap_err());
    s.rollback().await?;
    let node = s.add(new!(Node { name: MARKER }));
    s.flush().await?;
    s.append(node, Node::children, node)?;
    s.commit().await?;
    assert_eq!(s.load(node, Node::parent).await?, Some(node));
    assert_eq!(s.load(node, Node::children).await?, [node]);
    assert_eq!(s.tree(node)?.name, MARKER);
    s.delete(node)?;
    s.commit().await?;
    assert_eq!(Node::select().count(&mut s).await?, 0);
    Ok(())
}

/// Every verb that takes a handle, with this one; each has to answer this text.
async fn every_verb(s: &mut Session, user: Handle<User>, name: &str) -> realgar::Result<()> {
    let ours = s.add(new!(Post { title: MARKER }));
    let of_ours = s.add(new!(User { name: "ours" }));
    let tag = s.add(new!(Tag { name: MARKER }));
    let mut errors = vec![
        ("try_ref", s.try_ref(user).map(drop).unwrap_err()),
        ("try_mut", s.try_mut(user).map(drop).unwrap_err()),
        ("state", s.state(user).map(drop).unwrap_err()),
        ("key", s.key(user).map(drop).unwrap_err()),
        ("add_again", s.add_again(user).unwrap_err()),
        ("delete", s.delete(user).unwrap_err()),
        ("append", s.append(user, User::posts, ours).map(drop).unwrap_err()),
        ("insert", s.insert(user, User::posts, 0, ours).map(drop).unwrap_err()),
        ("remove", s.remove(user, User::posts, ours).unwrap_err()),
        ("set to it", s.set(ours, Post::author, user).unwrap_err()),
        ("expire", s.expire(user).unwrap_err()),
        ("expunge", s.expunge(user).unwrap_err()),
        ("detach", s.detach(user).map(drop).unwrap_err()),
        ("is_modified", s.is_modified(user).map(drop).unwrap_err()),
        ("tree", s.tree(user).map(drop).unwrap_err()),
        ("loaded", s.loaded(user, User::posts).map(drop).unwrap_err()),
        ("view", s.view(user).many(User::posts).map(drop).unwrap_err()),
        ("load", s.load(user, User::posts).await.map(drop).unwrap_err()),
        ("replace", s.replace(user, User::posts, [ours]).await.unwrap_err()),
        ("clear", s.clear(user, User::posts).await.unwrap_err()),
    ];
    s.expunge(ours)?;
    s.expunge(tag)?;
    errors.extend([
        ("refresh", s.refresh(user).await.unwrap_err()),
        ("load_column", s.load_column(user, User::name).await.map(drop).unwrap_err()),
        ("preload", s.preload(&[user], User::posts).await.unwrap_err()),
        ("filter", Post::select().filter(Post::author.is(user)).all(s).await.map(drop).unwrap_err()),
        ("of", User::posts.of(user).all(s).await.map(drop).unwrap_err()),
        ("merge", s.merge(new!(Post { title: MARKER, author: user })).await.map(drop).unwrap_err()),
        ("attach", s.attach(new!(Post { id: 99, title: MARKER, author: user })).map(drop).unwrap_err()),
    ]);
    s.expunge(of_ours)?;
    for (verb, error) in errors {
        assert_eq!(error.kind(), Kind::DetachedInstance, "{verb}: {error}");
        // What takes in a new object says where that was.
        let place = if error.place().is_some() { "_in_a_new_object" } else { "" };
        told(&format!("objects/{name}{place}"), Kind::DetachedInstance, &error);
    }
    s.add(new!(Post { title: MARKER, author: user }));
    told(&format!("objects/{name}_in_a_new_object"), Kind::DetachedInstance, &s.flush().await.unwrap_err());
    s.rollback().await
}

#[tokio::test]
async fn a_handle_of_another_session_in_every_verb() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    let mut other = s.db().session();
    s.close().await?;
    every_verb(&mut other, user, "handle_of_another_session").await
}

#[tokio::test]
async fn a_handle_after_expunge_and_close_in_every_verb() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    s.expunge(user)?;
    every_verb(&mut s, user, "handle_after_expunge").await?;
    let user = s.get_one::<User>(1).await?;
    s.close().await?;
    every_verb(&mut s, user, "handle_after_close").await?;
    let user = s.get_one::<User>(1).await?;
    s.expunge_all();
    every_verb(&mut s, user, "handle_after_close").await
}

#[tokio::test]
async fn indexing_by_such_a_handle_panics_with_the_same_text() -> realgar::Result<()> {
    let (s, user, _) = blog().await?;
    let other = s.db().session();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| other[user].id)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&other.try_ref(user).map(drop).unwrap_err().to_string()));
    Ok(())
}

#[tokio::test]
async fn a_handle_after_rollback() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let user = s.add(new!(User { name: "Bob", posts: [new!(Post { title: MARKER })] }));
    s.flush().await?;
    s.rollback().await?;
    assert_eq!((s.state(user)?, s[user].name.as_str(), s[user].id), (State::Transient, "Bob", 0));
    assert_eq!(s.loaded(user, User::posts)?.len(), 1);
    for (name, error) in [
        ("delete_after_rollback", s.delete(user).unwrap_err()),
        ("key_after_rollback", s.key(user).unwrap_err()),
        ("expire_after_rollback", s.expire(user).unwrap_err()),
        ("refresh_after_rollback", s.refresh(user).await.unwrap_err()),
        ("detach_after_rollback", s.detach(user).map(drop).unwrap_err()),
        ("filter_after_rollback", Post::select().filter(Post::author.is(user)).all(&mut s).await.unwrap_err()),
    ] {
        told(&format!("objects/{name}"), Kind::InvalidRequest, &error);
    }
    s.add_again(user)?;
    s.commit().await?;
    assert_eq!(s.load(user, User::posts).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_handle_after_delete() -> realgar::Result<()> {
    let (mut s, _, post) = blog().await?;
    s.delete(post)?;
    s.flush().await?;
    assert_eq!(s.state(post)?, State::Deleted);
    told("objects/refresh_after_delete", Kind::InvalidRequest, &s.refresh(post).await.unwrap_err());
    s.delete(post)?; // twice is once
    s.commit().await?;
    assert_eq!((s.state(post)?, s[post].title.as_str()), (State::Detached, MARKER));
    for (name, error) in [
        ("add_again_after_delete", s.add_again(post).unwrap_err()),
        ("delete_after_delete", s.delete(post).unwrap_err()),
        ("expire_after_delete", s.expire(post).unwrap_err()),
        ("detach_after_delete", s.detach(post).map(drop).unwrap_err()),
    ] {
        told(&format!("objects/{name}"), Kind::InvalidRequest, &error);
    }
    // Its row is gone: what is written to it has nowhere to go.
    s[post].title = "again".to_owned();
    s.commit().await?;
    assert_eq!(Post::select().count(&mut s).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_deleted_object_is_put_where_it_cannot_be() -> realgar::Result<()> {
    let (mut s, user, post) = blog().await?;
    let tag = s.add(new!(Tag { name: MARKER }));
    s.commit().await?;
    s.delete(tag)?;
    s.commit().await?;
    let error = s.append(post, Post::tags, tag).map(drop).unwrap_err();
    told("objects/append_of_a_deleted_object", Kind::InvalidRequest, &error);
    s.add(new!(Post { title: MARKER, author: user, tags: [tag] }));
    told("objects/deleted_object_in_a_new_one", Kind::InvalidRequest, &s.flush().await.unwrap_err());
    s.rollback().await?;
    let error = s.append(tag, Tag::posts, post).map(drop).unwrap_err();
    told("objects/append_to_a_deleted_object", Kind::InvalidRequest, &error);
    Ok(())
}

#[tokio::test]
async fn verbs_on_objects_without_a_row() -> realgar::Result<()> {
    let (mut s, user, post) = blog().await?;
    let new = s.add(new!(User { name: "Bob" }));
    for (name, error) in [
        ("delete_of_a_pending_object", s.delete(new).unwrap_err()),
        ("key_of_a_pending_object", s.key(new).unwrap_err()),
        ("refresh_of_a_pending_object", s.refresh(new).await.unwrap_err()),
        ("remove_of_what_is_not_there", s.remove(new, User::posts, post).unwrap_err()),
    ] {
        told(&format!("objects/{name}"), Kind::InvalidRequest, &error);
    }
    s[user].age = NUMBER as i32;
    told("objects/detach_with_unflushed_changes", Kind::InvalidRequest, &s.detach(user).map(drop).unwrap_err());
    s.commit().await?;
    s[user].posts = many![post];
    let error = s.append(user, User::posts, new!(Post { title: MARKER })).unwrap_err();
    told("objects/assigned_before_it_was_loaded", Kind::InvalidRequest, &error);
    Ok(())
}
