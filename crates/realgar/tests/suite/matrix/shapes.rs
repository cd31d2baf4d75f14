//! The shapes of relationships: for each its query, the loop that asks, and what the loop has to find.

use realgar::{Relationship, prelude::*};

use super::{
    models::{Category, Comment, Person, Post, Role, User},
    run::{Sent, ask, by_id, end, of_mapping, option, pick, step},
};

/// All shapes in the order of the tables, with so many parents. `None`: no such mapping.
pub async fn all(db: &Db, n: i64, strategy: &str) -> realgar::Result<[Option<Sent>; 10]> {
    let (posts, people) = (|| Post::select().order_by(Post::id), Person::select().order_by(Person::id));
    let places = |first, last| Category::select().filter(Category::place.between(first, last)).order_by(Category::id);
    let comments = pick(strategy, [Post::comments, Post::comments_dynamic, Post::comments_write_only]);
    let tags = pick(strategy, [Post::tags, Post::tags_dynamic, Post::tags_write_only]);
    let children = pick(strategy, [Category::children, Category::children_dynamic, Category::children_write_only]);
    let follows = pick(strategy, [Person::follows, Person::follows_dynamic, Person::follows_write_only]);
    let cover = |i| if i % 2 == 1 { vec![i] } else { Vec::new() };
    let parent = |i| if i > 2_000 { vec![i - 2_000] } else { Vec::new() };
    let followed = |i| if i < n { vec![i, i + 1] } else { Vec::from_iter((n > 1).then_some(1).into_iter().chain([i])) };
    Ok([
        Some(step(db, strategy, posts(), comments, |i| vec![2 * i - 1, 2 * i]).await?),
        step_to_one(db, strategy, posts(), Post::cover, cover).await?,
        step_to_one(db, strategy, posts(), Post::author, |i| vec![i]).await?,
        step_to_one(db, strategy, places(0, 1), Category::parent, parent).await?,
        Some(step(db, strategy, posts(), tags, |i| vec![i, 2_000]).await?),
        Some(step(db, strategy, places(0, 0), children, |i| vec![2_000 + i, 4_000 + i]).await?),
        step_to_one(db, strategy, places(1, 1), Category::parent, parent).await?,
        Some(step(db, strategy, people, follows, followed).await?),
        Some(three_deep(db, n, strategy).await?),
        Some(diamond(db, n, strategy).await?),
    ])
}

/// A step to one: no mapping makes it a query.
async fn step_to_one<M: Model<Key = i64>, T: Model<Key = i64>>(
    db: &Db,
    strategy: &str,
    query: Select<Handle<M>>,
    relationship: Relationship<M, One<Option<T>>>,
    want: impl Fn(i64) -> Vec<i64>,
) -> realgar::Result<Option<Sent>> {
    if of_mapping(strategy) {
        return Ok(None);
    }
    step(db, strategy, query, relationship, want).await.map(Some)
}

/// Posts, their comments, the authors of these, their roles.
async fn three_deep(db: &Db, n: i64, strategy: &str) -> realgar::Result<Sent> {
    let comments = pick(strategy, [Post::comments, Post::comments_dynamic, Post::comments_write_only]);
    let roles = pick(strategy, [User::roles, User::roles_dynamic, User::roles_write_only]);
    let mut query = Post::select().order_by(Post::id);
    if !of_mapping(strategy) {
        let authors = option(strategy, Comment::author).then(option(strategy, roles));
        query = query.options(option(strategy, comments).then(authors));
    }
    let (mut s, recorder) = (db.session(), db.recorder());
    let mut found = Vec::new();
    for post in query.all(&mut s).await? {
        let Some(of_post) = ask(&mut s, strategy, post, comments).await? else {
            found.push(None);
            continue;
        };
        let mut paths = Vec::new();
        for comment in of_post {
            let author = s.load(comment, Comment::author).await?.expect("every comment has an author");
            paths.push((comment, author, ask(&mut s, strategy, author, roles).await?.expect("roles are loaded")));
        }
        found.push(Some(paths));
    }
    let statements = recorder.count();
    let (comments, users, roles) =
        (by_id::<Comment>(&mut s).await?, by_id::<User>(&mut s).await?, by_id::<Role>(&mut s).await?);
    let path = |comment, user| (comments[&comment], users[&user], vec![roles[&(user % 2 + 1)], roles[&3]]);
    let want = (1..=n).map(|i| vec![path(2 * i - 1, i), path(2 * i, i % n + 1)]).collect();
    Ok(Sent { statements, end: end(found, want) })
}

/// A post's author, and the authors of its comments: users by two paths.
async fn diamond(db: &Db, n: i64, strategy: &str) -> realgar::Result<Sent> {
    let comments = pick(strategy, [Post::comments, Post::comments_dynamic, Post::comments_write_only]);
    let mut query = Post::select().order_by(Post::id);
    if !of_mapping(strategy) {
        query = query.options(option(strategy, Post::author));
        query = query.options(option(strategy, comments).then(option(strategy, Comment::author)));
    }
    let (mut s, recorder) = (db.session(), db.recorder());
    let mut found = Vec::new();
    for post in query.all(&mut s).await? {
        let author = if of_mapping(strategy) {
            s.load(post, Post::author).await?.map(|author| vec![author])
        } else {
            ask(&mut s, strategy, post, Post::author).await?
        };
        let of_post = ask(&mut s, strategy, post, comments).await?;
        let (Some(mut users), Some(of_post)) = (author, of_post) else {
            found.push(None);
            continue;
        };
        for comment in of_post {
            users.extend(s.load(comment, Comment::author).await?);
        }
        found.push(Some(users));
    }
    let statements = recorder.count();
    let users = by_id::<User>(&mut s).await?;
    let want = (1..=n).map(|i| vec![users[&i], users[&i], users[&(i % n + 1)]]).collect();
    Ok(Sent { statements, end: end(found, want) })
}
