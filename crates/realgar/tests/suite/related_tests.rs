//! Tests along relationships: `any`, `has`, `contains`, `is`, `is_not` with their negations, also for keys that are NULL;
//! `with_parent`.

use realgar::{prelude::*, with_parent};

use crate::{
    blog::{Category, Person, Post, Profile, Tag, User, open, people, users},
    database::database,
};

async fn names(query: Select<Handle<Post>>, s: &mut Session) -> realgar::Result<Vec<String>> {
    let posts = query.order_by(Post::id).all(s).await?;
    Ok(posts.into_iter().map(|post| s[post].title[5..].to_owned()).collect())
}

/// Four posts of two users: the first in a category, the second in another, the others in none.
async fn blog() -> realgar::Result<(Session, Vec<Handle<Category>>)> {
    let db = open(&database().await).await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let categories = s.add_all([new!(Category { name: "one" }), new!(Category { name: "two" })]);
    let posts = Post::select().order_by(Post::id).all(&mut s).await?;
    s.set(posts[0], Post::category, categories[0])?;
    s.set(posts[1], Post::category, categories[1])?;
    s.commit().await?;
    Ok((s, categories))
}

#[tokio::test]
async fn to_one_by_key() -> realgar::Result<()> {
    let (mut s, categories) = blog().await?;
    let one = categories[0];
    assert_eq!(names(Post::select().filter(Post::category.is(one)), &mut s).await?, ["0000a"]);
    assert_eq!(names(Post::select().filter(Post::category.is_not(one)), &mut s).await?, ["0000b", "0001a", "0001b"]);
    assert_eq!(names(Post::select().filter(!Post::category.is(one)), &mut s).await?, ["0000b"], "as SQL's NOT");
    assert_eq!(names(Post::select().filter(Post::category.is_none()), &mut s).await?, ["0001a", "0001b"]);
    assert_eq!(names(Post::select().filter(!Post::category.is_none()), &mut s).await?, ["0000a", "0000b"]);
    let has = || Post::category.has(Category::name.eq("one"));
    assert_eq!(names(Post::select().filter(has()), &mut s).await?, ["0000a"]);
    assert_eq!(names(Post::select().filter(!has()), &mut s).await?, ["0000b", "0001a", "0001b"], "nobody, too");
    Ok(())
}

/// One-to-one from the side without the key.
#[tokio::test]
async fn to_one_from_the_side_without_the_key() -> realgar::Result<()> {
    let (mut s, _) = blog().await?;
    let profile = Profile::select().one(&mut s).await?;
    let ids = async |criterion, s: &mut Session| select(User::id).filter(criterion).order_by(User::id).all(s).await;
    assert_eq!(ids(User::profile.is(profile), &mut s).await?, [1]);
    assert_eq!(ids(User::profile.is_not(profile), &mut s).await?, [2]);
    assert_eq!(ids(User::profile.is_none(), &mut s).await?, [2]);
    assert_eq!(ids(!User::profile.is_none(), &mut s).await?, [1]);
    assert_eq!(ids(!User::profile.has(Profile::bio.like("%")), &mut s).await?, [2]);
    Ok(())
}

#[tokio::test]
async fn collections() -> realgar::Result<()> {
    let (mut s, _) = blog().await?;
    let ids = async |criterion, s: &mut Session| select(User::id).filter(criterion).order_by(User::id).all(s).await;
    let lonely = s.add(new!(User { name: "lonely" }));
    assert_eq!(ids(User::posts.any(true), &mut s).await?, [1, 2]);
    assert_eq!(ids(User::posts.is_empty(), &mut s).await?, [3]);
    assert_eq!(ids(!User::posts.any(Post::title.like("%0a")), &mut s).await?, [2, 3]);
    let post = Post::select().filter(Post::title.like("%1b")).one(&mut s).await?;
    assert_eq!(ids(User::posts.contains(post), &mut s).await?, [2]);
    assert_eq!(ids(!User::posts.contains(post), &mut s).await?, [1, 3]);
    let tag = Tag::select().filter(Tag::name.like("%1b")).one(&mut s).await?;
    assert_eq!(ids(User::posts.any(Post::tags.contains(tag)), &mut s).await?, [2]);
    assert_eq!(names(Post::select().filter(!Post::tags.contains(tag)), &mut s).await?, ["0000a", "0000b", "0001a"]);
    // An item whose key names nobody is in no collection.
    let loose = s.add(new!(Category { name: "loose" }));
    s.flush().await?;
    assert_eq!(Category::select().filter(Category::children.contains(loose)).count(&mut s).await?, 0);
    assert_eq!(s.state(lonely)?, State::Persistent);
    Ok(())
}

#[tokio::test]
async fn an_object_without_a_row_is_flushed_or_refused() -> realgar::Result<()> {
    let (mut s, _) = blog().await?;
    let new = s.add(new!(Category { name: "new" }));
    assert_eq!(Post::select().filter(Post::category.is(new)).count(&mut s).await?, 0);
    let unflushed = s.add(new!(Category { name: "unflushed" }));
    let error = s.no_autoflush(async |s| Post::select().filter(Post::category.is(unflushed)).count(s).await).await;
    assert_eq!(error.unwrap_err().kind(), Kind::InvalidRequest);
    Ok(())
}

#[tokio::test]
async fn a_parent_as_a_criterion() -> realgar::Result<()> {
    let (mut s, categories) = blog().await?;
    let ada = s.get_one::<User>(1).await?;
    let titles = select(Post::title).filter(with_parent(ada, User::posts)).order_by(Post::id).all(&mut s).await?;
    assert_eq!(titles, ["post 0000a", "post 0000b"]);
    assert_eq!(select(count(Post::id)).filter(with_parent(categories[1], Category::posts)).one(&mut s).await?, 1);
    let tag = Tag::select().filter(Tag::name.like("%1b")).one(&mut s).await?;
    assert_eq!(names(Post::select().filter(with_parent(tag, Tag::posts)), &mut s).await?, ["0001b"]);
    let other = alias::<Post>();
    let many = select(other.col(Post::title)).filter(with_parent(ada, User::posts.of_type(other)));
    assert_eq!(many.all(&mut s).await?.len(), 2);
    Ok(())
}

/// Both sides of a relationship of a model with itself, one inside the other.
#[tokio::test]
async fn a_test_inside_a_test_along_the_same_table() -> realgar::Result<()> {
    let db = open(&database().await).await?;
    people(&db, 4).await?;
    let mut s = db.session();
    let last = Person::name.eq("person 0003");
    let two = Person::select().filter(Person::follows.any(Person::follows.any(last)));
    assert_eq!(s_name(two, &mut s).await?, ["person 0001"]);
    let root = new!(Category {
        name: "r",
        children: [new!(Category { name: "m", children: [new!(Category { name: "l" })] })]
    });
    s.add(root);
    let grand = Category::select().filter(Category::parent.has(Category::parent.has(Category::name.eq("r"))));
    assert_eq!(select(Category::name).filter(Category::id.in_(select(Category::id))).count(&mut s).await?, 3);
    let found = grand.one(&mut s).await?;
    assert_eq!(s[found].name, "l");
    Ok(())
}

async fn s_name(query: Select<Handle<Person>>, s: &mut Session) -> realgar::Result<Vec<String>> {
    Ok(query.all(s).await?.into_iter().map(|person| s[person].name.clone()).collect())
}
