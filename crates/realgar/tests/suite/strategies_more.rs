//! The strategies beside peers, select, selectin and joined: subquery, immediate, raise, noload, dynamic, write_only;
//! `of` and `preload`.

use crate::database::database;
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
    #[relationship(back_populates = reader, lazy = "write_only")]
    visits: Many<Visit>,
    #[relationship(back_populates = owner, lazy = "dynamic")]
    pets: Many<Pet>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
    #[relationship(secondary = PostTags, back_populates = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "tags")]
struct Tag {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(secondary = PostTags, back_populates = tags)]
    posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    tag_id: i64,
}

#[derive(Model)]
#[model(table = "visits")]
struct Visit {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = visits)]
    reader: One<User>,
}

#[derive(Model)]
#[model(table = "pets")]
struct Pet {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = pets)]
    owner: One<Option<User>>,
}

/// So many users with two posts each; each post has the one tag there is.
async fn library(users: usize) -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let tag = s.add(new!(Tag { name: "rust" }));
    for number in 0..users {
        let post = |n: usize| new!(Post { title: format!("{number}-{n}"), tags: [tag] });
        s.add(new!(User { name: format!("u{number}"), posts: [post(0), post(1)] }));
    }
    s.commit().await?;
    Ok(db)
}

#[tokio::test]
async fn subquery_takes_one_statement_whatever_the_number() -> realgar::Result<()> {
    for (users, want) in [(0, 1), (1, 2), (3, 2), (1_001, 2)] {
        let db = library(users).await?;
        let mut s = db.session();
        let recorder = db.recorder();
        let found = User::select().options(User::posts.subquery()).order_by(User::id).all(&mut s).await?;
        assert_eq!((found.len(), recorder.count()), (users, want));
        for (number, user) in found.into_iter().enumerate() {
            let titles: Vec<_> = s.view(user).many(User::posts)?.map(|post| post.title.clone()).collect();
            assert_eq!(titles, [format!("{number}-0"), format!("{number}-1")]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn subquery_keeps_limit_and_goes_three_deep() -> realgar::Result<()> {
    let db = library(5).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let load = User::posts.subquery().then(Post::tags.subquery().then(Tag::posts.subquery()));
    let found =
        User::select().filter(User::name.ne("u0")).options(load).order_by(User::id).limit(2).all(&mut s).await?;
    assert_eq!(recorder.count(), 4);
    let statements = recorder.statements();
    assert!(statements[1].sql.contains("LIMIT 2"), "{}", statements[1].sql);
    let posts = s.loaded(found[1], User::posts)?;
    assert_eq!(s[found[1]].name, "u2");
    let tags = s.loaded(posts[1], Post::tags)?;
    assert_eq!(s.loaded(tags[0], Tag::posts)?.len(), 10);
    Ok(())
}

#[tokio::test]
async fn subquery_of_a_many_to_one() -> realgar::Result<()> {
    let db = library(3).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let posts = Post::select().options(Post::author.subquery()).order_by(Post::id).all(&mut s).await?;
    assert_eq!(recorder.count(), 2);
    for post in posts {
        let view = s.view(post);
        assert_eq!(view.title[..1], view.one(Post::author)?.name[1..]);
    }
    Ok(())
}

#[tokio::test]
async fn immediate_takes_one_statement_for_each_object() -> realgar::Result<()> {
    for (users, want) in [(0, 1), (1, 2), (3, 4)] {
        let db = library(users).await?;
        let mut s = db.session();
        let recorder = db.recorder();
        let found = User::select().options(User::posts.immediate()).all(&mut s).await?;
        assert_eq!(recorder.count(), want);
        for user in found {
            assert_eq!(s.loaded(user, User::posts)?.len(), 2);
        }
    }
    Ok(())
}

#[tokio::test]
async fn raise_forbids_loading_but_not_flushing() -> realgar::Result<()> {
    let db = library(2).await?;
    let mut s = db.session();
    let user = User::select().options(User::posts.raise()).first(&mut s).await?.expect("there are two");
    let error = s.load(user, User::posts).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("`User::posts` is `raise`"), "{error}");
    let post = Post::select().options(Post::author.raise_on_sql()).order_by(Post::id).first(&mut s).await?;
    let post = post.expect("there are four");
    assert_eq!(s.load(post, Post::author).await?, user); // the session knows her
    let other = Post::select().options(Post::author.raise_on_sql()).order_by(Post::id.desc()).first(&mut s).await?;
    let error = s.load(other.expect("there are four"), Post::author).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    let recorder = db.recorder();
    for collection in [User::posts.raise_on_sql(), User::posts.then(Post::tags.raise_on_sql())] {
        User::select().options(collection).all(&mut s).await?;
    }
    let sent = recorder.count();
    assert_eq!(s.load(user, User::posts).await?.len(), 2, "what is loaded is answered");
    assert_eq!(s.load(post, Post::tags).await.unwrap_err().kind(), Kind::InvalidRequest);
    assert_eq!(recorder.count(), sent, "collections are refused unseen");
    s.delete(post)?;
    s.commit().await
}

#[tokio::test]
async fn noload_answers_the_empty_list_and_loses_nothing() -> realgar::Result<()> {
    let db = library(1).await?;
    let mut s = db.session();
    let recorder = db.recorder();
    let user = User::select().options(User::posts.noload()).one(&mut s).await?;
    assert!(s.load(user, User::posts).await?.is_empty());
    assert_eq!(recorder.count(), 1);
    s[user].name.push('!');
    s.commit().await?;
    assert_eq!(Post::select().count(&mut s).await?, 2);
    Ok(())
}

#[tokio::test]
async fn write_only_is_written_and_asked_but_not_loaded() -> realgar::Result<()> {
    let db = library(2).await?;
    let mut s = db.session();
    let user = s.get::<User>(1).await?.expect("it is there");
    let recorder = db.recorder();
    for _ in 0..3 {
        s.append(user, User::visits, new!(Visit {}))?;
    }
    s.flush().await?;
    assert_eq!(recorder.count(), 1);
    let error = s.load(user, User::visits).await.unwrap_err();
    assert!(error.to_string().contains("`User::visits.of(…)`"), "{error}");
    assert_eq!(User::visits.of(user).count(&mut s).await?, 3);
    let last = User::visits.of(user).order_by(Visit::id.desc()).limit(1).all(&mut s).await?;
    s.remove(user, User::visits, last[0])?;
    s.delete(last[0])?;
    assert_eq!(User::visits.of(user).count(&mut s).await?, 2);
    s.commit().await
}

#[tokio::test]
async fn dynamic_asks_anew_each_time() -> realgar::Result<()> {
    let db = library(1).await?;
    let mut s = db.session();
    let user = s.get::<User>(1).await?.expect("it is there");
    let rex = s.append(user, User::pets, new!(Pet { name: "Rex" }))?;
    assert_eq!(s.load(user, User::pets).await?, [rex]);
    s.remove(user, User::pets, rex)?;
    assert!(s.load(user, User::pets).await?.is_empty());
    assert_eq!(s[rex].user_id, None);
    Ok(())
}

#[tokio::test]
async fn what_is_asked_as_a_query_is_not_loaded_with_one() -> realgar::Result<()> {
    let db = library(1).await?;
    let mut s = db.session();
    let user = s.get::<User>(1).await?.expect("it is there");
    let recorder = db.recorder();
    let errors = [
        User::select().options(User::pets.selectin()).all(&mut s).await.unwrap_err(),
        Post::select().options(Post::author.joined().then(User::visits.joined())).all(&mut s).await.unwrap_err(),
        s.preload(&[user], User::pets).await.unwrap_err(),
        s.preload(&[user], User::posts.then(Post::author.then(User::visits))).await.unwrap_err(),
    ];
    for (error, name) in errors.iter().zip(["pets", "visits", "pets", "visits"]) {
        assert_eq!(error.kind(), Kind::InvalidRequest);
        assert!(error.to_string().contains(&format!("`User::{name}.of(…)`")), "{error}");
    }
    assert_eq!(recorder.count(), 0);
    Ok(())
}

#[tokio::test]
async fn of_asks_along_every_direction() -> realgar::Result<()> {
    let db = library(3).await?;
    let mut s = db.session();
    let tag = s.get::<Tag>(1).await?.expect("it is there");
    let post = Tag::posts.of(tag).filter(Post::title.eq("2-1")).one(&mut s).await?;
    let author = Post::author.of(post).one(&mut s).await?;
    assert_eq!(s[author].name, "u2");
    assert_eq!(User::posts.of(author).count(&mut s).await?, 2);
    Ok(())
}

#[tokio::test]
async fn preload_loads_for_handles_that_are_there() -> realgar::Result<()> {
    let db = library(1_001).await?;
    let mut s = db.session();
    let users = User::select().all(&mut s).await?;
    let recorder = db.recorder();
    s.preload(&users, User::posts.then(Post::tags)).await?;
    let statements = if crate::database::lacks("five hundred keys a statement") { 1 + 1 } else { 3 + 5 };
    assert_eq!(recorder.count(), statements); // 1,001 users and 2,002 posts, 500 at a time
    let posts = s.loaded(users[1_000], User::posts)?;
    assert_eq!(s.loaded(posts[1], Post::tags)?.len(), 1);
    s.preload(&users, User::posts).await?;
    assert_eq!(recorder.count(), statements);
    Ok(())
}

mod circles {
    use super::*;

    #[derive(Model)]
    #[model(table = "members")]
    struct Member {
        #[column(primary_key)]
        id: i64,
        #[relationship(secondary = Memberships, back_populates = members, lazy = "selectin")]
        clubs: Many<Club>,
    }

    #[derive(Model)]
    #[model(table = "clubs")]
    struct Club {
        #[column(primary_key)]
        id: i64,
        #[relationship(secondary = Memberships, back_populates = clubs, lazy = "subquery")]
        members: Many<Member>,
    }

    #[derive(Table)]
    #[table("memberships")]
    struct Memberships {
        #[column(primary_key, foreign_key = Member::id)]
        member_id: i64,
        #[column(primary_key, foreign_key = Club::id)]
        club_id: i64,
    }

    #[derive(Model)]
    #[model(table = "nodes")]
    struct Node {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Node::id)]
        parent_id: Option<i64>,
        #[relationship(lazy = "selectin", join_depth = 2)]
        children: Many<Node>,
    }

    /// What the mapping loads by further SELECTs ends where it would lead back, or as deep as `join_depth` says.
    #[tokio::test]
    async fn a_mapped_strategy_does_not_lead_back() -> realgar::Result<()> {
        let db = Db::connect(&database().await, models![Member, Node]).await?;
        db.create_all().await?;
        let mut s = db.session();
        let clubs = s.add_all((0..4).map(|_| new!(Club {})));
        for pair in clubs.windows(2) {
            s.add(new!(Member { clubs: pair.to_vec() }));
        }
        let third = new!(Node { children: [new!(Node { children: [new!(Node {})] })] });
        s.add(new!(Node { children: [third] }));
        s.commit().await?;
        s.close().await?;

        let recorder = db.recorder();
        let member = Member::select().filter_by(Member::id, 1).one(&mut s).await?;
        let clubs = s.loaded(member, Member::clubs)?;
        assert_eq!((recorder.count(), clubs.len()), (2, 2));
        assert_eq!(s.loaded(clubs[1], Club::members).unwrap_err().kind(), Kind::NotLoaded);
        assert_eq!(s.load(clubs[1], Club::members).await?.len(), 2);

        let recorder = db.recorder();
        let mut node = Node::select().filter(Node::parent_id.is_null()).one(&mut s).await?;
        assert_eq!(recorder.count(), 3);
        for _ in 0..2 {
            node = s.loaded(node, Node::children)?[0];
        }
        assert_eq!(s.loaded(node, Node::children).unwrap_err().kind(), Kind::NotLoaded);
        assert_eq!(s.load(node, Node::children).await?.len(), 1);
        Ok(())
    }
}
