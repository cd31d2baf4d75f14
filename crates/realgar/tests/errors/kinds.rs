//! Every kind of error, produced through the public API.

use realgar::{Error, prelude::*};

use crate::{
    models::{File, Node, Post, Rating, Reader, Section, Tag, User, blog, open},
    told::{MARKER, NUMBER, told},
};

/// Fails with an error whose whole text is that of the kind's file.
fn check(kind: Kind, error: &Error) {
    let page = kind.page();
    told(&format!("kinds/{}", page.rsplit('/').next().unwrap_or(page)), kind, error);
}

#[tokio::test]
async fn argument() {
    let error = Db::connect(&format!("oracle://scott:{MARKER}@host/db"), models![User]).await.unwrap_err();
    check(Kind::Argument, &error);
}

mod ambiguous {
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
    }
}

#[tokio::test]
async fn ambiguous_foreign_keys() -> realgar::Result<()> {
    let db = open(models![ambiguous::Post]).await?;
    let join = ambiguous::Post::select().join(ambiguous::User::TABLE);
    check(Kind::AmbiguousForeignKeys, &join.all(&mut db.session()).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn invalid_request() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let error = Post::select().filter(User::name.eq(MARKER)).all(&mut s).await.unwrap_err();
    check(Kind::InvalidRequest, &error);
    Ok(())
}

#[tokio::test]
async fn no_result_found() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let error = User::select().filter_by(User::age, NUMBER as i32).one(&mut s).await.unwrap_err();
    check(Kind::NoResultFound, &error);
    Ok(())
}

#[tokio::test]
async fn multiple_results_found() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.add(new!(User { name: "Bob" }));
    let error = User::select().filter(User::age.ne(NUMBER as i32)).one(&mut s).await.unwrap_err();
    check(Kind::MultipleResultsFound, &error);
    Ok(())
}

#[tokio::test]
async fn not_loaded() -> realgar::Result<()> {
    let (s, user, _) = blog().await?;
    check(Kind::NotLoaded, &s.loaded(user, User::posts).unwrap_err());
    Ok(())
}

#[tokio::test]
async fn detached_instance() -> realgar::Result<()> {
    let (s, user, _) = blog().await?;
    let other = s.db().session();
    check(Kind::DetachedInstance, &other.try_ref(user).unwrap_err());
    Ok(())
}

#[tokio::test]
async fn object_deleted() -> realgar::Result<()> {
    let file = File::new();
    let mut s = file.open("", models![User]).await?.session();
    let user = s.add(new!(User { name: MARKER }));
    s.commit().await?;
    file.execute("DELETE FROM users");
    check(Kind::ObjectDeleted, &s.load(user, User::posts).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn stale_data() -> realgar::Result<()> {
    let file = File::new();
    let mut s = file.open("", models![User]).await?.session();
    let user = s.add(new!(User { name: "Bob" }));
    s.commit().await?;
    file.execute("DELETE FROM users");
    s[user].name = MARKER.to_owned();
    check(Kind::StaleData, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn pending_rollback() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.add(new!(User { name: MARKER }));
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::UniqueViolation);
    check(Kind::PendingRollback, &s.commit().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn circular_dependency() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let egg = s.add(new!(Node { name: MARKER }));
    let hen = s.add(new!(Node { name: MARKER, parent: egg }));
    s.set(egg, Node::parent, hen)?;
    check(Kind::CircularDependency, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn flush() -> realgar::Result<()> {
    let mut s = open(models![Rating]).await?.session();
    let section = s.add(new!(Section { name: MARKER }));
    let reader = s.add(new!(Reader { ratings: [new!(Rating { stars: NUMBER as i32, section })] }));
    s.commit().await?;
    let rating = s.load(reader, Reader::ratings).await?[0];
    s.remove(reader, Reader::ratings, rating)?;
    check(Kind::Flush, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn unique_violation() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let twin = s.add(new!(User { name: MARKER, city: MARKER }));
    check(Kind::UniqueViolation, &s.flush().await.unwrap_err());
    // The way out, as the text says.
    s.rollback().await?;
    s[twin].name = "Bob".to_owned();
    s.add_again(twin)?;
    s.commit().await
}

#[tokio::test]
async fn foreign_key_violation() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.add(new!(Post { title: MARKER, user_id: NUMBER }));
    check(Kind::ForeignKeyViolation, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn not_null_violation() -> realgar::Result<()> {
    let (mut s, user, post) = blog().await?;
    s.load(user, User::posts).await?;
    s.remove(user, User::posts, post)?;
    check(Kind::NotNullViolation, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn check_violation() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.add(new!(User { name: "Bob", age: -(NUMBER as i32) }));
    check(Kind::CheckViolation, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn data() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    s.add(new!(User { name: MARKER.repeat(4) }));
    check(Kind::Data, &s.flush().await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn operational() -> realgar::Result<()> {
    let db = Db::connect("sqlite::memory:", models![User]).await?;
    let mut s = db.session();
    let error = User::select().filter_by(User::name, MARKER).all(&mut s).await.unwrap_err();
    check(Kind::Operational, &error);
    Ok(())
}

#[tokio::test]
async fn programming() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let error = sql("SELEKT id FROM users WHERE name = ?").bind(MARKER).all::<i64>(&mut s).await.unwrap_err();
    check(Kind::Programming, &error);
    Ok(())
}

#[tokio::test]
async fn timeout() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let mut other = s.db().session();
    User::select().all(&mut s).await?;
    check(Kind::Timeout, &User::select().all(&mut other).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn serialization_failure() -> realgar::Result<()> {
    let file = File::new();
    let db = file.open("", models![User]).await?;
    let mut s = db.session();
    s.add(new!(User { name: "Bob" }));
    s.commit().await?;
    let user = User::select().one(&mut s).await?;
    file.execute("UPDATE users SET age = 1");
    s[user].name = MARKER.to_owned();
    check(Kind::SerializationFailure, &s.commit().await.unwrap_err());
    Ok(())
}

mod digest {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "files")]
    pub(super) struct File {
        #[column(primary_key)]
        pub(super) digest: Vec<u8>,
        #[relationship(back_populates = file)]
        pub(super) chunks: Many<Chunk>,
    }

    #[derive(Model)]
    #[model(table = "chunks")]
    pub(super) struct Chunk {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = File::digest)]
        pub(super) digest: Vec<u8>,
        #[relationship(back_populates = chunks)]
        pub(super) file: One<File>,
    }
}

#[tokio::test]
async fn unsupported() -> realgar::Result<()> {
    use digest::File;
    let mut s = open(models![File]).await?.session();
    s.add_all([new!(File { digest: MARKER.as_bytes().to_vec() }), new!(File { digest: vec![0, 1] })]);
    s.commit().await?;
    let error = File::select().options(File::chunks.selectin()).all(&mut s).await.unwrap_err();
    check(Kind::Unsupported, &error);
    // The way out, as the text says.
    assert_eq!(File::select().options(File::chunks.joined()).all(&mut s).await?.len(), 2);
    Ok(())
}

/// An error of one's own, to take a savepoint back.
#[tokio::test]
async fn other() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let refused = s.savepoint(async |s| {
        s.add(new!(Tag { name: MARKER }));
        Err::<(), _>(Error::new(Kind::Other, "tags are closed today").way_out("try again tomorrow"))
    });
    check(Kind::Other, &refused.await.unwrap_err());
    Ok(())
}

mod validated {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "members")]
    pub(super) struct Member {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(validate = check_email)]
        pub(super) email: String,
    }

    fn check_email(email: &str) -> Result<(), &'static str> {
        if email.contains('@') { Ok(()) } else { Err("an address has an @ in it") }
    }
}

#[tokio::test]
async fn validation() {
    let db = open(models![validated::Member]).await.unwrap();
    let mut s = db.session();
    s.add(new!(validated::Member { email: MARKER }));
    check(Kind::Validation, &s.flush().await.unwrap_err());
}
